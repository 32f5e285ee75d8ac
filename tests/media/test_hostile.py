"""Junk, forgery and noise against a server with a call on it: the call goes on unharmed."""

import asyncio
import random
import socket

import pytest
from aioice import stun

from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.rtp import is_rtcp
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver, place_call
from tests.media.offers import CHROMIUM
from tests.media.sound import likeness, speech
from tests.media.stock_client import StockClient
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


def forged_check(user: str, password: bytes) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{user}:peer"
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 1
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password)
    return bytes(message)


async def pour(server: MediaServer, datagrams: list[bytes]) -> None:
    """Send datagrams to the port, slowly enough for the socket to hold them, until all are read."""
    before = server.counts.received
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for index, datagram in enumerate(datagrams):
            stranger.sendto(datagram, ("127.0.0.1", server.udp_port))
            if index % 20 == 0:
                await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            while server.counts.received < before + len(datagrams):  # noqa: ASYNC110 - counted, not told
                await asyncio.sleep(0)


async def hears_on(driver: Driver) -> None:
    before = len(driver.heard)
    await driver.signals.until(lambda: len(driver.heard) > before + 4800)


async def test_junk_on_the_port_is_counted_and_the_call_goes_on(server: MediaServer) -> None:
    chance = random.Random(1)
    said = speech(4)
    async with StockClient(said) as client:
        _, driver = await place_call(server, client)
        first_bytes = [0, 1, 20, 23, 40, 64, 100, 128, 144, 191, 192, 255]
        junk = [
            bytes((chance.choice(first_bytes),)) + chance.randbytes(chance.randrange(0, 1600))
            for _ in range(3000)
        ]
        await pour(server, junk)
        counts = server.counts
        assert counts.junk + counts.unknown_address + counts.unknown_user + counts.forged_stun >= 3000
        await driver.signals.until(lambda: len(driver.heard) >= len(said))
        assert likeness(bytes(driver.heard), said) > 0.8
        assert driver.closed == []


async def test_forged_checks_take_no_call_over(server: MediaServer) -> None:
    async with StockClient(speech(4)) as client:
        call, driver = await place_call(server, client)
        user = call.answer_sdp.split("a=ice-ufrag:")[1].split("\r\n")[0]
        await pour(server, [forged_check(user, b"guess") for _ in range(200)])
        await pour(server, [b"\x80\x60" + bytes(40), b"\x16\xfe\xfd" + bytes(40)] * 100)
        assert server.counts.forged_stun == 200
        assert server.counts.unknown_address >= 200
        await hears_on(driver)


async def test_media_from_the_callers_own_address_must_be_authentic(server: MediaServer) -> None:
    async with StockClient(speech(4)) as client:
        call, driver = await place_call(server, client)
        send = client.dtls.transport._send
        for _ in range(100):
            await send(b"\x80\x60" + bytes(40))
            await send(b"\x80\xc8" + bytes(40))
            await send(b"\x80\x60" + bytes(1488))
            await send(b"\x17\xfe\xfd" + bytes(40))
        await hears_on(driver)
        assert call.statistics().packets_refused == 300
        assert driver.closed == []


async def test_authentic_sound_that_is_rubbish_is_silence_and_the_call_goes_on(server: MediaServer) -> None:
    chance = random.Random(2)
    async with StockClient() as client:
        call, driver = await place_call(server, client)
        plain = client.dtls._send_rtp

        async def garbled(data: bytes) -> None:
            await plain(data[:12] + chance.randbytes(chance.randrange(0, 200)) if not is_rtcp(data) else data)

        client.dtls._send_rtp = garbled
        await driver.signals.until(lambda: call.statistics().packets_received > 50)
        client.dtls._send_rtp = plain
        await hears_on(driver)
        assert call.statistics().frames_undecodable > 0
        assert driver.closed == []


async def test_ten_thousand_messages_of_noise_on_the_channel_harm_nothing(server: MediaServer) -> None:
    chance = random.Random(3)
    async with StockClient(speech(8)) as client:
        _, driver = await place_call(server, client)
        channel = await client.channel_open()
        channel.bufferedAmountLowThreshold = 1000
        channel.on("bufferedamountlow", client.signals.poke)
        for number in range(10_000):
            noise = chance.randbytes(chance.choice([0, 1, 10, 100]))
            channel.send(noise if number % 2 else noise.decode("latin-1"))
            if number % 200 == 0:
                await client.signals.until(lambda: channel.bufferedAmount <= 1000)
        channel.send("still here")
        await driver.signals.until(lambda: "still here" in driver.events, deadline=60)
        assert len(driver.events) == 5001
        await hears_on(driver)


async def test_calls_that_are_offered_and_never_come_cost_nothing_but_their_wait(server: MediaServer) -> None:
    for _ in range(50):
        await server.answer(CHROMIUM, MediaHandlers())
    async with StockClient(speech(2)) as client:
        _, driver = await place_call(server, client)
        await hears_on(driver)
