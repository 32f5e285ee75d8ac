"""One item of a reply as it is spoken: its text, the sound there is of it, and when its words sound. Pure."""

from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.notices import SoundingWord
from orchestrator.speech.protocol import BYTES_PER_MS, Speech, Voice, WordTime
from orchestrator.speech.timing import CHARACTERS_PER_SECOND, heard_until, words_in

_PER_MS: Final = CHARACTERS_PER_SECOND / 1000


@dataclass(slots=True)
class Utterance:
    """What is said of an item.

    Attributes:
        voice: How it sounds.
        adapter: Which text-to-speech; None for the service's own.
        text: What was given to be said so far.
        complete: No further text will come.
        stopped: No further sound is wanted.
        words: Times that are known, by characters of `text` and milliseconds of the item's sound.
        made: Bytes of 24 kHz PCM that were made.
        all_made: There is sound of the whole text.
    """

    item_id: str
    voice: Voice
    adapter: str | None = None
    text: str = ""
    complete: bool = False
    stopped: bool = False
    words: list[WordTime] = field(default_factory=list)
    made: int = 0
    all_made: bool = False

    @property
    def made_ms(self) -> int:
        """How much sound there is."""
        return self.made // BYTES_PER_MS

    def add(self, speech: Speech, *, after: int = 0, after_ms: int = 0) -> tuple[SoundingWord, ...]:
        """Take note of a piece of sound.

        Args:
            speech: As the voice gave it.
            after, after_ms: Where in the text and in the sound that voice began.

        Returns:
            The words that it brought, in characters and milliseconds of the item.
        """
        words = [
            WordTime(after + word.start, after + word.end, after_ms + word.start_ms, after_ms + word.end_ms)
            for word in speech.words
        ]
        self.words += words
        self.made += len(speech.pcm)
        return tuple(SoundingWord(word.start, word.end, word.start_ms, word.end_ms) for word in words)

    @property
    def reached(self) -> int:
        """Characters of the text that there is sound of."""
        return len(self.text) if self.all_made else self._until(self.made_ms)

    def heard(self, milliseconds: int) -> int:
        """Characters of the text that were heard when so much of the sound had been played."""
        if self.all_made and milliseconds >= self.made_ms:
            return len(self.text)
        until = self._until(milliseconds)
        last = words_in(self.text)[-1:]
        return len(self.text) if self.all_made and last and until >= last[0][1] else until

    def _until(self, milliseconds: int) -> int:
        """By the times that are known; past the last of them, at the pace of an ordinary voice."""
        known = self.words[-1] if self.words else WordTime(0, 0, 0, 0)
        if milliseconds <= known.end_ms:
            return heard_until(self.words, milliseconds)
        reach = known.end + (min(milliseconds, self.made_ms) - known.end_ms) * _PER_MS
        ends = [end for start, end in words_in(self.text) if known.end <= start and end <= reach]
        return ends[-1] if ends else known.end
