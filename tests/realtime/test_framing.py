import pytest
from websockets.frames import OP_BINARY, OP_CONT, OP_PING, OP_TEXT, Frame, Opcode
from websockets.streams import StreamReader

from orchestrator.realtime.framing import text_frame, whole_text

pytestmark = pytest.mark.unit


def read(data: bytes, *, masked: bool) -> Frame:
    """What the library reads, which must be all there is."""
    reader = StreamReader()
    reader.feed_data(data)
    parsing = Frame.parse(reader.read_exact, mask=masked, max_size=None)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert not reader.buffer
    frame: Frame = done.value.value
    return frame


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_message_of_any_size_is_one_frame_that_the_library_reads(size: int, masked: bool) -> None:
    frame = read(text_frame("x" * size, masked=masked), masked=masked)
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (OP_TEXT, True, b"x" * size)


def test_a_message_is_utf_8() -> None:
    assert bytes(read(text_frame("grüß", masked=True), masked=True).data).decode() == "grüß"


def test_two_frames_are_masked_differently() -> None:
    assert len({text_frame("the same", masked=True) for _ in range(10)}) > 1


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535])
def test_the_one_frame_of_a_message_is_read(size: int, masked: bool) -> None:
    assert whole_text(text_frame("ü" * (size // 2) + "x" * (size % 2), masked=masked), masked=masked) == (
        "ü" * (size // 2) + "x" * (size % 2)
    )


@pytest.mark.parametrize("masked", [True, False])
def test_what_is_not_exactly_one_whole_frame_is_left_to_the_library(masked: bool) -> None:
    for size in (5, 300):
        frame = text_frame("x" * size, masked=masked)
        assert [whole_text(frame[:end], masked=masked) for end in range(len(frame))] == [None] * len(frame)
        assert whole_text(frame + frame, masked=masked) is None
        assert whole_text(frame, masked=not masked) is None
    assert whole_text(text_frame("x" * 65536, masked=masked), masked=masked) is None


@pytest.mark.parametrize(
    ("opcode", "data", "more"),
    [
        (OP_BINARY, b"x", {}),
        (OP_PING, b"x", {}),
        (OP_CONT, b"x", {}),
        (OP_TEXT, b"x", {"fin": False}),
        (OP_TEXT, b"\xff", {}),
    ],
)
def test_a_frame_of_another_kind_is_left_to_the_library(
    opcode: Opcode, data: bytes, more: dict[str, bool]
) -> None:
    assert whole_text(Frame(opcode, data, **more).serialize(mask=True), masked=True) is None


def test_a_reserved_bit_is_left_to_the_library() -> None:
    frame = text_frame("x", masked=True)
    assert whole_text(bytes([frame[0] | 0x40]) + frame[1:], masked=True) is None
