"""A stored conversation as the source of a test; tests/api/admin/test_generated.py runs one."""

from collections.abc import Sequence
from typing import Any

import pytest

from orchestrator.core.generated_tests import Story, generated_test
from orchestrator.core.items import Item, Part
from orchestrator.core.turns import Handover, Said, Step, ToolUse, Turn

pytestmark = pytest.mark.unit


def turn(number: int, text: str, *steps: Step, role: str = "user", **states: Any) -> Turn:
    said = (Said(role=role, content=(Part(text=text),)),) if text else ()
    return Turn(
        number=number,
        item_id=f"item_{number * 10}",
        said=said,
        steps=steps,
        replies=("Well.",),
        states=states,
    )


def answer(sequence: int, text: str = "", **fields: Any) -> Item:
    given: dict[str, Any] = {"kind": "message", "role": "assistant", "content": (Part(text=text),)}
    return Item(id=f"item_{sequence}", sequence=sequence, **(given | fields))


def call(sequence: int, name: str, arguments: str) -> Item:
    return answer(sequence, kind="function_call", role=None, content=(), name=name, arguments=arguments)


def source(turns: Sequence[Turn], *items: Item, **fields: Any) -> str:
    made = generated_test(
        Story(package="shop", agent="desk", turns=turns, items=items, responses=(), **fields)
    )
    compile(made, "test_made.py", "exec", dont_inherit=True)
    return made


def test_a_talk_is_a_model_that_talks_and_a_caller_who_says_the_same() -> None:
    made = source([turn(0, ""), turn(1, "Hello")], answer(11, "Good morning."))
    assert 'says("Good morning.")' in made
    assert 'reply = await caller.say("Hello")' in made
    assert "async def test_a_conversation(scripted_engine, local_database):" in made
    assert "Recital\n" in made


def test_tools_and_handoffs_are_asserted_with_their_outcomes() -> None:
    use = ToolUse(name="add", arguments={"class": "rye"}, outcome="failed")
    handed = Handover(source="desk", target="kitchen")
    made = source([turn(0, ""), turn(1, "Rye", use, handed)], call(11, "add", '{"class": "rye"}'))
    assert 'Turn(calls=(("add", {"class": "rye"}),))' in made
    assert '("add", {"class": "rye"}, "failed")' in made
    assert '("handoff", "kitchen")' in made
    assert "def test_add_then_kitchen(" in made


def test_states_are_asserted_where_they_changed_and_what_is_made_anew_may_be_anything() -> None:
    before: dict[str, Any] = {"cart": {"lines": []}, "guest": {}}
    after: dict[str, Any] = {
        "cart": {"lines": ["rye"], "number": "R1234", "day": "2026-11-27", "code": "AB12"},
        "guest": {},
    }
    turns = [turn(0, "", **before), turn(1, "AB12", **after)]
    made = source(turns, call(11, "add", '{"code": "AB12"}'))
    assert 'assert states(caller)["cart"] == {' in made
    assert '"number": ANY' in made
    assert '"day": ANY' in made
    assert '"code": "AB12"' in made
    assert '["guest"]' not in made


def test_personal_data_and_ids_are_replaced_the_same_everywhere() -> None:
    use = ToolUse(name="tell", arguments={"phone": "+1 415 555 2671", "mail": "ann@example.org"})
    turns = [turn(0, ""), turn(1, "It is 415-555-2671, for conv_0123456789abcdef", use)]
    made = source(turns, call(11, "tell", '{"phone": "415-555-2671", "mail": "ann@example.org"}'))
    assert "2671" not in made
    assert "ann@" not in made
    assert "conv_" not in made.replace("conversation", "")
    assert made.count("202-555-0100") == 3


def test_a_tool_of_the_client_is_answered() -> None:
    use = ToolUse(name="show_map", arguments={}, output="shown", client=True)
    made = source([turn(0, ""), turn(1, "Where?", use)], call(11, "show_map", "{}"))
    assert 'await caller.answer_call(reply.calls[0], "shown")' in made
    assert made.count("reply = await caller.ask()") == 1


def test_notes_are_given_and_words_that_nobody_asked_for_are_not() -> None:
    note = turn(1, "VIP", role="system")
    made = source([turn(0, "", ToolUse(name="look", arguments={})), note], answer(11, "Hi."))
    assert '"role": "system"' in made
    assert made.count("reply = await caller.ask()") == 2


@pytest.mark.parametrize(
    "step",
    [
        ToolUse(name="wait", arguments={}, outcome="timed_out"),
        ToolUse(name="refund", arguments={}),
        Handover(source="desk", target="human", by_operator=True),
    ],
)
def test_it_ends_before_what_depends_on_time_or_on_people(step: Step) -> None:
    turns = [turn(0, ""), turn(1, "Hello"), turn(2, "Now", step), turn(3, "Later")]
    items = [answer(11, "One."), answer(20, "", role="user", origin="caller"), answer(21, "Two.")]
    made = source(turns, *items, approved=frozenset({"refund"}))
    assert "One." in made
    assert "Two." not in made
    assert "Now" not in made
    assert "Later" not in made
