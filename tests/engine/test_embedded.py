import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from orchestrator.core.errors import SettingsError
from orchestrator.engine.brain import TextDelta
from orchestrator.engine.embedded import EmbeddedEngine, serve
from orchestrator.engine.server.connection import Limits
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.session_probe import field, types
from tests.engine.wire_client import connected
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


@pytest.mark.parametrize(
    ("target", "headers", "code", "close_code"),
    [
        ("/v1/realtime?model=demo", {}, "invalid_api_key", 3000),
        ("/v1/realtime", {"Authorization": "Bearer k"}, "missing_model", 4000),
        ("/v1/realtime?model=other", {"Authorization": "Bearer k"}, "invalid_model", 4000),
        (
            "/v1/realtime?model=demo",
            {"Authorization": "Bearer k", "OpenAI-Beta": "realtime=v1"},
            "beta_api_shape_disabled",
            4000,
        ),
    ],
)
async def test_a_refused_handshake_is_told_as_an_event_and_closed(
    target: str, headers: dict[str, str], code: str, close_code: int
) -> None:
    async with (
        EmbeddedEngine(ScriptedBrain(), api_key="k", models={"demo"}) as engine,
        connected(engine, target, headers=headers, opened=False) as client,
    ):
        events, closed, _ = await client.read_to_close()
        assert types(events) == ["error"]
        assert field(events[0], "error")["code"] == code
        assert closed == close_code


async def test_a_browser_brings_its_key_by_subprotocol_and_gets_realtime_back() -> None:
    async with (
        EmbeddedEngine(ScriptedBrain(), api_key="k") as engine,
        connected(engine, subprotocols=["realtime", "openai-insecure-api-key.k"]) as client,
    ):
        assert client.socket.subprotocol == "realtime"


async def test_a_client_without_subprotocol_gets_none() -> None:
    async with EmbeddedEngine(ScriptedBrain()) as engine, connected(engine) as client:
        assert client.socket.subprotocol is None


async def test_the_session_tells_its_model_and_its_end() -> None:
    async with EmbeddedEngine(ScriptedBrain()) as engine, connected(engine, opened=False) as client:
        session = field(await client.read(), "session")
        assert session["model"] == "demo"
        assert isinstance(session["expires_at"], int)


async def test_another_path_is_not_found() -> None:
    async with EmbeddedEngine(ScriptedBrain()) as engine:
        async with httpx.AsyncClient() as client:
            answer = await client.get(engine.url.replace("ws://", "http://") + "/v1/models")
        assert answer.status_code == 404


async def test_too_many_clients_are_turned_away() -> None:
    limits = Limits(connections=1)
    async with EmbeddedEngine(ScriptedBrain(), limits=limits) as engine, connected(engine):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(engine.url + "/v1/realtime?model=demo"):
                pass
        assert refused.value.response.status_code == 503


async def test_stopping_ends_every_response_and_closes_with_going_away() -> None:
    brain = ScriptedBrain([TextDelta("Hel"), asyncio.Event()])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client, connected(engine) as idle:
        await client.send("response.create")
        await client.read_until("response.output_text.delta")
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.stop())
            events, code, reason = await client.read_to_close()
            _, idle_code, _ = await idle.read_to_close()
        done = field(events[-2], "response")
        assert (done["status"], code, idle_code) == ("failed", 1001, 1001)
        assert reason == "The engine is stopping."
        await engine.stop()


async def test_stopping_drops_a_client_that_does_not_close_in_time() -> None:
    limits = Limits(close_seconds=10 * PATIENCE)
    engine = EmbeddedEngine(ScriptedBrain(), limits=limits, stop_seconds=0.05)
    await engine.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
    writer.write(
        b"GET /v1/realtime?model=demo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await reader.readuntil(b"session.created")
    async with asyncio.timeout(PATIENCE):
        await engine.stop()
    writer.close()


async def test_a_port_in_use_is_one_clear_error() -> None:
    async with EmbeddedEngine(ScriptedBrain()) as engine:
        with pytest.raises(SettingsError, match="cannot listen") as refused:
            await EmbeddedEngine(ScriptedBrain(), port=engine.port).start()
        assert refused.value.param == "port"


@pytest.mark.parametrize("host", ["0.0.0.0", "engine.example", "192.0.2.1"])
def test_an_open_engine_must_not_leave_loopback(host: str) -> None:
    with pytest.raises(SettingsError, match="api_key"):
        EmbeddedEngine(ScriptedBrain(), host=host)
    EmbeddedEngine(ScriptedBrain(), host=host, api_key="k")


def test_the_url_of_an_ipv6_address_has_brackets() -> None:
    assert EmbeddedEngine(ScriptedBrain(), host="::1", port=8100).url == "ws://[::1]:8100"
    assert EmbeddedEngine(ScriptedBrain(), host="localhost", port=8100).url == "ws://localhost:8100"


async def test_the_stand_alone_server_ends_in_order_when_cancelled() -> None:
    engines: asyncio.Queue[EmbeddedEngine] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve(port=0, mind=ScriptedBrain(), started=engines.put_nowait))
        engine = await asyncio.wait_for(engines.get(), PATIENCE)
        async with connected(engine) as client:
            serving.cancel()
            _, code, _ = await client.read_to_close()
        assert code == 1001
