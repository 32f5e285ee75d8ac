"""The turns of a call from a terminal: what is said, waiting for the reply, and stopping it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

from orchestrator.cli.door_client import LOST, REASONS
from orchestrator.cli.exits import UnreachableError
from orchestrator.core.errors import EngineTimeoutError
from orchestrator.core.json_value import JsonObject, JsonValue

JOIN_SECONDS: Final = 20.0
ACTIVE: Final = "conversation_already_has_active_response"


class Connection(Protocol):
    """A connection to the door, of any kind; `close_code` counts once the events are over."""

    close_code: int

    async def send(self, name: str, /, **fields: JsonValue) -> None:
        """Send an event. Raises `EngineLostError` when the connection is gone."""

    def events(self) -> AsyncIterator[JsonObject]:
        """Everything that the service tells. Raises `OrchestratorError` when it refuses us."""


class CallTurns:
    """Says things, and knows whether the agent is still busy with the answer.

    Args:
        client: The connection.
        show: Is given every event.
        reply_seconds: How long a reply may take.

    Attributes:
        conversation: Its id, once a reply has told it.
        agent: On duty, as the session said at the beginning.
        well: Whether every reply so far is whole, and nothing was refused.
        finished: Whether the agent's side ended the conversation for good.
        over: Set once the connection is closed.
    """

    def __init__(
        self,
        client: Connection,
        show: Callable[[JsonObject], None],
        *,
        conversation: str | None = None,
        reply_seconds: float = 120.0,
    ) -> None:
        self.conversation = conversation
        self.agent = ""
        self.well = True
        self.finished = False
        self.over = asyncio.Event()
        self._client = client
        self._show = show
        self._reply_seconds = reply_seconds
        self._joined = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._ask_again = False
        self._cancelling = False

    # --- reading ------------------------------------------------------------------------------------------

    async def read(self) -> None:
        """Take everything in until the connection is closed.

        Raises:
            OrchestratorError: The service refused the connection.
        """
        try:
            async for event in self._client.events():
                self._note(event)
                if not self._is_handled(event):
                    self._show(event)
                if self._ask_again and self._quiet.is_set():
                    await self._ask()
        finally:
            self.over.set()
            self._joined.set()
            self._quiet.set()

    def _note(self, event: JsonObject) -> None:
        kind = event.get("type")
        response = event.get("response")
        told = response if isinstance(response, dict) else {}
        if kind == "session.created":
            session = event.get("session")
            self.agent = str(session.get("model", "")) if isinstance(session, dict) else ""
        elif kind == "session.updated":
            # By then a greeting has come: it is said at once when a client joins.
            self._joined.set()
        elif kind == "response.created":
            self._quiet.clear()
            conversation = told.get("conversation_id")
            self.conversation = conversation if isinstance(conversation, str) else self.conversation
        elif kind == "response.done":
            if told.get("status") in {"failed", "incomplete"}:
                self.well = False
            self._rest()
        elif kind == "orchestrator.call.ended":
            self.finished = event.get("by") != "service"

    def _rest(self) -> None:
        """A response is over, and the agent with it."""
        self._quiet.set()

    def _is_handled(self, event: JsonObject) -> bool:
        error = event.get("error") if event.get("type") == "error" else None
        if not isinstance(error, dict):
            return False
        if error.get("code") == ACTIVE:
            # The agent said something by itself at the same moment: what was said is answered after that.
            self._ask_again = True
            return True
        if self._cancelling and error.get("code") == "response_cancel_not_active":
            return True
        self.well = False
        self._quiet.set()
        return False

    # --- saying -------------------------------------------------------------------------------------------

    @property
    def session(self) -> JsonObject:
        """What the session is to be like: in writing."""
        return {"type": "realtime", "output_modalities": ["text"]}

    async def join(self) -> None:
        """Set the session up, and wait until the agent has greeted."""
        await self._client.send("session.update", session=self.session)
        await self._wait(self._joined, JOIN_SECONDS, "The service did not set up the session")
        await self.until_quiet()

    async def say(self, text: str) -> None:
        """Say something and wait for the reply's end."""
        item: JsonObject = {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": text}],
        }
        self._quiet.clear()
        self._cancelling = False
        await self._client.send("conversation.item.create", item=item)
        await self._ask()
        await self.until_quiet()

    async def _ask(self) -> None:
        self._ask_again = False
        self._quiet.clear()
        await self._client.send("response.create")

    async def until_quiet(self) -> None:
        """Wait until the agent has said everything.

        Raises:
            EngineTimeoutError: It takes longer than it may.
        """
        await self._wait(self._quiet, self._reply_seconds, "The reply did not come to its end")

    async def _wait(self, event: asyncio.Event, seconds: float, complaint: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            raise EngineTimeoutError(f"{complaint} within {seconds:g} s.") from None

    @property
    def busy(self) -> bool:
        """Whether the agent is busy with a reply."""
        return not self._quiet.is_set()

    async def stop_reply(self) -> None:
        """Have the agent stop talking."""
        self._cancelling = True
        await self._client.send("response.cancel")

    def check_ending(self) -> None:
        """Tell why the service closed the connection, where that was not meant to be.

        Raises:
            UnreachableError: It was lost; the conversation is kept.
        """
        code = self._client.close_code
        if code in LOST or code in REASONS:
            raise UnreachableError(f"The call was cut off: {REASONS.get(code, 'the connection was lost')}.")
