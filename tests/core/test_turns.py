"""A stored conversation turn by turn."""

from decimal import Decimal
from typing import Any

import pytest

from orchestrator.core.items import Item, Part
from orchestrator.core.records import RevisionRow, ToolRunRow
from orchestrator.core.turns import Handover, ToolUse, turns_of

pytestmark = pytest.mark.unit


def item(number: int, kind: Any, **fields: Any) -> Item:
    place: dict[str, Any] = {"sequence": number, "position": Decimal(number)}
    return Item(id=f"item_{number}", kind=kind, **(place | fields))


def user(number: int, text: str, **fields: Any) -> Item:
    return item(number, "message", **({"role": "user", "content": (Part(text=text),)} | fields))


def agent(number: int, text: str) -> Item:
    return item(number, "message", role="assistant", content=(Part(text=text),))


def call(number: int, name: str, arguments: str = "{}", **fields: Any) -> Item:
    return item(
        number, "function_call", name=name, arguments=arguments, tool_call_id=f"call_{name}", **fields
    )


def output(number: int, name: str, text: str) -> Item:
    return item(number, "function_call_output", name=name, tool_call_id=f"call_{name}", output=text)


def run(name: str, outcome: Any, attempt: int = 1) -> ToolRunRow:
    return ToolRunRow(
        tool_call_id=f"call_{name}",
        attempt=attempt,
        name=name,
        agent="desk",
        arguments="{}",
        outcome=outcome,
        started_at=1.0,
    )


def test_a_conversation_without_items_has_turn_zero_alone() -> None:
    [turn] = turns_of([], initial={"cart": {"lines": []}})
    assert (turn.number, turn.item_id, turn.answered) == (0, None, False)
    assert turn.states == {"cart": {"lines": []}}


def test_what_is_said_before_the_caller_speaks_is_turn_zero() -> None:
    greeting, first = turns_of([agent(1, "Good morning."), user(2, "Hello"), agent(3, "What will it be?")])
    assert greeting.replies == ("Good morning.",)
    assert (first.caller_text, first.replies, first.item_id) == ("Hello", ("What will it be?",), "item_2")


def test_a_caller_who_speaks_first_leaves_turn_zero_empty() -> None:
    greeting, first = turns_of([user(1, "Hello"), agent(2, "Yes?")])
    assert not greeting.answered
    assert first.number == 1


def test_words_in_a_row_are_one_turn() -> None:
    _, first, second = turns_of([user(1, "Two"), user(2, "please"), agent(3, "Two."), user(4, "Thanks")])
    assert first.caller_text == "Two please"
    assert (second.caller_text, second.answered) == ("Thanks", False)


def test_a_tool_is_told_with_its_arguments_and_the_outcome_of_its_last_run() -> None:
    items = [user(1, "Bread"), call(2, "add", '{"count": 2}'), output(3, "add", "2 loaves"), agent(4, "Two.")]
    _, turn = turns_of(items, [run("add", "completed", 2), run("add", "timed_out", 1)])
    assert turn.steps == (
        ToolUse(name="add", arguments={"count": 2}, output="2 loaves", tool_call_id="call_add"),
    )


def test_arguments_that_are_no_json_stay_as_they_are() -> None:
    _, turn = turns_of([user(1, "Bread"), call(2, "add", "{count")], [run("add", "invalid")])
    assert turn.steps == (
        ToolUse(name="add", arguments="{count", outcome="invalid", tool_call_id="call_add"),
    )


def test_a_handoff_is_told_once_and_a_refused_one_as_the_tool_that_failed() -> None:
    marker = item(
        4,
        "handoff",
        data={
            "from": "desk",
            "to": "kitchen",
            "reason": "hungry",
            "payload": {"wants": "soup"},
            "cause": "model",
        },
    )
    asked, refused = call(2, "transfer_to_kitchen"), call(5, "transfer_to_bar")
    runs = [run("transfer_to_kitchen", "completed"), run("transfer_to_bar", "failed")]
    _, turn = turns_of(
        [user(1, "Soup"), asked, output(3, "transfer_to_kitchen", "ok"), marker, refused], runs
    )
    handover, failed = turn.steps
    assert handover == Handover(source="desk", target="kitchen", reason="hungry", payload={"wants": "soup"})
    assert isinstance(failed, ToolUse)
    assert failed.outcome == "failed"


def test_an_operators_handoff_is_known_as_such() -> None:
    marker = item(2, "handoff", data={"from": "desk", "to": "human", "cause": "operator"})
    _, turn = turns_of([user(1, "Hello"), marker])
    assert turn.steps == (Handover(source="desk", target="human", by_operator=True),)


def test_states_are_as_they_were_at_the_end_of_each_turn() -> None:
    items = [
        user(1, "One"),
        call(2, "add"),
        output(3, "add", "1"),
        agent(4, "One."),
        user(5, "Why?"),
        agent(6, "So."),
    ]
    change = RevisionRow(
        state="cart",
        revision=1,
        value={"lines": ["bread"]},
        item_id="item_3",
        sequence=3,
        tool_call_id="call_add",
        created_at=1.0,
    )
    turns = turns_of(items, [run("add", "completed")], [change], {"cart": {"lines": []}})
    assert [turn.states["cart"]["lines"] for turn in turns] == [[], ["bread"], ["bread"]]


def test_deleted_items_silence_and_our_own_notes_count_for_nothing() -> None:
    items = [
        user(1, "Hello"),
        agent(2, "Yes?"),
        user(3, "forget this", deleted=True),
        user(4, "  ", content=(Part(kind="audio", text=" "),)),
        user(5, "a note", role="system", origin="service"),
    ]
    assert len(turns_of(items)) == 2


def test_a_note_that_an_operator_gave_belongs_to_what_follows() -> None:
    note = user(3, "The oven is broken", role="system", origin="operator")
    _, _, turn = turns_of([user(1, "Hello"), agent(2, "Yes?"), note, user(4, "Pizza"), agent(5, "Sorry.")])
    assert [(said.role, said.text) for said in turn.said] == [
        ("system", "The oven is broken"),
        ("user", "Pizza"),
    ]
    assert turn.caller_text == "Pizza"


def test_a_note_before_the_first_word_belongs_to_turn_one_unless_it_was_answered() -> None:
    note = user(1, "VIP", role="system", origin="client")
    zero, first = turns_of([note, user(2, "Hello"), agent(3, "Yes?")])
    assert (len(zero.said), len(first.said)) == (0, 2)
    zero, first = turns_of([note, agent(2, "Welcome!"), user(3, "Hello"), agent(4, "Yes?")])
    assert (len(zero.said), zero.replies, first.caller_text) == (1, ("Welcome!",), "Hello")


def test_items_are_taken_in_the_order_in_which_they_are_read() -> None:
    early = user(9, "Hello", position=Decimal("0.5"))
    _, first = turns_of([agent(1, "Yes?"), early])
    assert (first.caller_text, first.replies) == ("Hello", ("Yes?",))
