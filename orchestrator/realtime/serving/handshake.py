"""Who may open a session, and how a refusal is told (Realtime protocol, section 2.1)."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from orchestrator.realtime.serving.refusal import RefusedError, invalid_value

REALTIME_PATH: Final = "/v1/realtime"
SUBPROTOCOL: Final = "realtime"
CLOSE_BAD_REQUEST: Final = 4000
CLOSE_BAD_KEY: Final = 3000
_KEY_PREFIX: Final = "openai-insecure-api-key."
_BETA_SUBPROTOCOL: Final = "openai-beta.realtime-v1"
_BETA_HEADER: Final = "realtime=v1"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client's upgrade request says.

    Args:
        target: Path and query.
        authorization: The `Authorization` header.
        beta: The `OpenAI-Beta` header.
        subprotocols: The offered subprotocols; browsers carry the key in one of them.
    """

    target: str
    authorization: str | None = None
    beta: str | None = None
    subprotocols: Sequence[str] = ()

    @property
    def is_realtime(self) -> bool:
        """Whether the path is the Realtime one."""
        return urlsplit(self.target).path.rstrip("/") == REALTIME_PATH

    @property
    def key(self) -> str | None:
        """The API key, from the header or from a browser's subprotocol."""
        scheme, _, token = (self.authorization or "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return token.strip()
        for name in self.subprotocols:
            if name.startswith(_KEY_PREFIX):
                return name.removeprefix(_KEY_PREFIX)
        return None

    def query(self, name: str) -> str | None:
        """One query parameter, where it has a value."""
        return next(iter(parse_qs(urlsplit(self.target).query).get(name, ())), None)


class RejectedError(RefusedError):
    """The socket was opened only to say why there is no session; it closes with `close_code`."""

    def __init__(self, wire_code: str, message: str, close_code: int) -> None:
        super().__init__(wire_code, message)
        self.close_code = close_code


def admitted_model(offer: Offer, *, api_key: str | None, models: Collection[str] | None) -> str:
    """Answer the model of a session that may open.

    Args:
        offer: The upgrade request.
        api_key: The key that clients must bring; None lets everybody in.
        models: The models there are; None takes any name.

    Raises:
        RejectedError: With the protocol's code and close code.
    """
    if api_key is not None and not hmac.compare_digest((offer.key or "").encode(), api_key.encode()):
        raise RejectedError("invalid_api_key", "Incorrect API key provided.", CLOSE_BAD_KEY)
    refuse_beta(offer)
    model = offer.query("model")
    if model is None:
        raise _without_model(offer)
    if models is not None and model not in models:
        known = ", ".join(sorted(models))
        raise RejectedError(
            "invalid_model", f"The model '{model}' does not exist. There are: {known}.", CLOSE_BAD_REQUEST
        )
    return model


def refuse_beta(offer: Offer) -> None:
    """Refuse a client that speaks the beta generation of the protocol.

    Raises:
        RejectedError: With `beta_api_shape_disabled`.
    """
    if offer.beta == _BETA_HEADER or _BETA_SUBPROTOCOL in offer.subprotocols:
        raise RejectedError(
            "beta_api_shape_disabled",
            "The Realtime beta is not served. Leave out 'OpenAI-Beta: realtime=v1' and use the GA shapes.",
            CLOSE_BAD_REQUEST,
        )


def _without_model(offer: Offer) -> RejectedError:
    for name, what in (("call_id", "joining calls"), ("intent", "transcription sessions")):
        if offer.query(name) is not None:
            refusal = invalid_value(f"The embedded engine has no {what}; connect with 'model'.", name)
            return RejectedError(refusal.wire_code, refusal.message, CLOSE_BAD_REQUEST)
    return RejectedError(
        "missing_model", "You must provide a model parameter: '/v1/realtime?model=…'.", CLOSE_BAD_REQUEST
    )
