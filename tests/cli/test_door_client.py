"""The client of the door, against servers that are not what they should be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from orchestrator.cli.address import Address
from orchestrator.cli.agent_names import check_agent
from orchestrator.cli.door_client import DoorClient, nothing_there
from orchestrator.cli.exits import UnreachableError
from orchestrator.core.errors import EngineLostError, NotFoundError, OrchestratorError, UnauthorizedError

pytestmark = pytest.mark.edge


@asynccontextmanager
async def server(*frames: str | bytes, code: int = 1000) -> AsyncIterator[Address]:
    """A server that sends frames and closes."""

    async def answer(socket: ServerConnection) -> None:
        for frame in frames:
            await socket.send(frame)
        await socket.close(code)

    async with serve(answer, "127.0.0.1", 0) as running:
        yield Address.parse(f"127.0.0.1:{next(iter(running.sockets)).getsockname()[1]}")


def refusal(code: str, message: str) -> str:
    return json.dumps({"type": "error", "error": {"code": code, "message": message}})


async def received(address: Address) -> tuple[list[str], int]:
    async with DoorClient(address, agent="triage") as client:
        kinds = [str(event["type"]) async for event in client.events()]
    return kinds, client.close_code


async def test_events_come_in_order_until_the_close_whose_code_is_known() -> None:
    async with server('{"type":"session.created"}', '{"type":"x"}', code=4409) as address:
        assert await received(address) == (["session.created", "x"], 4409)


@pytest.mark.parametrize(
    ("code", "close", "kind", "words"),
    [
        ("invalid_api_key", 3000, UnauthorizedError, "Give it with --key"),
        ("conflict", 4000, OrchestratorError, "it is over"),
        ("too_many_calls", 4429, UnreachableError, "it is over"),
        ("store_unavailable", 1011, UnreachableError, "it is over"),
    ],
)
async def test_a_refusal_is_told_in_the_services_words(
    code: str, close: int, kind: type[OrchestratorError], words: str
) -> None:
    async with server(refusal(code, "it is over"), code=close) as address:
        with pytest.raises(kind, match=words):
            await received(address)


async def test_an_error_later_on_is_an_event() -> None:
    async with server('{"type":"session.created"}', refusal("invalid_value", "no")) as address:
        assert await received(address) == (["session.created", "error"], 1000)


async def test_what_sends_no_json_is_no_service() -> None:
    async with server("welcome to the chat") as address:
        with pytest.raises(UnreachableError, match="no service of this kind"):
            await received(address)


async def test_nothing_at_the_address_is_told() -> None:
    with pytest.raises(UnreachableError, match="No service answers"):
        await received(Address.parse("127.0.0.1:9"))


async def test_a_web_server_without_a_door_is_told() -> None:
    async with serve(lambda _: None, "127.0.0.1", 0, process_request=lambda c, _: c.respond(404, "")) as web:  # type: ignore[arg-type, return-value]
        port = next(iter(web.sockets)).getsockname()[1]
        with pytest.raises(UnreachableError, match="it has no door"):
            await received(Address.parse(f"127.0.0.1:{port}"))


async def test_sending_without_a_connection_is_told() -> None:
    client = DoorClient(Address.parse("127.0.0.1:9"), agent="triage")
    with pytest.raises(EngineLostError):
        await client.send("response.create")


def test_the_mend_for_an_address_elsewhere_is_not_to_start_one_here() -> None:
    assert "make run" in nothing_there(Address.parse("127.0.0.1:8000"))
    assert "make run" not in nothing_there(Address.parse("voice.example.com"))


@asynccontextmanager
async def listing(body: str, status: int = 200) -> AsyncIterator[Address]:
    """A web server whose every page is this."""
    async with serve(
        lambda _: None,  # type: ignore[arg-type, return-value]
        "127.0.0.1",
        0,
        process_request=lambda connection, _: connection.respond(status, body),
    ) as web:
        yield Address.parse(f"127.0.0.1:{next(iter(web.sockets)).getsockname()[1]}")


MODELS = '{"object":"list","data":[{"id":"triage"},{"id":"restaurant"}]}'


async def test_an_agent_that_exists_may_be_called() -> None:
    async with listing(MODELS) as address:
        await check_agent(address, "triage", "ok_key")
        await check_agent(address, None, None)


@pytest.mark.parametrize(
    ("agent", "words"), [("resturant", "Did you mean restaurant"), ("x", "There are: tri")]
)
async def test_an_agent_that_does_not_exist_is_told_with_those_there_are(agent: str, words: str) -> None:
    async with listing(MODELS) as address:
        with pytest.raises(NotFoundError, match=words):
            await check_agent(address, agent, None)


@pytest.mark.parametrize(("body", "status"), [("", 404), ("<html>", 200), ('{"data":3}', 200), ("{}", 200)])
async def test_a_service_that_tells_no_agents_is_taken_at_its_word(body: str, status: int) -> None:
    async with listing(body, status) as address:
        await check_agent(address, "anybody", None)


async def test_nothing_at_the_address_is_told_before_the_call() -> None:
    with pytest.raises(UnreachableError, match="make run"):
        await check_agent(Address.parse("127.0.0.1:9"), "triage", None)
