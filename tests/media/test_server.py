import pytest

from orchestrator.core.errors import SettingsError
from orchestrator.media import server as server_module
from orchestrator.media.dtls import Certificate
from orchestrator.media.errors import CloseCode, MediaError, OfferError, TooManyCallsError
from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver, place_call
from tests.media.offers import CHROMIUM
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media


async def test_the_answer_tells_the_announced_address_and_the_one_port() -> None:
    async with MediaServer(announced_ip="203.0.113.7", offer_loopback=True) as server:
        call = await server.answer(CHROMIUM, MediaHandlers())
        assert f" 203.0.113.7 {server.udp_port} typ host" in call.answer_sdp
        assert f" 127.0.0.1 {server.udp_port} typ host" in call.answer_sdp


async def test_an_announced_name_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="ORCHESTRATOR_ANNOUNCED_IP"):
        MediaServer(announced_ip="media.example.org")


async def test_without_an_address_to_tell_the_server_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "candidate_hosts", lambda *_, **__: [])
    with pytest.raises(MediaError, match="ORCHESTRATOR_ANNOUNCED_IP"):
        async with MediaServer(host="0.0.0.0"):
            pass


async def test_before_opening_and_after_closing_nothing_is_answered() -> None:
    server = MediaServer()
    with pytest.raises(MediaError, match="not open"):
        await server.answer(CHROMIUM, MediaHandlers())
    async with server:
        pass
    with pytest.raises(MediaError, match="not open"):
        await server.answer(CHROMIUM, MediaHandlers())


async def test_there_are_no_more_calls_than_there_may_be() -> None:
    async with MediaServer(max_calls=2) as server:
        for _ in range(2):
            await server.answer(CHROMIUM, MediaHandlers())
        with pytest.raises(TooManyCallsError, match="2 calls"):
            await server.answer(CHROMIUM, MediaHandlers())
        await next(iter(server.calls)).close()
        await server.answer(CHROMIUM, MediaHandlers())


async def test_a_bad_offer_leaves_nothing_behind(server: MediaServer) -> None:
    with pytest.raises(OfferError):
        await server.answer("v=0\r\n", MediaHandlers())
    assert server.calls == frozenset()


async def test_closing_the_server_ends_its_calls_and_says_why() -> None:
    async with StockClient() as client:
        async with MediaServer() as server:
            _, driver = await place_call(server, client)
        assert driver.closed[0].code is CloseCode.SERVER_CLOSED
        assert "shutting down" in driver.closed[0].message
        assert server.calls == frozenset()


async def test_an_error_in_the_body_ends_the_calls_too() -> None:
    driver = Driver()

    async def body() -> None:
        async with MediaServer() as server:
            await server.answer(CHROMIUM, driver.handlers())
            raise RuntimeError("body")

    with pytest.raises(RuntimeError, match="body"):
        await body()
    assert driver.closed[0].code is CloseCode.SERVER_CLOSED


async def test_calls_share_a_certificate_until_it_is_old(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fingerprint(answer: str) -> str:
        return next(line for line in answer.splitlines() if line.startswith("a=fingerprint"))

    first = fingerprint((await server.answer(CHROMIUM, MediaHandlers())).answer_sdp)
    assert fingerprint((await server.answer(CHROMIUM, MediaHandlers())).answer_sdp) == first
    monkeypatch.setattr(Certificate, "serves_new_calls", False)
    assert fingerprint((await server.answer(CHROMIUM, MediaHandlers())).answer_sdp) != first


async def test_the_port_counts_what_came(server: MediaServer) -> None:
    async with StockClient() as client:
        await place_call(server, client)
        assert server.counts.received > 0
        assert server.counts.forged_stun == 0
