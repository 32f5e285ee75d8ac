"""Errors on their way out."""

from typing import Any

import httpx
import pytest
from litestar.exceptions import HTTPException, ValidationException
from structlog.testing import capture_logs

from orchestrator.api.problems import problem_of
from orchestrator.core.errors import (
    ConflictError,
    EngineLostError,
    OrchestratorError,
    SettingsError,
    StoreUnavailableError,
    UnauthorizedError,
)
from orchestrator.realtime.serving.refusal import RefusedError
from tests.api.node import Node

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    ("error", "status", "code", "retryable"),
    [
        (ConflictError("It is live."), 409, "conflict", False),
        (StoreUnavailableError("Away."), 503, "store_unavailable", True),
        (EngineLostError("Lost."), 502, "engine_lost", True),
        (RefusedError("unknown_parameter", "No.", param="x"), 400, "unknown_parameter", False),
    ],
)
def test_our_errors_keep_their_code_and_words(
    error: OrchestratorError, status: int, code: str, retryable: bool
) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.code, problem.retryable) == (status, code, retryable)
    assert (problem.detail, problem.param) == (error.message, error.param)
    assert ("retry-after" in problem.headers) is retryable


def test_a_missing_key_says_how_to_bring_one() -> None:
    assert problem_of(UnauthorizedError("No.")).headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("error", [RuntimeError("the caller said xyzzy"), SettingsError("password xyzzy")])
def test_what_nobody_foresaw_is_logged_under_a_number_and_told_as_that(error: Exception) -> None:
    with capture_logs() as logs:
        problem = problem_of(error)
    (line,) = logs
    assert (problem.status, problem.code) == (500, "internal_error")
    assert line["incident"] in problem.detail
    assert line["error"] == type(error).__name__
    assert "xyzzy" not in str(line) + problem.detail


def test_several_faults_are_told_each_with_its_place() -> None:
    extra: list[Any] = [
        {"message": "Expected `int`", "key": "limit", "source": "query"},
        {"message": "'data'", "key": "data", "source": "body"},
    ]
    problem = problem_of(ValidationException(extra=extra))
    assert problem.detail == "limit: Expected `int`; A JSON body is needed"
    assert problem.param == "limit"
    assert problem.errors[1] == {"source": "body", "field": "", "message": "A JSON body is needed"}


def test_faults_without_particulars_are_told_in_words() -> None:
    problem = problem_of(ValidationException(detail="No.", extra={"odd": 1}))
    assert (problem.detail, problem.errors, problem.param) == ("No.", [], None)
    assert problem_of(HTTPException(status_code=418, detail="Tea.")).code == "invalid_value"


async def test_problem_documents_name_everything(stranger: httpx.AsyncClient) -> None:
    told = await stranger.get("/nothing")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json() == {
        "type": "urn:orchestrator:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
        "code": "not_found",
        "retryable": False,
    }


async def test_below_v1_errors_have_the_shape_that_openais_sdks_read(caller: httpx.AsyncClient) -> None:
    told = await caller.get("/v1/conversations/conv_none")
    assert told.headers["content-type"] == "application/json"
    assert told.json() == {
        "error": {
            "message": "There is no conversation conv_none.",
            "type": "invalid_request_error",
            "param": "conversation",
            "code": "not_found",
        }
    }


async def test_a_wrong_body_is_told_with_the_place(admin: httpx.AsyncClient) -> None:
    for content, detail in (
        (b"{", "truncated"),
        (b"", "A JSON body is needed"),
        (b'{"name": 5, "role": "caller"}', "name: Expected `str`, got `int`"),
        (b'{"name": "x", "role": "king"}', "role: Invalid enum value 'king'"),
        (b'{"name": "x", "role": "caller", "more": 1}', "unknown field `more`"),
    ):
        told = await admin.post("/admin/keys", content=content)
        assert (told.status_code, told.json()["code"]) == (400, "invalid_value")
        assert detail in told.json()["detail"]


async def test_a_method_that_is_not_offered_is_told_with_those_that_are(admin: httpx.AsyncClient) -> None:
    told = await admin.put("/admin/keys", json={})
    assert (told.status_code, told.json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(told.headers["allow"].split(", "))


async def test_a_body_that_is_too_large_is_refused(admin: httpx.AsyncClient) -> None:
    told = await admin.post("/admin/keys", content=b"x" * 9_000_000)
    assert (told.status_code, told.json()["code"]) == (413, "too_large")


async def test_a_handler_that_fails_leaks_nothing(
    node: Node, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(node.services, "switchboard")
    told = await admin.get("/admin/calls")
    assert (told.status_code, told.json()["code"]) == (500, "internal_error")
    assert "switchboard" not in told.text


async def test_refusals_are_counted(stranger: httpx.AsyncClient) -> None:
    await stranger.get("/nothing")
    text = (await stranger.get("/metrics")).text
    assert 'orchestrator_refusals_total{code="not_found",transport="http"}' in text
