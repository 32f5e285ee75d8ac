"""The parts of the media benchmark: what is measured again and again, and the search for a capacity."""

from typing import Any

import pytest

from bench.media_capacity import carried, last_that
from bench.media_parts import by_turns

pytestmark = pytest.mark.unit

LADDER = (5, 8, 10, 12, 15, 18, 21, 25, 30)


def test_servers_are_measured_by_turns() -> None:
    order: list[str] = []

    def measuring(name: str) -> Any:
        def measure(first: bool) -> dict[str, Any]:
            order.append(f"{name}, first" if first else name)
            return {"cpu_ms": 1.0, "kernel_ms": 0.5}

        return measure

    by_turns(2, {"naive": measuring("naive"), "service": measuring("service")})
    assert order == ["naive, first", "service, first", "naive", "service"]


def test_the_run_that_took_least_cpu_counts_and_all_else_is_of_the_first() -> None:
    runs = iter(
        [
            {"cpu_ms": 9.0, "kernel_ms": 3.0, "probes": "told"},
            {"cpu_ms": 7.0, "kernel_ms": 2.0, "probes": ""},
            {"cpu_ms": 8.0, "kernel_ms": 1.0, "probes": ""},
        ]
    )
    assert by_turns(3, {"one": lambda _: next(runs)}) == {
        "one": {"cpu_ms": 7.0, "kernel_ms": 2.0, "probes": "told"}
    }


@pytest.mark.parametrize("capacity", [0, 5, 12, 30])
def test_the_search_ends_with_the_last_step_that_is_carried(capacity: int) -> None:
    assert last_that(LADDER, lambda calls: calls <= capacity) == capacity


def test_the_search_tries_few_steps() -> None:
    tried: list[int] = []

    def carries(calls: int) -> bool:
        tried.append(calls)
        return calls <= 12

    last_that(LADDER, carries)
    assert len(tried) <= 4


def test_calls_are_carried_if_the_median_second_is_on_time_and_nothing_is_missing() -> None:
    assert carried({"late_second": 20.0, "delivered": 1.0})
    assert not carried({"late_second": 21.0, "delivered": 1.0})
    assert not carried({"late_second": 5.0, "delivered": 0.9})
