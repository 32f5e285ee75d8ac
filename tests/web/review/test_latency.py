"""How long callers wait, and for what."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.records import ResponseRow
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.latency import Reply, percentiles, replies_of
from tests.web.review.sample_call import START, agent, details, response, tool_call

pytestmark = pytest.mark.unit


def replies(**changes: object) -> tuple[Reply, ...]:
    made = details(**changes)
    return replies_of(made, clock_of(made, now=START + 100))


def stages(reply: Reply) -> list[tuple[str, int]]:
    return [(stage.name, stage.length_ms) for stage in reply.stages]


def test_inferences_with_tools_between_them_are_one_reply() -> None:
    assert [reply.id for reply in replies()] == ["resp_1", "resp_4", "resp_7", "resp_9"]


def test_a_reply_tells_its_stages_in_order() -> None:
    assert stages(replies()[1]) == [
        ("turn end", 200),
        ("think", 200),
        ("tools", 200),
        ("think", 200),
        ("tools", 200),
        ("think", 300),
        ("voice", 100),
        ("playout", 600),
    ]


def test_a_reply_is_waited_for_until_its_first_sound() -> None:
    assert [reply.wait_ms for reply in replies()] == [2500, 1400, 7000, 1000]


def test_a_written_reply_is_waited_for_until_its_first_word() -> None:
    written = response(1, 2, 1.0, 1.2, 1.5, None, 2.0)
    (reply,) = replies(responses=(written,), items=(agent(1, 1.5, "Hello"),))
    assert reply.wait_ms == 500
    assert stages(reply) == [("turn end", 200), ("think", 300), ("playout", 500)]


def test_the_first_words_of_a_reply_are_known() -> None:
    assert [reply.item_id for reply in replies()] == ["item_8", "item_14", "item_18", "item_23"]


def test_a_reply_that_nothing_came_of_has_no_wait() -> None:
    (reply,) = replies(responses=(response(1, 2, 1.0, 1.2, None, None, 3.0, status="failed"),), items=())
    assert (reply.wait_ms, reply.status) == (None, "failed")
    assert stages(reply) == [("turn end", 200), ("think", 1800)]


def test_two_replies_to_one_turn_stay_apart_without_a_tool() -> None:
    two = (response(1, 2, 1.0, 1.2, 1.3, None, 1.4), response(2, 2, 1.0, 2.0, 2.1, None, 2.2))
    assert len(replies(responses=two, items=(agent(1, 1.3, "a"), agent(2, 2.1, "b")))) == 2


def test_a_reply_in_progress_is_as_long_as_is_known() -> None:
    (reply,) = replies(
        responses=(response(1, 2, 1.0, 1.2, None, None, None, status="in_progress"),), items=()
    )
    assert stages(reply) == [("turn end", 200)]


def test_only_replies_to_the_caller_count_for_the_percentiles() -> None:
    wait = percentiles(replies())
    assert (wait.p50, wait.p95, wait.count) == (1400, 7000, 4)
    assert percentiles([]).p50 is None
    greeting = response(0, 1, None, 0.0, 0.1, None, 0.2)
    asked = replies(responses=(greeting,), items=(agent(1, 0.1, "Hello", epoch=1),))
    assert (asked[0].wait_ms, percentiles(asked).count) == (100, 0)


@pytest.mark.parametrize(("percent", "waits"), [("p50", 2), ("p95", 4)])
def test_percentiles_are_waits_that_were_measured(percent: str, waits: int) -> None:
    rows = [response(n, 2, n * 6.0, n * 7.0, n * 7.0, None, n * 7.0) for n in (1, 2, 3, 4)]
    items = [agent(n, n * 7.0, "words") for n in (1, 2, 3, 4)]
    found = percentiles(replies(responses=tuple(rows), items=tuple(items)))
    assert getattr(found, percent) == waits * 1000


lengths = st.lists(st.floats(0, 3), min_size=5, max_size=5)


@given(st.lists(st.tuples(lengths, st.booleans()), min_size=1, max_size=5))
def test_stages_touch_and_add_up_to_the_reply(times: Sequence[tuple[list[float], bool]]) -> None:
    rows: list[ResponseRow] = []
    items, at = [], 1.0
    for number, (steps, calls) in enumerate(times):
        created, first, audio, done = (at + sum(steps[: n + 1]) for n in range(4))
        rows.append(response(number, 2, 1.0, created, first, None if calls else audio, done))
        said = tool_call(number, first, "look", f"c{number}", {}) if calls else agent(number, first, "a")
        items.append(said)
        at = done + steps[4]
    for reply in replies(responses=tuple(rows), items=tuple(items)):
        assert all(before.until_ms == after.from_ms for before, after in pairwise(reply.stages))
        assert all(stage.length_ms > 0 for stage in reply.stages)
        if reply.stages:
            assert (reply.stages[0].from_ms, reply.stages[-1].until_ms) == (reply.from_ms, reply.until_ms)
