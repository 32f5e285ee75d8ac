"""One session at an engine, from the handshake to its end.

`EngineSession` owns its transport and its outbox; it acquires both in `run` and has let go of them when `run`
returns. Whoever starts `run` (in a task group) hears of everything through two callbacks, called in the order
of the wire and never after the session is over.
"""

import asyncio
import binascii
import random
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from orchestrator.core.commands import OpenSession
from orchestrator.core.engine_events import (
    AudioStarted,
    EngineEvent,
    EngineRefused,
    SessionFailed,
    SessionReady,
)
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import (
    InvalidFrameError,
    audio_piece,
    decode,
    encode,
    event_type,
)
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.failures import FATAL_CODES, Failure, connection_closed, fatal_error
from orchestrator.realtime.identifiers import ShortIds
from orchestrator.realtime.inbound import AUDIO_DELTAS, engine_events, wire_error
from orchestrator.realtime.outbound import EngineCommand, append_audio, session_update, wire_event
from orchestrator.realtime.outbox import Outbox
from orchestrator.realtime.transport import (
    ConnectionLimits,
    Dial,
    DialError,
    Transport,
    TransportClosedError,
    dial_websocket,
)

NORMAL_CLOSURE: Final = 1000


class AudioDelta(NamedTuple):
    """A piece of generated speech, in the session's output format."""

    epoch: int
    item_id: str
    response_id: str
    audio: str

    def base64(self) -> str:
        """The audio as on the wire."""
        return self.audio

    def raw(self) -> bytes:
        """The audio itself; raises `binascii.Error` where the engine sent what is no base64."""
        return binascii.a2b_base64(self.audio)


