"""One connection's recogniser: opened with the caller's first sound, each utterance answered in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from orchestrator.engine.server.vocabularies import vocabulary_of
from orchestrator.engine.session.commands import (
    DropUtterance,
    EndUtterance,
    Hear,
    HearingCommand,
    Listen,
    Transcribe,
)
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import BYTES_PER_MS, SpeechToText, Transcript, Transcription, Vocabulary
from orchestrator.speech.scope import beside

MOST_WAITING: Final = 30_000 * BYTES_PER_MS
"""Bytes of sound that may wait for the recogniser before the client must."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where the recogniser's findings go; each is a call into the session, and sends what that says.

    Args:
        so_far: What was understood of the open utterance so far.
        final: An item's words.
        failed: An item whose words will not be known, and why.
    """

    so_far: Callable[[str], None]
    final: Callable[[str, Transcript], None]
    failed: Callable[[str, str], None]


class Hearing:
    """Carries a session's commands out, one after another, in a task of its own.

    The recogniser is opened by the first command. When it fails, the open utterance is told as not heard, and
    what comes after that utterance opens it anew.

    Args:
        recogniser: The adapter.
        heard: Where findings go.
    """

    def __init__(self, recogniser: SpeechToText, heard: Heard) -> None:
        self._recogniser = recogniser
        self._heard = heard
        self._commands: asyncio.Queue[HearingCommand] = asyncio.Queue()
        self._waiting_bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._vocabulary = Vocabulary()
        self._doing: HearingCommand = DropUtterance()
        self._in_utterance = False

    def push(self, command: HearingCommand) -> None:
        """Add a command; never waits."""
        self._commands.put_nowait(command)
        self._count(_size(command))

    async def room(self) -> None:
        """Wait until little sound waits; the adapter has a deadline for everything that this waits for."""
        await self._room.wait()

    async def run(self) -> None:
        """Hear until cancelled."""
        while True:
            command = await self._next()
            try:
                await self._hear(command)
            except SpeechError as error:
                await self._give_up(error.message)

    async def _hear(self, command: HearingCommand) -> None:
        """Serve one opened recogniser, beginning with `command`; ends when it fails, and only then."""
        self._doing = command
        if isinstance(command, Listen):
            self._vocabulary = await vocabulary_of(command)
        async with (
            self._recogniser.open(self._vocabulary) as transcription,
            beside(self._follow(transcription)),
        ):
            if not isinstance(command, Listen):
                await self._carry_out(transcription, command)
            while True:
                self._doing = await self._next()
                await self._carry_out(transcription, self._doing)

    async def _carry_out(self, transcription: Transcription, command: HearingCommand) -> None:
        match command:
            case Listen():
                self._vocabulary = await vocabulary_of(command)
                await transcription.expect(self._vocabulary)
            case Hear(pcm):
                await transcription.feed(pcm)
            case DropUtterance():
                await transcription.discard()
            case EndUtterance(item_id):
                self._heard.final(item_id, await transcription.commit())
            case Transcribe(item_id, pcm):
                self._heard.final(item_id, await self._transcribed(pcm))

    async def _transcribed(self, pcm: bytes) -> Transcript:
        async with self._recogniser.open(self._vocabulary) as apart:
            await apart.feed(pcm)
            return await apart.commit()

    async def _follow(self, transcription: Transcription) -> None:
        async for transcript in transcription.partials():
            self._heard.so_far(transcript.text)

    async def _give_up(self, reason: str) -> None:
        """Tell the open utterance as not heard, once it ends; its sound is of no use any more."""
        while True:
            match self._doing:
                case EndUtterance(item_id) | Transcribe(item_id):
                    self._heard.failed(item_id, reason)
                    return
                case DropUtterance():
                    return
                case Listen() as wanted:
                    self._vocabulary = await vocabulary_of(wanted)
                    if not self._in_utterance:
                        return  # nothing was said yet that could have been lost
            self._doing = await self._next()

    async def _next(self) -> HearingCommand:
        command = await self._commands.get()
        self._count(-_size(command))
        if isinstance(command, Hear | EndUtterance | DropUtterance):
            self._in_utterance = isinstance(command, Hear)
        return command

    def _count(self, size: int) -> None:
        self._waiting_bytes += size
        (self._room.set if self._waiting_bytes < MOST_WAITING else self._room.clear)()


def _size(command: HearingCommand) -> int:
    return len(command.pcm) if isinstance(command, Hear | Transcribe) else 0
