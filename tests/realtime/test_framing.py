import pytest
from websockets.frames import OP_TEXT, Frame
from websockets.streams import StreamReader

from orchestrator.realtime.framing import text_frame

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
