"""A model of the text-to-speech at the level of commands: items one after another, sound in pieces."""

from dataclasses import dataclass
from random import Random

from orchestrator.core import commands as c
from orchestrator.core import events as h

MS_PER_CHARACTER = 50


@dataclass
class Words:
    """An item that is being spoken: its text so far, and how much of it there is sound of."""

    text: str = ""
    complete: bool = False
    made: int = 0


class ModelVoice:
    """Every item that is begun is answered exactly once: when its sound is made, or when it is stopped."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.speaking: dict[str, Words] = {}
        self.made: dict[str, Words] = {}

    def take(self, command: c.SpeakText) -> None:
        known = self.made.get(command.item_id)
        if known is not None:
            assert not known.complete, f"{command} after its last text"
            known.complete = command.final
            return
        words = self.speaking.setdefault(command.item_id, Words())
        assert not words.complete, f"{command} after its last text"
        words.text += command.text
        words.complete = command.final

    @property
    def busy(self) -> bool:
        """Whether there is sound to be made."""
        words = next(iter(self.speaking.values()), None)
        return words is not None and (words.complete or words.made < len(words.text))

    def go_on(self) -> list[h.Event]:
        """Make some more sound of the item that is being spoken; what is to be said of it."""
        item_id, words = next(iter(self.speaking.items()))
        told: list[h.Event] = [] if words.made else [h.SoundBegan(item_id)]
        words.made = min(len(words.text), words.made + self.random.randint(1, 20))
        if self.random.random() < 0.02:
            told.append(self._over(item_id, error="speech_lost"))
        elif words.complete and words.made == len(words.text):
            told.append(self._over(item_id))
        return told

    def stop(self) -> list[h.Spoken]:
        """Stop everything."""
        return [self._over(item_id) for item_id in list(self.speaking)]

    def _over(self, item_id: str, *, error: str | None = None) -> h.Spoken:
        words = self.made[item_id] = self.speaking.pop(item_id)
        characters = None if words.complete and words.made == len(words.text) else words.made
        return h.Spoken(item_id, words.made * MS_PER_CHARACTER, characters, error)
