"""The inside of a worker process: read a message, do it, answer, until the pipe ends.

Runs in the worker, never in the service.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import BinaryIO, TypeVar

import msgspec

from orchestrator.speech.pipes import Failed, Message, Ready, read, write

Request = TypeVar("Request", bound=Message)


def serve(
    decoder: msgspec.msgpack.Decoder[Request], start: Callable[[], Callable[[Request], Iterable[Message]]]
) -> None:
    """Serve requests on standard input and output until the service closes them, or is gone.

    Anything that a library prints goes to standard error instead, so that it cannot garble the messages.

    Args:
        decoder: Of the messages that are understood.
        start: Loads what is needed and gives the function that answers a request.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service says when to end, by closing the pipe
    answers = os.dup(1)
    os.dup2(2, 1)
    with suppress(BrokenPipeError), os.fdopen(answers, "wb") as pipe:
        answer = start()
        write(pipe, Ready(0))
        while (body := read(sys.stdin.buffer)) is not None:
            _answer(pipe, decoder.decode(body), answer)


def _answer(pipe: BinaryIO, request: Request, answer: Callable[[Request], Iterable[Message]]) -> None:
    try:
        for reply in answer(request):
            write(pipe, reply)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad request must not end the others
        write(pipe, Failed(request.channel, f"{type(error).__name__}"))
