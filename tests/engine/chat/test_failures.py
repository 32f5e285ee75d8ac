import pytest

from orchestrator.engine.chat.failures import failed_midway, refused

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("status", "body", "code", "kind"),
    [
        (429, b'{"error":{"type":"insufficient_quota"}}', "insufficient_quota", "insufficient_quota"),
        (429, b"[]", "rate_limit_exceeded", "rate_limit_exceeded"),
        (403, b"", "invalid_api_key", "invalid_request_error"),
        (402, b"", "insufficient_quota", "insufficient_quota"),
        (404, b'{"error":"model not found"}', "invalid_value", "invalid_request_error"),
        (503, b"", "server_error", "server_error"),
    ],
)
def test_a_status_and_body_become_a_code(status: int, body: bytes, code: str, kind: str) -> None:
    error = refused(status, body)
    assert (error.wire_code, error.kind) == (code, kind)
    assert error.message


def test_the_endpoints_words_are_told_clipped() -> None:
    assert refused(400, b'{"error":"model not found"}').message == "model not found"
    assert len(refused(400, b'{"error":"' + b"x" * 1000 + b'"}').message) == 300


def test_a_failure_midway_is_a_server_error() -> None:
    assert failed_midway({"message": "gone"}).message == "gone"
    assert failed_midway(True).wire_code == "server_error"
    assert failed_midway({}).message == "The model's endpoint failed midway."
