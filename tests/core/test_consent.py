"""Calls are recorded while an agent says so, and nobody is recorded without being told."""

from dataclasses import replace

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core.configuration import Wishes
from orchestrator.core.definition import Definition
from tests.core.driving import Drive, Shelf, agent, definition

pytestmark = pytest.mark.unit

TOLD = "This call is recorded."


def recording(*names: str, greeting: str | None = None) -> Definition:
    """The tests' agents, some of whom have calls recorded."""
    agents = dict(definition().agents)
    for name in names:
        agents[name] = replace(agents[name], recording=TOLD, greeting=greeting)
    return Definition(agents, "triage")


def recordings(drive: Drive) -> list[tuple[str, bool]]:
    return [(each.call_id, each.on) for each in drive.commands(c.RecordCall, everything=True)]


def said(drive: Drive) -> list[str]:
    return [item.text for item in drive.items if item.role == "assistant"]


def test_a_caller_is_told_before_anything_else_is_said() -> None:
    drive = Drive(definition_=recording("triage", greeting="Hello!"))
    drive.join(greet=True)
    assert recordings(drive) == [("call_a", True)]
    assert said(drive) == [TOLD, "Hello!"]


def test_who_is_not_recorded_is_told_nothing() -> None:
    drive = Drive()
    drive.join()
    assert (recordings(drive), said(drive)) == ([], [])


def test_who_only_writes_is_not_recorded() -> None:
    drive = Drive(definition_=recording("triage"))
    drive.machine.wishes = Wishes(modality="text")
    drive.join()
    assert (recordings(drive), said(drive)) == ([], [])


def test_a_handoff_stops_and_begins_it_and_the_caller_is_told_once() -> None:
    drive = Drive(definition_=recording("restaurant"))
    drive.join()
    for to in ("restaurant", "human", "restaurant"):
        drive.feed(h.OperatorHandedOff(to))
        drive.ready()
        drive.start(drive.epoch, f"resp_{drive.epoch}")
        drive.done(drive.epoch, f"resp_{drive.epoch}")
    assert recordings(drive) == [("call_a", True), ("call_a", False), ("call_a", True)]
    assert said(drive).count(TOLD) == 1


def test_every_call_is_told_anew() -> None:
    shelf = Shelf()
    for call in ("call_a", "call_b"):
        drive = Drive(shelf, definition_=recording("triage"))
        drive.join(call_id=call)
        assert recordings(drive) == [(call, True)]
        drive.feed(h.CallLeft(call, "gone"))
        shelf = drive.shelf
    assert said(drive).count(TOLD) == 2


def test_an_administrator_may_begin_it_in_the_middle_of_a_call() -> None:
    drive = Drive(definition_=Definition({"triage": agent("triage")}, "triage"))
    drive.join()
    drive.machine.definition = Definition({"triage": agent("triage", recording=TOLD)}, "triage")
    drive.feed(h.DefinitionChanged("triage"))
    assert recordings(drive) == [("call_a", True)]


def test_nobody_is_interrupted_to_be_told() -> None:
    drive = Drive(definition_=recording("restaurant"))
    drive.join()
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    assert TOLD not in said(drive)
