"""Why a session ended, in stable codes: from refused handshakes, close codes and fatal errors. Pure.

`retryable` answers one question: may the same session, opened anew, succeed? Handshakes that may be tried
again at once, while the caller waits, are `transient` besides.
"""

from dataclasses import dataclass
from typing import Final

from orchestrator.core.engine_events import EngineRefused
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import InvalidFrameError, decode

LONGEST_MESSAGE: Final = 300

FATAL_CODES: Final = frozenset(
    {"invalid_api_key", "missing_model", "invalid_model", "beta_api_shape_disabled", "session_expired"}
)
"""Codes of `error` events after which the engine closes (section 10)."""

PASSING_CODES: Final = frozenset({"server_error", "rate_limit_exceeded", "session_expired"})
"""Codes that say something about the moment, not about what we sent."""

_BY_STATUS: Final[dict[int, tuple[str, bool]]] = {
    401: ("invalid_api_key", False),
    403: ("forbidden", False),
    404: ("invalid_model", False),
    408: ("engine_timeout", True),
    429: ("rate_limit_exceeded", True),
}
_BY_CLOSE_CODE: Final[dict[int, tuple[str, bool]]] = {
    1002: ("engine_protocol_error", True),
    1003: ("engine_protocol_error", True),
    1007: ("engine_protocol_error", True),
    1008: ("engine_refused", False),
    1009: ("frame_too_large", False),
    3000: ("invalid_api_key", False),
    3003: ("forbidden", False),
    4401: ("invalid_api_key", False),
    4403: ("forbidden", False),
    4429: ("rate_limit_exceeded", True),
}
_LOST: Final = ("engine_lost", True)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a session cannot go on.

    Attributes:
        code: Stable; ours, or the engine's own.
        message: For people; holds no credentials.
        retryable: Whether opening the session anew may help.
        transient: Whether the handshake may be repeated within the same attempt to open.
    """

    code: str
    message: str
    retryable: bool
    transient: bool = False


def handshake_refused(status: int, body: bytes) -> Failure:
    """Read the HTTP answer to an upgrade that was refused.

    Args:
        status: Of the answer.
        body: Of the answer; an OpenAI-style error object in it is believed.
    """
    server_side = status >= 500
    code, retryable = _BY_STATUS.get(status, _LOST if server_side else ("engine_refused", False))
    told_code, told_message = _told(body)
    message = f"The engine refused the connection with HTTP {status}"
    message += f": {told_message}" if told_message else "."
    passing = retryable or server_side
    # Azure repeats the status as its code; ours says more.
    named = told_code if told_code and not told_code.isdigit() else code
    return Failure(named, message[:LONGEST_MESSAGE], passing, transient=passing)


def _told(body: bytes) -> tuple[str, str]:
    try:
        error = decode(body).get("error")
    except InvalidFrameError:
        return "", ""
    if not isinstance(error, dict):
        return "", ""
    code, message = error.get("code"), error.get("message")
    return code if isinstance(code, str) else "", message if isinstance(message, str) else ""


def connection_closed(code: int | None, reason: str, last_error: EngineRefused | None) -> Failure:
    """Judge a connection that the engine closed, or that broke.

    Args:
        code: Of the close frame; None when the connection broke without one.
        reason: Of the close frame.
        last_error: The last thing the engine complained of; it explains a close with an application's code.
    """
    shown = 1006 if code is None else code
    application = shown >= 3000
    if application and shown not in _BY_CLOSE_CODE and last_error is not None:
        retryable = last_error.code in PASSING_CODES
        return Failure(last_error.code, last_error.message[:LONGEST_MESSAGE], retryable)
    name, retryable = _BY_CLOSE_CODE.get(shown, ("engine_refused", False) if application else _LOST)
    message = f"The engine closed the connection with code {shown}"
    message += f": {reason}" if reason else "."
    return Failure(name, message[:LONGEST_MESSAGE], retryable)


def fatal_error(refused: EngineRefused, error: JsonObject) -> Failure:
    """Judge an `error` event that ends the session: a fatal code, or the answer to our configuration.

    Args:
        refused: The translated event.
        error: Its `error` object, for the type.
    """
    passing = refused.code in PASSING_CODES or error.get("type") == "server_error"
    return Failure(refused.code, refused.message[:LONGEST_MESSAGE], passing)
