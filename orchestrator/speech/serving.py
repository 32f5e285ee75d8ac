"""The inside of a worker process: read a message, do it, answer, until the pipe ends.

Runs in the worker, never in the service.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from orchestrator.speech.pipes import Failed, Message, Ready, read, write

Request = TypeVar("Request", bound=Message)


def serve(
    decoder: msgspec.msgpack.Decoder[Request], start: Callable[[], Callable[[Request], Iterable[Message]]]
) -> None:
    """Serve requests on standard input and output until the service closes them.

    Anything that a library prints goes to standard error instead, so that it cannot garble the messages.

    Args:
        decoder: Of the messages that are understood.
        start: Loads what is needed and gives the function that answers a request.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service says when to end, by closing the pipe
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answer = start()
    write(answers, Ready(0))
    while (body := read(sys.stdin.buffer)) is not None:
        request = decoder.decode(body)
        try:
            for reply in answer(request):
                write(answers, reply)
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - one bad request must not end the others
            write(answers, Failed(request.channel, f"{type(error).__name__}"))
