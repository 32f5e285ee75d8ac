"""The embedded voice's voices: one for every name that the Realtime protocol knows (section 3.2).

Variants of espeak-ng's American English that stay well understood, told apart by timbre, pitch and pace.
"""

from dataclasses import dataclass
from typing import Final
from zlib import crc32

from orchestrator.speech.protocol import Voice

LANGUAGE: Final = "en-us"
DEFAULT: Final = "marin"
SLOWEST, FASTEST = 80, 450
"""Words a minute that espeak-ng can do."""


@dataclass(frozen=True, slots=True)
class EmbeddedVoice:
    """How espeak-ng is to speak; `pitch` and `pitch_range` are 0 to 100, 50 is the variant's own."""

    variant: str
    words_per_minute: int
    pitch: int
    pitch_range: int = 50

    @property
    def espeak_name(self) -> str:
        """Language and variant."""
        return f"{LANGUAGE}+{self.variant}"

    def pace(self, speed: float) -> int:
        """Words a minute at a `speed` relative to the voice's own."""
        return round(min(max(self.words_per_minute * speed, SLOWEST), FASTEST))


VOICES: Final = {
    "alloy": EmbeddedVoice("anika", 168, 45),
    "ash": EmbeddedVoice("adam", 162, 45),
    "ballad": EmbeddedVoice("michel", 155, 55, 65),
    "cedar": EmbeddedVoice("m5", 160, 40),
    "coral": EmbeddedVoice("f1", 165, 55),
    "echo": EmbeddedVoice("Hugo", 165, 50),
    "marin": EmbeddedVoice("f2", 165, 50),
    "sage": EmbeddedVoice("f5", 160, 45, 45),
    "shimmer": EmbeddedVoice("f3", 165, 62, 60),
    "verse": EmbeddedVoice("benjamin", 170, 55),
}


def embedded_voice(voice: Voice) -> EmbeddedVoice:
    """The voice of this name; for a name that is not known always the same one of ours."""
    name = voice.name.strip().lower() or DEFAULT
    if name in VOICES:
        return VOICES[name]
    names = sorted(VOICES)
    return VOICES[names[crc32(name.encode()) % len(names)]]
