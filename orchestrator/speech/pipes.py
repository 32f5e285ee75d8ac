"""Messages over a pipe: four bytes of length, big-endian, then MessagePack.

Both ends are ours. A worker reads and writes blockingly, the service asynchronously.
"""

import asyncio
import struct
from typing import BinaryIO, Final

import msgspec

_LENGTH: Final = struct.Struct(">I")
LONGEST: Final = 64 * 1024 * 1024
"""Bytes; more means that the other end does not speak this protocol."""

_encoder: Final = msgspec.msgpack.Encoder()


class Message(msgspec.Struct, tag=True):
    """Base of every message; `channel` says which conversation between service and worker it belongs to."""

    channel: int


class Ready(Message):
    """The worker has loaded what it needs (channel 0, once)."""


class Failed(Message):
    """The worker could not do what was asked on this channel; `reason` holds nothing that was said."""

    reason: str


class PipeError(Exception):
    """The other end sent what is no message."""


def pack(message: Message) -> bytes:
    """One message as bytes for the pipe."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


def write(pipe: BinaryIO, message: Message) -> None:
    """Send a message, blocking."""
    pipe.write(pack(message))
    pipe.flush()


def read(pipe: BinaryIO) -> bytes | None:
    """The body of the next message, blocking; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _checked(head)
    body = pipe.read(length)
    return body if len(body) == length else None


async def receive(pipe: asyncio.StreamReader) -> bytes | None:
    """The body of the next message; None at the end of the pipe."""
    try:
        return await pipe.readexactly(_checked(await pipe.readexactly(_LENGTH.size)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _checked(head: bytes) -> int:
    length: int = _LENGTH.unpack(head)[0]
    if length > LONGEST:
        raise PipeError(f"A message of {length} bytes was announced.")
    return length
