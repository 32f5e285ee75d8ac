import asyncio
import io

import msgspec
import pytest

from orchestrator.speech.pipes import LONGEST, Failed, Message, PipeError, Ready, pack, read, receive, write

pytestmark = pytest.mark.unit


def stream(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


def test_a_message_written_is_the_message_read() -> None:
    pipe = io.BytesIO()
    write(pipe, Failed(7, "no"))
    pipe.seek(0)
    body = read(pipe)
    assert msgspec.msgpack.decode(body or b"", type=Ready | Failed) == Failed(7, "no")
    assert read(pipe) is None


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_pipe_that_ends_inside_a_message_has_ended(cut: int) -> None:
    assert read(io.BytesIO(pack(Ready(0))[:cut])) is None


async def test_both_ends_speak_the_same_language() -> None:
    pipe = stream(pack(Ready(1)) + pack(Failed(2, "no"))[:-1])
    assert msgspec.msgpack.decode(await receive(pipe) or b"", type=Ready) == Ready(1)
    assert await receive(pipe) is None


async def test_an_absurd_length_is_refused() -> None:
    head = (LONGEST + 1).to_bytes(4, "big")
    with pytest.raises(PipeError):
        read(io.BytesIO(head))
    with pytest.raises(PipeError):
        await receive(stream(head))


def test_every_message_names_its_channel() -> None:
    assert Message.__struct_fields__ == ("channel",)
