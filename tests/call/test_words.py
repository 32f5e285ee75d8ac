"""What is being said on a call, for whoever watches it."""

import pytest

from orchestrator.call.words import Words
from orchestrator.core.items import Item
from orchestrator.core.notices import (
    AudioClearedNotice,
    DeltaNotice,
    ItemDeletedNotice,
    Notice,
    OutputItemNotice,
    TranscriptNotice,
)

pytestmark = pytest.mark.unit

ITEM = Item(id="item_1", kind="message", role="assistant", agent="desk", epoch=1, created_at=0.0)


def piece(delta: str, kind: str = "transcript") -> Notice:
    return DeltaNotice("resp_1", "item_1", 0, 0, kind, delta)  # type: ignore[arg-type]  # one of its words


def after(*notices: Notice) -> dict[str, str]:
    words = Words()
    for notice in notices:
        words.note(notice)
    return words.so_far()


def test_words_add_up_until_their_item_is_final() -> None:
    said = [piece("Good "), piece("evening", "text")]
    assert after(*said) == {"item_1": "Good evening"}
    assert after(*said, OutputItemNotice("done", "resp_1", 0, ITEM)) == {}
    assert after(*said, ItemDeletedNotice("item_1")) == {}


def test_a_callers_words_are_told_while_they_are_written_down() -> None:
    begun = [
        TranscriptNotice("delta", "item_2", 0, "two "),
        TranscriptNotice("delta", "item_2", 0, "margherita"),
    ]
    assert after(*begun) == {"item_2": "two margherita"}
    assert after(*begun, TranscriptNotice("done", "item_2", 0, "Two margherita.")) == {}
    assert after(*begun, TranscriptNotice("failed", "item_2", 0, "nobody knows")) == {}


def test_arguments_of_tools_are_no_words() -> None:
    assert after(piece('{"size":', "arguments"), AudioClearedNotice()) == {}


def test_who_watches_is_told_of_new_words_until_the_end() -> None:
    words, told = Words(), []
    stop = words.watch(lambda: told.append(words.so_far()))
    words.note(piece("Good "))
    words.note(OutputItemNotice("done", "resp_1", 0, ITEM))
    stop()
    words.note(piece("evening"))
    assert told == [{"item_1": "Good "}]