class EngineSession:
    """One session at an engine.

    Commands and audio may be sent from the start, long before the connection is open: they wait behind the
    configuration and go out in order, none waiting for an answer. Events come to `on_event`; the first is
    `SessionReady` or `SessionFailed`, and `SessionFailed` is always the last. After `close` none comes.

    Args:
        endpoint: Where the engine is.
        opening: Epoch and configuration.
        on_event: Takes each event; must not block.
        on_audio: Takes each piece of speech, after the `AudioStarted` of its item; must not block.
        clock: Seconds since the Unix epoch.
        limits: Deadlines and sizes.
        dial: Opens the connection; a WebSocket unless told otherwise.
        jitter: Numbers from 0 to 1 that spread repeated handshakes of many sessions.
    """

    def __init__(
        self,
        endpoint: EngineEndpoint,
        opening: OpenSession,
        *,
        on_event: Callable[[EngineEvent], None],
        on_audio: Callable[[AudioDelta], None],
        clock: Callable[[], float] = time.time,
        limits: ConnectionLimits | None = None,
        dial: Dial = dial_websocket,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.epoch = opening.epoch
        self.endpoint = endpoint
        self._model = opening.config.model
        self._on_event = on_event
        self._on_audio = on_audio
        self._clock = clock
        self._limits = limits or ConnectionLimits()
        self._dial = dial
        self._jitter = jitter
        self._ids = ShortIds(endpoint.capabilities.longest_id)
        self._outbox = Outbox(self._limits.outbox_frames, self._limits.outbox_bytes)
        self._transport: Transport | None = None
        self._open_until = 0.0
        self._settled = asyncio.Event()
        self._ended = asyncio.Event()
        self._ready = False
        self._close_reason = ""
        self._expires_at: float | None = None
        self._last_error: EngineRefused | None = None
        self._sounding: set[str] = set()
        self._waiting = False
        self._configure_id = f"event_configure_{opening.epoch}"
        self._put(encode(session_update(opening.config, endpoint, event_id=self._configure_id)))

    # -- what the driver calls ---------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether the session was closed or has failed; nothing more is sent or told."""
        return self._ended.is_set()

    @property
    def queued_bytes(self) -> int:
        """How much waits to be sent."""
        return self._outbox.queued_bytes

    def send(self, command: EngineCommand) -> None:
        """Queue a command. A session that is over ignores it.

        Raises:
            InvalidRequestError: It would send an item that is ours alone.
        """
        if not self.is_over:
            self._put(encode(wire_event(command, self.endpoint, self._ids)))

    def send_audio(self, audio: str | bytes) -> None:
        """Queue caller audio, in order with the commands. A session that is over ignores it.

        Args:
            audio: Base64 as a client sent it, or raw bytes; in the session's input format.

        Raises:
            AppendTooLargeError: More than one append may carry.
        """
        if not self._ended.is_set():
            self._put(append_audio(audio))

    def writer(self) -> Callable[[bytes], None] | None:
        """What writes a frame, masked as a client's, if it may leave right now; None if it has to wait."""
        transport = self._free_transport
        return None if transport is None or self.is_over else transport.writer()

    def close(self, reason: str = "") -> None:
        """End the session; what waits in the outbox is dropped, and no event is told any more."""
        if not self.is_over:
            self._close_reason = reason
            self._end()

    async def run(self) -> None:
        """Connect, configure, and carry events both ways until the session is over.

        Ends without an exception, whatever the engine does; cancelling it closes the connection.
        """
        self._open_until = asyncio.get_running_loop().time() + self._limits.open_seconds
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._expect_ready()), group.create_task(self._converse())]
                await self._ended.wait()
                for task in tasks:
                    task.cancel()
        finally:
            self._end()
            if self._transport is not None:
                await self._transport.close(NORMAL_CLOSURE, self._close_reason)

    # -- its life ----------------------------------------------------------------------------------------

    async def _expect_ready(self) -> None:
        try:
            async with asyncio.timeout_at(self._open_until):
                await self._settled.wait()
        except TimeoutError:
            seconds = self._limits.open_seconds
            self._fail(
                Failure("engine_timeout", f"The session was not ready after {seconds:g} s.", retryable=True)
            )

    async def _converse(self) -> None:
        self._transport = await self._connect()
        if self._transport is not None:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(self._transport))
                group.create_task(self._read(self._transport))

    async def _connect(self) -> Transport | None:
        loop = asyncio.get_running_loop()
        pause = self._limits.first_backoff_seconds
        while True:
            try:
                return await self._dial(self.endpoint, self._model, self._limits)
            except DialError as error:
                spread = pause * (0.5 + self._jitter() / 2)
                if not error.failure.transient or loop.time() + spread >= self._open_until:
                    self._fail(error.failure)
                    return None
            await asyncio.sleep(spread)
            pause = min(pause * 2, self._limits.longest_backoff_seconds)

    async def _write(self, transport: Transport) -> None:
        while True:
            frame = await self._outbox.take()
            if transport.send_now(frame):
                continue
            self._waiting = True
            try:
                async with asyncio.timeout(self._limits.write_seconds):
                    await transport.send(frame)
            except TimeoutError:
                message = f"The engine took no data for {self._limits.write_seconds:g} s."
                self._fail(Failure("engine_timeout", message, retryable=True))
                return
            except TransportClosedError:
                return  # The reader learns the reason, after what came before it.
            self._waiting = False

    async def _read(self, transport: Transport) -> None:
        try:
            with transport.taking(self._take_now):
                while not self.is_over:
                    self._take(await transport.receive())
        except TransportClosedError as closed:
            self._fail(connection_closed(closed.close_code, closed.reason, self._last_error))
        except InvalidFrameError as error:
            self._fail(_garbled(error))

    def _take_now(self, frame: str) -> None:
        if not self.is_over:
            try:
                self._take(frame)
            except InvalidFrameError as error:
                self._fail(_garbled(error))

    def _fail(self, failure: Failure) -> None:
        if self.is_over:
            return
        message = self.endpoint.redact(failure.message)
        self._end()
        self._on_event(SessionFailed(self.epoch, failure.code, message, failure.retryable))

    def _end(self) -> None:
        self._ended.set()
        self._settled.set()
        self._outbox.clear()

    @property
    def _free_transport(self) -> Transport | None:
        """The connection, where nothing waits to be sent before."""
        return None if self._waiting or self._outbox else self._transport

    def _put(self, frame: str | bytes) -> None:
        """Send a frame, at once where nothing waits: to wake the writer costs more than to write."""
        transport = self._free_transport
        if transport is not None and transport.send_now(frame):
            return
        if not self._outbox.put(frame):
            message = "The engine takes data too slowly; too much waits to be sent."
            failure = Failure("engine_overloaded", message, retryable=True)
            # Later, so that nobody hears of an event while still sending a command.
            asyncio.get_running_loop().call_soon(self._fail, failure)

    # -- what comes in -----------------------------------------------------------------------------------

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and event_type(frame) in AUDIO_DELTAS:
            self._take_audio(frame)
            return
        event = decode(frame)
        name = event.get("type")
        if name == "error":
            self._take_error(event)
        elif name == "session.updated" and not self._ready:
            self._take_configuration(event)
        elif name == "session.created":
            self._expires_at = _expiry(event)
        elif name in AUDIO_DELTAS:
            self._take_audio(frame if isinstance(frame, str) else frame.decode())
        else:
            for translated in engine_events(event, self.epoch):
                self._tell(self._ids.restored(translated))

    def _take_audio(self, frame: str) -> None:
        piece = audio_piece(frame)
        if piece.item_id not in self._sounding:
            self._sounding.add(piece.item_id)
            self._tell(AudioStarted(self.epoch, piece.response_id, piece.item_id, piece.content_index))
        if not self.is_over:
            self._on_audio(AudioDelta(self.epoch, piece.item_id, piece.response_id, piece.delta))

    def _take_configuration(self, event: JsonObject) -> None:
        session = event.get("session")
        lifetime = self.endpoint.capabilities.session_lifetime_seconds
        expires_at = _expiry(event) or self._expires_at
        if expires_at is None and lifetime is not None:
            expires_at = self._clock() + lifetime
        self._ready = True
        self._settled.set()
        self._tell(SessionReady(self.epoch, expires_at, session if isinstance(session, dict) else {}))

    def _take_error(self, event: JsonObject) -> None:
        refused = wire_error(event, self.epoch)
        error = event.get("error")
        # Events are answered in order: until `session.updated`, what names no event answers our first one.
        answers_us = not self._ready and refused.event_id in {None, self._configure_id}
        if answers_us or refused.code in FATAL_CODES:
            self._fail(fatal_error(refused, error if isinstance(error, dict) else {}))
            return
        self._last_error = refused
        self._tell(refused)

    def _tell(self, event: EngineEvent) -> None:
        if not self.is_over:
            self._on_event(event)


def _expiry(event: JsonObject) -> float | None:
    session = event.get("session")
    value = session.get("expires_at") if isinstance(session, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return float(value)


def _garbled(error: InvalidFrameError) -> Failure:
    return Failure("engine_protocol_error", error.message, retryable=True)
