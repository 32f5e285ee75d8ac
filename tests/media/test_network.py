"""Real calls over a network that loses, reorders, repeats, hides addresses; and many calls on one port."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable

import pytest

from orchestrator.media.server import MediaServer
from tests.media.driver import Driver, place_call
from tests.media.sound import likeness, pitch_of, speech, tone
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media

Send = Callable[[bytes], Awaitable[None]]


def disturb(client: StockClient, through: Callable[[Send, bytes], Awaitable[None]]) -> None:
    """Let what a client sends of its sound pass through something, after it was protected."""
    path = client.dtls.transport
    plain = path._send

    async def disturbed(data: bytes) -> None:
        if 128 <= data[0] <= 191 and data[1] & 0x7F == 96:
            await through(plain, data)
        else:
            await plain(data)

    path._send = disturbed


async def has_heard(someone: Driver | StockClient, milliseconds: int) -> None:
    await someone.signals.until(lambda: len(someone.heard) >= 48 * milliseconds)


@pytest.mark.parametrize("loss", [0.0, 0.03, 0.10])
async def test_under_loss_speech_keeps_its_length(server: MediaServer, loss: float) -> None:
    chance, said = random.Random(9), speech(4)
    async with StockClient(said) as client:

        async def lossy(send: Send, data: bytes) -> None:
            if chance.random() >= loss:
                await send(data)

        driver = Driver()
        call = await server.answer(await client.offer(), driver.handlers())
        disturb(client, lossy)
        await client.take(call.answer_sdp)
        await driver.signals.until(lambda: driver.positions and driver.positions[-1] >= 3980)
        statistics = call.statistics()
        heard = len(driver.heard) // 48
        sent = driver.positions[-1] + 20 - driver.positions[0]
        assert heard >= (1.0 if loss == 0 else 0.98) * sent
        assert likeness(bytes(driver.heard), said) > 0.85 - 2 * loss
        assert (statistics.packets_lost > 0) is (loss > 0)
        assert statistics.packets_late == 0


async def test_reordered_and_repeated_packets_take_their_places(server: MediaServer) -> None:
    said, held, count = speech(3), [], 0
    async with StockClient(said) as client:

        async def shuffled(send: Send, data: bytes) -> None:
            nonlocal count
            count += 1
            if count % 10 == 5:
                held.append(data)
                return
            await send(data)
            if count % 10 == 8:
                await send(data)
            if count % 10 == 7:  # two packets later: what comes within a beat is put in order as it is read
                await send(held.pop())

        driver = Driver()
        call = await server.answer(await client.offer(), driver.handlers())
        disturb(client, shuffled)
        await client.take(call.answer_sdp)
        await driver.signals.until(lambda: driver.positions and driver.positions[-1] >= 2980)
        assert driver.positions == sorted(set(driver.positions))
        assert likeness(bytes(driver.heard), said) > 0.85
        assert call.statistics().packets_reordered >= 10
        assert call.statistics().packets_lost == 0


async def test_an_offer_with_hidden_addresses_connects_by_the_clients_own_checks(server: MediaServer) -> None:
    hidden = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local"
    async with StockClient(tone(500, 2)) as client:
        driver = Driver()
        offer = re.sub(r"(a=candidate:\S+ \d udp \d+) \S+", rf"\1 {hidden}", await client.offer())
        assert "a=end-of-candidates" in offer
        call = await server.answer(offer, driver.handlers())
        await client.take(call.answer_sdp)
        await driver.connected()
        await driver.signals.until(lambda: driver.heard)


async def test_an_offer_without_any_address_connects_too(server: MediaServer) -> None:
    async with StockClient(tone(500, 2)) as client:
        driver = Driver()
        offer = re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", await client.offer())
        call = await server.answer(offer, driver.handlers())
        await client.take(call.answer_sdp)
        await driver.connected()


async def test_many_calls_share_one_port_and_keep_their_sounds_apart(server: MediaServer) -> None:
    pitches = [300 + 100 * number for number in range(10)]
    clients = [StockClient(tone(pitch, 4)) for pitch in pitches]
    try:
        placed = [await place_call(server, client) for client in clients]
        for (call, _), pitch in zip(placed, pitches, strict=True):
            call.send_audio("item", tone(pitch + 50, 3))
        for client, (_, driver) in zip(clients, placed, strict=True):
            await has_heard(driver, 1000)
            await has_heard(client, 1000)
        for client, (_, driver), pitch in zip(clients, placed, pitches, strict=True):
            assert abs(pitch_of(bytes(driver.heard[24000:48000])) - pitch) < 5
            assert abs(pitch_of(bytes(client.heard[24000:48000])) - pitch - 50) < 5
        assert server.counts.refused_media == 0
        assert len(server.calls) == 10
    finally:
        await asyncio.gather(*(client.close() for client in clients))


async def test_a_new_connection_can_follow_one_whose_network_died(server: MediaServer) -> None:
    async with StockClient(tone(500, 5)) as first, StockClient(tone(700, 3)) as second:
        _, old = await place_call(server, first)

        async def dead(send: Send, data: bytes) -> None:
            del send, data

        disturb(first, dead)
        _, new = await place_call(server, second)
        await new.signals.until(lambda: len(new.heard) >= 48 * 600)
        assert abs(pitch_of(bytes(new.heard[9600 : 48 * 600])) - 700) < 5
        assert old.closed == []
