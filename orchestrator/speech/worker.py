"""A worker process that is talked to over pipes: started when first needed, and again when it dies.

Libraries that are not re-entrant, that hold the interpreter's lock for long, or whose licence keeps them out
of the service's own process live in one. Losing it costs what was under way, each as a `SpeechLostError`.
"""

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from orchestrator.speech.deadlines import deadline
from orchestrator.speech.errors import SpeechError, SpeechLostError
from orchestrator.speech.pipes import Failed, Message, PipeError, Ready, pack, receive
from orchestrator.speech.scope import beside, uninterrupted

Reply = TypeVar("Reply", bound=Message)

PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 10.0)
"""Seconds before each restart in a row; the last one repeats."""
_LIVED_WELL: Final = 30.0
"""Seconds of life after which a death is taken for the first in a row."""
_SOURCES: Final = Path(__file__).parents[2]


class Channel(Generic[Reply]):
    """One conversation with the worker. Lives until its `with` block ends, or the worker does."""

    def __init__(self, worker: "Worker[Reply]", number: int) -> None:
        self.number = number
        self._worker = worker
        self._replies: asyncio.Queue[Reply | SpeechError] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        """Send a message of this channel.

        Raises:
            SpeechLostError: The worker died since the channel was opened.
        """
        await self._worker.send(message)

    async def receive(self, seconds: float) -> Reply:
        """The next reply.

        Raises:
            SpeechLostError: The worker died.
            SpeechTimeoutError: Nothing came within `seconds`.
            SpeechError: The worker says that it failed.
        """
        async with deadline(seconds, f"An answer of the {self._worker.what} process"):
            return await self.next()

    async def next(self) -> Reply:
        """The next thing the worker says, whenever that is. Raises as `receive` does."""
        reply = await self._replies.get()
        if isinstance(reply, SpeechError):
            self._replies.put_nowait(reply)  # whoever asks again hears the same
            raise reply
        if isinstance(reply, Failed):
            raise SpeechError(f"The {self._worker.what} process failed: {reply.reason}")
        return reply

    def deliver(self, reply: "Reply | SpeechError") -> None:
        """Hand over what the worker sent."""
        self._replies.put_nowait(reply)


class Worker(Generic[Reply]):
    """Keeps one worker process alive. Open with `run`.

    Args:
        module: Module that the process runs as its main program.
        replies: Decoder of the messages that it sends.
        what: Name for messages to people, e.g. `voice`.
        pauses: Seconds before each restart in a row.
    """

    def __init__(
        self,
        module: str,
        replies: msgspec.msgpack.Decoder[Reply],
        *,
        what: str,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self.what = what
        self._module = module
        self._decoder = replies
        self._pauses = pauses
        self._numbers = count(1)
        self._channels: dict[int, Channel[Reply]] = {}
        self._process: Process | None = None
        self._ready = asyncio.Event()
        self._needed = asyncio.Event()

    @property
    def process_id(self) -> int | None:
        """The living process, None while there is none."""
        return None if self._process is None else self._process.pid

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Have a process as soon as a channel is opened, and keep it alive while the block runs."""
        async with beside(self._supervise()):
            yield

    @asynccontextmanager
    async def channel(self, seconds: float) -> AsyncIterator[Channel[Reply]]:
        """Open a channel to the process, waiting until it is ready.

        Raises:
            SpeechTimeoutError: It was not ready within `seconds`.
        """
        self._needed.set()
        async with deadline(seconds, f"The {self.what} process"):
            await self._ready.wait()
        with self._opened() as channel:
            yield channel

    async def send(self, message: Message) -> None:
        """Send a message to the process.

        Raises:
            SpeechLostError: It is not there, or the channel was opened to an earlier one.
        """
        process = self._process
        if process is None or process.stdin is None or message.channel not in self._channels:
            raise self._lost()
        process.stdin.write(pack(message))
        with suppress(ConnectionError):  # the reading side reports the death, once, to every channel
            await process.stdin.drain()

    def restart(self) -> None:
        """Kill a process that hangs; another one takes its place."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    @contextmanager
    def _opened(self) -> Iterator[Channel[Reply]]:
        channel = Channel(self, next(self._numbers))
        self._channels[channel.number] = channel
        try:
            yield channel
        finally:
            self._channels.pop(channel.number, None)

    async def _supervise(self) -> None:
        deaths = 0
        await self._needed.wait()
        while True:
            born = time.monotonic()
            try:
                await uninterrupted(self._spawn())
                await self._serve()
            finally:
                process, self._process = self._process, None
                self._abandon()
                if process is not None:
                    await uninterrupted(_end(process))
            deaths = 1 if time.monotonic() - born > _LIVED_WELL else deaths + 1
            await asyncio.sleep(self._pauses[min(deaths, len(self._pauses)) - 1])

    async def _spawn(self) -> None:
        with suppress(OSError):  # no process to be had now counts as a death, and is tried again
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": _search_path()},
            )

    async def _serve(self) -> None:
        """Hand over what the process sends, until it dies or talks nonsense."""
        if self._process is None or self._process.stdout is None:
            return
        try:
            while (body := await receive(self._process.stdout)) is not None:
                reply = self._decoder.decode(body)
                if isinstance(reply, Ready):
                    self._ready.set()
                elif channel := self._channels.get(reply.channel):
                    channel.deliver(reply)
        except (PipeError, msgspec.DecodeError):
            return

    def _abandon(self) -> None:
        self._ready.clear()
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            channel.deliver(self._lost())

    def _lost(self) -> SpeechLostError:
        return SpeechLostError(f"The {self.what} process ended; another one is being started.")


async def _end(process: Process) -> None:
    """Kill a process, and see its pipes closed."""
    with suppress(ProcessLookupError):
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
        with suppress(ConnectionError):
            await process.stdin.wait_closed()
    await process.communicate()
    await asyncio.sleep(0)  # the exit is known one turn of the loop before its transport is closed


def _search_path() -> str:
    """The worker finds this very package, however the service was started."""
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_SOURCES), inherited] if inherited else [str(_SOURCES)])
