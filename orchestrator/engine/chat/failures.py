"""What a chat completions endpoint refuses, in the codes of the Realtime protocol (section 10)."""

from typing import Final

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainError

_LONGEST: Final = 300
_QUOTA: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})


def refused(status: int, body: bytes) -> BrainError:
    """Read an HTTP error answer.

    Args:
        status: The HTTP status.
        body: Its body, where endpoints put `error` with `message`, `type` and `code`.
    """
    error = _error_of(body)
    code, message = str(error.get("code") or ""), str(error.get("message") or "")[:_LONGEST]
    kind = str(error.get("type") or "")
    if status == 429:
        if code in _QUOTA or kind in _QUOTA:
            return BrainError(
                "insufficient_quota", message or "The quota is used up.", kind="insufficient_quota"
            )
        return BrainError("rate_limit_exceeded", message or "Too many requests.", kind="rate_limit_exceeded")
    if status in {401, 403}:
        return BrainError(
            "invalid_api_key",
            "The model's endpoint does not accept the API key.",
            kind="invalid_request_error",
        )
    if status == 402:
        return BrainError("insufficient_quota", message or "The quota is used up.", kind="insufficient_quota")
    if status >= 500:
        return BrainError("server_error", message or f"The model's endpoint answered {status}.")
    told = message or f"The model's endpoint answered {status}."
    return BrainError("invalid_value", told, kind="invalid_request_error")


def failed_midway(error: JsonValue) -> BrainError:
    """Read an error that came inside the stream."""
    message = error.get("message") if isinstance(error, dict) else error
    return BrainError("server_error", str(message or "The model's endpoint failed midway.")[:_LONGEST])


def _error_of(body: bytes) -> JsonObject:
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}
