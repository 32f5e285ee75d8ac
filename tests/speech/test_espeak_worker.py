import msgspec
import pytest

from orchestrator.speech.espeak_worker import Pronounce, Pronounced, Replies, Requests, Said, Say, Speaker
from orchestrator.speech.pipes import Failed, Message, Ready

pytestmark = pytest.mark.unit


class FakeLibrary:
    def say(self, text: str, **how: object) -> tuple[bytes, list[tuple[int, int]]]:
        return f"{text} {how['voice']}".encode(), [(0, 10)]

    def phonemes(self, word: str, voice: str) -> str:
        return f"{word}/{voice}"


def answer(request: Requests) -> list[Message]:
    speaker = Speaker.__new__(Speaker)
    speaker._library = FakeLibrary()  # type: ignore[assignment]
    return list(speaker(request))


def test_a_text_is_answered_with_its_sound_and_words() -> None:
    (said,) = answer(Say(3, "hello", "en-us+f2", 165, 50, 50))
    assert said == Said(3, b"hello en-us+f2", [(0, 10)])


def test_words_are_answered_with_their_sounds() -> None:
    (pronounced,) = answer(Pronounce(4, ["a", "b"], "en-us"))
    assert pronounced == Pronounced(4, ["a/en-us", "b/en-us"])


@pytest.mark.parametrize(
    "message", [Ready(0), Failed(1, "x"), Said(2, b"\0", [(1, 2)]), Pronounced(3, ["x"])]
)
def test_every_answer_survives_the_pipe(message: Replies) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Replies) == message
