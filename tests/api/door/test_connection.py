"""One client of the door, between the wire and the conversation."""

import asyncio
import json
from typing import Any, cast

import pytest

from orchestrator.api.door import connection as module
from orchestrator.api.door.connection import DoorConnection
from orchestrator.call.live import LiveConversation
from orchestrator.core import events as h
from orchestrator.core.items import Item, Part
from orchestrator.core.notices import AudioClearedNotice, AudioRouteNotice, LinkNotice
from orchestrator.realtime.connection import AudioDelta

pytestmark = pytest.mark.unit

ROUTE = AudioRouteNotice(1, "item_engine", "resp_1", "item_1", 0)


class Listening:
    """Stands in for the conversation: keeps what it is given."""

    def __init__(self) -> None:
        self.fed: list[h.Event] = []
        self.heard: list[str] = []
        self.machine = self
        self.client = None

    def feed(self, event: h.Event) -> None:
        self.fed.append(event)

    def hear(self, audio: str) -> None:
        self.heard.append(audio)

    def measured(self, event: h.CallerTruncatedItem) -> h.CallerTruncatedItem:
        return h.CallerTruncatedItem(
            event.item_id, event.audio_end_ms, event.content_index, event.event_id, 900
        )

    def item(self, item_id: str) -> Item | None:
        known = Item(id="item_1", kind="message", role="user", content=(Part(text="hi"),))
        return known if item_id == "item_1" else None


@pytest.fixture
def live() -> Listening:
    return Listening()


@pytest.fixture
def client() -> DoorConnection:
    return DoorConnection("rtc_1")


def take(client: DoorConnection, live: Listening, event: object) -> None:
    frame = event if isinstance(event, str) else json.dumps(event)
    client.take(frame, cast("LiveConversation", live))


async def sent(client: DoorConnection) -> list[dict[str, Any]]:
    client.hang_up("client disconnected")
    frames = []
    while (frame := await client.next_frame()) is not None:
        frames.append(json.loads(frame))
    return frames


async def test_events_are_numbered_in_the_order_they_were_told(client: DoorConnection) -> None:
    client.tell(AudioClearedNotice())
    client.tell(LinkNotice("lost", "not for everybody"))
    client.tell(AudioClearedNotice())
    first, second = await sent(client)
    assert first["event_id"] != second["event_id"]
    assert first["type"] == "input_audio_buffer.cleared"


class Socket:
    """Stands in for the short way out: takes frames while it is free."""

    def __init__(self) -> None:
        self.free = True
        self.sent: list[str] = []

    def send_now(self, frame: str) -> bool:
        if self.free:
            self.sent.append(frame)
        return self.free


async def test_a_frame_is_sent_at_once_where_none_waits(client: DoorConnection) -> None:
    socket = Socket()
    client.send_now = socket.send_now
    client.deliver("one")
    assert socket.sent == ["one"]
    client.hang_up("client disconnected")
    assert await client.next_frame() is None


async def test_no_frame_overtakes_one_that_waits_or_is_being_sent(client: DoorConnection) -> None:
    socket = Socket()
    client.send_now = socket.send_now
    socket.free = False
    client.deliver("one")
    socket.free = True
    client.deliver("two")
    assert await client.next_frame() == "one"
    assert await client.next_frame() == "two"
    client.deliver("three")
    assert await client.next_frame() == "three"
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(client.next_frame())
        await asyncio.sleep(0)
        client.deliver("four")
        client.hang_up("because")
    assert (waiting.result(), socket.sent) == (None, ["four"])


async def test_speech_goes_out_under_the_names_of_the_reply(client: DoorConnection) -> None:
    client.play(AudioDelta(1, "item_engine", "resp_engine", "AAAA"), ROUTE)
    client.flush()
    (event,) = await sent(client)
    assert (event["response_id"], event["item_id"], event["delta"]) == ("resp_1", "item_1", "AAAA")


async def test_a_client_that_plays_by_itself_cannot_be_held_back(client: DoorConnection) -> None:
    assert not client.pause()
    client.resume()


async def test_a_frame_is_waited_for(client: DoorConnection) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(client.next_frame())
        await asyncio.sleep(0)
        client.tell(AudioClearedNotice())
    assert "cleared" in (waiting.result() or "")


@pytest.mark.parametrize(
    ("reason", "code"), [("replaced", 4409), ("moved", 1012), ("shutdown", 1012), ("because", 1000)]
)
def test_the_close_code_says_why(client: DoorConnection, reason: str, code: int) -> None:
    assert client.close_code == 1000
    client.hang_up(reason)
    assert client.close_code == code


async def test_a_client_that_reads_too_slowly_is_hung_up_on(
    client: DoorConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    for _ in range(4):
        client.tell(AudioClearedNotice())
    assert (client.closing, client.close_code) == ("slow_reader", 1013)
    assert await client.next_frame() is None


async def test_events_reach_the_conversation(client: DoorConnection, live: Listening) -> None:
    take(client, live, {"type": "response.create", "event_id": "event_1"})
    take(client, live, {"type": "input_audio_buffer.append", "audio": "AAAA"})
    take(client, live, {"type": "conversation.item.truncate", "item_id": "item_1", "audio_end_ms": 10})
    assert live.fed == [
        h.CallerAskedResponse({}, "event_1"),
        h.CallerTruncatedItem("item_1", 10, 0, None, 900),
    ]
    assert live.heard == ["AAAA"]
    assert await sent(client) == []


async def test_an_item_is_retrieved(client: DoorConnection, live: Listening) -> None:
    take(client, live, {"type": "conversation.item.retrieve", "item_id": "item_1"})
    (event,) = await sent(client)
    assert (event["type"], event["item"]["content"][0]["text"]) == ("conversation.item.retrieved", "hi")


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ("{", "invalid_json", None),
        ("[]", "invalid_json", None),
        ({"type": "dance"}, "invalid_value", "type"),
        ({"type": "response.create", "more": 1}, "unknown_parameter", "more"),
        ({"type": "conversation.item.retrieve"}, "missing_required_parameter", "item_id"),
        ({"type": "conversation.item.retrieve", "item_id": "x"}, "item_retrieve_invalid_item_id", None),
        ({"type": "output_audio_buffer.clear"}, "invalid_value", "type"),
    ],
)
async def test_what_is_refused_is_told_and_changes_nothing(
    client: DoorConnection, live: Listening, event: Any, code: str, param: str | None
) -> None:
    if isinstance(event, dict):
        event["event_id"] = "event_7"
    take(client, live, event)
    (told,) = await sent(client)
    assert (told["type"], told["error"]["code"], told["error"]["param"]) == ("error", code, param)
    assert told["error"]["event_id"] == (None if isinstance(event, str) else "event_7")
    assert live.fed == []


async def test_binary_frames_are_refused(client: DoorConnection) -> None:
    client.refuse_binary()
    (told,) = await sent(client)
    assert told["error"]["code"] == "invalid_event"
