"""Real calls on loopback, against stock aiortc."""

import asyncio
import time

import pytest

from orchestrator.media import call as call_module
from orchestrator.media import handlers as handlers_module
from orchestrator.media.errors import CloseCode, CloseReason, ConnectError, EventTooLargeError
from orchestrator.media.handlers import LinkState, MediaHandlers
from orchestrator.media.peer import Peer
from orchestrator.media.phrase import CachedSound
from orchestrator.media.rtcp import ReceptionReport
from orchestrator.media.server import MediaServer
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.driver import Driver, place_call
from tests.media.offers import CHROMIUM
from tests.media.signals import Signals
from tests.media.sound import likeness, pitch_of, speech, tone
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media


async def test_sound_goes_both_ways_at_once(server: MediaServer) -> None:
    said, answered = speech(2, seed=1), tone(600, 1.5)
    async with StockClient(said) as client:
        call, driver = await place_call(server, client)
        call.send_audio("item", answered)
        call.complete_audio("item")
        await driver.signals.until(lambda: len(driver.heard) >= len(said) + 9600)
        await client.signals.until(lambda: len(client.heard) >= 48 * 1000)
        assert likeness(bytes(driver.heard), said) > 0.85
        assert abs(pitch_of(bytes(client.heard[9600 : 48 * 900])) - 600) < 5
        assert call.codec is WireCodec.OPUS
        assert {"started item", "ended item"} <= set(driver.happened)
        assert call.played_ms("item") == 1500
        statistics = call.statistics()
        assert statistics.packets_received >= 100
        assert (statistics.packets_lost, statistics.frames_undecodable, statistics.dropped_ms) == (0, 0, 0)


async def test_events_go_both_ways_and_early_ones_wait_for_the_channel(server: MediaServer) -> None:
    driver = Driver()
    async with StockClient() as client:
        call = await server.answer(await client.offer(), driver.handlers())
        assert call.send_event("first")
        assert call.send_event("second")
        await client.take(call.answer_sdp)
        channel = await client.channel_open()
        await client.signals.until(lambda: len(client.events) == 2)
        channel.send("hello")
        await driver.signals.until(lambda: driver.events)
        assert client.events == ["first", "second"]
        assert driver.events == ["hello"]
        assert "channel open" in driver.happened


async def test_an_event_longer_than_the_client_takes_is_an_error(server: MediaServer) -> None:
    async with StockClient() as client:
        call, _ = await place_call(server, client)
        await client.channel_open()
        with pytest.raises(EventTooLargeError, match="262144"):
            call.send_event("x" * 262145)
        assert call.send_event("x" * 262144)
        await client.signals.until(lambda: client.events)


async def test_g711_passes_through_when_the_engine_speaks_it(server: MediaServer) -> None:
    async with StockClient(tone(500, 2)) as client:
        call, driver = await place_call(server, client, audio_format=AudioFormat.PCMU)
        assert call.codec is WireCodec.PCMU
        await driver.signals.until(lambda: len(driver.heard) >= 8 * 500)
        assert len(driver.heard) == 8 * 20 * len(driver.positions)


async def test_a_client_without_opus_is_heard_and_hears(server: MediaServer) -> None:
    async with StockClient(tone(500, 2), codec="audio/PCMA") as client:
        call, driver = await place_call(server, client)
        assert call.codec is WireCodec.PCMA
        call.send_audio("item", tone(700, 1))
        await driver.signals.until(lambda: len(driver.heard) >= 48 * 1000)
        await client.signals.until(lambda: len(client.heard) >= 48 * 600)
        assert abs(pitch_of(bytes(driver.heard[9600:48000])) - 500) < 5
        assert abs(pitch_of(bytes(client.heard[9600 : 48 * 600])) - 700) < 5


async def test_a_preferred_codec_is_taken(server: MediaServer) -> None:
    async with StockClient() as client:
        call, _ = await place_call(server, client, prefer=WireCodec.PCMU)
        assert call.codec is WireCodec.PCMU
        assert call.audio_format is AudioFormat.PCM


async def test_a_call_can_be_sound_alone(server: MediaServer) -> None:
    async with StockClient(tone(500, 2), channel="") as client:
        call, driver = await place_call(server, client)
        await driver.signals.until(lambda: driver.heard)
        assert not call.send_event("nobody hears")


