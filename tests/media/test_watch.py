"""Calls whose client falls silent, whose connection fails, whose release hangs."""

import asyncio

import pytest

from orchestrator.media import call as call_module
from orchestrator.media import handlers as handlers_module
from orchestrator.media.errors import CloseCode, ConnectError
from orchestrator.media.handlers import LinkState, MediaHandlers
from orchestrator.media.peer import Peer
from orchestrator.media.rtcp import ReceptionReport
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver, place_call
from tests.media.offers import CHROMIUM
from tests.media.sound import speech
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media


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
