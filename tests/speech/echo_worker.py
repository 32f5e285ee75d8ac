"""A worker process for tests: echoes, fails, dies or hangs on request."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from orchestrator.speech.pipes import Failed, Message, Ready
from orchestrator.speech.serving import serve


class Order(Message):
    what: str
    text: str = ""


class Echo(Message):
    text: str
    process_id: int


Replies: TypeAlias = Ready | Failed | Echo


def answer(order: Order) -> Iterable[Message]:
    if order.what == "die":
        os._exit(3)
    if order.what == "fail":
        raise ValueError(order.text)
    if order.what == "nonsense":
        os.write(1, b"to standard error\n")
        return []
    if order.what == "hang":
        sys.stdin.buffer.read(1 << 20)
    return [Echo(order.channel, word, os.getpid()) for word in order.text.split()]


def start() -> Callable[[Order], Iterable[Message]]:
    return answer


if __name__ == "__main__":
    serve(msgspec.msgpack.Decoder(Order), start)
