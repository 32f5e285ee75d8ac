"""What the model of a stored conversation answered."""

from typing import Any

import pytest

from orchestrator.core.items import Item, Part
from orchestrator.core.recorded_answers import RecordedAnswer, recorded_answers
from orchestrator.core.records import ResponseRow

pytestmark = pytest.mark.unit


def response(number: int, at: float, epoch: int = 1) -> ResponseRow:
    return ResponseRow(
        id=f"resp_{number}",
        epoch=epoch,
        agent="desk",
        model=None,
        status="completed",
        status_details=None,
        usage=None,
        turn_ended_at=None,
        requested_at=None,
        created_at=at,
    )


def said(sequence: int, at: float, text: str, **fields: Any) -> Item:
    given: dict[str, Any] = {"role": "assistant", "content": (Part(text=text),), "epoch": 1}
    return Item(id=f"item_{sequence}", kind="message", sequence=sequence, created_at=at, **(given | fields))


def call(sequence: int, at: float, name: str, arguments: str = "{}", epoch: int = 1) -> Item:
    return Item(
        id=f"item_{sequence}",
        kind="function_call",
        sequence=sequence,
        created_at=at,
        name=name,
        arguments=arguments,
        epoch=epoch,
    )


def test_items_belong_to_the_last_response_that_had_begun() -> None:
    items = [
        said(1, 1.5, "One moment."),
        call(2, 1.6, "add", '{"n": 1}'),
        call(4, 1.7, "show"),
        said(6, 2.5, "Done."),
    ]
    assert recorded_answers(items, [response(2, 2.0), response(1, 1.0)]) == [
        RecordedAnswer(sequence=1, text="One moment.", calls=(("add", {"n": 1}), ("show", {}))),
        RecordedAnswer(sequence=6, text="Done."),
    ]


def test_sessions_that_overlap_are_kept_apart() -> None:
    items = [call(1, 1.5, "transfer_to_kitchen"), said(2, 1.6, "Soup?", epoch=2)]
    found = recorded_answers(items, [response(1, 1.0), response(2, 1.55, epoch=2)])
    assert [answer.text for answer in found] == ["", "Soup?"]


def test_what_the_model_did_not_say_is_no_answer() -> None:
    others = [
        said(1, 1.1, "Welcome!", origin="service"),
        said(2, 1.2, "Hello", role="user", origin="caller"),
        said(3, 1.3, "gone", deleted=True),
    ]
    assert recorded_answers(others, [response(1, 1.0)]) == []


def test_an_answer_without_its_response_stands_alone() -> None:
    assert len(recorded_answers([said(1, 1.0, "a"), said(2, 1.1, "b")], [])) == 2
