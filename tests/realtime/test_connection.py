import asyncio
from typing import Any

import pytest

from orchestrator.core.commands import CreateResponse, SendItem
from orchestrator.core.engine_events import (
    AudioStarted,
    EngineItemDone,
    EngineRefused,
    OutputDelta,
    SessionFailed,
    SessionReady,
    SessionUpdated,
)
from orchestrator.core.errors import InvalidRequestError
from orchestrator.realtime.transport import ConnectionLimits
from orchestrator.testing.virtual_time import VirtualTime
from tests.realtime.commands import item
from tests.realtime.recorded_session import Peer, Recorded, played

pytestmark = pytest.mark.unit

DELTA = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}


def test_what_is_sent_before_the_connection_follows_the_configuration_in_order() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        recorded.session.send(SendItem(1, item(role="user"), None, "e1"))
        recorded.session.send_audio(b"\x00\x01")
        recorded.session.send(CreateResponse(1, "e2"))
        received = [(await peer.receive())["type"] for _ in range(4)]
        assert received == [
            "session.update",
            "conversation.item.create",
            "input_audio_buffer.append",
            "response.create",
        ]
        assert recorded.session.queued_bytes == 0
        recorded.session.close()

    played(script, dial_seconds=3)


def test_a_thousand_items_are_loaded_without_waiting_for_one_answer() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        for number in range(1000):
            recorded.session.send(SendItem(1, item(role="user", id=f"item_{number}"), None, f"e{number}"))
        received = [await peer.receive() for _ in range(1001)]
        assert [event["item"]["id"] for event in received[1:]] == [f"item_{number}" for number in range(1000)]
        recorded.session.close()

    played(script)


def test_a_refused_item_is_reported_with_its_event_and_the_session_goes_on() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        recorded.session.send(SendItem(1, item(role="user"), "gone", "e1"))
        await peer.send(type="error", error={"code": "item_gone", "message": "m", "event_id": "e1"})
        await peer.accept()
        await peer.send(type="error", error={"code": "server_error", "message": "again"})
        await peer.send(type="session.updated", session={"n": 2})
        while len(recorded.events) < 4:
            await recorded.next_event()
        recorded.session.close()

    assert played(script).events == [
        EngineRefused(1, "item_gone", "m", "e1"),
        SessionReady(1, 4600.0, {"id": "sess_1"}),
        EngineRefused(1, "server_error", "again"),
        SessionUpdated(1, {"n": 2}),
    ]


def test_an_expired_session_is_worth_another_and_fails_once() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await peer.send(type="error", error={"code": "session_expired", "message": "60 minutes"})
        await peer.transport.close(1001, "")

    events = played(script).events
    assert events[1:] == [SessionFailed(1, "session_expired", "60 minutes", retryable=True)]


def test_a_lost_connection_fails_the_session_once() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await peer.send(type="response.output_text.delta", delta="Hel", **DELTA)
        peer.transport.abort()

    events = played(script).events
    assert events[1] == OutputDelta(1, "r", "i", "text", "Hel")
    assert [type(event) for event in events[2:]] == [SessionFailed]
    assert events[2].code == "engine_lost"  # type: ignore[union-attr]


def test_a_close_with_an_applications_code_is_explained_by_the_error_before_it() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await peer.send(type="error", error={"code": "quota_gone", "message": "Pay."})
        await peer.transport.close(4000, "")

    assert played(script).events[-1] == SessionFailed(1, "quota_gone", "Pay.", retryable=False)


@pytest.mark.parametrize("frame", ["garbage", "[]", '{"type":"response.output_audio.delta","item_id":5}'])
def test_a_frame_that_is_no_event_fails_the_session(frame: str) -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await peer.transport.send(frame)

    failed: Any = played(script).events[-1]
    assert (failed.code, failed.retryable) == ("engine_protocol_error", True)


def test_speech_is_announced_once_per_item_and_handed_on_as_it_came() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        for item_id, name in [
            ("a", "response.output_audio.delta"),
            ("a", "response.audio.delta"),
            ("b", "x"),
        ]:
            kind = "response.output_audio.delta" if name == "x" else name
            await peer.send(type=kind, response_id="r", item_id=item_id, content_index=0, delta="AAEC")
        # The type comes last here, beyond what the fast path looks at.
        await peer.send(delta="A" * 200, item_id="b", response_id="r", type="response.output_audio.delta")
        await peer.send(type="session.updated", session={})
        while len(recorded.events) < 4:
            await recorded.next_event()
        recorded.session.close()

    recorded = played(script)
    assert recorded.events[1:3] == [AudioStarted(1, "r", "a"), AudioStarted(1, "r", "b")]
    assert [(delta.item_id, delta.base64()) for delta in recorded.audio] == [
        ("a", "AAEC"),
        ("a", "AAEC"),
        ("b", "AAEC"),
        ("b", "A" * 200),
    ]


