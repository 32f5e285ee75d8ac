"""Chance that is the same in every run; a failure names its seed, `ORCHESTRATOR_TEST_SEED` runs it alone."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "ORCHESTRATOR_TEST_SEED"


def chosen_seed() -> int | None:
    """The seed that somebody wants run again."""
    given = os.environ.get(VARIABLE)
    return int(given) if given else None


@contextmanager
def seeded(seed: int | None = None) -> Iterator[random.Random]:
    """Luck from a seed: the given one, else the one in the environment, else the first."""
    seed = seed or chosen_seed() or 1
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"Run it again with {VARIABLE}={seed}")
        raise
