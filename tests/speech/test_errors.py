import pytest

from orchestrator.core.errors import OrchestratorError
from orchestrator.speech import errors

pytestmark = pytest.mark.unit

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SpeechError)
]


def test_every_kind_has_a_code_of_its_own() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert all(issubclass(kind, OrchestratorError) for kind in KINDS)


def test_what_may_pass_by_itself_is_retryable() -> None:
    retryable = {kind.__name__ for kind in KINDS if kind.retryable}
    assert retryable == {"SpeechRateLimitError", "SpeechLostError", "SpeechTimeoutError"}


def test_a_rate_limit_says_how_long_to_wait() -> None:
    assert errors.SpeechRateLimitError("slow down", retry_after=1.5).retry_after == 1.5
    assert errors.SpeechRateLimitError("slow down").retry_after is None
