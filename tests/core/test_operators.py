from dataclasses import replace

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import records as r
from orchestrator.core.definition import Definition, InstructionContext
from tests.core.driving import Drive, agent, definition

pytestmark = pytest.mark.unit


def changed(**options: object) -> Definition:
    """The definition, with triage changed."""
    agents = dict(definition().agents)
    agents["triage"] = replace(agents["triage"], **options)  # type: ignore[arg-type]
    return Definition(agents, "triage")


def test_the_operators_words_are_said_at_once_to_a_caller_whom_nobody_answers(drive: Drive) -> None:
    drive.feed(h.OperatorSaid("One moment."))
    assert [(item.text, item.origin) for item in drive.items] == [("One moment.", "operator")]


def test_the_operators_words_wait_until_the_agent_is_silent(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.OperatorSaid("One moment."))
    assert "One moment." not in [item.text for item in drive.items]
    drive.speak(1, "resp_1", "Hi")
    drive.done(1, "resp_1")
    assert [item.text for item in drive.items] == ["hello", "Hi", "One moment."]


@pytest.mark.parametrize("respond", [True, False])
def test_what_is_injected_is_told_to_the_model_and_answered_where_that_is_wished(
    drive: Drive, respond: bool
) -> None:
    drive.feed(h.OperatorInjected("The kitchen closes.", respond=respond))
    sent = drive.only(c.SendItem).item
    assert (sent.text, sent.role, sent.origin) == ("The kitchen closes.", "system", "operator")
    assert bool(drive.commands(c.CreateResponse)) == respond
    assert drive.kept()


def test_a_handoff_that_an_operator_asks_for_is_staged_with_its_reason(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant", "hungry"))
    (row,) = drive.rows(r.HandoffRow)
    assert (row.source, row.target, row.reason) == ("triage", "restaurant", "hungry")
    assert (row.cause, row.outcome, row.history) == ("operator", "staged", "full")
    assert drive.only(c.OpenSession).config.agent == "restaurant"


def test_a_handoff_without_a_reason_is_the_operators(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    assert drive.rows(r.HandoffRow)[0].reason == "an operator asked for it"


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("nobody", "There is no agent 'nobody', or it is switched off."),
        ("human", "There is no agent 'human', or it is switched off."),
        ("triage", "triage is on duty already."),
    ],
)
def test_a_handoff_that_cannot_be_is_written_down_and_changes_nothing(target: str, error: str) -> None:
    agents = dict(definition().agents) | {"human": agent("human", enabled=False)}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.feed(h.OperatorHandedOff(target))
    (row,) = drive.rows(r.HandoffRow)
    assert (row.outcome, row.error, row.settled_at) == ("refused", error, drive.now)
    assert not drive.commands(c.OpenSession)


def test_a_second_handoff_is_refused_while_one_is_staged(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.feed(h.OperatorHandedOff("human"))
    assert [row.outcome for row in drive.rows(r.HandoffRow)] == ["staged", "refused"]
    assert drive.rows(r.HandoffRow)[-1].error == "The caller is being handed over already."


def test_a_handoff_to_an_agent_that_cannot_be_instructed_is_refused() -> None:
    def broken(_: InstructionContext) -> str:
        raise RuntimeError("broken")

    agents = dict(definition().agents) | {"human": agent("human", instructions=broken)}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.feed(h.OperatorHandedOff("human"))
    (row,) = drive.rows(r.HandoffRow)
    assert row.outcome == "refused"
    assert row.error


def test_a_fresh_session_takes_over_where_an_operator_asks_for_it(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    opened = drive.only(c.OpenSession)
    assert (opened.epoch, opened.config.agent) == (2, "triage")
    drive.ready()
    assert drive.only(c.CloseSession).epoch == 1


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (h.OperatorEnded("operator", "closing time"), "closing time"),
        (h.OperatorEnded("service"), "service"),
    ],
)
def test_the_call_ends_for_the_reason_that_was_given(
    drive: Drive, event: h.OperatorEnded, reason: str
) -> None:
    drive.feed(event)
    assert drive.only(c.HangUp).reason == reason


@pytest.mark.parametrize("approve", [True, False])
def test_a_tool_runs_if_it_is_approved(drive: Drive, approve: bool) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    drive.called("pay")
    assert not drive.commands(c.RunTool)
    drive.feed(h.ToolApproved("call_1", approve=approve))
    assert bool(drive.commands(c.RunTool)) == approve


# --- an agent was changed ---------------------------------------------------------------------------------


def test_changed_instructions_are_passed_on_to_the_session(drive: Drive) -> None:
    drive.machine._context.definition = changed(instructions="You are kind.")
    drive.feed(h.DefinitionChanged("triage"))
    assert "You are kind." in drive.only(c.UpdateSession).config.instructions
    assert not drive.commands(c.OpenSession)


@pytest.mark.parametrize("options", [{"voice": "ash"}, {"model": "other"}, {"engine": "azure"}])
def test_what_a_session_cannot_change_means_another_session(drive: Drive, options: dict[str, object]) -> None:
    drive.machine._context.definition = changed(**options)
    drive.feed(h.DefinitionChanged("triage"))
    assert not drive.commands(c.UpdateSession)
    assert drive.only(c.OpenSession).epoch == 2


def test_the_sessions_of_other_agents_are_left_alone(drive: Drive) -> None:
    drive.machine._context.definition = changed(instructions="You are kind.", voice="ash")
    drive.feed(h.DefinitionChanged("human"))
    assert not drive.commands(c.UpdateSession)
    assert not drive.commands(c.OpenSession)
