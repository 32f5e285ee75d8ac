"""DTLS and SRTP keys of one call: aiortc's transport, fed by the one port (RFC 5763, RFC 5764).

aiortc reads its datagrams from an ICE transport, one task wake-up each. Here only DTLS reaches it that way;
RTP and RTCP go straight from the socket through the SRTP sessions that it has made.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceTransport
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, SRTPProtectionProfile

from orchestrator.media.errors import CloseCode, ConnectError
from orchestrator.media.ice import PortConnection
from orchestrator.media.srtp import ProtectedStream

_MOST_WAITING: Final = 64
"""DTLS datagrams that wait to be read; a handshake has some ten."""

_RENEWAL: Final = dt.timedelta(days=7)
"""What must be left of a certificate's 30 days for it to serve a new call."""

_OWN_HASH: Final = "sha-256"

_Process: TypeAlias = Callable[[bytes], bytes | None]


class Certificate(RTCCertificate):
    """A certificate that many calls share, and the OpenSSL context made of it once."""

    _context: Any = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> Any:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context

    @property
    def fingerprint(self) -> RTCDtlsFingerprint:
        """What answers tell of it."""
        return next(f for f in self.getFingerprints() if f.algorithm == _OWN_HASH)

    @property
    def serves_new_calls(self) -> bool:
        """Whether it is valid long enough yet."""
        return self.expires - dt.datetime.now(tz=dt.UTC) > _RENEWAL


class DatagramPath:
    """What aiortc's DTLS needs of an ICE transport: a role, and datagrams in and out.

    Args:
        connection: ICE of the call.
    """

    def __init__(self, connection: PortConnection) -> None:
        self.role = "controlled"
        self._connection = connection
        self._datagrams: asyncio.Queue[bytes | None] = asyncio.Queue()

    def feed(self, data: bytes) -> bool:
        """Let a datagram be read; return whether there was room for it."""
        if self._datagrams.qsize() >= _MOST_WAITING:
            return False
        self._datagrams.put_nowait(data)
        return True

    def end(self) -> None:
        """Let whoever reads next, or is reading, find the connection gone."""
        self._datagrams.put_nowait(None)

    async def _recv(self) -> bytes:
        data = await self._datagrams.get()
        if data is None:
            raise ConnectionError("The call is over.")
        return data

    async def _send(self, data: bytes) -> None:
        self._connection.send_now(data)


class SecureTransport:
    """DTLS of one call, and its SRTP once connected.

    Args:
        connection: ICE of the call.
        certificate: Ours.
        remote: The client's fingerprints and role, of the offer.

    Attributes:
        inward, outward: Keys of both directions; None before the handshake and after closing.
        protect: Returns an RTP packet made ready to be sent (see `ProtectedStream`); None before the
            handshake and after closing, as all of these.
        unprotect: Returns the RTP in a datagram; None if it is not authentic, or repeated.
        protect_report: Returns an RTCP packet made ready to be sent.
        unprotect_report: Returns the RTCP in a datagram; None as for `unprotect`.
    """

    def __init__(
        self, connection: PortConnection, certificate: Certificate, remote: RTCDtlsParameters
    ) -> None:
        self._path = DatagramPath(connection)
        self._remote = remote
        self.transport = RTCDtlsTransport(cast(RTCIceTransport, self._path), [certificate])
        self.transport._set_role("server" if remote.role == "client" else "client")  # noqa: SLF001
        self.inward: ProtectedStream | None = None
        self.outward: ProtectedStream | None = None
        self.protect: _Process = _nothing
        self.unprotect: _Process = _nothing
        self.protect_report: _Process = _nothing
        self.unprotect_report: _Process = _nothing

    @property
    def setup(self) -> str:
        """Our role, as answers tell it (RFC 5763 section 5)."""
        return "passive" if self._remote.role == "client" else "active"

    def feed(self, data: bytes) -> bool:
        """Take a DTLS datagram; return whether there was room for it."""
        return self._path.feed(data)

    async def connect(self) -> None:
        """Do the handshake, check the client's identity, take the SRTP keys.

        Raises:
            ConnectError: One of these failed; the reason says which.
        """
        await self.transport.start(self._remote)
        if self.transport.state != "connected":
            raise ConnectError(CloseCode.DTLS_FAILED, self._failure())
        inbound = ProtectedStream(self.transport._rx_srtp)  # noqa: SLF001
        outbound = ProtectedStream(self.transport._tx_srtp)  # noqa: SLF001
        self.protect, self.protect_report = outbound.protect, outbound.protect_report
        self.unprotect, self.unprotect_report = inbound.unprotect, inbound.unprotect_report
        self.inward, self.outward = inbound, outbound

    async def close(self) -> None:
        """Tell the client, end aiortc's task, free the keys."""
        self._forget_keys()
        task = self.transport._task  # noqa: SLF001
        await self.transport.stop()
        self._path.end()
        if task is not None:
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()
        self.transport.remove_all_listeners()
        for name in ("_rx_srtp", "_tx_srtp", "_ssl"):
            setattr(self.transport, name, None)

    def _forget_keys(self) -> None:
        self.inward = self.outward = None
        self.protect = self.unprotect = self.protect_report = self.unprotect_report = _nothing

    def _failure(self) -> str:
        if not self.transport.encrypted:
            return "DTLS failed: the client refused the handshake, or speaks none of our ciphers."
        if not self.transport._ssl.get_selected_srtp_profile():  # type: ignore[union-attr]  # noqa: SLF001
            return "DTLS failed: no SRTP profile is common to both sides (RFC 5764 section 4.1.2)."
        return (
            "DTLS failed: the client's certificate is not the one that a=fingerprint in its offer names; "
            "the offer was changed on its way, or belongs to another connection."
        )


def _nothing(data: bytes) -> None:
    """Stand in for SRTP while there are no keys."""
    del data
