"""What can go wrong with sound and its transport, in stable codes (see `orchestrator.core.errors`)."""

import dataclasses
import enum

from orchestrator.core.errors import CapacityError, InvalidRequestError, OrchestratorError


class MediaError(OrchestratorError):
    """Base of the errors of the media path."""

    code = "media_error"


class CodecUnavailableError(MediaError):
    """libopus is in none of the places where it is looked for."""

    code = "codec_unavailable"


class CodecError(MediaError):
    """A codec refused a frame or a packet."""

    code = "codec_error"


class OfferError(InvalidRequestError):
    """The client's SDP offer cannot be answered; the message names the line."""

    code = "invalid_offer"


class EventTooLargeError(InvalidRequestError):
    """An event is longer than the client's data channel takes (RFC 8841 section 6)."""

    code = "event_too_large"


class TooManyCallsError(CapacityError):
    """The media server carries as many calls as it may."""


class CloseCode(enum.StrEnum):
    """Why a call ended; stable, stored with the call."""

    CLIENT_CLOSED = "client_closed"
    SERVER_CLOSED = "server_closed"
    ICE_FAILED = "ice_failed"
    DTLS_FAILED = "dtls_failed"
    CONNECTION_LOST = "connection_lost"
    INTERNAL_ERROR = "internal_error"


@dataclasses.dataclass(frozen=True, slots=True)
class CloseReason:
    """Why a call ended.

    Attributes:
        code: Stable code.
        message: What happened, where, and the mend; shown to people.
    """

    code: CloseCode
    message: str


class ConnectError(MediaError):
    """A call could not be connected, or was lost; `reason` says why.

    Args:
        code: Which stage failed.
        message: What happened, where, and the mend.
    """

    code = "connect_failed"

    def __init__(self, code: CloseCode, message: str) -> None:
        super().__init__(message)
        self.reason = CloseReason(code, message)
