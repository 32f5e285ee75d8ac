import pytest

from orchestrator.core.engine_events import EngineRefused
from orchestrator.realtime.failures import (
    FATAL_CODES,
    LONGEST_MESSAGE,
    connection_closed,
    fatal_error,
    handshake_refused,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, "engine_refused", False),
        (401, "invalid_api_key", False),
        (403, "forbidden", False),
        (404, "invalid_model", False),
        (302, "engine_refused", False),
        (408, "engine_timeout", True),
        (429, "rate_limit_exceeded", True),
        (500, "engine_lost", True),
        (503, "engine_lost", True),
    ],
)
def test_a_refused_handshake_is_judged_by_its_status(status: int, code: str, retryable: bool) -> None:
    failure = handshake_refused(status, b"<html>")
    assert (failure.code, failure.retryable, failure.transient) == (code, retryable, retryable)
    assert str(status) in failure.message


def test_a_refused_handshake_that_explains_itself_is_believed() -> None:
    failure = handshake_refused(401, b'{"error":{"code":"key_expired","message":"Renew it."}}')
    assert (failure.code, failure.retryable) == ("key_expired", False)
    assert failure.message.endswith("Renew it.")


def test_a_code_that_repeats_the_status_says_nothing() -> None:
    assert handshake_refused(401, b'{"error":{"code":"401"}}').code == "invalid_api_key"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error":"text"}', b'{"error":{"code":7,"message":null}}'])
def test_an_explanation_of_another_shape_is_passed_over(body: bytes) -> None:
    assert handshake_refused(500, body).message == "The engine refused the connection with HTTP 500."


@pytest.mark.parametrize(
    ("close_code", "code", "retryable"),
    [
        (None, "engine_lost", True),
        (1000, "engine_lost", True),
        (1001, "engine_lost", True),
        (1006, "engine_lost", True),
        (1007, "engine_protocol_error", True),
        (1008, "engine_refused", False),
        (1009, "frame_too_large", False),
        (1011, "engine_lost", True),
        (1013, "engine_lost", True),
        (3000, "invalid_api_key", False),
        (4000, "engine_refused", False),
        (4401, "invalid_api_key", False),
        (4429, "rate_limit_exceeded", True),
    ],
)
def test_a_closed_connection_is_judged_by_its_code(
    close_code: int | None, code: str, retryable: bool
) -> None:
    failure = connection_closed(close_code, "", None)
    assert (failure.code, failure.retryable) == (code, retryable)


def test_the_last_complaint_explains_a_close_with_an_applications_code() -> None:
    refused = EngineRefused(1, "quota_gone", "Pay first.")
    assert connection_closed(4000, "", refused).code == "quota_gone"
    assert connection_closed(1001, "bye", refused).code == "engine_lost"
    assert connection_closed(4000, "", EngineRefused(1, "server_error", "Oops.")).retryable


def test_the_reason_of_a_close_is_told_and_bounded() -> None:
    assert "maintenance" in connection_closed(1012, "maintenance", None).message
    assert len(connection_closed(1012, "x" * 1000, None).message) == LONGEST_MESSAGE


@pytest.mark.parametrize("code", sorted(FATAL_CODES))
def test_only_an_expired_session_is_worth_opening_again(code: str) -> None:
    assert fatal_error(EngineRefused(1, code, "m"), {}).retryable is (code == "session_expired")


def test_a_fault_of_the_server_is_worth_another_try() -> None:
    refused = EngineRefused(1, "odd", "m")
    assert fatal_error(refused, {"type": "server_error"}).retryable
    assert not fatal_error(refused, {"type": "invalid_request_error"}).retryable
