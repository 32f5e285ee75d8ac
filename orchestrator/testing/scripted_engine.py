"""A Realtime server for tests: strict, deterministic, and as faulty as it is told to be.

```python
async with ScriptedEngine(lambda view: says("Good evening.")) as engine:
    ...  # connect a client to engine.url, or give engine.dial to an EngineSession
```

It listens on loopback with real WebSockets (`url`), and can be dialled within the process as well (`dial`),
which works in virtual time. It never waits for a clock: what is to come later comes after a named event, or
when the test releases it. On leaving, it fails the test for every breach of the protocol, every unexpected
event and every script that was not played to its end.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import InvalidFrameError, decode
from orchestrator.realtime.dialects import EngineEndpoint, EngineKind
from orchestrator.realtime.transport import (
    ConnectionLimits,
    Transport,
    TransportClosedError,
    WebSocketTransport,
)
from orchestrator.testing.direct_transport import DirectTransport
from orchestrator.testing.faults import Fault, FaultPlan
from orchestrator.testing.script import Script, ScriptPlayer
from orchestrator.testing.turns import Responder, Transcript
from orchestrator.testing.wire_conversation import RefusedError
from orchestrator.testing.wire_session import EngineOptions, HangUpFrame, WireSession


class ScriptedEngine:
    """The engine. Use it as an asynchronous context.

    Args:
        behaviour: One responder that decides every response, or scripts, one for each connection.
        faults: What goes wrong, and when.
        listen: Whether to listen on a socket; not in virtual time.
        strict: Whether breaches of the protocol fail the test.
        api_key: That a client must show; None: none.
        clock: Seconds since the Unix epoch, for `expires_at`.
        session_seconds: How long a session lives; nothing ends it but `expire`.
        accepts_hints: Whether `session.hints` is understood, as by the embedded engine.

    Attributes:
        sessions: Of all connections, oldest first.
        was_left: Whether its context was left, and what it saw checked.
    """

    def __init__(
        self,
        *behaviour: Responder | Script,
        faults: FaultPlan | None = None,
        listen: bool = True,
        strict: bool = True,
        api_key: str | None = None,
        clock: Callable[[], float] = time.time,
        session_seconds: float = 3600.0,
        accepts_hints: bool = False,
    ) -> None:
        scripts = [one for one in behaviour if isinstance(one, Script)]
        responders = [one for one in behaviour if not isinstance(one, Script)]
        if len(behaviour) != max(len(scripts), len(responders)) or len(responders) > 1:
            raise TypeError("Give one responder, or any number of scripts.")
        self.sessions: list[WireSession] = []
        self.was_left = False
        self.faults = faults or FaultPlan()
        self._options = EngineOptions(
            clock=clock,
            responder=responders[0] if responders else None,
            faults=self.faults,
            session_seconds=session_seconds,
            accepts_hints=accepts_hints,
        )
        self._scripts = scripts
        self._players: dict[int, ScriptPlayer] = {}
        self._listen = listen
        self._strict = strict
        self._api_key = api_key
        self._server: Server | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._failures: list[Exception] = []
        self._undecided: set[int] = set()

    # -- where it is -------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The WebSocket URL of the engine."""
        if self._server is None:
            raise RuntimeError("The engine does not listen: enter its context, with listen=True.")
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/v1/realtime"

    def endpoint(self, kind: EngineKind = "compatible", **options: Any) -> EngineEndpoint:
        """The engine as the client of this project addresses it.

        Args:
            kind: The dialect to play.
            options: Other fields of `EngineEndpoint`.
        """
        url = self.url if self._server is not None else "ws://127.0.0.1/v1/realtime"
        base = url.removesuffix("/v1/realtime") if kind in {"openai", "azure"} else url
        return EngineEndpoint(**{"kind": kind, "url": base, "api_key": self._api_key} | options)

    async def dial(self, endpoint: EngineEndpoint, model: str | None, _limits: ConnectionLimits) -> Transport:
        """Connect within the process; to be given to `EngineSession`."""
        session = self._begin(endpoint.model_for(model) or "", endpoint.api_key)
        return DirectTransport(session, self._take)

    # -- what it has seen --------------------------------------------------------------------------------

    @property
    def session(self) -> WireSession:
        """The session of the newest connection."""
        if not self.sessions:
            raise AssertionError("No client has connected yet.")
        return self.sessions[-1]

    async def wait_for(self, name: str, *, count: int = 1, seconds: float = 30.0) -> JsonObject:
        """Wait until the client has sent so many events of a type over all connections; answers the last."""

        def found() -> list[JsonObject]:
            return [event for session in self.sessions for event in session.received_of(name)]

        await self.wait_until(lambda: len(found()) >= count, f"{count} of {name}", seconds=seconds)
        return found()[count - 1]

    async def wait_until(self, holds: Callable[[], bool], what: str, *, seconds: float = 30.0) -> None:
        """Wait until something holds of what was received and sent.

        Args:
            holds: Asked again after every event.
            what: For the message when it does not come to hold.
            seconds: How long to wait.

        Raises:
            AssertionError: It did not come to hold in time.
        """
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
        except TimeoutError:
            raise AssertionError(f"Waited {seconds:g} s for {what}.\n{self.describe()}") from None

    def describe(self) -> str:
        """Everything that crossed the wire, one line per event."""
        lines: list[str] = []
        for session in self.sessions:
            lines.append(f"connection {session.number} ({session.model}):")
            lines += [
                f"  {'>' if entry.direction == 'received' else '<'} {entry.event.get('type')}"
                for entry in session.log
            ]
        return "\n".join(lines) or "Nothing crossed the wire."

    # -- what tests make it do ---------------------------------------------------------------------------

    def user_speaks(self, text: str, transcript: Transcript | None = None) -> str:
        """Let voice activity of the newest session hear the caller; see `CallerAudio.user_speaks`."""
        return self.session.audio.user_speaks(text, transcript)

    def release(self) -> None:
        """Let everything go on that is held, in all sessions."""
        for session in self.sessions:
            player = self._players.get(session.number)
            (player or session).release()

    def drop(self) -> None:
        """Break the newest connection."""
        self.session.lose_connection()

    def expire(self) -> None:
        """End the newest session as its time limit would."""
        self.session.expire()

    def strike(self, fault: Fault) -> None:
        """Let a fault strike on its next occasion."""
        self.faults.soon(fault)

    # -- its life ----------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._listen:
            self._server = await serve(
                self._serve,
                "127.0.0.1",
                0,
                compression=None,
                max_size=None,
                ping_interval=None,
                close_timeout=1,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.was_left = True
        for session in self.sessions:
            session.hang_up(1001, "engine stopped")
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if error is None:
            self.check()
        else:
            error.add_note("\n".join(["The scripted engine:", *self.problems(), self.describe()]))

    def problems(self) -> list[str]:
        """Everything that fails the test when the engine is left."""
        found = [f"the engine failed: {failure!r}" for failure in self._failures]
        found += [line for player in self._players.values() if (line := player.leftover()) is not None]
        found += [f"script {number} was never played" for number, _ in enumerate(self._scripts, start=1)]
        if self._strict:
            found += [
                f"connection {session.number} broke the protocol: {violation}"
                for session in self.sessions
                for violation in session.violations
            ]
        return found

    def check(self) -> None:
        """Fail if anything was unexpected, left over, or against the protocol.

        Raises:
            AssertionError: With every problem, and everything that crossed the wire.
        """
        problems = self.problems()
        if problems:
            cause = self._failures[0] if self._failures else None
            listed = "\n".join(f"- {problem}" for problem in problems)
            raise AssertionError(f"The scripted engine saw problems:\n{listed}\n{self.describe()}") from cause

    # -- connections -------------------------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        request = socket.request
        query = parse_qs(urlsplit(request.path).query) if request is not None else {}
        headers = request.headers if request is not None else {}
        key = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("api-key")
        session = self._begin(query.get("model", [""])[0], key)
        transport = WebSocketTransport(socket)
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(_write(session, transport))
            try:
                while True:
                    self._take(session, await transport.receive())
            except TransportClosedError:
                session.client_left()
            finally:
                writer.cancel()

    def _begin(self, model: str, key: str | None) -> WireSession:
        session = WireSession(len(self.sessions) + 1, model, self._options, self._notify)
        self.sessions.append(session)
        if self._api_key is not None and key != self._api_key:
            session.send("error", error={"type": "invalid_request_error", "code": "invalid_api_key"})
            session.hang_up(3000)
        elif self._options.responder is not None:
            session.open()
        elif any(script.instructions and script.model in {None, model} for script in self._scripts):
            self._undecided.add(session.number)
            session.open()
        elif player := self._player(session, ""):
            player.open()
        return session

    def _player(self, session: WireSession, instructions: str) -> ScriptPlayer | None:
        """Find the script for a session; one that has none is unexpected."""
        for script in self._scripts:
            if script.model in {None, session.model} and (script.instructions or "") in instructions:
                self._scripts.remove(script)
                player = self._players[session.number] = ScriptPlayer(script, session)
                return player
        self._failures.append(AssertionError(f"no script for connection {session.number} ({session.model})"))
        session.hang_up(1008, "unexpected connection")
        return None

    def _take(self, session: WireSession, frame: str | bytes) -> None:
        try:
            event = decode(frame)
        except InvalidFrameError as error:
            session.refuse(RefusedError("invalid_json", error.message), {"type": "a frame"})
            return
        try:
            self._answer(session, event)
        except Exception as failure:  # noqa: BLE001 - a responder's own fault, told when the engine is left
            self._failures.append(failure)
            session.hang_up(1011, "the responder failed")

    def _answer(self, session: WireSession, event: JsonObject) -> None:
        if session.number in self._undecided and event.get("type") == "session.update":
            self._undecided.discard(session.number)
            configured = event.get("session")
            instructions = configured.get("instructions") if isinstance(configured, dict) else None
            if player := self._player(session, str(instructions or "")):
                player.begin()
        receiver = self._players.get(session.number) or session
        receiver.receive(event)

    def _notify(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


async def _write(session: WireSession, transport: WebSocketTransport) -> None:
    with suppress(TransportClosedError):
        await _write_all(session, transport)


async def _write_all(session: WireSession, transport: WebSocketTransport) -> None:
    while True:
        frame = await session.next_outgoing()
        if not isinstance(frame, HangUpFrame):
            await transport.send(frame)
        elif frame.code is None:
            transport.abort()
        else:
            await transport.close(frame.code, frame.reason)
