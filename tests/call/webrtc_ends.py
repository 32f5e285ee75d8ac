"""Both ends of one WebRTC call, played by the test: its media path and its conversation."""

import asyncio
import base64
from collections.abc import Callable
from typing import cast

from orchestrator.call.client import CallClient
from orchestrator.call.live import LiveConversation
from orchestrator.call.sound import CallerAudio
from orchestrator.call.webrtc import WebRtcLine
from orchestrator.core.configuration import Wishes
from orchestrator.core.events import Event
from orchestrator.core.notices import AudioRouteNotice, Notice, PlaybackNotice
from orchestrator.media.call import MediaCall
from orchestrator.media.phrase import CachedSound
from orchestrator.media.playout import Flushed
from orchestrator.media.snapshot import CallStatistics
from orchestrator.realtime.connection import AudioDelta

ROUTE = AudioRouteNotice(1, "item_engine", "resp_1", "item_1", 0)
STARTED = PlaybackNotice("started", "resp_1")


class Media:
    """Stands in for the media path."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.cut: dict[str, int] = {}
        self.queued_ms = 0
        self.matches = True
        self.ended = asyncio.Event()

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")

    def send_audio(self, item_id: str, sound: bytes | CachedSound) -> bool:
        self.done.append((item_id, sound))
        return True

    def complete_audio(self, item_id: str) -> None:
        self.done.append(f"complete {item_id}")

    def flush(self) -> Flushed:
        self.done.append("flush")
        cut, self.cut = self.cut, {}
        return Flushed(1, cut)

    def played_ms(self, item_id: str) -> int:
        return 700 if item_id == "item_1" else 0

    def statistics(self) -> CallStatistics:
        return CallStatistics("opus", packets_sent=7)

    def take_over(self, other: "Media") -> bool:
        self.done.append("take over")
        self.queued_ms, other.queued_ms = other.queued_ms, 0
        return self.matches

    def send_event(self, text: str) -> bool:
        self.done.append(text)
        return True

    def end(self) -> None:
        self.ended.set()


class Live:
    """Stands in for the conversation."""

    def __init__(self) -> None:
        self.client: object = None
        self.understands_sound = True
        self.heard: list[CallerAudio] = []
        self.told: list[Notice] = []
        self.plays: list[tuple[str, int]] = []
        self.fed: list[Event] = []
        self.left: list[str] = []
        self.aligned: list[tuple[int, int]] = []

    def join(self, client: object, **_: object) -> None:
        self.client = client

    def take_over(self, client: object) -> None:
        before, self.client = self.client, client
        assert isinstance(before, Client)
        before.line.hang_up()

    def leave(self, client: object, reason: str) -> None:
        assert client is self.client
        self.left.append(reason)

    def hear(self, audio: CallerAudio) -> None:
        self.heard.append(audio)

    def forward(self, audio: bytes) -> Callable[[bytes], None]:
        self.heard.append(audio)
        return self.heard.append

    def feed(self, event: Event) -> None:
        self.fed.append(event)

    @property
    def line(self) -> "Live":
        return self

    @property
    def recording(self) -> "Live":
        return self

    def align(self, left_ms: int, in_ms: int) -> None:
        self.aligned.append((left_ms, in_ms))

    def tell(self, notice: Notice) -> None:
        self.told.append(notice)

    def played(self, item_id: str, milliseconds: int) -> None:
        self.plays.append((item_id, milliseconds))


class Client:
    """Stands in for what the conversation knows of a connection."""

    def __init__(self, line: WebRtcLine) -> None:
        self.line = line
        self.call_id = "rtc_1"


class Call:
    """A line with its two ends."""

    def __init__(self, *, joined: bool = True) -> None:
        self.media, self.live = Media(), Live()
        self.line = WebRtcLine(lambda text: None)
        self.handlers = self.line.handlers()
        self.line.attach(cast("MediaCall", self.media))
        if joined:
            self.join()

    def join(self) -> None:
        client = cast("CallClient", Client(self.line))
        self.line.join(cast("LiveConversation", self.live), client, wishes=Wishes())

    def take_over(self, before: "Call") -> bool:
        self.live = before.live
        return self.line.take_over(before.line, cast("CallClient", Client(self.line)))

    def speak(self, sound: bytes = b"\1\2") -> None:
        audio = base64.b64encode(sound).decode()
        self.line.play(AudioDelta(1, "item_engine", "resp_engine", audio), ROUTE)
