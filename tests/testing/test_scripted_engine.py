import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import ClientConnection, connect

from orchestrator.core.commands import CreateResponse, SendItem
from orchestrator.core.engine_events import EngineEvent, ResponseDone, SessionReady
from orchestrator.core.items import Part
from orchestrator.realtime.codec import decode, encode
from orchestrator.realtime.connection import EngineSession
from orchestrator.realtime.transport import ConnectionLimits
from orchestrator.testing.faults import Fault, FaultPlan
from orchestrator.testing.script import Script, contains, expect, hold, reply
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import SessionView, Turn, says
from orchestrator.testing.virtual_time import VirtualTime
from tests.patience import PATIENCE
from tests.realtime.commands import item, opening
from tests.testing.wire_probe import user

pytestmark = pytest.mark.edge


class Client:
    """A bare client that sends and receives events."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, name: str, **fields: Any) -> None:
        await self._socket.send(encode({"type": name, **fields}))

    async def until(self, name: str) -> list[dict[str, Any]]:
        """Receive up to an event of that type."""
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE):
            while not events or events[-1]["type"] != name:
                events.append(decode(await self._socket.recv()))
        return events

    async def closed(self) -> int | None:
        """Wait for the connection to end; answers the code."""
        async with asyncio.timeout(PATIENCE):
            await self._socket.wait_closed()
        return self._socket.close_code


@asynccontextmanager
async def client(engine: ScriptedEngine, model: str = "m", **headers: str) -> AsyncIterator[Client]:
    async with connect(f"{engine.url}?model={model}", additional_headers=headers) as socket:
        yield Client(socket)


def echo(view: SessionView) -> Turn:
    return says(f"You said {view.user_text}")


async def test_a_responder_decides_every_response() -> None:
    async with ScriptedEngine(echo) as engine, client(engine) as caller:
        await caller.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        await caller.send("conversation.item.create", item=user("Hello"))
        await caller.send("response.create")
        done = (await caller.until("response.done"))[-1]
    assert done["response"]["output"][0]["content"][0]["text"] == "You said Hello"
    assert engine.session.model == "m"


async def test_the_stock_client_talks_to_it() -> None:
    async with ScriptedEngine(echo, api_key="secret") as engine:
        base = engine.url.removesuffix("/realtime")
        openai = AsyncOpenAI(api_key="secret", websocket_base_url=base)
        async with openai.realtime.connect(model="gpt-realtime") as connection:
            await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
            await connection.conversation.item.create(
                item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
            )
            await connection.response.create()
            said = ""
            async for event in connection:
                if event.type == "response.output_text.delta":
                    said += event.delta
                if event.type == "response.done":
                    break
    assert said == "You said Hello"


async def test_every_connection_plays_the_next_script() -> None:
    scripts = [Script(expect("response.create"), reply(text)) for text in ("First", "Second")]
    async with ScriptedEngine(*scripts) as engine:
        for text in ("First", "Second"):
            async with client(engine) as caller:
                await caller.send("response.create")
                assert text in str(await caller.until("response.done"))


async def test_scripts_may_be_chosen_by_model_and_by_instructions() -> None:
    scripts = [
        Script(expect("session.update"), expect("response.create"), reply("By default")),
        Script(expect("session.update"), expect("response.create"), reply("By model"), model="other"),
        Script(expect("session.update"), expect("response.create"), reply("Pizza"), instructions="pizza"),
    ]
    said = []
    async with ScriptedEngine(*reversed(scripts)) as engine:
        for model, instructions in (("other", "Answer."), ("m", "You sell pizza."), ("m", "Answer.")):
            async with client(engine, model) as caller:
                await caller.send(
                    "session.update", session={"type": "realtime", "instructions": instructions}
                )
                await caller.send("response.create")
                done = (await caller.until("response.done"))[-1]
                said.append(done["response"]["output"][0]["content"][0]["transcript"])
    assert said == ["By model", "Pizza", "By default"]


async def test_instructions_that_no_script_is_for_are_reported() -> None:
    async def configure(engine: ScriptedEngine) -> None:
        async with engine, client(engine) as caller:
            await caller.send("session.update", session={"type": "realtime", "instructions": "Sushi."})
            assert await caller.closed() == 1008

    with pytest.raises(AssertionError, match=r"no script for connection 1 \(m\)"):
        await configure(ScriptedEngine(Script(instructions="pizza")))


async def test_what_went_wrong_fails_the_test_when_the_engine_is_left() -> None:
    async def deviate(engine: ScriptedEngine) -> None:
        async with engine, client(engine) as caller:
            await caller.send("response.create")
            assert await caller.closed() == 1008

    with pytest.raises(AssertionError) as caught:
        await deviate(ScriptedEngine(Script(expect("session.update"), expect("response.create"))))
    message = str(caught.value)
    assert "step 1 of 2: expected session.update, received response.create" in message
    assert "> response.create" in message
    assert "< session.created" in message


async def test_breaches_of_the_protocol_fail_the_test_unless_they_are_allowed() -> None:
    async def misbehave(engine: ScriptedEngine) -> None:
        async with engine, client(engine) as caller:
            await caller.send("no.such.event")
            await caller.until("error")

    with pytest.raises(AssertionError, match=r"connection 1 broke the protocol: no\.such\.event"):
        await misbehave(ScriptedEngine(echo))
    await misbehave(ScriptedEngine(echo, strict=False))


async def test_frames_that_are_no_events_are_answered_and_noted() -> None:
    async with ScriptedEngine(echo, strict=False) as engine:
        async with connect(engine.url) as socket:
            await socket.send("garbage")
            assert (await Client(socket).until("error"))[-1]["error"]["code"] == "invalid_json"
        assert len(engine.session.violations) == 1


async def test_a_script_that_was_never_played_and_a_connection_without_one_are_reported() -> None:
    async def connect_twice(engine: ScriptedEngine) -> None:
        async with engine:
            async with client(engine) as caller:
                await caller.until("session.created")
            async with client(engine) as caller:
                assert await caller.closed() == 1008

    with pytest.raises(AssertionError, match="script 1 was never played"):
        async with ScriptedEngine(Script()):
            pass
    with pytest.raises(AssertionError, match="no script for connection 2"):
        await connect_twice(ScriptedEngine(Script()))


async def test_a_responder_that_fails_is_reported_with_its_error() -> None:
    def broken(_view: SessionView) -> Turn:
        raise ZeroDivisionError("mine")

    async def ask(engine: ScriptedEngine) -> None:
        async with engine, client(engine) as caller:
            await caller.send("response.create")
            assert await caller.closed() == 1011

    with pytest.raises(AssertionError, match="mine") as caught:
        await ask(ScriptedEngine(broken))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


async def test_an_error_of_the_test_itself_is_raised_with_the_log_beside_it() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        async with ScriptedEngine(Script(expect("response.create"))):
            raise ZeroDivisionError
    assert "script 1 was never played" in caught.value.__notes__[0]


async def test_a_wrong_key_is_refused_as_openai_does() -> None:
    async with ScriptedEngine(echo, api_key="right") as engine:
        async with client(engine, Authorization="Bearer wrong") as caller:
            assert (await caller.until("error"))[-1]["error"]["code"] == "invalid_api_key"
            assert await caller.closed() == 3000
        async with client(engine, **{"api-key": "right"}) as caller:
            await caller.until("session.created")


@pytest.mark.parametrize(("act", "code"), [("drop", 1006), ("expire", 1001)])
async def test_a_connection_can_be_ended_from_the_test(act: str, code: int) -> None:
    async with ScriptedEngine(echo) as engine, client(engine) as caller:
        await caller.until("session.created")
        getattr(engine, act)()
        assert await caller.closed() == code


async def test_faults_strike_by_plan_and_on_demand() -> None:
    async with ScriptedEngine(echo, faults=FaultPlan.once(Fault.FAILED)) as engine, client(engine) as caller:
        for expected in ("failed", "completed", "incomplete"):
            if expected == "incomplete":
                engine.strike(Fault.INCOMPLETE)
            await caller.send("response.create")
            assert (await caller.until("response.done"))[-1]["response"]["status"] == expected
    assert engine.faults.struck == [Fault.FAILED, Fault.INCOMPLETE]


async def test_the_caller_is_heard_and_held_replies_released_from_the_test() -> None:
    held = ScriptedEngine(lambda _view: says("one two", hold_after=1))
    async with held as engine, client(engine) as caller:
        await caller.until("session.created")
        engine.user_speaks("Hello")
        await caller.until("response.output_audio.delta")
        engine.release()
        await caller.until("response.done")


async def test_a_hold_in_a_script_waits_for_the_test() -> None:
    script = Script(expect("response.create"), hold(), reply("Hi"))
    async with ScriptedEngine(script) as engine, client(engine) as caller:
        await caller.send("response.create")
        await engine.wait_for("response.create")
        engine.release()
        await caller.until("response.done")


async def test_a_test_can_wait_for_what_the_client_sends() -> None:
    async with ScriptedEngine(echo) as engine, client(engine) as caller:
        waiting = asyncio.ensure_future(engine.wait_for("conversation.item.create", count=2))
        for text in ("one", "two"):
            await caller.send("conversation.item.create", item=user(text))
        event: Any = await waiting
        assert event["item"]["content"][0]["text"] == "two"
        with pytest.raises(AssertionError, match=r"Waited 0\.01 s for 1 of response\.create"):
            await engine.wait_for("response.create", seconds=0.01)


async def test_what_is_misused_says_so() -> None:
    with pytest.raises(TypeError, match="one responder"):
        ScriptedEngine(echo, Script())
    with pytest.raises(TypeError, match="one responder"):
        ScriptedEngine(echo, echo)
    with pytest.raises(RuntimeError, match="does not listen"):
        _ = ScriptedEngine(echo).url
    with pytest.raises(AssertionError, match="No client"):
        _ = ScriptedEngine(echo).session
    assert ScriptedEngine(echo).describe() == "Nothing crossed the wire."


async def test_it_can_be_addressed_in_every_dialect() -> None:
    async with ScriptedEngine(echo, api_key="k") as engine:
        for kind in ("openai", "azure", "compatible", "embedded"):
            endpoint = engine.endpoint(kind, model="x")
            path = "/openai/v1/realtime" if kind == "azure" else "/v1/realtime"
            port = engine.url.split(":")[2].split("/")[0]
            assert endpoint.websocket_url() == f"ws://127.0.0.1:{port}{path}?model=x"
            assert endpoint.api_key == "k"


def test_predicates_name_themselves_in_messages() -> None:
    assert contains("x").__qualname__ == "contains('x')"


def test_it_can_be_dialled_in_virtual_time(virtual_time: VirtualTime) -> None:
    heard: list[EngineEvent] = []

    async def scenario() -> None:
        async with ScriptedEngine(echo, listen=False, clock=virtual_time.clock) as engine:
            session = EngineSession(
                engine.endpoint("openai"),
                opening(),
                on_event=heard.append,
                on_audio=lambda _delta: None,
                dial=engine.dial,
                clock=virtual_time.clock,
            )
            session.send(SendItem(1, item(role="user", content=(Part(text="Hello"),)), None, "e1"))
            session.send(CreateResponse(1, "e2"))
            async with asyncio.TaskGroup() as group:
                group.create_task(session.run())
                await engine.wait_for("response.create")
                await asyncio.sleep(3000)
                session.close()

    virtual_time.run(scenario())
    done = next(event for event in heard if isinstance(event, ResponseDone))
    assert done.output[0].content == (Part(kind="audio", text="You said Hello"),)
    ready = next(event for event in heard if isinstance(event, SessionReady))
    assert ready.expires_at == virtual_time.clock() - 3000 + 3600


async def drive(seed: int) -> ScriptedEngine:
    """A client that never listens, against many faults."""
    plan = FaultPlan.seeded(seed, rate=0.3, at_most=20)
    engine = ScriptedEngine(echo, faults=plan, strict=False, listen=False, clock=lambda: 0.0)
    async with engine:
        transport = await engine.dial(engine.endpoint(), None, ConnectionLimits())
        for number in range(5):
            await transport.send(encode({"type": "conversation.item.create", "item": user(str(number))}))
            await transport.send(encode({"type": "response.create"}))
    return engine


async def test_a_seed_repeats_every_fault_and_every_event() -> None:
    struck: set[Fault] = set()
    for seed in range(50):
        engine, repeated = await drive(seed), await drive(seed)
        assert engine.session.log == repeated.session.log, f"seed {seed}"
        struck |= set(engine.faults.struck)
    assert len(struck) > 10
