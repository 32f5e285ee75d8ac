"""Who hears the caller, whom the caller hears, and what of the caller's speech nobody has taken up yet."""

from collections import deque
from typing import Final

from orchestrator.call.sound import bytes_per_ms
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import OWN_VOICE, AudioRouteNotice
from orchestrator.realtime.connection import AudioDelta

MIRRORED_CHARACTERS: Final = 2_000_000
"""Of base64: about thirty seconds of 24 kHz PCM."""


class AudioDesk:
    """The bookkeeping of audio of one conversation; the bytes only pass by.

    Attributes:
        uncommitted: Caller audio since the engine last made an item of it, for a session that joins.
    """

    def __init__(self) -> None:
        self.uncommitted: deque[str] = deque()
        self._characters = 0
        self._hear: tuple[int, ...] = ()
        self._speak: int | None = None
        self._routes: dict[tuple[int, str], AudioRouteNotice] = {}
        self._bytes: dict[str, int] = {}

    def listen(self, hear: tuple[int, ...], speak: int | None) -> tuple[int, ...]:
        """Change who hears and who is heard.

        Returns:
            The sessions that are new: they are to be given `uncommitted` first.
        """
        new = tuple(epoch for epoch in hear if epoch not in self._hear)
        self._hear, self._speak = hear, speak
        return new

    def heard(self, audio: str) -> tuple[int, ...]:
        """Take note of caller audio; the sessions that it goes to."""
        self.uncommitted.append(audio)
        self._characters += len(audio)
        while self._characters > MIRRORED_CHARACTERS and self.uncommitted:
            self._characters -= len(self.uncommitted.popleft())
        return self._hear

    def committed(self) -> None:
        """The engine made an item of what it heard."""
        self.uncommitted.clear()
        self._characters = 0

    def name(self, route: AudioRouteNotice) -> None:
        """From now on audio of this engine item is part of that reply."""
        self._routes[route.epoch, route.engine_item_id] = route

    def route(self, epoch: int, engine_item_id: str) -> AudioRouteNotice | None:
        """The reply that audio is part of; None for audio that nobody is to hear."""
        heard = epoch in {self._speak, OWN_VOICE}
        return self._routes.get((epoch, engine_item_id)) if heard else None

    def count(self, item_id: str, delta: AudioDelta) -> bool:
        """Add to what was generated of an item; base64 carries three bytes in four characters.

        Exact: a count that is too high by a few bytes a piece would let the end of a reply seem unheard.

        Returns:
            Whether it is the first of that item.
        """
        audio, first = delta.base64(), item_id not in self._bytes
        self.add(item_id, len(audio) * 3 // 4 - audio.count("=", -2))
        return first

    def add(self, item_id: str, size: int) -> None:
        """Add so many bytes to what was generated of an item."""
        self._bytes[item_id] = self._bytes.get(item_id, 0) + size

    def generated_ms(self, item_id: str, output_format: JsonObject) -> int:
        """How much audio of an item there is, in milliseconds."""
        return self._bytes.get(item_id, 0) // bytes_per_ms(output_format)
