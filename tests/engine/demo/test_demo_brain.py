"""The offline demo brain over real sockets, as our service and a stock client meet it."""

import asyncio
from typing import Any

import msgspec
import pytest
from openai import AsyncOpenAI
from openai.types.realtime import RealtimeConversationItemFunctionCall, ResponseDoneEvent

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine import EmbeddedEngine
from orchestrator.engine.brain import TextDelta, ToolCallArguments, ToolCallStarted
from orchestrator.engine.demo.demo_brain import DemoBrain
from tests.engine.demo.caller import Pizzeria, context_of, system_note
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA, TRIAGE
from tests.engine.session_probe import field, user_message
from tests.engine.wire_client import WireClient, connected
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

ORDER = "two large margherita pizzas and a coke please"


async def test_a_reply_is_words_and_calls_in_the_brains_events() -> None:
    brain = DemoBrain()
    said = [event async for event in brain.respond(context_of([], TRIAGE))]
    assert said == [TextDelta("Hello! How can I help you?")]
    called = [
        event async for event in brain.respond(context_of([user_message("weather in Paris")], ASSISTANT))
    ]
    assert called == [ToolCallStarted("get_weather"), ToolCallArguments('{"city":"Paris"}')]


def outputs(events: list[JsonObject]) -> list[JsonObject]:
    response = field(next(event for event in events if event["type"] == "response.done"), "response")
    output = response["output"]
    assert isinstance(output, list)
    return [item for item in output if isinstance(item, dict)]


async def declare(client: WireClient, tools: tuple[JsonObject, ...], **more: JsonValue) -> None:
    await client.send("session.update", session={"type": "realtime", "tools": list(tools), **more})


async def respond(client: WireClient) -> list[JsonObject]:
    await client.send("response.create")
    return outputs(await client.read_until("rate_limits.updated"))


async def answer_calls(client: WireClient, calls: list[JsonObject], shop: Pizzeria) -> None:
    for call in calls:
        arguments = msgspec.json.decode(str(call["arguments"]))
        text = msgspec.json.encode(shop(str(call["name"]), arguments)).decode()
        item: JsonObject = {"type": "function_call_output", "call_id": call["call_id"], "output": text}
        await client.send("conversation.item.create", item=item)


async def test_an_order_across_two_sessions() -> None:
    shop = Pizzeria()
    async with EmbeddedEngine() as engine:
        async with connected(engine) as triage:
            await declare(triage, TRIAGE, agent="Front desk")
            (handoff,) = outputs(await triage.say(ORDER))
            assert handoff["name"] == "transfer_to_restaurant"
            reason = msgspec.json.decode(str(handoff["arguments"]))["reason"]
        async with connected(engine) as restaurant:
            await declare(restaurant, PIZZERIA, hints={"add_item": ["a coke please"]})
            await restaurant.send("conversation.item.create", item=user_message(ORDER))
            note = system_note(f"[triage handed the caller over to restaurant: {reason}]")
            await restaurant.send("conversation.item.create", item=note)
            calls = await respond(restaurant)
            assert [call["name"] for call in calls] == ["add_item", "add_item"]
            await answer_calls(restaurant, calls, shop)
            (message,) = await respond(restaurant)
            content = message["content"]
    assert shop.cart == {"margherita": 2, "coke": 1}
    assert isinstance(content, list)
    assert isinstance(content[0], dict)
    assert str(content[0]["text"]).startswith("I've added two large margherita pizzas and a coke.")


async def test_a_text_reply_comes_word_by_word() -> None:
    async with EmbeddedEngine() as engine, connected(engine) as client:
        await client.send("response.create")
        events = await client.read_until("response.done")
        deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
        assert deltas == ["Hello!", " How", " can", " I", " help", " you?"]


async def test_the_stock_client_has_a_tool_turn_with_it() -> None:
    async with EmbeddedEngine() as engine:
        base = f"{engine.url}/v1"
        async with (
            AsyncOpenAI(
                api_key="none", base_url=base.replace("ws", "http", 1), websocket_base_url=base
            ) as client,
            client.realtime.connect(model="demo") as connection,
            asyncio.timeout(PATIENCE),
        ):
            session: Any = {"type": "realtime", "tools": list(ASSISTANT)}
            await connection.session.update(session=session)
            await connection.conversation.item.create(
                item={
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "What's the weather in Paris?"}],
                }
            )
            await connection.response.create()
            done: list[ResponseDoneEvent] = []
            async for event in connection:
                if event.type != "response.done":
                    continue
                done.append(event)
                if len(done) == 2:
                    break
                (call,) = event.response.output or []
                assert isinstance(call, RealtimeConversationItemFunctionCall)
                assert (call.name, call.arguments) == ("get_weather", '{"city":"Paris"}')
                await connection.conversation.item.create(
                    item={
                        "type": "function_call_output",
                        "call_id": call.call_id or "",
                        "output": '{"city":"Paris","temperature":18,"sky":"sunny"}',
                    }
                )
                await connection.response.create()
    (message,) = done[1].response.output or []
    assert "The temperature is 18 and the sky is sunny." in str(message)
