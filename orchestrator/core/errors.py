"""One error tree with stable codes.

Every error says what was wrong, where, and the mend in its message. `code` is stable and may be matched
by callers and shown in problem documents; `retryable` says whether the same request can succeed later;
`status` is the HTTP status an edge answers with.
"""

from typing import ClassVar


class OrchestratorError(Exception):
    """Base of every error this project raises on purpose.

    Args:
        message: What was wrong, where, and the mend; shown to people.
        param: The field or setting at fault, where there is one.
    """

    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class InvalidRequestError(OrchestratorError):
    """The client sent something that cannot be accepted as it stands."""

    code = "invalid_value"
    status = 400


class NotFoundError(OrchestratorError):
    """The thing that was named does not exist."""

    code = "not_found"
    status = 404


class ConflictError(OrchestratorError):
    """The thing exists, and its present state refuses the request."""

    code = "conflict"
    status = 409


class UnauthorizedError(OrchestratorError):
    """No key, or a key that is not known."""

    code = "invalid_api_key"
    status = 401


class ForbiddenError(OrchestratorError):
    """The key is known and its role does not allow this."""

    code = "forbidden"
    status = 403


class DeclarationError(OrchestratorError):
    """A class of agents, tools or state is declared wrongly; found when the package is loaded."""

    code = "bad_declaration"
    status = 500


class SettingsError(OrchestratorError):
    """A setting has a value that cannot be used; stops the start."""

    code = "bad_setting"


class EngineError(OrchestratorError):
    """The engine refused or failed; an event of the peer, not a bug of ours."""

    code = "engine_error"
    retryable = True
    status = 502


class EngineLostError(EngineError):
    """The connection to the engine is gone."""

    code = "engine_lost"


class EngineTimeoutError(EngineError):
    """The engine did not answer within its deadline."""

    code = "engine_timeout"
    status = 504


class ToolError(OrchestratorError):
    """A tool says, in words meant for the model, why it could not do what was asked."""

    code = "tool_failed"
    status = 422


class StoreUnavailableError(OrchestratorError):
    """Postgres cannot be reached now."""

    code = "store_unavailable"
    retryable = True
    status = 503


class FencedError(OrchestratorError):
    """Another node owns the conversation now; this node must let go of it."""

    code = "fenced"
    status = 409


class CapacityError(OrchestratorError):
    """The node carries as many calls as it may."""

    code = "too_many_calls"
    retryable = True
    status = 429
