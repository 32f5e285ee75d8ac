from typing import Literal

import pytest
from pydantic import BaseModel, Field, RootModel, field_validator

from orchestrator.core.definition import BACK, HandoffSpec, HistoryPolicy
from orchestrator.core.handoffs import REASON, Handoff, compile_handoff, function_name, read_history
from orchestrator.core.problems import Findings

pytestmark = pytest.mark.unit

TARGETS = {"triage": "Answers the phone.", "restaurant": "Takes orders\nfor the pizzeria.", "plain": ""}


class Request(BaseModel):
    """What the caller wants."""

    wants: Literal["order", "table"]
    people: int = Field(1, ge=1)

    @field_validator("people")
    @classmethod
    def few(cls, people: int) -> int:
        if people > 12:
            raise ValueError("at most twelve people sit together")
        return people


def compiled(handoff: Handoff) -> HandoffSpec:
    findings = Findings("agents.Menu")
    spec = compile_handoff(handoff, TARGETS, "triage", findings)
    assert findings.problems == []
    assert spec is not None
    return spec


def problems_of(handoff: Handoff) -> list[str]:
    findings = Findings("agents.Menu")
    assert compile_handoff(handoff, TARGETS, "triage", findings) is None
    return [str(problem).removeprefix("agents.Menu.") for problem in findings.problems]


def test_a_handoff_is_offered_as_a_function() -> None:
    spec = compiled(Handoff("restaurant", when="the caller wants to eat."))
    assert spec.target == "restaurant"
    assert spec.function == "transfer_to_restaurant"
    assert spec.when == "the caller wants to eat."
    assert spec.description == (
        "Hand the caller over to restaurant. Takes orders for the pizzeria. "
        "Use it when: the caller wants to eat."
    )
    assert spec.parameters == {
        "type": "object",
        "properties": {"reason": REASON},
        "required": ["reason"],
        "additionalProperties": False,
    }
    assert spec.history == HistoryPolicy(kind="full")


def test_a_target_without_a_description_is_named_alone() -> None:
    spec = compiled(Handoff("plain", when="bored"))
    assert spec.description == "Hand the caller over to plain. Use it when: bored."


def test_a_handoff_back_names_no_agent() -> None:
    spec = compiled(Handoff.back(when="the caller wants to go on", history="none"))
    assert spec.target == BACK
    assert spec.function == "transfer_to_previous_agent"
    assert spec.description.startswith("Hand the caller back to the agent before you. Use it when: ")
    assert spec.history == HistoryPolicy(kind="none")


def test_the_payload_is_part_of_the_arguments() -> None:
    spec = compiled(Handoff("restaurant", when="food", payload=Request))
    assert spec.parameters == {
        "type": "object",
        "properties": {
            "reason": REASON,
            "wants": {"type": "string", "enum": ["order", "table"]},
            "people": {"type": "integer", "minimum": 1, "default": 1},
        },
        "required": ["reason", "wants"],
        "additionalProperties": False,
    }


class Node(BaseModel):
    """A tree of wishes."""

    wish: str
    below: "list[Node]" = []


def test_a_recursive_payload_is_checked_all_the_way_down() -> None:
    spec = compiled(Handoff("restaurant", when="food", payload=Node))
    assert spec.parameters["required"] == ["reason", "wish"]
    assert spec.check({"reason": "x", "wish": "a", "below": [{"wish": "b"}]}) == ()
    [violation] = spec.check({"reason": "x", "wish": "a", "below": [{"below": []}]})
    assert str(violation) == "below.0.wish: is missing; send text"


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ({"reason": "Wants food.", "wants": "order"}, []),
        ({"wants": "order"}, ["reason: is missing; send text of 1 to 500 characters"]),
        (
            {"reason": "", "wants": "order"},
            ['reason: "" is shorter than 1 characters; send text of 1 to 500 char'],
        ),
        ({"reason": "x", "wants": "job"}, ['wants: "job" is not allowed; send "order" or "table"']),
        ({"reason": "x", "wants": "table", "people": 13}, ["people: at most twelve people sit together"]),
    ],
)
def test_arguments_are_checked_by_schema_and_payload(
    arguments: dict[str, str | int], messages: list[str]
) -> None:
    found = compiled(Handoff("restaurant", when="food", payload=Request)).check({**arguments})
    assert len(found) == len(messages)
    assert all(str(violation).startswith(message) for violation, message in zip(found, messages, strict=True))


