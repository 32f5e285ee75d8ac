"""Every private name of aiortc, aioice and pylibsrtp that the media path relies on.

aiortc is pinned to a minor version; when this fails after an upgrade, read what became of the name before the
pin is moved.
"""

import inspect
import re
from importlib.metadata import version

import pylibsrtp
import pytest
from aioice import Connection, stun
from aioice import ice as aioice_ice
from aioice.mdns import is_mdns_hostname
from aiortc import (
    RTCCertificate,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCSctpTransport,
    rtcdtlstransport,
    rtcsctptransport,
)
from aiortc.rtcdtlstransport import RTCDtlsParameters, State

pytestmark = pytest.mark.unit


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def source(thing: object) -> str:
    assert inspect.isclass(thing) or inspect.isfunction(thing) or inspect.ismodule(thing)
    return inspect.getsource(thing)


def test_the_versions_are_those_that_were_read() -> None:
    assert version("aiortc").startswith("1.16.")
    assert version("aioice").startswith("0.13.")


async def test_ice_keeps_its_candidates_protocols_and_nominations_where_we_put_and_read_them() -> None:
    connection = Connection(ice_controlling=False)
    assert connection._protocols == []
    assert connection._local_candidates == []
    assert connection._nominated == {}
    assert not connection._local_candidates_start
    assert not connection._local_candidates_end
    assert "protocol.close()" in source(Connection.close)
    await connection.close()


def test_ice_takes_requests_as_we_give_them() -> None:
    assert parameters(Connection.request_received) == ["self", "message", "addr", "protocol"]
    assert parameters(stun.Transaction.response_received) == ["self", "message", "addr"]
    assert parameters(stun.Message.check_message_integrity) == ["self", "key"]
    assert "del self.transactions" in source(aioice_ice.StunProtocol.request)


def test_stun_of_a_call_sends_through_its_transport_alone() -> None:
    text = source(aioice_ice.StunProtocol)
    assert "self.transport.sendto(bytes(message), addr)" in text
    assert "self.transport.sendto(data, addr)" in text
    assert parameters(aioice_ice.get_host_addresses) == ["use_ipv4", "use_ipv6"]
    assert is_mdns_hostname("x.local")


def test_losing_consent_closes_the_connection() -> None:
    assert "return await self.close()" in source(Connection.query_consent)


def test_dtls_needs_of_its_transport_what_our_path_has() -> None:
    used = re.findall(r"self\._?transport\.(\w+)", source(RTCDtlsTransport))
    assert set(used) == {"_recv", "_send", "role"}


async def test_dtls_keeps_its_keys_task_and_state_where_we_read_them() -> None:
    certificate = RTCCertificate.generateCertificate()

    class Path:
        role = "controlled"

    transport = RTCDtlsTransport(Path(), [certificate])  # type: ignore[arg-type]
    held = [getattr(transport, name) for name in ("_rx_srtp", "_tx_srtp", "_task", "_ssl")]
    assert held == [None] * 4
    assert not transport.encrypted
    assert [str(state)[6:].lower() for state in State] == [
        "new",
        "connecting",
        "connected",
        "closed",
        "failed",
    ]
    transport._set_role("server")
    assert transport._role == "server"
    assert parameters(RTCCertificate._create_ssl_context) == ["self", "srtp_profiles"]
    assert parameters(RTCDtlsTransport.start) == ["self", "remoteParameters"]
    assert RTCDtlsParameters().role == "auto"
    assert rtcdtlstransport.SRTP_PROFILES


def test_srtp_holds_what_the_port_lets_through_and_is_called_as_we_call_it() -> None:
    written = source(pylibsrtp.Session)
    assert 'self._cdata = ffi.new("char[]", 1500)' in written
    assert "self._buffer = ffi.buffer(self._cdata)" in written
    assert "func(self._srtp[0], self._cdata, len_p)" in written
    for name in ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp"):
        assert f"lib.srtp_{name}" in written


def test_sctp_has_the_methods_that_are_guarded() -> None:
    for name, expected in {
        "_handle_data": ["self", "data"],
        "_receive": ["self", "stream_id", "pp_id", "data"],
        "_receive_data_chunk": ["self", "chunk"],
        "_receive_forward_tsn_chunk": ["self", "chunk"],
        "_receive_sack_chunk": ["self", "chunk"],
        "_send_chunk": ["self", "chunk"],
        "start": ["self", "remoteCaps", "remotePort"],
    }.items():
        assert parameters(getattr(RTCSctpTransport, name)) == expected, name
    text = source(RTCSctpTransport)
    for name in (
        "_advertised_rwnd",
        "_sack_misordered",
        "_sent_queue",
        "_data_channels",
        "_inbound_streams_max",
    ):
        assert f"self.{name}" in text, name
    assert "await self._receive(*message)" in text


def test_sctp_has_none_of_the_names_that_our_channel_adds() -> None:
    text = source(RTCSctpTransport)
    for name in (
        "refused",
        "unsent",
        "_event_channel",
        "_early",
        "_largest",
        "_on_event",
        "_on_open",
        "_opened",
    ):
        assert f"self.{name} " not in text, name
        assert not hasattr(RTCSctpTransport, name), name


def test_sctp_packets_fit_the_smallest_path() -> None:
    """1280 bytes of IPv6, less IP, UDP and DTLS: what tunnels and VPNs carry too."""
    assert rtcsctptransport.SCTP_MAX_PACKET_LENGTH <= 1280 - 40 - 8 - 37


async def test_a_peer_connection_keeps_what_a_caller_takes_over_where_we_find_it() -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("audio", "sendrecv")
    assert isinstance(transceiver.sender._ssrc, int)
    assert transceiver.receiver.transport.transport._connection._nominated == {}
    text = source(RTCPeerConnection)
    assert "await transceiver.sender.send(self.__localRtp(transceiver))" in text
    assert "await transceiver.receiver.receive(" in text
    assert parameters(aioice_ice.StunProtocol.datagram_received) == ["self", "data", "addr"]
    assert "protocol" in aioice_ice.CandidatePair.__init__.__annotations__
    assert "def remote_addr" in source(aioice_ice.CandidatePair)
    await peer.close()
