"""A driver for tests: notes everything its call tells, and a way to join a stock client to it."""

import dataclasses

from orchestrator.media.call import MediaCall
from orchestrator.media.errors import CloseReason
from orchestrator.media.handlers import LinkState, MediaHandlers
from orchestrator.media.server import MediaServer
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.signals import Signals
from tests.media.stock_client import StockClient


@dataclasses.dataclass
class Driver:
    """What one call told."""

    signals: Signals = dataclasses.field(default_factory=Signals)
    heard: bytearray = dataclasses.field(default_factory=bytearray)
    positions: list[int] = dataclasses.field(default_factory=list)
    events: list[str] = dataclasses.field(default_factory=list)
    happened: list[str] = dataclasses.field(default_factory=list)
    links: list[LinkState] = dataclasses.field(default_factory=list)
    closed: list[CloseReason] = dataclasses.field(default_factory=list)

    def handlers(self) -> MediaHandlers:
        return MediaHandlers(
            on_connected=lambda: self._note("connected"),
            on_audio=self._audio,
            on_event=self._event,
            on_channel_open=lambda: self._note("channel open"),
            on_playout_started=lambda item_id: self._note(f"started {item_id}"),
            on_playout_ended=lambda item_id: self._note(f"ended {item_id}"),
            on_link=self._link,
            on_closed=self._closed,
        )

    async def connected(self) -> None:
        await self.signals.until(lambda: "connected" in self.happened)

    async def ended(self) -> CloseReason:
        await self.signals.until(lambda: self.closed)
        return self.closed[0]

    def _note(self, what: str) -> None:
        self.happened.append(what)
        self.signals.poke()

    def _audio(self, sound: bytes, position: int) -> None:
        self.heard += sound
        self.positions.append(position)
        self.signals.poke()

    def _event(self, text: str) -> None:
        self.events.append(text)
        self.signals.poke()

    def _link(self, link: LinkState) -> None:
        self.links.append(link)
        self.signals.poke()

    def _closed(self, reason: CloseReason) -> None:
        self.closed.append(reason)
        self.signals.poke()


async def place_call(
    server: MediaServer,
    client: StockClient,
    driver: Driver | None = None,
    *,
    audio_format: AudioFormat = AudioFormat.PCM,
    prefer: WireCodec | None = None,
) -> tuple[MediaCall, Driver]:
    """Connect a client to a server; return the call and its driver once sound can flow."""
    driver = driver or Driver()
    call = await server.answer(
        await client.offer(), driver.handlers(), audio_format=audio_format, prefer=prefer
    )
    await client.take(call.answer_sdp)
    await driver.connected()
    await client.connected()
    return call, driver
