import asyncio

import pytest

from orchestrator.speech.deadlines import Deadlines, Patience, deadline
from orchestrator.speech.errors import SpeechTimeoutError

pytestmark = pytest.mark.unit


async def test_a_late_block_becomes_a_typed_error_that_says_what_was_late() -> None:
    with pytest.raises(SpeechTimeoutError, match=r"The first sound did not come within 0\.01 s\."):
        async with deadline(0.01, "The first sound"):
            await asyncio.Event().wait()


async def test_a_block_in_time_passes() -> None:
    async with deadline(5, "The first sound"):
        await asyncio.sleep(0)


async def test_other_errors_pass_through() -> None:
    with pytest.raises(LookupError):
        async with deadline(5, "The first sound"):
            raise LookupError


def test_every_wait_has_a_bound() -> None:
    assert all(getattr(Deadlines(), name) > 0 for name in Deadlines.__slots__)


async def test_patience_ends_after_the_latest_wait_and_says_what_was_late() -> None:
    async def wait() -> None:
        async with Patience("Sound") as patience:
            patience.wait(60)
            patience.wait(0.01)
            await asyncio.Event().wait()

    with pytest.raises(SpeechTimeoutError, match=r"Sound did not come within 0\.01 s\."):
        await wait()


async def test_patience_rests_while_nothing_is_owed() -> None:
    async with Patience("Sound") as patience:
        patience.wait(0)
        patience.rest()
        for _ in range(5):
            await asyncio.sleep(0)
