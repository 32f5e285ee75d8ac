import pytest

from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.retrying import LONGEST_WAIT, worth_retrying

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        (SpeechLostError("x"), True),
        (SpeechTimeoutError("x"), True),
        (SpeechRateLimitError("x"), True),
        (SpeechRateLimitError("x", retry_after=0.01), True),
        (SpeechRateLimitError("x", retry_after=LONGEST_WAIT + 1), False),
        (SpeechRefusedError("x"), False),
        (SpeechCredentialsError("x"), False),
    ],
)
async def test_one_more_attempt_is_made_where_it_helps_and_comes_in_time(
    error: SpeechLostError, worth: bool
) -> None:
    assert await worth_retrying(error) is worth
