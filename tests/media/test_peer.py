import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aioice import stun

from orchestrator.media import rtcp, rtp
from orchestrator.media.dtls import Certificate
from orchestrator.media.errors import CloseCode, CloseReason, ConnectError
from orchestrator.media.ice import host_candidates
from orchestrator.media.offer import read_offer
from orchestrator.media.peer import Peer, PeerEvents
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.udp_port import UdpPort, open_port
from orchestrator.media.wire import WireCodec
from tests.media.offers import CHROMIUM
from tests.media.signals import Signals
from tests.media.sound import tone
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media


class Told:
    """What a connection told."""

    def __init__(self) -> None:
        self.signals = Signals()
        self.packets: list[RtpPacket] = []
        self.reports: list[object] = []
        self.lost: list[CloseReason] = []
        self.opened = 0

    def events(self) -> PeerEvents:
        return PeerEvents(
            on_packet=lambda packet, _: self._note(self.packets, packet),
            on_report=lambda report, _: self._note(self.reports, report),
            on_event=lambda _: None,
            on_channel_open=lambda: None,
            on_lost=lambda reason: self._note(self.lost, reason),
        )

    def _note(self, place: list[Any], what: object) -> None:
        place.append(what)
        self.signals.poke()


@pytest.fixture
async def port() -> AsyncIterator[UdpPort]:
    opened = open_port(asyncio.get_running_loop())
    yield opened
    opened.close()


@pytest.fixture
async def new_peer(port: UdpPort) -> AsyncIterator[Callable[[str, Told], Peer]]:
    made = []

    def make(offer: str, told: Told) -> Peer:
        peer = Peer(
            port,
            Certificate.generateCertificate(),
            read_offer(offer, tuple(WireCodec)),
            host_candidates(["127.0.0.1"], port.address[1]),
            told.events(),
        )
        made.append(peer)
        return peer

    yield make
    for peer in made:
        await peer.close()


NewPeer = Callable[[str, Told], Peer]


async def failure(connecting: Coroutine[Any, Any, None]) -> CloseReason:
    with pytest.raises(ConnectError) as caught:
        await connecting
    return caught.value.reason


async def test_a_call_connects_and_tells_what_comes(new_peer: NewPeer) -> None:
    told = Told()
    async with StockClient(tone(500, 3)) as client:
        peer = new_peer(await client.offer(), told)
        await client.take(peer.answer_sdp)
        await peer.connect()
        await told.signals.until(lambda: len(told.packets) > 5 and told.reports)
        assert peer.refused == 0
        peer.send_packet(rtp.build(RtpPacket(96, True, 1, 1, peer.ssrc, b"\x08")))
        peer.send_report(rtcp.build_goodbye(peer.ssrc, peer.cname.encode()))
        await client.close()
        await told.signals.until(lambda: told.lost)
        assert told.lost[0].code is CloseCode.CLIENT_CLOSED


async def test_when_no_check_of_the_client_comes_the_reason_names_port_and_setting(new_peer: NewPeer) -> None:
    peer = new_peer(CHROMIUM, Told())
    reason = await failure(peer.connect(ice_deadline=0.05))
    assert reason.code is CloseCode.ICE_FAILED
    assert "no connectivity check" in reason.message
    assert re.search(r"127\.0\.0\.1:\d+", reason.message)
    assert "ORCHESTRATOR_ANNOUNCED_IP" in reason.message


async def test_when_the_client_answers_none_of_our_checks_the_reason_says_so(
    new_peer: NewPeer, port: UdpPort
) -> None:
    peer = new_peer(CHROMIUM, Told())
    check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    check.attributes["USERNAME"] = f"{peer.username_fragment}:sXJ3"
    check.attributes["PRIORITY"] = 1
    check.attributes["ICE-CONTROLLING"] = 1
    check.add_message_integrity(peer.password)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.sendto(bytes(check), port.address)
        reason = await failure(peer.connect(ice_deadline=0.2))
    assert reason.code is CloseCode.ICE_FAILED
    assert "answers none of ours" in reason.message


async def test_when_the_client_never_begins_the_handshake_the_reason_says_so(new_peer: NewPeer) -> None:
    async with StockClient() as client:
        peer = new_peer(await client.offer(), Told())
        client.dtls.start = _nothing
        await client.take(peer.answer_sdp)
        reason = await failure(peer.connect(dtls_deadline=0.1))
    assert reason.code is CloseCode.DTLS_FAILED
    assert "no handshake was completed within 0.1 s" in reason.message


async def test_when_the_client_is_another_than_the_offer_says_the_call_fails(new_peer: NewPeer) -> None:
    async with StockClient() as client:
        offer = re.sub(r"a=fingerprint:sha-\d+ \S+\r\n", "", await client.offer())
        forged = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
        peer = new_peer(re.sub(r"(a=setup:\w+)", forged + r"\r\n\1", offer), Told())
        await client.take(peer.answer_sdp)
        reason = await failure(peer.connect())
    assert reason.code is CloseCode.DTLS_FAILED
    assert "a=fingerprint" in reason.message


async def test_media_before_the_handshake_is_refused_and_counted(new_peer: NewPeer) -> None:
    peer = new_peer(CHROMIUM, Told())
    assert not peer.media_datagram(b"\x80\x60" + bytes(30), ("192.0.2.1", 4000), 0.0)
    assert not peer.media_datagram(b"\x80\xc8" + bytes(30), ("192.0.2.1", 4000), 0.0)
    assert peer.refused == 2
    peer.send_packet(bytes(20))
    peer.send_report(bytes(20))


async def test_when_the_client_stops_consenting_the_connection_is_lost(new_peer: NewPeer) -> None:
    told = Told()
    async with StockClient() as client:
        peer = new_peer(await client.offer(), told)
        await client.take(peer.answer_sdp)
        await peer.connect()
        await peer._ice.close()
        await told.signals.until(lambda: told.lost)
    assert told.lost[0].code is CloseCode.CONNECTION_LOST


async def test_a_client_that_is_a_lite_agent_is_controlled(new_peer: NewPeer) -> None:
    peer = new_peer(CHROMIUM.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"), Told())
    assert peer._ice.ice_controlling


async def test_closing_frees_the_port_and_leaves_no_task(new_peer: NewPeer, port: UdpPort) -> None:
    async with StockClient() as client:
        peer = new_peer(await client.offer(), Told())
        await client.take(peer.answer_sdp)
        await peer.connect()
        await peer.close()
        assert port._by_user == {}
        assert port._by_address == {}
    assert port.transactions == {}


async def _nothing(*_: object) -> None:
    """Stand in for what a client does not do."""
