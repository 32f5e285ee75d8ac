import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from aioice import stun
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.media import fast_path
from orchestrator.media.errors import MediaError
from orchestrator.media.ticker import Ticker
from orchestrator.media.udp_port import Address, UdpPort, open_port
from tests.media.fake_loop import FakeLoop
from tests.media.signals import Signals

pytestmark = pytest.mark.media

RTP = b"\x80\x60" + bytes(30)
DTLS = b"\x16\xfe\xff" + bytes(30)


class Call:
    """An endpoint that notes what it is given."""

    def __init__(self, user: str, *, authentic: bool = True) -> None:
        self.username_fragment = user
        self.password = b"password-of-" + user.encode()
        self.requests: list[Address] = []
        self.dtls: list[bytes] = []
        self.media: list[bytes] = []
        self.authentic = authentic

    def stun_request(self, message: stun.Message, address: Address) -> None:
        self.requests.append(address)
        assert message.attributes["PRIORITY"]

    def dtls_datagram(self, data: bytes) -> None:
        self.dtls.append(data)

    def media_datagram(self, data: bytes, address: Address, now: float) -> bool:
        del address, now
        self.media.append(data)
        return self.authentic


def check(call: Call, *, password: bytes | None = None, priority: bool = True) -> bytes:
    """A connectivity check for a call."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{call.username_fragment}:peer"
    if priority:
        message.attributes["PRIORITY"] = 1
    message.add_message_integrity(call.password if password is None else password)
    return bytes(message)


HERE: Address = ("192.0.2.1", 4000)
THERE: Address = ("192.0.2.2", 4000)


@pytest.fixture
async def port() -> AsyncIterator[UdpPort]:
    opened = open_port(asyncio.get_running_loop())
    yield opened
    opened.close()


def test_a_check_with_the_password_claims_its_address(port: UdpPort) -> None:
    call = Call("one")
    port.register(call)
    port._place(RTP, HERE, 0.0)
    port._place(check(call), HERE, 0.0)
    port._place(RTP, HERE, 0.0)
    port._place(DTLS, HERE, 0.0)
    assert (call.requests, call.media, call.dtls) == ([HERE], [RTP], [DTLS])
    assert port.counts.unknown_address == 1


def test_a_check_with_a_wrong_password_claims_nothing(port: UdpPort) -> None:
    call = Call("one")
    port.register(call)
    port._place(check(call, password=b"guess"), HERE, 0.0)
    port._place(RTP, HERE, 0.0)
    assert (call.requests, call.media) == ([], [])
    assert (port.counts.forged_stun, port.counts.unknown_address) == (1, 1)


def test_a_check_for_nobody_is_dropped(port: UdpPort) -> None:
    port._place(check(Call("gone")), HERE, 0.0)
    assert port.counts.unknown_user == 1


def test_a_check_without_what_ice_needs_is_counted_and_never_raises(port: UdpPort) -> None:
    call = Call("one")
    port.register(call)
    port._place(check(call, priority=False), HERE, 0.0)
    port._place(check(call)[:-8] + b"\x80\x28\x00\x04abcd", HERE, 0.0)
    assert port.counts.malformed_stun == 2


def test_calls_are_told_apart_by_their_users(port: UdpPort) -> None:
    calls = [Call("one"), Call("two")]
    for call, address in zip(calls, (HERE, THERE), strict=True):
        port.register(call)
        port._place(check(call), address, 0.0)
    port._place(RTP, THERE, 0.0)
    assert (calls[0].media, calls[1].media) == ([], [RTP])


def test_two_calls_from_one_address_are_told_apart_by_what_is_authentic(port: UdpPort) -> None:
    first, second = Call("one"), Call("two", authentic=False)
    for call in (first, second):
        port.register(call)
        port._place(check(call), HERE, 0.0)
    port._place(RTP, HERE, 0.0)
    port._place(DTLS, HERE, 0.0)
    assert first.media == second.media == [RTP]
    assert first.dtls == second.dtls == [DTLS]
    first.authentic = False
    port._place(RTP, HERE, 0.0)
    assert port.counts.refused_media == 1


def test_a_call_that_left_receives_nothing_and_frees_its_addresses(port: UdpPort) -> None:
    first, second = Call("one"), Call("two")
    for call in (first, second):
        port.register(call)
        port._place(check(call), HERE, 0.0)
    port._place(check(first), THERE, 0.0)
    port.unregister(first)
    port.unregister(first)
    port._place(RTP, HERE, 0.0)
    port._place(RTP, THERE, 0.0)
    assert (first.media, second.media) == ([], [RTP])
    port.unregister(second)
    assert port._by_address == {}
    assert port._addresses == {}


def test_a_call_has_a_bounded_number_of_addresses(port: UdpPort) -> None:
    call = Call("one")
    port.register(call)
    for number in range(40):
        port._place(check(call), ("192.0.2.9", number), 0.0)
    assert len(call.requests) == 16
    assert port.counts.unknown_address == 24
    port._place(check(call), ("192.0.2.9", 0), 0.0)
    assert len(call.requests) == 17


def test_two_calls_cannot_have_one_user(port: UdpPort) -> None:
    port.register(Call("one"))
    with pytest.raises(MediaError, match="one"):
        port.register(Call("one"))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", bytes(2000), b"\x40" + bytes(40), b"\xff" * 40, b"\x00\x11" + bytes(30)],
    ids=["empty", "short", "long", "turn", "noise", "indication"],
)
def test_what_no_protocol_knows_is_junk(port: UdpPort, data: bytes) -> None:
    port._place(data, HERE, 0.0)
    assert port.counts.junk == 1


def test_answers_go_to_the_transaction_that_waits_for_them(port: UdpPort) -> None:
    class Waiting:
        answer: stun.Message | None = None

        def response_received(self, message: stun.Message, address: Address) -> None:
            assert address == HERE
            self.answer = message

    waiting = Waiting()
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)
    port.transactions[response.transaction_id] = waiting  # type: ignore[assignment]
    port._place(bytes(response), HERE, 0.0)
    port._place(bytes(stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)), HERE, 0.0)
    port._place(bytes(response) + b"\0\0\0\0", HERE, 0.0)
    assert waiting.answer is not None
    assert (port.counts.forged_stun, port.counts.malformed_stun) == (1, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.binary(max_size=80), st.sampled_from([HERE, THERE])), max_size=20))
def test_no_datagrams_whatever_raise(port: UdpPort, datagrams: list[tuple[bytes, Address]]) -> None:
    call = Call("one")
    port.register(call)
    port._place(check(call), HERE, 0.0)
    for data, address in datagrams:
        port._place(data, address, 0.0)
    port.unregister(call)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_nor_do_checks_that_were_tampered_with(port: UdpPort, data: st.DataObject) -> None:
    call = Call("two")
    good = bytearray(check(call))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    port.register(call)
    port._place(bytes(good), HERE, 0.0)
    port.unregister(call)


async def test_datagrams_are_read_from_the_socket_and_sent_to_it(port: UdpPort) -> None:
    signals, call = Signals(), Call("one")
    port.register(call)
    plain = call.media_datagram

    def noted(data: bytes, address: Address, now: float) -> bool:
        signals.poke()
        return plain(data, address, now)

    call.media_datagram = noted  # type: ignore[method-assign]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(5)
        peer.sendto(check(call), port.address)
        for _ in range(100):
            peer.sendto(RTP, port.address)
        await signals.until(lambda: len(call.media) == 100)
        port.send(b"hello", peer.getsockname())
        assert peer.recv(100) == b"hello"
    assert (port.counts.received, port.counts.sent) == (101, 1)


async def test_a_datagram_that_came_back_hides_no_other(port: UdpPort) -> None:
    class Bounced:
        def __init__(self) -> None:
            self.left: list[object] = [OSError("unreachable"), (b"\xff" * 20, HERE), BlockingIOError()]

        def recvfrom(self, size: int) -> object:
            del size
            result = self.left.pop(0)
            if isinstance(result, OSError):
                raise result
            return result

    port.fast = None
    real, port._socket = port._socket, Bounced()  # type: ignore[assignment]
    port._wake()
    port._socket = real
    assert (port.counts.received, port.counts.junk) == (1, 1)


async def test_what_the_system_refuses_to_send_is_counted(port: UdpPort) -> None:
    port.send(bytes(70000), ("127.0.0.1", 9))
    assert port.counts.unsent == 1


async def test_a_port_that_is_taken_is_an_error_that_names_the_setting(port: UdpPort) -> None:
    with pytest.raises(MediaError, match="ORCHESTRATOR_UDP_PORT"):
        open_port(asyncio.get_running_loop(), "127.0.0.1", port.address[1])


class Busy:
    """A port with a ticker, on a loop whose time the test moves, and a client that sends to it."""

    def __init__(self) -> None:
        self.loop = FakeLoop()
        self.wakes = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = UdpPort(self.loop.as_loop(), self._socket, Ticker(self.loop.as_loop()))
        self.loop.advance(1)

    def come(self, data: bytes) -> None:
        self._client.sendto(data, self.port.address)
        if self._socket in self.loop.readers:
            self.wakes += 1
            self.loop.readers[self._socket]()

    def receive(self, number: int, gap: float) -> None:
        for _ in range(number):
            self.come(RTP)
            self.loop.advance(gap)

    def close(self) -> None:
        self.port.close()
        self._client.close()


@pytest.fixture(params=["compiled", "not compiled"])
def busy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Busy]:
    if request.param == "not compiled":
        monkeypatch.setattr(fast_path, "load", lambda: None)
    made = Busy()
    assert (made.port.fast is not None) is (request.param == "compiled")
    yield made
    made.close()


def test_datagrams_that_come_now_and_then_are_read_as_they_come(busy: Busy) -> None:
    busy.receive(100, 0.02)
    assert busy.wakes == busy.port.counts.received == 100
    assert busy.loop.pending == 0


def test_a_busy_port_is_read_on_the_beat_and_wakes_the_process_less(busy: Busy) -> None:
    busy.receive(500, 0.002)
    busy.loop.advance(0.02)
    assert busy.port.counts.received == 500
    assert busy.wakes <= 20


def test_what_comes_to_a_busy_port_waits_10_ms_at_the_most(busy: Busy) -> None:
    busy.receive(50, 0.002)
    busy.loop.advance(0.001)
    busy.come(RTP)
    busy.loop.advance(0.01)
    assert busy.port.counts.received == 51


def test_a_port_that_was_busy_reads_as_datagrams_come_again(busy: Busy) -> None:
    busy.receive(50, 0.002)
    busy.loop.advance(0.03)
    before = busy.wakes
    busy.receive(10, 0.02)
    assert busy.wakes == before + 10
    assert busy.loop.pending == 0


def test_a_busy_port_can_be_closed(busy: Busy) -> None:
    busy.receive(50, 0.002)
    busy.port.close()
    busy.loop.advance(1)
    assert busy.loop.readers == {}
    assert busy.loop.pending == 0


async def test_a_port_can_be_of_ipv6() -> None:
    opened = open_port(asyncio.get_running_loop(), "::1")
    assert opened.address[0] == "::1"
    opened.close()
    opened.close()
