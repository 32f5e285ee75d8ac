"""What a client may say and is told, whatever carries it."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestrator.api.door.dialogue import Dialogue
from orchestrator.call.live import LiveConversation
from orchestrator.core.configuration import Wishes
from orchestrator.core.events import CallerTruncatedItem, CallerUpdated

pytestmark = pytest.mark.unit


@dataclass
class Listener:
    """Stands for a conversation: keeps what it is told."""

    transport: str = "websocket"
    heard: list[str] = field(default_factory=list)
    fed: list[Any] = field(default_factory=list)
    flushes: int = 0

    @property
    def client(self) -> SimpleNamespace:
        return SimpleNamespace(transport=self.transport)

    @property
    def machine(self) -> SimpleNamespace:
        return SimpleNamespace(wishes=Wishes(), item=lambda _: None)

    def hear(self, audio: str) -> None:
        self.heard.append(audio)

    def feed(self, event: Any) -> None:
        self.fed.append(event)

    def measured(self, event: CallerTruncatedItem) -> CallerTruncatedItem:
        return event

    def flush(self) -> None:
        self.flushes += 1


@dataclass
class Client:
    """One side of a dialogue with a listener on the other."""

    listener: Listener
    told: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dialogue = Dialogue(self)

    def deliver(self, frame: str) -> None:
        self.told.append(json.loads(frame))

    def says(self, frame: str | dict[str, Any]) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.dialogue.take(text, cast(LiveConversation, self.listener))

    @property
    def error(self) -> dict[str, Any]:
        (event,) = self.told
        assert event["type"] == "error"
        return cast(dict[str, Any], event["error"])


@pytest.fixture
def client() -> Client:
    return Client(Listener())


@pytest.fixture
def phone() -> Client:
    return Client(Listener(transport="webrtc"))


def in_format(kind: str) -> dict[str, Any]:
    audio = {"input": {"format": {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}}}
    return {"type": "session.update", "event_id": "mine", "session": {"type": "realtime", "audio": audio}}


def test_sound_is_heard_as_it_came(client: Client) -> None:
    client.says({"type": "input_audio_buffer.append", "audio": "AAAA"})
    assert client.listener.heard == ["AAAA"]
    assert client.told == []


def test_an_event_is_told_to_the_conversation(client: Client) -> None:
    client.says(
        {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 7}
    )
    (event,) = client.listener.fed
    assert (event.item_id, event.audio_end_ms) == ("item_1", 7)


@pytest.mark.parametrize("frame", ["{", "[]", '"text"', ""])
def test_what_is_no_event_is_an_error_and_changes_nothing(client: Client, frame: str) -> None:
    client.says(frame)
    assert client.error["message"]
    assert (client.listener.fed, client.listener.heard) == ([], [])


def test_a_refusal_names_the_event_that_it_is_about(client: Client) -> None:
    client.says({"type": "no.such.event", "event_id": "mine"})
    assert client.error["event_id"] == "mine"
    assert client.listener.fed == []


def test_after_an_error_the_dialogue_goes_on(client: Client) -> None:
    client.says("{")
    client.says({"type": "input_audio_buffer.append", "audio": "AAAA"})
    assert client.listener.heard == ["AAAA"]


def test_an_item_that_is_not_there_cannot_be_retrieved(client: Client) -> None:
    client.says({"type": "conversation.item.retrieve", "item_id": "item_nowhere"})
    assert client.error["code"] == "item_retrieve_invalid_item_id"
    assert "item_nowhere" in client.error["message"]


def test_only_a_call_with_our_playout_can_have_it_cleared(client: Client, phone: Client) -> None:
    for each in (client, phone):
        each.says({"type": "output_audio_buffer.clear"})
    assert client.error["param"] == "type"
    assert (client.listener.flushes, phone.listener.flushes) == (0, 1)


def test_a_webrtc_call_keeps_the_format_that_it_began_with(client: Client, phone: Client) -> None:
    for each in (client, phone):
        each.says(in_format("audio/pcmu"))
    assert [type(event) for event in client.listener.fed] == [CallerUpdated]
    assert phone.error["param"] == "session.audio.input.format"
    assert phone.listener.fed == []


def test_a_webrtc_call_may_name_the_format_that_it_has(phone: Client) -> None:
    phone.says(in_format("audio/pcm"))
    assert [type(event) for event in phone.listener.fed] == [CallerUpdated]


def test_every_event_to_the_client_has_an_id_of_its_own(client: Client) -> None:
    client.says("{")
    client.says("{")
    assert len({event["event_id"] for event in client.told}) == 2
