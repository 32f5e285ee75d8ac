"""A caller and the media server, over a real socket."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from orchestrator.media.caller import CallerEvents, MediaCaller
from orchestrator.media.errors import ConnectError
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.server import MediaServer
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.driver import Driver
from tests.media.signals import Signals
from tests.media.sound import tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


class Listener:
    """What a caller was told."""

    def __init__(self, codec: WireCodec = WireCodec.PCMU) -> None:
        self.signals = Signals()
        self.packets: list[RtpPacket] = []
        self.events: list[str] = []
        self.closed = 0
        self.caller = MediaCaller(CallerEvents(self._packet, self._event, self._over), codec)

    def _packet(self, packet: RtpPacket, now: float) -> None:
        del now
        self.packets.append(packet)
        self.signals.poke()

    def _event(self, text: str) -> None:
        self.events.append(text)
        self.signals.poke()

    def _over(self) -> None:
        self.closed += 1
        self.signals.poke()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    made = Listener()
    yield made
    await made.caller.close()


async def test_sound_and_events_go_both_ways(server: MediaServer, listener: Listener) -> None:
    driver, caller = Driver(), listener.caller
    call = await server.answer(await caller.offer(), driver.handlers(), audio_format=AudioFormat.PCMU)
    assert not caller.send_event("too early")
    await caller.accept(call.answer_sdp)
    await caller.connected(10)
    assert call.codec is WireCodec.PCMU
    caller.send_event("hello")
    call.send_event("good day")
    for mark in range(5):
        caller.send_packet(bytes([mark]) * 160)
    call.send_audio("item_1", b"\x05" * 160)
    call.complete_audio("item_1")
    await driver.signals.until(lambda: len(driver.heard) >= 800 and driver.events)
    await listener.signals.until(lambda: listener.packets and listener.events)
    assert bytes(driver.heard) == b"".join(bytes([mark]) * 160 for mark in range(5))
    assert driver.positions == [0, 20, 40, 60, 80]
    assert listener.packets[0].payload == b"\x05" * 160
    assert (driver.events, listener.events) == (["hello"], ["good day"])


async def test_what_is_lost_on_purpose_is_missed_and_reported(
    server: MediaServer, listener: Listener
) -> None:
    driver, caller = Driver(), listener.caller
    call = await server.answer(await caller.offer(), driver.handlers(), audio_format=AudioFormat.PCMU)
    await caller.accept(call.answer_sdp)
    await caller.connected(10)
    for number in range(10):
        if number == 4:
            caller.lose_packet()
        else:
            caller.send_packet(bytes(160))
    await driver.signals.until(lambda: driver.positions and driver.positions[-1] == 180)
    assert call.statistics().packets_lost == 1
    async with asyncio.timeout(PATIENCE):
        while caller.delivery.lost != 1:  # noqa: ASYNC110 - the server reports once a second
            await asyncio.sleep(0.05)


async def test_the_listeners_reports_reach_the_server(server: MediaServer, listener: Listener) -> None:
    driver, caller = Driver(), listener.caller
    call = await server.answer(await caller.offer(), driver.handlers(), audio_format=AudioFormat.PCMU)
    await caller.accept(call.answer_sdp)
    await caller.connected(10)
    call.send_audio("item_1", tone(500, 4.0)[:32000])
    async with asyncio.timeout(PATIENCE):
        while call.statistics().round_trip_ms is None:  # noqa: ASYNC110 - reports go once a second
            await asyncio.sleep(0.05)
    assert caller.reception.lost == 0


async def test_the_end_of_the_call_is_told(server: MediaServer, listener: Listener) -> None:
    driver, caller = Driver(), listener.caller
    call = await server.answer(await caller.offer(), driver.handlers(), audio_format=AudioFormat.PCMU)
    await caller.accept(call.answer_sdp)
    await caller.connected(10)
    await call.close()
    await listener.signals.until(lambda: listener.closed)


async def test_what_is_said_after_the_end_of_the_call_goes_nowhere(
    server: MediaServer, listener: Listener
) -> None:
    driver, caller = Driver(), listener.caller
    call = await server.answer(await caller.offer(), driver.handlers(), audio_format=AudioFormat.PCMU)
    await caller.accept(call.answer_sdp)
    await caller.connected(10)
    await call.close()
    await listener.signals.until(lambda: listener.closed)
    transport = next(iter(caller._ice._protocols)).transport
    async with asyncio.timeout(PATIENCE):
        while not transport.is_closing():  # noqa: ASYNC110 - aiortc closes it by itself, and does not tell
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)  # it is let go of in the loop's next round
    caller.send_packet(bytes(160))
    assert driver.positions == []


async def test_a_service_that_cannot_be_reached_is_given_up(server: MediaServer, listener: Listener) -> None:
    call = await server.answer(await listener.caller.offer(), Driver().handlers())
    answer = re.sub(r"a=ice-pwd:\S+", "a=ice-pwd:" + "x" * 24, call.answer_sdp)
    await listener.caller.accept(answer)
    with pytest.raises(ConnectError, match=r"No connection|gave the connection up"):
        await listener.caller.connected(0.2)


async def test_a_caller_that_never_called_closes() -> None:
    await Listener(WireCodec.OPUS).caller.close()
