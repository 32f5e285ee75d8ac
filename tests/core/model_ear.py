"""A model of our own hearing at the level of commands: it finds turns, and writes down what is asked for."""

from collections import deque
from random import Random

from orchestrator.core import commands as c
from orchestrator.core import events as h


class ModelEar:
    """One caller's sound. Words come in their own time, if any do."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.speaking = False
        self.writing = ""
        self.unwritten: deque[str] = deque()

    def take(self, command: c.WriteDown | c.EndUtterance | c.ForgetSpeech) -> None:
        match command:
            case c.WriteDown(item_id):
                self.writing = item_id
            case c.EndUtterance(item_id):
                assert item_id == self.writing, "nobody writes it down"
                self.unwritten.append(item_id)
            case c.ForgetSpeech():
                self.speaking = False

    def go_on(self) -> h.Event:
        """The caller begins to speak, or stops."""
        self.speaking = not self.speaking
        sounding = self.random.random() < 0.5
        return h.SpeechBegan(100, sounding) if self.speaking else h.SpeechEnded(900)

    def write_down(self, *, faults: bool) -> list[h.Event]:
        """What is said of the oldest utterance that is over."""
        item_id, lot = self.unwritten.popleft(), self.random.random()
        if faults and lot < 0.1:
            return [h.Understood(item_id, "", error="transcription_failed")]
        said = "" if lot < 0.3 else f"said {item_id}"
        confidence = self.random.choice([None, 0.2, 0.9])
        return [
            h.Understood(item_id, said, final=False),
            h.Understood(item_id, said, confidence=confidence),
        ]
