"""The session over real WebSockets, against the scripted engine and against servers that misbehave."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import pytest
from websockets.asyncio.server import ServerConnection

from orchestrator.core.commands import CreateResponse, SendItem
from orchestrator.core.engine_events import (
    AudioStarted,
    EngineEvent,
    EngineItemDone,
    EngineRefused,
    OutputItemDone,
    ResponseDone,
    SessionFailed,
    SessionReady,
    TranscriptDone,
)
from orchestrator.core.items import Part
from orchestrator.realtime.codec import encode
from orchestrator.realtime.connection import AudioDelta, EngineSession
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.transport import ConnectionLimits
from orchestrator.testing.faults import Fault, FaultPlan
from orchestrator.testing.script import Script, expect, refuse, reply
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import SessionView, Turn, calls, says
from tests.patience import PATIENCE
from tests.realtime import faulty_servers
from tests.realtime.commands import item, opening
from tests.realtime.faulty_servers import http_answer, raw_server, unused_url, websocket_server

pytestmark = pytest.mark.edge

# A pause before a second handshake would outlast the deadline: what the first one finds is what is told.
ONE_HANDSHAKE = ConnectionLimits(open_seconds=60, connect_seconds=60, first_backoff_seconds=200)
# For what never comes, and for nothing else: a server on a busy machine may need longer than this to answer.
NO_ANSWER = replace(ONE_HANDSHAKE, connect_seconds=0.2)
NEVER_READY = replace(ONE_HANDSHAKE, open_seconds=0.2)


class Live:
    """A running session, what it told, and a way to wait for more."""

    def __init__(
        self, endpoint: EngineEndpoint, limits: ConnectionLimits = ONE_HANDSHAKE, **configuration: Any
    ) -> None:
        self.events: list[EngineEvent] = []
        self.audio: list[AudioDelta] = []
        self.on_told: Callable[[], None] = lambda: None
        self._told = asyncio.Event()
        self.session = EngineSession(
            endpoint,
            opening(**configuration),
            on_event=self._on_event,
            on_audio=self.audio.append,
            limits=limits,
        )

    def _on_event(self, event: EngineEvent) -> None:
        self.events.append(event)
        self._told.set()
        self.on_told()

    async def until(self, kind: type[EngineEvent]) -> Any:
        """Wait until the newest event of that kind."""
        async with asyncio.timeout(PATIENCE):
            while not any(isinstance(event, kind) for event in self.events):
                self._told.clear()
                await self._told.wait()
        return next(event for event in self.events if isinstance(event, kind))

    async def __aenter__(self) -> Self:
        self._running = asyncio.ensure_future(self.session.run())
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.session.close()
        await self._running


def compatible(url: str) -> EngineEndpoint:
    return EngineEndpoint(kind="compatible", url=url, api_key="sk-secret")


def order(view: SessionView) -> Turn:
    if view.last_output is not None:
        return says(f"Added: {view.last_output}")
    return (
        calls("add_item", name="margherita")
        if "pizza" in view.user_text
        else says("Good evening", audio_ms=300)
    )


def typed(text: str, number: int = 1) -> SendItem:
    return SendItem(1, item(role="user", id=f"item_{number}", content=(Part(text=text),)), None, f"e{number}")


async def test_a_spoken_turn_from_the_first_frame_to_the_last() -> None:
    async with ScriptedEngine(order) as engine, Live(engine.endpoint("openai")) as live:
        live.session.send(typed("Hello"))
        live.session.send(CreateResponse(1, "e2", metadata={"turn": "1"}))
        done = await live.until(ResponseDone)
        assert isinstance(live.events[0], SessionReady)
        assert (done.status, done.metadata) == ("completed", {"turn": "1"})
        assert done.output[0].content == (Part(kind="audio", text="Good evening"),)
        assert sum(isinstance(event, AudioStarted) for event in live.events) == 1
        assert len("".join(delta.base64() for delta in live.audio)) * 3 // 4 == 300 * 48
    assert [event["type"] for event in engine.session.received] == [
        "session.update",
        "conversation.item.create",
        "response.create",
    ]


async def test_a_tool_turn_with_its_output() -> None:
    async with ScriptedEngine(order) as engine, Live(engine.endpoint("azure"), modality="text") as live:
        live.session.send(typed("a pizza"))
        live.session.send(CreateResponse(1, "e2"))
        called = (await live.until(OutputItemDone)).item
        assert (called.name, called.arguments) == ("add_item", '{"name":"margherita"}')
        output = item("function_call_output", id="item_2", tool_call_id=called.tool_call_id, output="one")
        live.session.send(SendItem(1, output, None, "e3"))
        live.session.send(CreateResponse(1, "e4"))
        await engine.wait_until(lambda: len(engine.session.sent_of("response.done")) == 2, "two responses")
    assert "Added: one" in str(engine.session.sent_of("response.done"))


async def test_the_caller_is_heard_with_a_late_transcript() -> None:
    async with ScriptedEngine(order) as engine, Live(engine.endpoint()) as live:
        await live.until(SessionReady)
        engine.user_speaks("Hello", transcript="late")
        transcript = await live.until(TranscriptDone)
        kinds = [type(event) for event in live.events]
        assert kinds.index(ResponseDone) < kinds.index(TranscriptDone)
        assert transcript.text == "Hello"


async def test_a_history_of_a_thousand_items_is_loaded() -> None:
    async with ScriptedEngine(order) as engine, Live(engine.endpoint()) as live:
        for number in range(1000):
            live.session.send(typed("Hello", number))
        await engine.wait_for("conversation.item.create", count=1000)
    assert engine.session.conversation.ids() == [f"item_{number}" for number in range(1000)]


async def test_a_refused_item_is_told_and_the_next_goes_through() -> None:
    script = Script(
        expect("session.update"),
        expect("conversation.item.create"),
        refuse("invalid_value", "No.", param="item"),
        expect("conversation.item.create"),
        expect("response.create"),
        reply("Hi"),
    )
    async with ScriptedEngine(script) as engine, Live(engine.endpoint()) as live:
        for number in (1, 2):
            live.session.send(typed("Hello", number))
        live.session.send(CreateResponse(1, "e3"))
        await live.until(ResponseDone)
        assert EngineRefused(1, "invalid_value", "No.", "e1", "item") in live.events
        assert (await live.until(EngineItemDone)).item.id == "item_2"


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [
        (Fault.DROP_BEFORE_CREATED, "engine_lost", True),
        (Fault.REFUSED_SESSION, "invalid_value", False),
        (Fault.REFUSED_VOICE, "cannot_update_voice", False),
        (Fault.SESSION_EXPIRED, "session_expired", True),
        (Fault.DROP_MID_RESPONSE, "engine_lost", True),
    ],
)
async def test_a_session_that_fails_says_so_exactly_once(fault: Fault, code: str, retryable: bool) -> None:
    async with ScriptedEngine(order, faults=FaultPlan.once(fault)) as engine, Live(engine.endpoint()) as live:
        live.session.send(typed("Hello"))
        live.session.send(CreateResponse(1, "e2"))
        failed = await live.until(SessionFailed)
        assert (failed.code, failed.retryable) == (code, retryable)
    assert sum(isinstance(event, SessionFailed) for event in live.events) == 1
    assert live.events[-1] is failed


async def test_a_wrong_key_is_told_as_openai_tells_it() -> None:
    async with (
        ScriptedEngine(order, api_key="right") as engine,
        Live(engine.endpoint(api_key="wrong")) as live,
    ):
        failed = await live.until(SessionFailed)
    assert (failed.code, failed.retryable) == ("invalid_api_key", False)


async def test_an_engine_that_comes_up_late_is_reached_by_repeating_the_handshake() -> None:
    attempts = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        late = http_answer("503 Service Unavailable") if attempts < 3 else faulty_servers.confirms_and_freezes
        await late(reader, writer)

    limits = replace(ONE_HANDSHAKE, first_backoff_seconds=0.01, close_seconds=0.05)
    async with raw_server(handle) as url, Live(compatible(url), limits) as live:
        await live.until(SessionReady)
    assert attempts == 3
    assert [type(event) for event in live.events] == [SessionReady]


@pytest.mark.parametrize(
    ("handler", "limits", "code", "retryable"),
    [
        (
            http_answer("401 Unauthorized", '{"error":{"message":"sk-secret is wrong"}}'),
            ONE_HANDSHAKE,
            "invalid_api_key",
            False,
        ),
        (faulty_servers.closes_during_handshake, ONE_HANDSHAKE, "engine_lost", True),
        (faulty_servers.says_nothing, NO_ANSWER, "engine_timeout", True),
    ],
)
async def test_a_handshake_that_fails_is_told_without_the_key(
    handler: faulty_servers.RawHandler, limits: ConnectionLimits, code: str, retryable: bool
) -> None:
    async with raw_server(handler) as url, Live(compatible(url), limits) as live:
        failed = await live.until(SessionFailed)
    assert (failed.code, failed.retryable) == (code, retryable)
    assert "sk-secret" not in failed.message


async def test_a_port_where_nobody_listens_is_given_up_within_the_deadline() -> None:
    async with Live(compatible(unused_url()), ONE_HANDSHAKE) as live:
        failed = await live.until(SessionFailed)
    assert (failed.code, failed.retryable) == ("engine_lost", True)


async def test_a_server_that_upgrades_and_then_says_nothing_is_given_up() -> None:
    async def silent(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with websocket_server(silent) as url, Live(compatible(url), NEVER_READY) as live:
        failed = await live.until(SessionFailed)
    assert failed.code == "engine_timeout"


@pytest.mark.parametrize("frame", ["garbage", b"\xff\xfe", "[1]"])
async def test_garbage_ends_the_session(frame: str | bytes) -> None:
    async def babble(socket: ServerConnection) -> None:
        await socket.send(frame)
        await socket.wait_closed()

    async with websocket_server(babble) as url, Live(compatible(url), ONE_HANDSHAKE) as live:
        failed = await live.until(SessionFailed)
    assert failed.code == "engine_protocol_error"


async def test_nothing_is_told_of_what_was_read_together_with_the_event_that_the_session_was_closed_at() -> (
    None
):
    async def hasty(socket: ServerConnection) -> None:
        socket.transport.write(
            text_frame('{"type":"session.updated","session":{}}', masked=False)
            + text_frame('{"type":"response.output_audio.delta","item_id":"a","delta":"AAAA"}', masked=False)
        )
        await socket.wait_closed()

    async with websocket_server(hasty) as url, Live(compatible(url)) as live:
        live.on_told = live.session.close
        await live.until(SessionReady)
    assert (len(live.events), live.audio) == (1, [])


async def test_binary_frames_of_json_are_understood() -> None:
    async def binary(socket: ServerConnection) -> None:
        for event in (
            {"type": "session.updated", "session": {}},
            {"type": "response.output_audio.delta", "item_id": "i", "response_id": "r", "delta": "AAEC"},
        ):
            await socket.send(json.dumps(event).encode())
        await socket.wait_closed()

    async with websocket_server(binary) as url, Live(compatible(url), ONE_HANDSHAKE) as live:
        await live.until(AudioStarted)
    assert [delta.base64() for delta in live.audio] == ["AAEC"]


async def test_a_peer_that_vanished_is_noticed_by_the_keep_alive() -> None:
    limits = replace(ONE_HANDSHAKE, ping_seconds=0.2, close_seconds=0.05)
    async with (
        raw_server(faulty_servers.confirms_and_freezes) as url,
        Live(compatible(url), limits) as live,
    ):
        failed = await live.until(SessionFailed)
    assert isinstance(live.events[0], SessionReady)
    assert (failed.code, failed.retryable) == ("engine_lost", True)


async def test_nothing_is_left_behind_by_a_session() -> None:
    before = asyncio.all_tasks()
    async with ScriptedEngine(order) as engine, Live(engine.endpoint()) as live:
        await live.until(SessionReady)
    assert asyncio.all_tasks() == before


async def test_ready_frames_may_be_written_once_it_is_open_and_until_it_is_over() -> None:
    async with ScriptedEngine(order) as engine, Live(engine.endpoint()) as live:
        assert live.session.writer() is None
        await live.until(SessionReady)
        assert live.session.writer() is not None
        live.session.close()
        assert live.session.writer() is None


async def test_frames_of_all_sizes_arrive_in_the_order_in_which_they_were_sent() -> None:
    appended: list[str] = []
    whole = asyncio.Event()

    async def handle(socket: ServerConnection) -> None:
        async for frame in socket:
            event = json.loads(frame)
            if event["type"] == "session.update":
                await socket.send(json.dumps({"type": "session.updated", "session": {}}))
            elif event["type"] == "input_audio_buffer.append":
                appended.append(event["audio"])
                if len(appended) == 400:
                    whole.set()

    sent = [f"{number:04}" + "A" * (400_000 if number % 40 == 7 else 1276) for number in range(400)]
    async with websocket_server(handle) as url, Live(compatible(url)) as live:
        for number, audio in enumerate(sent):
            if number % 3 == 0:
                await asyncio.sleep(0)
            write = live.session.writer() if number % 2 else None
            if write is not None:
                write(text_frame(encode({"type": "input_audio_buffer.append", "audio": audio}), masked=True))
            else:
                live.session.send_audio(audio)
        async with asyncio.timeout(PATIENCE):
            await whole.wait()
    assert appended == sent