def test_nothing_is_told_after_the_session_was_closed() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await recorded.next_event()
        recorded.session.close()
        recorded.session.close()
        await peer.send(type="response.output_text.delta", delta="late", **DELTA)
        await peer.send(type="response.output_audio.delta", delta="AA==", **DELTA)
        recorded.session.send(CreateResponse(1, "e"))
        recorded.session.send_audio(b"late")

    recorded = played(script)
    assert [type(event) for event in recorded.events] == [SessionReady]
    assert recorded.audio == []
    assert recorded.session.queued_bytes == 0


def test_closing_from_within_a_callback_ends_the_session() -> None:
    async def scenario() -> None:
        recorded = Recorded()
        told = recorded.session._on_event

        def tell_and_close(event: Any) -> None:
            told(event)
            recorded.session.close()

        recorded.session._on_event = tell_and_close
        async with asyncio.TaskGroup() as group:
            group.create_task(recorded.session.run())
            await recorded.peer.accept()
            await recorded.peer.send(type="session.updated", session={})
        assert [type(event) for event in recorded.events] == [SessionReady]

    VirtualTime().run(scenario())


def test_closing_at_the_first_sound_hands_on_no_sound() -> None:
    async def scenario() -> None:
        recorded = Recorded()
        told = recorded.session._on_event

        def close_at_sound(event: Any) -> None:
            told(event)
            if isinstance(event, AudioStarted):
                recorded.session.close()

        recorded.session._on_event = close_at_sound
        async with asyncio.TaskGroup() as group:
            group.create_task(recorded.session.run())
            await recorded.peer.accept()
            await recorded.peer.send(type="response.output_audio.delta", delta="AA==", **DELTA)
        assert recorded.audio == []

    VirtualTime().run(scenario())


def test_an_outbox_that_overflows_fails_the_session() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        for number in range(5):
            recorded.session.send(CreateResponse(1, f"e{number}"))
        assert recorded.events == []

    recorded = played(script, limits=ConnectionLimits(outbox_frames=4), dial_seconds=5)
    assert [event.code for event in recorded.events] == ["engine_overloaded"]  # type: ignore[union-attr]


def test_an_engine_that_takes_no_data_is_given_up() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await recorded.next_event()

        async def stuck(frame: str | bytes) -> None:
            await asyncio.Event().wait()

        recorded.transport.send = stuck  # type: ignore[method-assign]
        recorded.session.send(CreateResponse(1, "e"))
        assert (await recorded.next_event()).code == "engine_timeout"  # type: ignore[union-attr]

    played(script)


def test_ids_too_long_for_the_engine_come_back_as_ours() -> None:
    long_id = "item_" + "x" * 40

    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        recorded.session.send(SendItem(1, item(role="user", id=long_id), None, "e1"))
        sent = (await peer.receive())["item"]
        assert len(sent["id"]) <= 32
        await peer.send(type="conversation.item.done", item=sent)
        while len(recorded.events) < 2:
            await recorded.next_event()
        recorded.session.close()

    done: Any = played(script).events[-1]
    assert isinstance(done, EngineItemDone)
    assert done.item.id == long_id


def test_an_item_that_is_ours_alone_is_refused_before_it_is_queued() -> None:
    async def scenario() -> None:
        recorded = Recorded()
        with pytest.raises(InvalidRequestError):
            recorded.session.send(SendItem(1, item("handoff"), None, "e"))

    VirtualTime().run(scenario())


def test_a_fault_in_a_callback_is_not_swallowed_and_the_connection_is_closed() -> None:
    async def scenario() -> None:
        recorded = Recorded()

        def broken(_event: Any) -> None:
            raise ZeroDivisionError

        recorded.session._on_event = broken
        running = asyncio.ensure_future(recorded.session.run())
        await recorded.peer.accept()
        with pytest.raises(ExceptionGroup) as caught:
            await running
        assert caught.group_contains(ZeroDivisionError)
        with pytest.raises(Exception, match="1000"):
            await recorded.peer.receive()

    VirtualTime().run(scenario())


def test_cancelling_the_run_closes_the_connection() -> None:
    async def scenario() -> None:
        recorded = Recorded()
        running = asyncio.ensure_future(recorded.session.run())
        await recorded.peer.accept()
        await recorded.next_event()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(Exception, match="1000"):
            await recorded.peer.receive()
        assert [type(event) for event in recorded.events] == [SessionReady]

    VirtualTime().run(scenario())