async def test_a_call_can_be_events_alone(server: MediaServer) -> None:
    async with StockClient(audio=False) as client:
        call, driver = await place_call(server, client)
        channel = await client.channel_open()
        channel.send("hello")
        await driver.signals.until(lambda: driver.events)
        assert call.codec is None
        assert not call.send_audio("item", bytes(960))
        call.complete_audio("item")
        call.pause()
        call.resume()
        assert call.flush().played_ms == {}
        assert (call.played_ms("item"), call.queued_ms, call.epoch, call.epoch_played_ms) == (0, 0, 0, 0)
        assert call.statistics().codec == ""


async def test_a_flush_stops_the_sound_within_one_packet(server: MediaServer) -> None:
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        call.send_audio("old", tone(600, 10))
        await client.signals.until(lambda: client.frames >= 20)
        flushed = call.flush()
        at_flush = call.statistics().packets_sent
        call.send_audio("old", tone(600, 10))
        call.send_audio("new", tone(900, 0.2), epoch=flushed.epoch)
        call.complete_audio("new")
        await driver.signals.until(lambda: "ended new" in driver.happened)
        assert flushed.played_ms == {"old": at_flush * 20}
        assert call.played_ms("old") == at_flush * 20
        assert (call.epoch, call.epoch_played_ms) == (1, 200)
        assert call.statistics().stale_ms == 10_000


async def test_what_was_played_is_what_the_client_received(server: MediaServer) -> None:
    async with StockClient() as client:
        call, _ = await place_call(server, client)
        received = []
        plain = client.dtls._handle_rtp_data

        async def counted(data: bytes, arrival_time_ms: int) -> None:
            received.append(data)
            await plain(data, arrival_time_ms)

        client.dtls._handle_rtp_data = counted
        call.send_audio("item", tone(600, 10))
        await client.signals.until(lambda: client.frames >= 30)
        played = call.flush().played_ms["item"]
        assert abs(played - 20 * len(received)) <= 20


async def test_a_cached_greeting_is_heard(server: MediaServer) -> None:
    greeting = CachedSound(tone(800, 1))
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        call.send_audio("greeting", greeting)
        call.complete_audio("greeting")
        await driver.signals.until(lambda: "ended greeting" in driver.happened)
        assert abs(pitch_of(bytes(client.heard[9600 : 48 * 600])) - 800) < 5
        assert call.played_ms("greeting") == 1000


async def test_playout_can_pause_and_go_on(server: MediaServer) -> None:
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        call.send_audio("item", tone(600, 0.4))
        call.complete_audio("item")
        await driver.signals.until(lambda: "started item" in driver.happened)
        call.pause()
        held = call.queued_ms
        assert held >= 340
        call.resume()
        await driver.signals.until(lambda: "ended item" in driver.happened)


async def test_loss_jitter_and_round_trip_are_measured(server: MediaServer) -> None:
    async with StockClient(tone(500, 5)) as client:
        began = time.monotonic()
        call, driver = await place_call(server, client)
        call.send_audio("item", tone(600, 5))
        await driver.signals.until(lambda: call.statistics().round_trip_ms is not None)
        passed = time.monotonic() - began
        statistics = call.statistics()
        assert statistics.round_trip_ms is not None
        assert 0 <= statistics.round_trip_ms < passed * 1000
        assert statistics.jitter_ms < passed * 1000
        assert statistics.silent_seconds < passed


async def test_when_the_client_leaves_the_call_says_so(server: MediaServer) -> None:
    client = StockClient()
    call, driver = await place_call(server, client)
    await client.close()
    assert (await driver.ended()).code is CloseCode.CLIENT_CLOSED
    assert call.link is LinkState.CLOSED
    assert call.statistics().codec == "opus"


async def test_when_the_server_ends_the_call_the_client_sees_it(server: MediaServer) -> None:
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        await call.close("Good night.")
        assert driver.closed[0].message == "Good night."
        await client.signals.until(lambda: client.peer.connectionState == "closed")
        assert not call.send_audio("item", bytes(960))
        assert not call.send_event("too late")
        await call.close()
        assert len(driver.closed) == 1


