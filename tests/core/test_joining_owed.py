"""A caller comes back, and is still owed the answer to what was asked before."""

from decimal import Decimal

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core.context import Timing
from orchestrator.core.items import Item
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


def left_unanswered() -> Drive:
    """A conversation whose caller asked for something, and was lost before anything was said."""
    drive = Drive()
    drive.join()
    drive.type("two pizzas")
    drive.start(1, "resp_1")
    drive.feed(h.CallLeft("call_a", "gone"))
    return drive


def test_a_caller_who_comes_back_at_once_is_given_the_answer_that_the_loss_cut_off() -> None:
    drive = left_unanswered()
    drive.pass_time(Timing().back)
    drive.join(greet=True)
    assert drive.only(c.CreateResponse).epoch == drive.epoch


def test_so_is_one_whose_service_was_restarted_meanwhile() -> None:
    drive = left_unanswered().restarted()
    drive.join(greet=True)
    drive.only(c.CreateResponse)


def test_who_comes_back_later_or_wants_to_speak_first_is_waited_for() -> None:
    late, first = left_unanswered(), left_unanswered()
    late.pass_time(Timing().back + 1)
    late.join(greet=True)
    first.join(greet=False)
    assert not late.commands(c.CreateResponse) + first.commands(c.CreateResponse)


def test_an_answer_that_was_begun_is_not_given_again() -> None:
    drive = Drive()
    drive.join()
    drive.turn(1, "resp_1", "hello", "Hi")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join(greet=True)
    assert not drive.commands(c.CreateResponse)


def test_an_answer_that_nothing_was_heard_of_is_given_once_more() -> None:
    drive = left_unanswered()
    unheard = Item(id="item_u", kind="message", role="assistant", sequence=9, position=Decimal(9), heard="")
    drive.shelf.items[unheard.id] = unheard
    again = drive.restarted()
    again.join(greet=True)
    again.only(c.CreateResponse)


def test_who_comes_back_while_a_tool_still_runs_hears_what_it_found(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join(greet=True)
    assert not drive.commands(c.CreateResponse)
    drive.answer()
    assert drive.only(c.CreateResponse).epoch == drive.epoch
