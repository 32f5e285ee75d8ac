"""Words for what was done, and for what went differently."""

from typing import get_args

import pytest

from orchestrator.core.comparison import Difference, DifferenceKind
from orchestrator.core.turns import Handover, ToolUse
from orchestrator.web.replays.wording import LONGEST, WORDS, line, step_words
from orchestrator.web.wording import WORDINGS

pytestmark = pytest.mark.unit


def test_every_kind_of_difference_has_words() -> None:
    assert set(WORDS) == set(get_args(DifferenceKind))


def test_a_tool_is_told_with_its_arguments_and_how_it_failed() -> None:
    assert step_words(ToolUse(name="add", arguments={"n": 1})) == ("add", '{"n": 1}')
    assert step_words(ToolUse(name="add", arguments="{n", outcome="failed")) == ("add · failed", "{n")


def test_how_a_tool_failed_is_told_in_the_language_of_the_page() -> None:
    step = ToolUse(name="add", arguments={}, outcome="timed_out")
    assert step_words(step, WORDINGS["de"])[0] == "add · zu langsam"


def test_a_handoff_is_told_with_its_payload_or_its_reason() -> None:
    assert step_words(Handover(source="a", target="b", reason="hungry")) == ("→ b", "hungry")
    assert step_words(Handover(source="a", target="b", payload={"n": 1})) == ("→ b", '{"n": 1}')


def test_a_difference_is_told_with_both_values_cut_short() -> None:
    told = line(Difference(turn=1, kind="state", where="cart.n", original="x" * 500, replayed=2))
    assert told[:2] == ("The state differs", "cart.n")
    assert (len(told[2]), told[3]) == (LONGEST, "2")
