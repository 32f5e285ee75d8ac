"""Errors on their way out: one mapping from what was raised to what the client reads.

Everything answers with problem documents (RFC 9457), but for paths below `/v1/`, where OpenAI's own SDKs
read an `error` object. Nothing of the inside leaks: what nobody foresaw is logged under an incident number,
and the client is told that number.
"""

import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from litestar import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Response

from orchestrator.call import metrics
from orchestrator.core.errors import OrchestratorError, UnauthorizedError

MEDIA_TYPE: Final = "application/problem+json"
COMPATIBLE: Final = "/v1/"
RETRY_SECONDS: Final = 1
CODES: Final = {
    400: "invalid_value",
    401: "invalid_api_key",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, before it is written in either of the two forms.

    Attributes:
        detail: In words: what was wrong, and the mend.
        param: The field at fault, where there is one.
        errors: Each thing wrong with a request that has several: `source`, `field`, `message`.
        headers: Of the response.
    """

    status: int
    code: str
    detail: str
    param: str | None = None
    retryable: bool = False
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As a problem document (RFC 9457, section 3)."""
        written: dict[str, Any] = {
            "type": f"urn:orchestrator:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "retryable": self.retryable,
        }
        if self.param is not None:
            written["param"] = self.param
        if self.errors:
            written["errors"] = self.errors
        return written

    def error(self) -> dict[str, Any]:
        """As the `error` object that OpenAI's SDKs read."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {"error": {"message": self.detail, "type": kind, "param": self.param, "code": self.code}}


def problem_of(error: Exception) -> Problem:
    """Sort an error that was raised while a request was answered; what is unforeseen is logged."""
    if isinstance(error, OrchestratorError) and (error.status < 500 or error.retryable):
        return _ours(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _framework(error)
    incident = secrets.token_hex(6)
    # Neither the message nor a value: both may hold what a caller said.
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    _log.error("request failed", incident=incident, error=type(error).__name__, trace=lines)
    return Problem(
        status=500,
        code="internal_error",
        detail=f"Something went wrong on our side. The log has it as incident {incident}.",
    )


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Answer a request with the error that it met: Litestar's exception handler."""
    problem = problem_of(error)
    metrics.refused("http", problem.code)
    compatible = request.scope["path"].startswith(COMPATIBLE)
    return Response(
        problem.error() if compatible else problem.document(),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type="application/json" if compatible else MEDIA_TYPE,
    )


def _ours(error: OrchestratorError) -> Problem:
    headers = {"retry-after": str(RETRY_SECONDS)} if error.retryable else {}
    if isinstance(error, UnauthorizedError):
        headers["www-authenticate"] = 'Bearer realm="orchestrator"'
    return Problem(
        status=error.status,
        code=getattr(error, "wire_code", error.code),
        detail=error.message,
        param=error.param,
        retryable=error.retryable,
        headers=headers,
    )


def _framework(error: HTTPException) -> Problem:
    status = error.status_code
    errors = _fields(error) if isinstance(error, ValidationException) else []
    detail = "; ".join(_sentence(entry) for entry in errors) or str(error.detail)
    return Problem(
        status=status,
        code=CODES.get(status, "invalid_value"),
        detail=detail,
        param=errors[0]["field"] or None if errors else None,
        errors=errors,
        headers=error.headers or {},
    )


def _fields(error: ValidationException) -> list[dict[str, str]]:
    """What Litestar found wrong. It calls the body as a whole `data`: our name, not the client's."""
    found = []
    for entry in error.extra if isinstance(error.extra, list) else []:
        source = str(getattr(entry.get("source"), "value", entry.get("source") or "body"))
        name = "" if entry.get("key") == "data" and source == "body" else str(entry.get("key") or "")
        message = str(entry.get("message") or "")
        if message == "'data'":
            message = "A JSON body is needed"
        found.append({"source": source, "field": name, "message": message})
    return found


def _sentence(entry: Mapping[str, str]) -> str:
    return f"{entry['field']}: {entry['message']}" if entry["field"] else entry["message"]
