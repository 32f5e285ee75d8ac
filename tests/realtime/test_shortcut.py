"""Messages on the short way, beside the library that reads all else."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import OP_BINARY, OP_TEXT, Frame
from websockets.http11 import Request, Response
from websockets.protocol import Protocol
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.shortcut import Shortcut

pytestmark = pytest.mark.unit

SMALL = 1000


class End:
    """One end of a connection, as a socket would drive it."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.taken: list[str] = []
        self.failures: list[Exception] = []
        self.shortcut = Shortcut(protocol, self.failures.append)

    def read(self, data: bytes) -> bool:
        """Whether the shortcut took all of it; else the library got the rest."""
        rest = self.shortcut.take_from(data)
        if rest:
            self.protocol.receive_data(rest)
            self.shortcut.observe()
        return not rest


def connected() -> tuple[End, End]:
    """A server and a client, after the handshake."""
    server, client = ServerProtocol(max_size=SMALL), ClientProtocol(parse_uri("ws://door/"), max_size=SMALL)
    ends = End(server), End(client)
    client.send_request(client.connect())
    ends[0].read(b"".join(client.data_to_send()))
    (request,) = server.events_received()
    assert isinstance(request, Request)
    server.send_response(server.accept(request))
    ends[1].read(b"".join(server.data_to_send()))
    (response,) = client.events_received()
    assert isinstance(response, Response)
    return ends


@pytest.fixture
def server() -> End:
    return connected()[0]


def message(text: str) -> bytes:
    return text_frame(text, masked=True)


def test_a_whole_message_is_taken_and_the_library_hears_nothing_of_it(server: End) -> None:
    with server.shortcut.taking(server.taken.append):
        assert server.read(message("one"))
        assert server.read(message("two"))
    assert server.taken == ["one", "two"]
    assert server.protocol.events_received() == []


def test_of_what_is_read_together_each_whole_message_is_taken_and_the_library_has_the_rest(
    server: End,
) -> None:
    cut = message("cut in two")
    with server.shortcut.taking(server.taken.append):
        assert server.read(message("one") + message("two"))
        assert not server.read(message("three") + cut[:5])
        assert not server.read(cut[5:] + message("four"))
        assert not server.read(message("five") + Frame(OP_BINARY, b"sound").serialize(mask=True))
        assert server.read(message("six"))
    assert server.taken == ["one", "two", "three", "five", "six"]
    left = [bytes(event.data) for event in server.protocol.events_received() if isinstance(event, Frame)]
    assert left == [b"cut in two", b"four", b"sound"]


def test_who_has_enough_in_the_middle_of_what_was_read_is_given_no_more(server: End) -> None:
    def take(text: str) -> None:
        server.taken.append(text)
        if text == "close":
            server.protocol.send_close(1000)
        if text == "refuse":
            raise ValueError(text)

    with server.shortcut.taking(take):
        assert not server.read(message("one") + message("refuse") + message("late"))
    with server.shortcut.taking(take):
        assert not server.read(message("close") + message("late"))
    assert server.taken == ["one", "refuse", "close"]


def test_a_client_takes_what_a_server_sends() -> None:
    _, client = connected()
    with client.shortcut.taking(client.taken.append):
        assert client.read(text_frame("hello", masked=False))
    assert client.taken == ["hello"]


def test_nothing_is_taken_unless_somebody_takes_it(server: End) -> None:
    assert not server.read(message("before"))
    with server.shortcut.taking(server.taken.append):
        pass
    assert not server.read(message("after"))
    assert len(server.protocol.events_received()) == 2


def test_what_the_library_began_to_read_it_reads_to_the_end(server: End) -> None:
    frame = message("cut in two")
    with server.shortcut.taking(server.taken.append):
        for cut in (1, 3, 7, len(frame) - 1):
            assert not server.read(frame[:cut])
            assert not server.read(frame[cut:])
        assert server.read(message("whole"))
    assert [bytes(event.data) for event in server.protocol.events_received() if isinstance(event, Frame)] == (
        [b"cut in two"] * 4
    )


def test_the_rest_of_a_frame_is_no_message_even_if_it_looks_like_one(server: End) -> None:
    inner = message("inner")
    outer = Frame(OP_BINARY, inner).serialize(mask=True)
    unmasked = outer[:2] + bytes(4) + inner
    with server.shortcut.taking(server.taken.append):
        assert not server.read(unmasked[:6])
        assert not server.read(unmasked[6:])
    assert server.taken == []


def test_a_message_in_pieces_is_left_to_the_library_to_its_end(server: End) -> None:
    first = Frame(OP_TEXT, b"first", fin=False).serialize(mask=True)
    with server.shortcut.taking(server.taken.append):
        assert not server.read(first)
        assert not server.read(message("out of place"))
    assert server.taken == []
    assert server.protocol.close_sent is not None


def test_what_is_too_large_is_left_to_the_library_which_refuses_it(server: End) -> None:
    with server.shortcut.taking(server.taken.append):
        assert not server.read(message("x" * (SMALL + 1)))
    assert server.taken == []
    assert server.protocol.close_sent is not None


def test_nothing_is_taken_once_the_connection_is_being_closed(server: End) -> None:
    server.protocol.send_close(1000)
    with server.shortcut.taking(server.taken.append):
        assert not server.read(message("too late"))
    assert server.taken == []


def test_what_the_taker_raises_is_told_and_ends_the_taking(server: End) -> None:
    def refuse(text: str) -> None:
        raise ValueError(text)

    with server.shortcut.taking(refuse):
        assert server.read(message("first"))
        assert not server.read(message("second"))
    assert [str(failure) for failure in server.failures] == ["first"]


def test_a_frame_that_the_library_read_is_taken_if_it_is_a_message_of_text(server: End) -> None:
    frame = Frame(OP_TEXT, bytearray("grüß".encode()))
    assert not server.shortcut.takes_frame(frame)
    with server.shortcut.taking(server.taken.append):
        assert server.shortcut.takes_frame(frame)
        assert not server.shortcut.takes_frame(Frame(OP_BINARY, b"sound"))
        assert not server.shortcut.takes_frame(Frame(OP_TEXT, b"first", fin=False))
        assert not server.shortcut.takes_frame(Frame(OP_TEXT, b"\xff"))
    assert server.taken == ["grüß"]