def test_a_handoff_without_a_payload_needs_a_reason_alone() -> None:
    assert compiled(Handoff("restaurant", when="food")).check({"reason": "Is hungry."}) == ()


def test_a_target_may_have_a_second_handoff_under_another_name() -> None:
    handoff = Handoff("restaurant", when="food", name="transfer_to_restaurant_table")
    assert function_name(handoff) == "transfer_to_restaurant_table"
    assert compiled(handoff).function == "transfer_to_restaurant_table"


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("full", HistoryPolicy(kind="full")),
        ("summary", HistoryPolicy(kind="summary")),
        ("none", HistoryPolicy(kind="none")),
        ("last:20", HistoryPolicy(kind="last", count=20)),
        (HistoryPolicy(kind="last", count=3), HistoryPolicy(kind="last", count=3)),
        ("last:0", None),
        ("last:", None),
        ("last:-1", None),
        ("some", None),
        (None, None),
        (20, None),
        (HistoryPolicy(kind="last"), None),
        (HistoryPolicy(kind="full", count=3), None),
        (HistoryPolicy(kind="first"), None),  # type: ignore[arg-type]
    ],
)
def test_a_history_policy_is_read(written: object, policy: HistoryPolicy | None) -> None:
    assert read_history(written) == policy


class Reasoned(BaseModel):
    reason: str


class Listed(RootModel[list[int]]): ...


class Plain: ...


class Unspeakable(BaseModel, arbitrary_types_allowed=True):
    thing: Plain


@pytest.mark.parametrize(
    ("handoff", "problem"),
    [
        (
            Handoff("resturant", when="x"),
            "target: there is no agent 'resturant'. Write 'restaurant'.",
        ),
        (
            Handoff("billing", when="x"),
            "target: there is no agent 'billing'. Write the name of an agent there is: plain, restaurant ",
        ),
        (Handoff("triage", when="x"), "target: hands over to itself. Take this handoff out."),
        (Handoff(Plain, when="x"), "target: <class 'tests.core.test_handoffs.Plain'> is no name. Write"),  # type: ignore[arg-type]
        (Handoff("plain", when=" "), 'when: says nothing. Tell the model when to take it: when="the caller'),
        (Handoff("plain", when=None), "when: says nothing."),  # type: ignore[arg-type]
        (
            Handoff("plain", when="x", history="last"),
            'history: \'last\' is not known. Write "full", "last:20" (any number of items), ',
        ),
        (
            Handoff("plain", when="x", name="go_to_plain"),
            "name: 'go_to_plain' is no name for a handoff's function. Begin it with transfer_to_, then",
        ),
        (
            Handoff("plain", when="x", name="transfer_to_" + "x" * 53),
            "name: 'transfer_to_xxx",
        ),
        (
            Handoff("plain", when="x", payload=Plain),  # type: ignore[arg-type]
            "payload: <class 'tests.core.test_handoffs.Plain'> is no pydantic model. Write a pydantic model",
        ),
        (
            Handoff("plain", when="x", payload=Reasoned),
            "payload: has a field named reason. Rename it: every handoff has a reason already.",
        ),
        (
            Handoff("plain", when="x", payload=Listed),
            "payload: has a flawed schema: type: arguments are always an object; write",
        ),
        (Handoff("plain", when="x", payload=Unspeakable), "payload: Cannot generate a JsonSchema for"),
    ],
)
def test_what_is_wrong_with_a_handoff_is_told(handoff: Handoff, problem: str) -> None:
    [found] = problems_of(handoff)
    assert found.startswith(problem)


def test_all_that_is_wrong_with_a_handoff_is_told_at_once() -> None:
    handoff = Handoff("nowhere", when="", history="x", payload=Reasoned, name="a b")
    assert [problem.partition(":")[0] for problem in problems_of(handoff)] == [
        "target",
        "name",
        "when",
        "history",
        "payload",
    ]


def test_a_handoff_shows_itself() -> None:
    assert repr(Handoff("plain", when="bored")) == "Handoff('plain', when='bored')"
