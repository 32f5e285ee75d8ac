"""A refused client event: what becomes one `error` event on the wire (Realtime protocol, section 10)."""

from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject


class RefusedError(InvalidRequestError):
    """The session refuses a client event and stays as it was.

    Args:
        wire_code: The protocol's code (section 10).
        message: What was wrong, and the mend.
        param: The path of the field at fault, such as `session.voice`.
        kind: The protocol's `error.type`.
    """

    def __init__(
        self,
        wire_code: str,
        message: str,
        *,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message, param=param)
        self.wire_code = wire_code
        self.kind = kind

    def as_error(self, client_event_id: str | None) -> JsonObject:
        """Write the `error` object of the event.

        Args:
            client_event_id: The `event_id` of the refused client event, where it had one.
        """
        return {
            "type": self.kind,
            "code": self.wire_code,
            "message": self.message,
            "param": self.param,
            "event_id": client_event_id,
        }


def invalid_value(message: str, param: str | None) -> RefusedError:
    """A value that cannot be accepted (section 10, `invalid_value`)."""
    return RefusedError("invalid_value", message, param=param)


def missing(param: str) -> RefusedError:
    """A required field is absent (section 10, `missing_required_parameter`)."""
    return RefusedError("missing_required_parameter", f"Missing required parameter: '{param}'.", param=param)
