import pytest

from orchestrator.core.errors import CapacityError, InvalidRequestError, OrchestratorError
from orchestrator.media import errors

pytestmark = pytest.mark.unit


def test_every_error_is_of_the_one_tree_and_has_a_code_of_its_own_or_its_kinds() -> None:
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert all(issubclass(each, OrchestratorError) for each in found)
    assert issubclass(errors.OfferError, InvalidRequestError)
    assert issubclass(errors.TooManyCallsError, CapacityError)


def test_a_failure_to_connect_carries_the_reason_that_closes_the_call() -> None:
    error = errors.ConnectError(errors.CloseCode.ICE_FAILED, "No path.")
    assert error.reason == errors.CloseReason(errors.CloseCode.ICE_FAILED, "No path.")
    assert str(error) == "No path."
