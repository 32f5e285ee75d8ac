"""A caller for tests and benchmarks: a small client of the door, or of any server of the Realtime protocol.

```python
async with SimulatedCaller("ws://127.0.0.1:8000", model="triage", text=True) as caller:
    reply = await caller.say("two large margherita pizzas please")
    assert "margherita" in reply.text
```

Every wait has a deadline. Nothing runs in the background: events are read while a method waits for one.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from orchestrator.core.errors import EngineError, EngineLostError, EngineTimeoutError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.codec import decode, encode
from orchestrator.testing.turns import item_text

TURN: Final = "caller_turn"
ACTIVE: Final = "conversation_already_has_active_response"


class CallerError(EngineError):
    """The server answered an event of the caller with `error`.

    Args:
        wire_code: As on the wire.
        message: As on the wire.
    """

    def __init__(self, wire_code: str, message: str) -> None:
        super().__init__(f"{wire_code}: {message}")
        self.wire_code = wire_code


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """One event of the server, and when it came, in seconds of a monotonic clock."""

    at: float
    event: JsonObject

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.event.get("type"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerReply:
    """What came back for one turn.

    Attributes:
        status: As on the wire: `completed`, `cancelled`, `failed`, `incomplete`.
        items: The output, as on the wire.
        events: Everything that came from the asking to the end.
        seconds_to_first: Until the first piece of text or sound; None where there was none.
        seconds: Until the end.
        conversation_id: To resume it later.
    """

    status: str
    items: list[JsonObject] = field(default_factory=list)
    events: list[HeardEvent] = field(default_factory=list)
    seconds_to_first: float | None = None
    seconds: float = 0.0
    conversation_id: str | None = None

    @property
    def text(self) -> str:
        """All that was said or written."""
        return "".join(item_text(item) for item in self.items if item.get("type") == "message")

    @property
    def calls(self) -> list[JsonObject]:
        """Calls of client tools, to be answered with `answer_call`."""
        return [item for item in self.items if item.get("type") == "function_call"]


class SimulatedCaller:
    """A caller. Use it as an asynchronous context.

    Args:
        url: `ws://host:port`, with or without `/v1/realtime`.
        model: The agent to talk to.
        key: API key or ephemeral secret.
        conversation: To be resumed.
        greet: Let the agent speak first; `listen` waits for that.
        include_events: Be told of agents, tools and states as well, by `orchestrator.*` events.
        text: Ask for replies as text.
        session: Further fields for a `session.update`.
        seconds: Deadline of every wait.

    Attributes:
        events: Everything that was received.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        key: str | None = None,
        conversation: str | None = None,
        greet: bool = False,
        include_events: bool = False,
        text: bool = False,
        session: JsonObject | None = None,
        seconds: float = 30.0,
    ) -> None:
        parts = urlsplit(url)
        asked = {
            "model": model,
            "conversation": conversation,
            "greet": "true" if greet else None,
            "include": "orchestrator.events" if include_events else None,
        }
        query = {name: value for name, value in asked.items() if value is not None}
        path = parts.path.rstrip("/") or "/v1/realtime"
        self._url = urlunsplit((parts.scheme, parts.netloc, path, urlencode(query), ""))
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: JsonObject = {"output_modalities": ["text"]} if text else {}
        self._session |= session or {}
        self._seconds = seconds
        self._socket: ClientConnection | None = None
        self._sent = 0
        self._turns = 0
        self._read = 0
        self.events: list[HeardEvent] = []

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self._url,
            additional_headers=self._headers,
            compression=None,
            max_size=None,
            max_queue=None,
            proxy=None,
            open_timeout=self._seconds,
            close_timeout=1,
        )
        await self.wait_for("session.created")
        if self._session:
            await self.send("session.update", session={"type": "realtime", **self._session})
            await self.wait_for("session.updated")
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    # -- a conversation ----------------------------------------------------------------------------------

    async def say(self, text: str) -> CallerReply:
        """Type something, ask for a reply, and wait for its end.

        Raises:
            CallerError: The server refused.
            EngineTimeoutError: It did not answer in time.
            EngineLostError: It closed the connection.
        """
        content: list[JsonValue] = [{"type": "input_text", "text": text}]
        await self.send(
            "conversation.item.create", item={"type": "message", "role": "user", "content": content}
        )
        return await self.ask()

    async def ask(self) -> CallerReply:
        """Ask for a reply, after the one that is still going on, and wait for its end."""
        while True:
            self._turns += 1
            turn = f"turn_{self._turns}"
            await self.send("response.create", response={"metadata": {TURN: turn}})
            try:
                return await self._reply(turn)
            except CallerError as refused:
                if refused.wire_code != ACTIVE:
                    raise
            await self.wait_for("response.done")

    async def listen(self) -> CallerReply:
        """Wait for the end of a reply that nobody asked for, such as a greeting."""
        return await self._reply(None)

    async def answer_call(self, call: JsonObject, output: str) -> None:
        """Answer the call of a client tool; `ask` then has it spoken."""
        item: JsonObject = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
        await self.send("conversation.item.create", item=item)

    async def send_audio(self, audio: bytes) -> None:
        """Send sound, in the session's input format."""
        await self.send("input_audio_buffer.append", audio=b64encode(audio).decode())

    # -- events ------------------------------------------------------------------------------------------

    async def send(self, name: str, /, **fields: JsonValue) -> str:
        """Send an event; answers its id."""
        if self._socket is None:
            raise RuntimeError("The caller is not connected: enter its context first.")
        self._sent += 1
        event_id = f"caller_{self._sent}"
        try:
            async with asyncio.timeout(self._seconds):
                await self._socket.send(encode({"type": name, "event_id": event_id, **fields}))
        except ConnectionClosed as closed:
            raise _lost(closed) from None
        except TimeoutError:
            raise EngineTimeoutError(f"The server took no data for {self._seconds:g} s.") from None
        return event_id

    async def wait_for(
        self, name: str, where: Callable[[JsonObject], bool] = lambda _event: True
    ) -> JsonObject:
        """Wait for an event of a type that has not been waited for before.

        Raises:
            EngineTimeoutError: It did not come in time.
            EngineLostError: The connection was closed.
        """
        deadline = asyncio.get_running_loop().time() + self._seconds
        while True:
            heard = await self._next(deadline, name)
            if heard.type == name and where(heard.event):
                return heard.event

    async def _reply(self, turn: str | None) -> CallerReply:
        began, first_seen = time.monotonic(), self._read
        deadline = asyncio.get_running_loop().time() + self._seconds
        reply_id: str | None = None
        first: float | None = None
        while True:
            heard = await self._next(deadline, "response.done")
            response = heard.event.get("response")
            if heard.type == "error":
                _raise_answer(heard.event)
            elif heard.type == "response.created" and isinstance(response, dict) and _turn(response) == turn:
                reply_id = str(response.get("id"))
            elif heard.type.endswith(".delta") and reply_id is not None:
                first = first or heard.at - began
            elif (
                heard.type == "response.done"
                and isinstance(response, dict)
                and response.get("id") == reply_id
            ):
                return _finished(response, self.events[first_seen : self._read], first, heard.at - began)

    async def _next(self, deadline: float, awaited: str) -> HeardEvent:
        if self._read == len(self.events):
            self.events.append(await self._receive(deadline, awaited))
        self._read += 1
        return self.events[self._read - 1]

    async def _receive(self, deadline: float, awaited: str) -> HeardEvent:
        if self._socket is None:
            raise RuntimeError("The caller is not connected: enter its context first.")
        try:
            async with asyncio.timeout_at(deadline):
                frame = await self._socket.recv()
        except ConnectionClosed as closed:
            raise _lost(closed) from None
        except TimeoutError:
            seen = ", ".join(heard.type for heard in self.events[-8:]) or "nothing"
            raise EngineTimeoutError(
                f"No {awaited} came within {self._seconds:g} s; the last events were: {seen}."
            ) from None
        return HeardEvent(time.monotonic(), decode(frame))


def _lost(closed: ConnectionClosed) -> EngineLostError:
    code = closed.rcvd.code if closed.rcvd else 1006
    reason = closed.rcvd.reason if closed.rcvd else ""
    return EngineLostError(f"The server closed the connection with code {code} {reason}".rstrip())


def _raise_answer(event: JsonObject) -> None:
    error = event.get("error")
    if isinstance(error, dict):
        raise CallerError(str(error.get("code")), str(error.get("message")))


def _turn(response: JsonObject) -> str | None:
    """Which turn of ours a response answers; servers echo metadata (protocol reference, section 6)."""
    metadata = response.get("metadata")
    turn = metadata.get(TURN) if isinstance(metadata, dict) else None
    return turn if isinstance(turn, str) else None


def _finished(
    response: JsonObject, events: list[HeardEvent], first: float | None, seconds: float
) -> CallerReply:
    output = response.get("output")
    conversation_id = response.get("conversation_id")
    return CallerReply(
        status=str(response.get("status")),
        items=[item for item in output if isinstance(item, dict)] if isinstance(output, list) else [],
        events=events,
        seconds_to_first=first,
        seconds=seconds,
        conversation_id=conversation_id if isinstance(conversation_id, str) else None,
    )