async def test_a_driver_that_raises_ends_its_own_call_and_no_other(server: MediaServer) -> None:
    def broken(sound: bytes, position: int) -> None:
        raise RuntimeError("driver")

    signals, reasons = Signals(), []

    def closed(reason: CloseReason) -> None:
        reasons.append(reason)
        signals.poke()

    bad = MediaHandlers(on_audio=broken, on_closed=closed)
    async with StockClient(tone(500, 2)) as one, StockClient(tone(500, 2)) as two:
        call = await server.answer(await one.offer(), bad)
        _, driver = await place_call(server, two)
        await one.take(call.answer_sdp)
        await signals.until(lambda: reasons)
        assert reasons[0].code is CloseCode.INTERNAL_ERROR
        before = len(driver.heard)
        await driver.signals.until(lambda: len(driver.heard) > before + 9600)


async def test_a_lossy_listener_is_sent_error_correction(server: MediaServer) -> None:
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        dropped = 0
        plain = client.dtls._handle_rtp_data

        async def lossy(data: bytes, arrival_time_ms: int) -> None:
            nonlocal dropped
            dropped += 1
            if dropped % 8:
                await plain(data, arrival_time_ms)

        client.dtls._handle_rtp_data = lossy
        call.send_audio("item", speech(15))
        await driver.signals.until(lambda: driver.heard and call.statistics().error_correction)
        assert call.statistics().listener_packets_lost > 0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the watch look often and lose patience soon."""
    monkeypatch.setattr(call_module, "_REPORT_INTERVAL", 0.05)
    monkeypatch.setattr(handlers_module, "QUIET_AFTER", 0.3)
    monkeypatch.setattr(handlers_module, "SUSPEND_AFTER", 0.6)


async def test_a_client_that_falls_silent_is_quiet_then_suspended_then_back(
    hasty: None, server: MediaServer
) -> None:
    async with StockClient(speech(10)) as client:
        call, driver = await place_call(server, client)
        await driver.signals.until(lambda: driver.heard)
        path = client.dtls.transport
        plain = path._send

        async def nowhere(data: bytes) -> None:
            del data

        path._send = nowhere
        await driver.signals.until(lambda: LinkState.SUSPENDED in driver.links)
        assert call.link is LinkState.SUSPENDED
        path._send = plain
        await driver.signals.until(lambda: driver.links[-1] is LinkState.CONNECTED)
        assert driver.links == [LinkState.QUIET, LinkState.SUSPENDED, LinkState.CONNECTED]
        assert driver.closed == []


async def test_a_call_that_cannot_connect_says_why(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: Peer) -> None:
        raise ConnectError(CloseCode.ICE_FAILED, "No path.")

    monkeypatch.setattr(Peer, "connect", fails)
    driver = Driver()
    await server.answer(CHROMIUM, driver.handlers())
    reason = await driver.ended()
    assert (reason.code, reason.message) == (CloseCode.ICE_FAILED, "No path.")
    assert "connected" not in driver.happened


async def test_a_fault_of_ours_while_connecting_ends_that_call_alone(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Peer) -> None:
        raise ZeroDivisionError

    driver = Driver()
    with monkeypatch.context() as patched:
        patched.setattr(Peer, "connect", breaks)
        await server.answer(CHROMIUM, driver.handlers())
        assert (await driver.ended()).code is CloseCode.INTERNAL_ERROR
    async with StockClient() as client:
        await place_call(server, client)


async def test_a_release_that_hangs_is_given_up(server: MediaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Peer.close

    async def hangs(peer: Peer) -> None:
        await real(peer)
        await asyncio.Event().wait()

    monkeypatch.setattr(Peer, "close", hangs)
    monkeypatch.setattr(call_module, "_RELEASE_DEADLINE", 0.05)
    driver = Driver()
    call = await server.answer(CHROMIUM, driver.handlers())
    await call.close()
    assert driver.closed[0].code is CloseCode.SERVER_CLOSED


async def test_reports_on_another_source_are_passed_over(server: MediaServer) -> None:
    call = await server.answer(CHROMIUM, MediaHandlers())
    call._report([ReceptionReport(1, 255, 1000, 0, 0, 0, 0)], 1.0)
    assert call.statistics().listener_packets_lost == 0
