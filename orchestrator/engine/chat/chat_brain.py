"""The chat brain: asks any OpenAI-compatible `/chat/completions` (Ollama, vLLM, llama.cpp, …), streamed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainContext, BrainError, BrainEvent
from orchestrator.engine.chat.failures import refused
from orchestrator.engine.chat.messages import chat_messages, chat_tool_choice, chat_tools
from orchestrator.engine.chat.replies import ReplyReader
from orchestrator.engine.chat.server_events import Chunks


@dataclass(frozen=True, slots=True)
class ChatDeadlines:
    """How long the endpoint may take.

    Args:
        connect: Seconds to a connection.
        first_token: Seconds from the request to the first piece of the reply.
        between_tokens: Seconds from one piece to the next.
    """

    connect: float = 5.0
    first_token: float = 30.0
    between_tokens: float = 15.0


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where the model is, and how it is asked.

    Args:
        base_url: Such as `http://127.0.0.1:11434/v1`.
        model: The model's name there.
        api_key: The key, where one is needed; never logged.
        limit_field: The request field for the most output tokens; newer OpenAI models want
            `max_completion_tokens`.
        extra: Further request fields, such as `{"temperature": 0.3}`.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    limit_field: str = "max_tokens"
    extra: Mapping[str, JsonValue] = field(default_factory=dict)


class ChatBrain:
    """A brain that has a model. Close it, or use it as an async context manager; it keeps connections open.

    Args:
        endpoint: Where the model is.
        deadlines: How long it may take.
        client: An HTTP client of the caller's, which stays the caller's to close.
    """

    def __init__(
        self,
        endpoint: ChatEndpoint,
        *,
        deadlines: ChatDeadlines | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._deadlines = deadlines or ChatDeadlines()
        self._own = client is None
        timeout = httpx.Timeout(self._deadlines.first_token, connect=self._deadlines.connect)
        self._client = client or httpx.AsyncClient(timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, where they are the brain's own."""
        if self._own:
            await self._client.aclose()

    async def respond(self, context: BrainContext) -> AsyncGenerator[BrainEvent, None]:
        """Answer one response.

        Raises:
            BrainError: The endpoint refused, failed, or took too long.
        """
        reader = ReplyReader()
        seconds = self._deadlines.first_token
        async with self._asked(context) as stream:
            while True:
                chunk = await _next_within(stream, seconds)
                if chunk is None:
                    reader.require_end(stream.ended_by_mark)
                    break
                seconds = self._deadlines.between_tokens
                for event in reader.read(chunk):
                    yield event
        for event in reader.finish():
            yield event

    @asynccontextmanager
    async def _asked(self, context: BrainContext) -> AsyncIterator[Chunks]:
        """Send the request and hand over the chunks of its answer."""
        url = f"{self._endpoint.base_url.rstrip('/')}/chat/completions"
        headers = {"Authorization": f"Bearer {self._endpoint.api_key}"} if self._endpoint.api_key else {}
        request = self._client.build_request("POST", url, json=self._body(context), headers=headers)
        try:
            async with asyncio.timeout(self._deadlines.connect + self._deadlines.first_token):
                answer = await self._client.send(request, stream=True)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise BrainError("server_error", "The model's endpoint did not answer in time.") from error
        except httpx.HTTPError as error:
            raise BrainError(
                "server_error", f"The model's endpoint cannot be reached: {type(error).__name__}."
            ) from error
        try:
            if answer.status_code != 200:
                raise refused(answer.status_code, await _whole_body(answer, self._deadlines.between_tokens))
            yield Chunks(answer.aiter_lines())
        except httpx.HTTPError as error:
            raise BrainError(
                "server_error", f"The model's endpoint broke off: {type(error).__name__}."
            ) from error
        finally:
            await answer.aclose()

    def _body(self, context: BrainContext) -> JsonObject:
        body: JsonObject = {
            "model": self._endpoint.model,
            "messages": chat_messages(context),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if context.tools and context.tool_choice != "none":
            body["tools"] = chat_tools(context.tools)
            body["tool_choice"] = chat_tool_choice(context.tool_choice)
            if not context.parallel_tool_calls:
                body["parallel_tool_calls"] = False
        if context.max_output_tokens is not None:
            body[self._endpoint.limit_field] = context.max_output_tokens
        return {**body, **self._endpoint.extra}


async def _next_within(stream: Chunks, seconds: float) -> JsonObject | None:
    """The next chunk; None at the end.

    Raises:
        BrainError: None came in time.
    """
    try:
        async with asyncio.timeout(seconds):
            return await anext(stream, None)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise BrainError("server_error", f"The model said nothing for {seconds:g} s.") from error


async def _whole_body(answer: httpx.Response, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await answer.aread()
    except (TimeoutError, httpx.HTTPError):
        return b""
