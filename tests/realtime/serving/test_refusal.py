import pytest

from orchestrator.core.errors import OrchestratorError
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value, missing

pytestmark = pytest.mark.unit


def test_a_refusal_writes_the_error_object_of_the_protocol() -> None:
    error = RefusedError("cannot_update_voice", "No.", param="session.voice").as_error("e1")
    assert error == {
        "type": "invalid_request_error",
        "code": "cannot_update_voice",
        "message": "No.",
        "param": "session.voice",
        "event_id": "e1",
    }


def test_the_common_refusals_have_their_codes() -> None:
    assert invalid_value("Bad.", "a").wire_code == "invalid_value"
    assert missing("a.b").message == "Missing required parameter: 'a.b'."
    assert isinstance(missing("a"), OrchestratorError)
