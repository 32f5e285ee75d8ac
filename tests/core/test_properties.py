"""The same world, led by Hypothesis: it looks for the shortest story that breaks a promise."""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orchestrator.core.configuration import EngineAbilities
from tests.core import caller
from tests.core.world import World

pytestmark = pytest.mark.unit

CALLER = (
    caller.type_text,
    caller.speak,
    caller.ask,
    caller.ask_beside,
    caller.cancel,
    caller.answer,
    caller.insert,
    caller.delete,
    caller.truncate,
    caller.update,
    caller.press,
    caller.commit,
    caller.clear,
)
OTHERS = (caller.approve, caller.progress, caller.operate)
MISFORTUNES = (caller.lose, caller.crash, caller.move, caller.leave, caller.hang_up)
SEEDS = st.integers(0, 255)


class Life(RuleBasedStateMachine):
    """A conversation; what is chosen within an action follows from a small seed of its own."""

    @initialize(
        faults=st.booleans(),
        tags=st.booleans(),
        acknowledges=st.booleans(),
        audio=st.booleans(),
        speech=st.booleans(),
        detects=st.booleans(),
        lifetime=st.sampled_from([None, 20.0]),
    )
    def begin(
        self,
        *,
        faults: bool,
        tags: bool,
        acknowledges: bool,
        audio: bool,
        speech: bool,
        detects: bool,
        lifetime: float | None,
    ) -> None:
        able = EngineAbilities(
            audio_in=audio,
            audio_out=audio,
            detects_turns=detects,
            text_to_speech=speech,
            speech_to_text=speech and not detects,
        )
        self.world = World(
            Random(0),
            faults=faults,
            tags=tags,
            acknowledges=acknowledges,
            abilities=able,
            lifetime=lifetime,
        )
        caller.join(self.world)

    def _do(self, action: caller.Action, seed: int) -> None:
        self.world.random.seed(seed)
        action(self.world)

    @precondition(lambda self: self.world.call_id is None)
    @rule(seed=SEEDS)
    def somebody_joins(self, seed: int) -> None:
        self._do(caller.join, seed)

    @rule(seed=SEEDS)
    def the_world_goes_on(self, seed: int) -> None:
        self._do(caller.hurry, seed)

    @rule(seed=SEEDS)
    def one_thing_happens(self, seed: int) -> None:
        self._do(caller.steps, seed)

    @rule(action=st.sampled_from(CALLER), seed=SEEDS)
    def the_caller_acts(self, action: caller.Action, seed: int) -> None:
        self._do(action, seed)

    @rule(action=st.sampled_from(OTHERS), seed=SEEDS)
    def somebody_else_acts(self, action: caller.Action, seed: int) -> None:
        self._do(action, seed)

    @rule(action=st.sampled_from(MISFORTUNES), seed=SEEDS)
    def something_goes_wrong(self, action: caller.Action, seed: int) -> None:
        self._do(action, seed)

    @rule(action=st.sampled_from((caller.wait, caller.wait_long)), seed=SEEDS)
    def time_passes(self, action: caller.Action, seed: int) -> None:
        self._do(action, seed)

    @invariant()
    def promises_hold(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.random.seed(0)
        self.world.settle_down()


class OtherLife(Life):
    """The same, for a test case of its own."""


def of(examples: int, steps: int, *, fixed: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=fixed,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


TIMES = int(os.environ.get("ORCHESTRATOR_TEST_TIMES", "1"))
"""How many times longer to look; beyond once, where no run has looked before."""

Life.TestCase.settings = of(60, 50, fixed=True)
OtherLife.TestCase.settings = of(200 * TIMES, 120, fixed=TIMES == 1)

TestTheSameLivesInEveryRun = Life.TestCase
TestLongerLives = pytest.mark.scale(OtherLife.TestCase)
