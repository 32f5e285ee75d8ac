"""A WebRTC client of the door, with a data channel and a conversation that the test plays."""

import json
import random
from typing import Any, cast

import pytest

from orchestrator.api.door.call_connection import CallConnection
from orchestrator.api.door.incoming import READERS
from orchestrator.call.live import LiveConversation
from orchestrator.core.configuration import Wishes
from orchestrator.core.events import CallerUpdated
from orchestrator.core.notices import AudioClearedNotice, PlaybackNotice
from orchestrator.media.call import MediaCall
from orchestrator.media.errors import EventTooLargeError
from orchestrator.media.playout import Flushed

pytestmark = pytest.mark.unit


class Channel:
    """Stands in for the media path; takes events up to a size."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.largest = 65536
        self.flushes = 0

    def pause(self) -> None:
        """Nothing plays here."""

    def send_event(self, text: str) -> bool:
        if len(text) > self.largest:
            raise EventTooLargeError("The event is too long.")
        self.events.append(json.loads(text))
        return True

    def flush(self) -> Flushed:
        self.flushes += 1
        return Flushed(self.flushes, {})


class Live:
    """Stands in for the conversation."""

    def __init__(self) -> None:
        self.client: object = None
        self.fed: list[object] = []
        self.machine = self
        self.wishes = Wishes()

    def join(self, client: object, **_: object) -> None:
        self.client = client

    def feed(self, event: object) -> None:
        self.fed.append(event)

    def flush(self) -> None:
        cast("CallConnection", self.client).flush()

    def hear(self, audio: str) -> None:
        self.fed.append(audio)

    def item(self, item_id: str) -> None:
        """There are no items."""

    def measured(self, event: object) -> object:
        return event


class Client:
    """A connection that has joined."""

    def __init__(self) -> None:
        self.channel, self.live = Channel(), Live()
        self.connection = CallConnection("rtc_1")
        self.connection.line.attach(cast("MediaCall", self.channel))
        self.connection.join(cast("LiveConversation", self.live), wishes=Wishes())

    def says(self, kind: str, **fields: object) -> None:
        self.connection.line.handlers().on_event(json.dumps({"type": kind, **fields}))

    def asks_for(self, kind: str) -> None:
        audio = {"output": {"format": {"type": kind} | ({"rate": 24000} if kind == "audio/pcm" else {})}}
        self.says("session.update", session={"type": "realtime", "audio": audio})


def test_what_is_told_goes_out_on_the_channel() -> None:
    client = Client()
    client.connection.tell(PlaybackNotice("started", "resp_1"))
    (event,) = client.channel.events
    assert (event["type"], event["response_id"]) == ("output_audio_buffer.started", "resp_1")


def test_an_event_that_is_too_large_becomes_an_error() -> None:
    client = Client()
    client.channel.largest = 300
    client.connection.tell(AudioClearedNotice())
    client.connection.tell(PlaybackNotice("started", "resp_" + "1" * 300))
    first, second = client.channel.events
    assert first["type"] == "input_audio_buffer.cleared"
    assert second["error"]["code"] == "event_too_large"


def test_a_client_clears_what_is_to_be_heard() -> None:
    client = Client()
    client.says("output_audio_buffer.clear")
    assert client.channel.flushes == 1
    assert not client.channel.events


def test_what_is_to_be_heard_can_be_held_back() -> None:
    client = Client()
    assert client.connection.pause()
    client.connection.resume()
    assert client.connection.line.is_paused is False


def test_the_format_stays_and_everything_else_may_change() -> None:
    client = Client()
    client.asks_for("audio/pcmu")
    (error,) = client.channel.events
    assert error["error"]["param"] == "session.audio.output.format"
    assert not client.live.fed
    client.asks_for("audio/pcm")
    assert isinstance(client.live.fed[0], CallerUpdated)


def test_a_client_that_has_lost_the_line_is_not_listened_to() -> None:
    client = Client()
    client.live.client = None
    client.asks_for("audio/pcm")
    assert not client.live.fed


def test_ten_thousand_events_of_noise_are_refused_in_words_and_change_nothing() -> None:
    chance, client = random.Random(4), Client()
    take = client.connection.line.handlers().on_event
    kinds = [
        *READERS,
        "input_audio_buffer.append",
        "output_audio_buffer.clear",
        "session.update",
        "x",
        7,
        None,
    ]
    names = ["item", "session", "audio", "item_id", "response", "audio_end_ms", "previous_item_id"]
    values: list[Any] = [None, -1, 1e300, "", "item_1", [], {}, [[{}]], {"type": "message"}, "\ud800", True]
    for _ in range(10_000):
        event: dict[str, Any] = {"type": chance.choice(kinds)}
        event |= {chance.choice(names): chance.choice(values) for _ in range(chance.randrange(3))}
        text = json.dumps(event)
        take(chance.choice([text, text[: chance.randrange(len(text))], text[::-1], repr(event)]))
    refused = client.channel.events
    assert {event["type"] for event in refused} == {"error"}
    assert all(event["error"]["message"] for event in refused)
    assert len(refused) + len(client.live.fed) + client.channel.flushes <= 10_000
    before = len(client.live.fed)
    client.says("response.create")
    assert len(client.live.fed) == before + 1
