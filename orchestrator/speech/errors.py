"""What can go wrong with speech, as one tree with stable codes.

`retryable` says whether the same words may be tried again at once; an adapter has already tried again where
that was safe (nothing had been heard yet). No message holds what was spoken or heard.
"""

from orchestrator.core.errors import OrchestratorError


class SpeechError(OrchestratorError):
    """Base of every failure of a voice, a recogniser or a detector of speech."""

    code = "speech_error"
    status = 502


class SpeechUnavailableError(SpeechError):
    """An extra, a key or a setting is missing; the message names the mend."""

    code = "speech_unavailable"
    status = 503


class SpeechRefusedError(SpeechError):
    """The provider refused the request as it stands: an unknown voice, model or parameter."""

    code = "speech_refused"


class SpeechCredentialsError(SpeechError):
    """The provider refused the key."""

    code = "speech_credentials"


class SpeechRateLimitError(SpeechError):
    """The provider asks for fewer requests.

    Attributes:
        retry_after: Seconds the provider asks to wait, None where it does not say.
    """

    code = "speech_rate_limited"
    retryable = True
    status = 429

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SpeechLostError(SpeechError):
    """The connection, or the worker process, ended in the middle of the work."""

    code = "speech_lost"
    retryable = True


class SpeechTimeoutError(SpeechError):
    """No answer within the deadline."""

    code = "speech_timeout"
    retryable = True
    status = 504
