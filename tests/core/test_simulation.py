"""Whole conversations against a model world, a seed each; every promise is checked after every event."""

import os
from random import Random

import pytest

from orchestrator.core.configuration import EngineAbilities
from tests.core.caller import act, join
from tests.core.world import World

pytestmark = pytest.mark.unit

TIMES = int(os.environ.get("ORCHESTRATOR_TEST_TIMES", "1"))
"""Makes the long runs so many times longer, on a machine that has the time."""

ABILITIES = (
    EngineAbilities(),
    EngineAbilities(audio_in=True, audio_out=True),
    EngineAbilities(audio_in=True, audio_out=True, text_to_speech=True),
    EngineAbilities(text_to_speech=True),
    EngineAbilities(audio_in=True, audio_out=True, detects_turns=False),
    EngineAbilities(audio_in=True, audio_out=True, detects_turns=False, speech_to_text=True),
    EngineAbilities(text_to_speech=True, speech_to_text=True),
)


def live(seed: int, actions: int) -> World:
    """Live a conversation that follows from a seed alone, and bring it to rest."""
    random = Random(seed)
    world = World(
        random,
        faults=random.random() < 0.8,
        tags=random.random() < 0.85,
        acknowledges=random.random() < 0.8,
        abilities=random.choice(ABILITIES),
        lifetime=random.choice([None, None, 20.0, 300.0]),
    )
    try:
        join(world)
        for _ in range(actions):
            act(world)
        world.settle_down()
    except Exception:
        print(*in_words(world)[-40:], f"seed {seed}: run `SEED={seed} pytest {__file__}`", sep="\n")  # noqa: T201
        raise
    return world


def in_words(world: World) -> list[str]:
    """What happened, the commands of each event indented below it; most lives are never put in words."""
    return [f"{indent}{what}" for indent, what in world.story]


def seeds(first: int, count: int) -> range:
    """As many seeds, or the one that the environment names."""
    named = os.environ.get("SEED")
    return range(int(named), int(named) + 1) if named else range(first, first + count)


def test_no_promise_is_broken_in_some_hundred_conversations() -> None:
    for seed in seeds(0, 400):
        live(seed, 150)


def test_the_same_seed_is_the_same_conversation() -> None:
    assert in_words(live(7, 150)) == in_words(live(7, 150))


@pytest.mark.scale
def test_no_promise_is_broken_in_many_conversations() -> None:
    for seed in seeds(1_000_000, 2_000 * TIMES):
        live(seed, 150)


@pytest.mark.scale
def test_no_promise_is_broken_in_long_conversations() -> None:
    for seed in seeds(2_000_000, 20 * TIMES):
        live(seed, 3_000)
