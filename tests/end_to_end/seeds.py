"""Chance that can be repeated: a failure names its seed, and `ORCHESTRATOR_TEST_SEED` runs it again."""

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
    """Luck from a seed: the given one, else the one in the environment, else a new one."""
    seed = seed or chosen_seed() or random.SystemRandom().randrange(1, 1 << 32)
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"Run it again with {VARIABLE}={seed}")
        raise
