import msgspec
import pytest

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")

from orchestrator.speech.pipes import Failed, Ready
from orchestrator.speech.sphinx_hearing import Result
from orchestrator.speech.sphinx_worker import (
    Commit,
    Discard,
    Hear,
    Heard,
    Learn,
    Learnt,
    Leave,
    Listen,
    Listener,
    Replies,
)

pytestmark = pytest.mark.unit


class FakeLibrary:
    def learn(self, key: str, phrases: list[tuple[str, float]], more: dict[str, str]) -> list[str]:
        return ["missing"]


class FakeHearing:
    def __init__(self, key: str, rate: int) -> None:
        self.log = [f"begin {key} {rate}"]

    def expect(self, key: str) -> None:
        self.log.append(f"expect {key}")

    def hear(self, pcm: bytes) -> str | None:
        return pcm.decode() or None

    def commit(self) -> Result:
        self.log.append("commit")
        return Result("yes", 0.8, [("yes", 0, 10, 0.8)])

    def settle(self) -> None:
        self.log.append("settle")

    def discard(self) -> None:
        self.log.append("discard")


@pytest.fixture
def listener() -> Listener:
    listener = Listener.__new__(Listener)
    listener._library = FakeLibrary()  # type: ignore[assignment]
    listener._hearings = {}
    listener._begin = FakeHearing  # type: ignore[assignment]
    return listener


def log(listener: Listener, channel: int = 1) -> list[str]:
    return listener._hearings[channel].log  # type: ignore[attr-defined,no-any-return]


def test_learning_is_answered_with_missing_words(listener: Listener) -> None:
    assert list(listener(Learn(1, "key", [("a", 1.0)], {}))) == [Learnt(1, ["missing"])]


def test_the_first_vocabulary_opens_a_hearing_and_the_next_changes_it(listener: Listener) -> None:
    assert [*listener(Listen(1, "one", 24_000)), *listener(Listen(1, "two", 24_000))] == []
    assert log(listener) == ["begin one 24000", "expect two"]


def test_sound_is_answered_when_something_new_was_heard(listener: Listener) -> None:
    listener(Listen(1, "one", 24_000))
    assert list(listener(Hear(1, b""))) == []
    assert list(listener(Hear(1, b"hello"))) == [Heard(1, 0, "hello", False, 0.0, [])]


def test_the_final_is_sent_before_the_channel_is_learnt_about(listener: Listener) -> None:
    listener(Listen(1, "one", 24_000))
    replies = iter(listener(Commit(1, 7)))
    assert next(replies) == Heard(1, 7, "yes", True, 0.8, [("yes", 0, 10, 0.8)])
    assert log(listener)[-1] == "commit"
    assert list(replies) == []
    assert log(listener)[-1] == "settle"


def test_leaving_forgets_the_hearing_and_what_comes_after_goes_nowhere(listener: Listener) -> None:
    listener(Listen(1, "one", 24_000))
    assert list(listener(Discard(1))) == []
    assert list(listener(Leave(1))) == []
    assert listener._hearings == {}
    assert list(listener(Hear(1, b"hello"))) == []


@pytest.mark.parametrize(
    "message", [Ready(0), Failed(1, "x"), Learnt(2, ["x"]), Heard(3, 1, "a", True, 1.0, [])]
)
def test_every_answer_survives_the_pipe(message: Replies) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Replies) == message
