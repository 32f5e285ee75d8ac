"""Who listens in to a live call: both sides as PCM, as they pass. Nobody on the call waits for a listener."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from orchestrator.call.sound import CallerAudio, caller_pcm
from orchestrator.media.recording.conversion import Expander
from orchestrator.media.wire import AudioFormat

MOST_BYTES: Final = 2_880_000
"""Sound that waits for a listener who is slow: a minute of one side. Beyond it the oldest is dropped."""


class Heard(IntEnum):
    """What a piece is."""

    CALLER = 0
    AGENT = 1
    CUT = 2
    """The agent was cut off: what of its sound was not played yet is heard by nobody."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound of one side: 16-bit mono at 24,000 Hz."""

    what: Heard
    pcm: bytes = b""


@dataclass(slots=True)
class Ear:
    """One listener."""

    _pieces: deque[Piece] = field(default_factory=deque)
    _bytes: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _over: bool = False

    def put(self, piece: Piece) -> None:
        """Take a piece in. Never waits."""
        self._pieces.append(piece)
        self._bytes += len(piece.pcm)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(self._pieces.popleft().pcm)
        self._news.set()

    def close(self) -> None:
        """There will be no more."""
        self._over = True
        self._news.set()

    async def pieces(self) -> AsyncIterator[Piece]:
        """Every piece as it comes, until the conversation is over."""
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._bytes -= len(piece.pcm)
                yield piece
            if self._over:
                return
            self._news.clear()
            await self._news.wait()


class Ears:
    """Everybody who listens in to one conversation.

    Attributes:
        any: Whether anybody does; asked with each piece of sound, which else passes without another look.
    """

    def __init__(self) -> None:
        self._ears: list[Ear] = []
        self._expanders: dict[Heard, Expander] = {}
        self._over = False
        self.any = False

    @contextmanager
    def listening(self) -> Iterator[Ear]:
        """Listen in, from now on."""
        ear = Ear()
        self._ears.append(ear)
        self.any = True
        if self._over:
            ear.close()
        try:
            yield ear
        finally:
            self._ears.remove(ear)
            self.any = bool(self._ears)
            if not self._ears:
                self._expanders.clear()

    def heard(self, audio: CallerAudio, audio_format: str) -> None:
        """Take what the caller said just now.

        Args:
            audio: In that format.
            audio_format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.
        """
        self._take(Heard.CALLER, lambda: caller_pcm(audio), audio_format)

    def spoken(self, sound: Callable[[], bytes], audio_format: str) -> None:
        """Take what the agent says, as it is queued to be heard.

        Args:
            sound: Gives it; called only where somebody listens.
            audio_format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.
        """
        self._take(Heard.AGENT, sound, audio_format)

    def cut(self) -> None:
        """The agent was cut off."""
        for ear in self._ears:
            ear.put(Piece(Heard.CUT))

    def close(self) -> None:
        """The conversation is over."""
        self._over = True
        for ear in self._ears:
            ear.close()

    def _take(self, side: Heard, sound: Callable[[], bytes], audio_format: str) -> None:
        if not self._ears:
            return
        try:
            expander = self._expanders.setdefault(side, Expander())
            pcm = expander.feed(sound(), AudioFormat(audio_format))
        except ValueError:
            return  # no base64, or no format of ours: the engine refuses it with a reason
        for ear in self._ears:
            ear.put(Piece(side, pcm))
