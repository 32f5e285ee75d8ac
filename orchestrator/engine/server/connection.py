"""One client's socket joined to its session: reads, writes, asks the brain, hears, speaks, and ends in order.

Owner table: the reader, the writer, the expiry timer, the recogniser's task and one task per running response
belong to the TaskGroup of `run`, and are gone when it returns.
"""

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from orchestrator.engine.brain import (
    BrainContext,
    BrainError,
    BrainEvent,
    TextDelta,
    ToolCallStarted,
)
from orchestrator.engine.faculties import Faculties
from orchestrator.engine.server.hearing import Heard, Hearing
from orchestrator.engine.server.outbox import Outbox
from orchestrator.engine.server.pace import Pace, words
from orchestrator.engine.server.speaking import Speaking, speaking
from orchestrator.engine.session.commands import StartResponse, StopResponse
from orchestrator.engine.session.session import Session
from orchestrator.realtime.codec import InvalidFrameError, decode
from orchestrator.realtime.serving.refusal import RefusedError
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech, Transcript

CLOSE_GOING_AWAY: Final = 1001
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection.

    Args:
        session_seconds: The longest life of a session (section 9: 60 minutes).
        response_seconds: The longest a brain may take for one response.
        send_seconds: The longest one frame may take to leave; a client that reads slower is let go.
        close_seconds: The longest a closing handshake may take.
        waiting_frames: Frames that may wait for a client before its session waits, too.
        frame_bytes: The largest frame taken: an append of 15 MiB is 20 MiB of base64 (section 5).
        connections: Clients at once.
    """

    session_seconds: float = 3600.0
    response_seconds: float = 120.0
    send_seconds: float = 30.0
    close_seconds: float = 2.0
    waiting_frames: int = 256
    frame_bytes: int = 24 * 1024 * 1024
    connections: int = 1000


@dataclass(frozen=True, slots=True)
class _Ending:
    code: int
    reason: str


class Connection:
    """Runs one session over one socket.

    Args:
        socket: The accepted socket.
        session: Its session.
        faculties: What thinks, hears and speaks for it.
        pace: How fast replies come.
        limits: The bounds.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        faculties: Faculties,
        pace: Pace,
        limits: Limits,
    ) -> None:
        self._socket = socket
        self._session = session
        self._faculties = faculties
        self._hearing = (
            Hearing(faculties.ears, Heard(self._heard_so_far, self._heard, self._not_heard))
            if faculties.ears is not None
            else None
        )
        self._pace = pace
        self._limits = limits
        self._outbox = Outbox(limits.waiting_frames)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ending: _Ending | None = None
        self._group = asyncio.TaskGroup()

    async def run(self) -> None:
        """Serve until either side closes; every task of the connection has ended then."""
        async with self._group:
            self._flush()
            self._group.create_task(self._write())
            beside = [self._group.create_task(self._expire())]
            if self._hearing is not None:
                beside.append(self._group.create_task(self._hearing.run()))
            await self._read()
            for task in (*beside, *self._running.values()):
                task.cancel()
            self._outbox.close()

    def shut_down(self, message: str) -> None:
        """End every response as failed, then close with 1001 once all of it was sent."""
        if self._ending is None:
            self._session.shut_down(message)
            self._end(message)

    def abort(self) -> None:
        """Drop the socket at once."""
        self._socket.transport.abort()

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if self._ending is None:
                    self._take(frame)
                    self._flush()
                    await self._outbox.room()
                    if self._hearing is not None:
                        await self._hearing.room()
        except ConnectionClosed as closed:
            _log.info("client left without a closing handshake: %s", type(closed).__name__)

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            message = "Binary frames are not supported: send one JSON object per text frame."
            self._session.refuse(RefusedError("invalid_event", message))
            return
        try:
            self._session.feed(decode(frame))
        except InvalidFrameError as error:
            self._session.refuse(RefusedError("invalid_json", error.message))

    def _flush(self) -> None:
        """Send what the session says and do what it asks, in that order."""
        self._outbox.push(self._session.take_events())
        for command in self._session.take_commands():
            if isinstance(command, StartResponse):
                self._running[command.response_id] = self._group.create_task(self._respond(command))
            elif isinstance(command, StopResponse):
                task = self._running.pop(command.response_id, None)
                if task is not None and task is not asyncio.current_task():
                    task.cancel()
            elif self._hearing is not None:
                self._hearing.push(command)

    async def _write(self) -> None:
        try:
            async for frame in self._outbox.frames():
                async with asyncio.timeout(self._limits.send_seconds):
                    await self._socket.send(frame)
            if self._ending is not None:
                await self._socket.close(self._ending.code, self._ending.reason)
        except ConnectionClosed:
            pass  # the reader sees it, too, and ends the connection
        except TimeoutError:
            _log.warning("client let go: it did not read for %s s", self._limits.send_seconds)
            self.abort()
        finally:
            self._outbox.close()

    async def _expire(self) -> None:
        await asyncio.sleep(self._limits.session_seconds)
        self._session.expire(self._limits.session_seconds / 60)
        self._end("session expired")

    def _end(self, reason: str) -> None:
        self._ending = _Ending(CLOSE_GOING_AWAY, reason)
        self._flush()
        self._outbox.close()

    async def _respond(self, command: StartResponse) -> None:
        try:
            async with asyncio.timeout(self._limits.response_seconds):
                await self._relay(command)
        except BrainError as error:
            self._session.fail(command.response_id, error.kind, error.wire_code, error.message)
        except SpeechError as error:
            self._fail(command, error.message)
        except TimeoutError:
            self._fail(command, f"The reply took longer than {self._limits.response_seconds:g} s.")
        except Exception as error:  # noqa: BLE001 - whatever a brain raises ends its response, and no other
            _log_without_words(command.response_id, error)
            self._fail(command, "The engine failed while it was answering.")
        else:
            self._session.complete(command.response_id)
        self._flush()

    async def _relay(self, command: StartResponse) -> None:
        async with self._speaking(command) as speaker, self._thinking(command.context) as events:
            async for event in events:
                if speaker is not None and isinstance(event, ToolCallStarted):
                    await speaker.finish()
                for piece in _deltas(event):
                    await self._pace.before(piece.text if isinstance(piece, TextDelta) else "")
                    self._session.feed_brain(command.response_id, piece)
                    self._flush()
                    await self._outbox.room()
                    if command.response_id not in self._running:
                        return
                    if speaker is not None and isinstance(piece, TextDelta):
                        await speaker.say(piece.text)
            if speaker is not None:
                await speaker.finish()

    @asynccontextmanager
    async def _speaking(self, command: StartResponse) -> AsyncIterator[Speaking | None]:
        """What says the response aloud; None where it is to be read."""
        if command.voice is None or self._faculties.voices is None:
            yield None
            return

        async def take(speech: Speech) -> None:
            self._session.feed_speech(command.response_id, speech)
            self._flush()
            await self._outbox.room()

        async with speaking(self._faculties.voices, command.voice, take) as speaker:
            await speaker.begin()
            yield speaker

    def _heard_so_far(self, text: str) -> None:
        self._session.heard_so_far(text)
        self._flush()

    def _heard(self, item_id: str, transcript: Transcript) -> None:
        self._session.heard(item_id, transcript)
        self._flush()

    def _not_heard(self, item_id: str, message: str) -> None:
        self._session.not_heard(item_id, message)
        self._flush()

    @asynccontextmanager
    async def _thinking(self, context: BrainContext) -> AsyncIterator[AsyncIterator[BrainEvent]]:
        """The brain's events, closed also when the response ends in the middle of them."""
        events = self._faculties.brain.respond(context)
        try:
            yield events
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    def _fail(self, command: StartResponse, message: str) -> None:
        self._session.fail(command.response_id, "server_error", "server_error", message)


def _log_without_words(response_id: str, error: Exception) -> None:
    """Log where a brain broke; its message may quote the caller, so only the kind of error is written."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("the brain broke while answering %s: %s\n%s", response_id, type(error).__name__, where)


def _deltas(event: BrainEvent) -> list[BrainEvent]:
    if isinstance(event, TextDelta):
        return [TextDelta(word) for word in words(event.text)]
    return [event]
