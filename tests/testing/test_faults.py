import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.testing.faults import Fault, FaultPlan

pytestmark = pytest.mark.unit


def occasions(plan: FaultPlan, fault: Fault, count: int) -> list[bool]:
    return [plan.strikes(fault) for _ in range(count)]


def test_without_a_plan_nothing_goes_wrong() -> None:
    plan = FaultPlan()
    assert not any(plan.strikes(fault) for fault in Fault for _ in range(10))


def test_a_fault_strikes_on_the_occasion_it_was_planned_for() -> None:
    plan = FaultPlan.once(Fault.FAILED, occasion=3).add(Fault.FAILED, occasion=5)
    assert occasions(plan, Fault.FAILED, 6) == [False, False, True, False, True, False]
    assert not plan.strikes(Fault.RATE_LIMITED)
    assert plan.struck == [Fault.FAILED, Fault.FAILED]


def test_a_fault_can_be_planned_for_the_next_occasion() -> None:
    plan = FaultPlan()
    assert occasions(plan, Fault.FAILED, 2) == [False, False]
    plan.soon(Fault.FAILED)
    assert occasions(plan, Fault.FAILED, 2) == [True, False]


@given(st.integers())
def test_the_same_seed_strikes_on_the_same_occasions(seed: int) -> None:
    drawn = [
        [
            occasions(FaultPlan.seeded(seed, rate=0.3, at_most=100), fault, 10)
            for fault in (Fault.FAILED, Fault.REFUSED_ITEM)
        ]
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]


def test_how_often_one_fault_is_asked_about_does_not_shift_another() -> None:
    plain = FaultPlan.seeded(7, rate=0.5, at_most=100)
    asked = FaultPlan.seeded(7, rate=0.5, at_most=100)
    occasions(asked, Fault.FAILED, 13)
    assert occasions(plain, Fault.REFUSED_ITEM, 20) == occasions(asked, Fault.REFUSED_ITEM, 20)


def test_a_seeded_plan_strikes_about_as_often_as_it_should_and_not_without_end() -> None:
    assert 50 < sum(occasions(FaultPlan.seeded(1, rate=0.1, at_most=10_000), Fault.FAILED, 1000)) < 150
    assert sum(occasions(FaultPlan.seeded(1, rate=1, at_most=5), Fault.FAILED, 100)) == 5


def test_a_seeded_plan_keeps_to_the_faults_it_may_use() -> None:
    plan = FaultPlan.seeded(1, rate=1, faults=[Fault.FAILED])
    assert not plan.strikes(Fault.RATE_LIMITED)
    assert plan.strikes(Fault.FAILED)
