import pytest
from websockets.frames import OP_BINARY, OP_CONT, OP_PING, OP_TEXT, Frame, Opcode
from websockets.streams import StreamReader

from orchestrator.realtime.framing import leading_text, text_frame

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
def test_the_whole_frame_of_a_message_is_read_wherever_it_is(size: int, masked: bool) -> None:
    text = "ü" * (size // 2) + "x" * (size % 2)
    frame = text_frame(text, masked=masked)
    assert leading_text(frame, 0, masked=masked) == (text, len(frame))
    assert leading_text(b"before" + frame + b"behind", 6, masked=masked) == (text, 6 + len(frame))


@pytest.mark.parametrize("masked", [True, False])
def test_what_is_not_a_whole_frame_is_left_to_the_library(masked: bool) -> None:
    for size in (5, 300):
        frame = text_frame("x" * size, masked=masked)
        cuts = [leading_text(frame[:end], 0, masked=masked) for end in range(len(frame))]
        assert cuts == [None] * len(frame)
        assert leading_text(frame + frame[:-1], len(frame), masked=masked) is None
        assert leading_text(frame, len(frame), masked=masked) is None
        assert leading_text(frame, 0, masked=not masked) is None
    assert leading_text(text_frame("x" * 65536, masked=masked), 0, masked=masked) is None


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
    assert leading_text(Frame(opcode, data, **more).serialize(mask=True), 0, masked=True) is None


def test_a_reserved_bit_is_left_to_the_library() -> None:
    frame = text_frame("x", masked=True)
    assert leading_text(bytes([frame[0] | 0x40]) + frame[1:], 0, masked=True) is None
