import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import cast

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
)

from orchestrator.media import rtcp, rtp
from orchestrator.media.dtls import Certificate, DatagramPath, SecureTransport
from orchestrator.media.errors import CloseCode, ConnectError
from orchestrator.media.ice import PortConnection
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


class Wire:
    """What stands in for ICE: datagrams go to the other side."""

    def __init__(self) -> None:
        self.other: SecureTransport | None = None

    def send_now(self, data: bytes) -> None:
        if self.other is not None:
            self.other.feed(data)


class Pair:
    """Two ends of one connection. The first is the server, the second the client."""

    def __init__(self) -> None:
        self.wires = [Wire(), Wire()]
        self.certificates = [Certificate.generateCertificate() for _ in range(2)]
        self.told = [RTCDtlsParameters([each.fingerprint]) for each in self.certificates]
        self.ends: list[SecureTransport] = []

    def build(self) -> "Pair":
        roles = ("client", "server")
        for index in range(2):
            remote = RTCDtlsParameters(self.told[1 - index].fingerprints, roles[index])
            ice = cast(PortConnection, self.wires[index])
            self.ends.append(SecureTransport(ice, self.certificates[index], remote))
        self.wires[0].other, self.wires[1].other = self.ends[1], self.ends[0]
        return self

    async def connect(self) -> list[BaseException | None]:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(*(end.connect() for end in self.ends), return_exceptions=True)

    async def close(self) -> None:
        for end in self.ends:
            await end.close()


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    yield made
    await made.close()


def packet(number: int) -> bytes:
    return rtp.build(rtp.RtpPacket(96, False, number, number * 960, 5, b"sound"))


async def test_sound_and_reports_pass_protected_once_connected(pair: Pair) -> None:
    server, client = pair.build().ends
    assert server.protect(packet(1)) is None
    assert server.protect_report(b"") is None
    assert client.unprotect(packet(1)) is None
    assert client.unprotect_report(packet(1)) is None
    assert await pair.connect() == [None, None]
    protected = server.protect(packet(1))
    assert protected is not None
    assert protected[12:] != packet(1)[12:]
    assert client.unprotect(protected) == packet(1)
    report = server.protect_report(rtcp.build_goodbye(5, b"name"))
    assert report is not None
    assert client.unprotect_report(report) == rtcp.build_goodbye(5, b"name")


async def test_what_is_forged_or_repeated_is_refused(pair: Pair) -> None:
    server, client = pair.build().ends
    await pair.connect()
    protected = server.protect(packet(1))
    assert protected is not None
    assert client.unprotect(protected[:-1] + b"x") is None
    assert client.unprotect(protected) is not None
    assert client.unprotect(protected) is None
    assert client.unprotect(packet(2)) is None
    assert client.unprotect_report(b"\x80\xc9" + bytes(20)) is None


async def test_the_role_is_told_and_follows_the_offer(pair: Pair) -> None:
    server, client = pair.build().ends
    assert (server.setup, client.setup) == ("passive", "active")


async def test_a_certificate_other_than_the_offers_is_said(pair: Pair) -> None:
    pair.told[1] = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", "00:11")])
    pair.build()
    server_result, _ = await pair.connect()
    assert isinstance(server_result, ConnectError)
    assert server_result.reason.code is CloseCode.DTLS_FAILED
    assert "a=fingerprint" in server_result.reason.message


async def test_that_no_protection_is_common_is_said(pair: Pair) -> None:
    server, client = pair.build().ends
    server.transport._srtp_profiles = [SRTP_AEAD_AES_128_GCM]
    client.transport._srtp_profiles = [SRTP_AES128_CM_SHA1_80]
    results = await pair.connect()
    assert all(isinstance(result, ConnectError) for result in results)
    assert "no SRTP profile" in str(results[0])


async def test_a_handshake_that_is_cut_is_said(pair: Pair) -> None:
    server, _ = pair.build().ends
    server._path.end()
    with pytest.raises(ConnectError, match="refused the handshake"):
        await server.connect()


async def test_after_closing_nothing_is_protected_and_no_task_is_left(pair: Pair) -> None:
    server, client = pair.build().ends
    await pair.connect()
    await server.close()
    assert server.protect(packet(1)) is None
    await client.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_flood_of_datagrams_is_bounded() -> None:
    path = DatagramPath(cast(PortConnection, Wire()))
    assert sum(path.feed(b"x") for _ in range(100)) == 64
    path.end()
    for _ in range(64):
        assert await path._recv() == b"x"
    with pytest.raises(ConnectionError):
        await path._recv()


def test_calls_share_one_openssl_context_of_a_certificate() -> None:
    certificate = Certificate.generateCertificate()
    profiles = [SRTP_AEAD_AES_128_GCM]
    assert certificate._create_ssl_context(profiles) is certificate._create_ssl_context(profiles)


def test_a_certificate_serves_new_calls_until_a_week_before_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = Certificate.generateCertificate()
    assert certificate.serves_new_calls
    soon = dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=6)
    monkeypatch.setattr(Certificate, "expires", property(lambda _: soon))
    assert not certificate.serves_new_calls
