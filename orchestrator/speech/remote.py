"""What adapters to remote providers share: one map of their refusals to our errors, and HTTP with it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Self

import httpx
import msgspec

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import Speech, Voice
from orchestrator.speech.samples import WholeSamples

_LONGEST_REASON: Final = 200
_LONGEST_BODY: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class VoiceNames:
    """What our voices are called at a provider.

    Attributes:
        default: For no name, and for one that is neither in the table nor the provider's own.
        table: Our names, and a user's, to the provider's.
        own: Whether a name is one of the provider's; such names are passed on.
    """

    default: str
    table: Mapping[str, str] = field(default_factory=dict)
    own: Callable[[str], bool] = bool

    @classmethod
    def with_added(
        cls, table: Mapping[str, str], added: Mapping[str, str] | None, own: Callable[[str], bool]
    ) -> Self:
        """A provider's table of our names, with a user's on top; whoever has no voice gets marin's."""
        return cls(table["marin"], {**table, **(added or {})}, own)

    def of(self, voice: Voice) -> str:
        """The provider's name of a voice."""
        name = voice.name.strip()
        if found := self.table.get(name.lower()):
            return found
        return name if name and self.own(name) else self.default


def refusal(provider: str, status: int, reason: str, retry_after: str | None = None) -> SpeechError:
    """The error that an HTTP status stands for.

    Args:
        provider: For the message.
        status: As answered, to a request or to a WebSocket's opening.
        reason: The provider's own words.
        retry_after: The header, in seconds.
    """
    message = f"{provider} answered {status}: {reason[:_LONGEST_REASON] or 'no reason given'}"
    if status in {401, 403}:
        return SpeechCredentialsError(f"{message}. Check the key.")
    if status == 429:
        return SpeechRateLimitError(message, retry_after=_seconds(retry_after))
    if status == 408:
        return SpeechTimeoutError(message)
    return SpeechLostError(message) if status >= 500 else SpeechRefusedError(message)


@asynccontextmanager
async def http_client(deadlines: Deadlines, headers: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps connections, with every wait bounded."""
    timeout = httpx.Timeout(deadlines.next, connect=deadlines.connect, read=deadlines.final)
    async with httpx.AsyncClient(headers=dict(headers), timeout=timeout) as client:
        yield client


@asynccontextmanager
async def http_errors(provider: str) -> AsyncIterator[None]:
    """Turn failures of the transport into ours.

    Raises:
        SpeechTimeoutError: No answer in time.
        SpeechLostError: The connection failed, or broke off.
    """
    try:
        yield
    except httpx.TimeoutException as error:
        raise SpeechTimeoutError(f"{provider} did not answer in time.") from error
    except httpx.HTTPError as error:
        kind = type(error).__name__
        raise SpeechLostError(f"The connection to {provider} failed ({kind}).") from error


async def check(provider: str, response: httpx.Response) -> None:
    """Let a good answer pass.

    Raises:
        SpeechError: It is a refusal; which kind depends on its status.
    """
    if response.is_success:
        return
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LONGEST_BODY:
            break
    reason = reason_in(body) or response.reason_phrase
    raise refusal(provider, response.status_code, reason, response.headers.get("retry-after"))


async def streamed_speech(
    provider: str, request: AbstractAsyncContextManager[httpx.Response]
) -> AsyncGenerator[Speech, None]:
    """The sound of an answer while it comes.

    Args:
        provider: For messages.
        request: As `httpx.AsyncClient.stream` makes it; its answer's body is bare samples.

    Raises:
        SpeechError: The provider refused, did not answer in time, or broke off.
    """
    async with http_errors(provider), request as response:
        await check(provider, response)
        samples = WholeSamples()
        async for piece in response.aiter_bytes():
            if pcm := samples.feed(piece):
                yield Speech(pcm)


def reason_in(body: bytes | str) -> str:
    """What a provider's JSON error says, wherever it says it; empty for anything else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    while isinstance(found, dict):
        found = next(
            (found[key] for key in ("error", "detail", "message", "err_msg", "title") if key in found), ""
        )
    return found if isinstance(found, str) else ""


def json_object(provider: str, body: bytes | str) -> JsonObject:
    """A message of a provider's.

    Raises:
        SpeechLostError: It is no JSON object.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise SpeechLostError(f"{provider} sent what is no JSON object.")
    return found


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None  # a date: too far away to wait for
