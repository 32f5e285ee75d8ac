import asyncio
from contextlib import aclosing

import httpx
import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import (
    BrainContext,
    BrainError,
    BrainEvent,
    StoppedEarly,
    TextDelta,
    TokensUsed,
    ToolCallArguments,
    ToolCallStarted,
)
from orchestrator.engine.chat.chat_brain import ChatBrain, ChatDeadlines, ChatEndpoint
from orchestrator.engine.embedded import EmbeddedEngine
from tests.engine.chat.fake_chat_server import (
    DONE,
    FakeChatServer,
    Script,
    chunk,
    fake_chat_server,
    tool_delta,
)
from tests.engine.session_probe import field, function_tool, types, user_message
from tests.engine.wire_client import connected
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

USAGE = {"prompt_tokens": 30, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 16}}


def brain_for(fake: FakeChatServer, **deadlines: float) -> ChatBrain:
    return ChatBrain(
        ChatEndpoint(fake.base_url, "small-model", api_key="secret"), deadlines=ChatDeadlines(**deadlines)
    )


def context(**more: object) -> BrainContext:
    items = (user_message("hello"),)
    return BrainContext(model="demo", instructions="Be kind.", items=items, **more)  # type: ignore[arg-type]


async def ask(
    fake: FakeChatServer, asked: BrainContext | None = None, **deadlines: float
) -> list[BrainEvent]:
    async with brain_for(fake, **deadlines) as brain:
        return [event async for event in brain.respond(asked or context())]


async def test_a_streamed_text_and_its_usage() -> None:
    script = Script(
        [
            ": keep-alive\n\n",
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Hello"}),
            chunk({"content": " there."}, "stop"),
            chunk(usage=USAGE),
            DONE,
        ]
    )
    async with fake_chat_server(script) as fake:
        assert await ask(fake) == [TextDelta("Hello"), TextDelta(" there."), TokensUsed(30, 5, 16)]
        assert fake.bodies == [
            {
                "model": "small-model",
                "messages": [
                    {"role": "system", "content": "Be kind."},
                    {"role": "user", "content": "hello"},
                ],
                "stream": True,
                "stream_options": {"include_usage": True},
            }
        ]
        assert "authorization: bearer secret" in fake.headers[0].lower()


async def test_tools_and_limits_are_asked_for() -> None:
    asked = context(
        tools=(function_tool("look"),),
        tool_choice={"type": "function", "name": "look"},
        parallel_tool_calls=False,
        max_output_tokens=50,
    )
    async with fake_chat_server(Script([DONE]), Script([DONE])) as fake:
        await ask(fake, asked)
        endpoint = ChatEndpoint(
            fake.base_url + "/", "m", limit_field="max_completion_tokens", extra={"temperature": 0.3}
        )
        async with ChatBrain(endpoint) as brain:
            assert [event async for event in brain.respond(asked)] == []
        first, second = fake.bodies
    assert [tool["function"]["name"] for tool in first["tools"]] == ["look"]
    assert first["tool_choice"] == {"type": "function", "function": {"name": "look"}}
    assert first["parallel_tool_calls"] is False
    assert first["max_tokens"] == 50
    assert (second["max_completion_tokens"], second["temperature"]) == (50, 0.3)
    assert "max_tokens" not in second


async def test_no_tools_are_offered_where_none_may_be_called() -> None:
    async with fake_chat_server(Script([DONE])) as fake:
        await ask(fake, context(tools=(function_tool("look"),), tool_choice="none"))
        assert "tools" not in fake.bodies[0]


async def test_parallel_tool_calls_come_one_after_another() -> None:
    script = Script(
        [
            chunk(tool_delta(0, '{"at":', "look", "call_a")),
            chunk(tool_delta(1, "{}", "listen", "call_b")),
            chunk(tool_delta(0, '"sky"}')),
            chunk({}, "tool_calls"),
            DONE,
        ]
    )
    async with fake_chat_server(script) as fake:
        assert await ask(fake) == [
            ToolCallStarted("look", "call_a"),
            ToolCallArguments('{"at":'),
            ToolCallArguments('"sky"}'),
            ToolCallStarted("listen", "call_b"),
            ToolCallArguments("{}"),
        ]


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_a_reply_that_was_cut_says_why(finish: str, reason: str) -> None:
    async with fake_chat_server(Script([chunk({"content": "Hel"}, finish), DONE])) as fake:
        assert (await ask(fake))[-1] == StoppedEarly(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, "", "invalid_api_key"),
        (402, "", "insufficient_quota"),
        (429, '{"error":{"code":"rate_limit_exceeded","message":"slow"}}', "rate_limit_exceeded"),
        (429, '{"error":{"code":"insufficient_quota"}}', "insufficient_quota"),
        (400, '{"error":{"message":"no such model"}}', "invalid_value"),
        (500, "<html>", "server_error"),
    ],
)
async def test_a_refusal_has_the_protocols_code(status: int, body: str, code: str) -> None:
    async with fake_chat_server(Script([body], status=status)) as fake:
        with pytest.raises(BrainError) as failed:
            await ask(fake)
    assert failed.value.wire_code == code
    assert "secret" not in failed.value.message


async def test_an_endpoint_that_is_not_there_is_a_server_error() -> None:
    async with fake_chat_server() as fake:
        pass
    with pytest.raises(BrainError, match="cannot be reached"):
        await ask(fake)


async def test_an_endpoint_that_does_not_answer_is_given_up() -> None:
    async with fake_chat_server(Script([], head=asyncio.Event())) as fake:
        with pytest.raises(BrainError, match="did not answer in time"):
            await ask(fake, first_token=0.05, connect=0.05)


async def test_a_first_token_that_does_not_come_is_given_up() -> None:
    async with fake_chat_server(Script([asyncio.Event()])) as fake:
        with pytest.raises(BrainError, match=r"said nothing for 0\.05 s"):
            await ask(fake, first_token=0.05)


async def test_a_reply_that_stalls_is_given_up() -> None:
    script = Script([chunk({"content": "Hel"}), asyncio.Event()])
    async with fake_chat_server(script) as fake:
        with pytest.raises(BrainError, match=r"said nothing for 0\.05 s"):
            await ask(fake, between_tokens=0.05)


async def test_a_reply_that_breaks_off_is_a_server_error() -> None:
    async with fake_chat_server(Script([chunk({"content": "Hel"}), None])) as fake:
        with pytest.raises(BrainError, match="broke off"):
            await ask(fake)


async def test_an_error_inside_the_stream_is_told() -> None:
    script = Script([chunk({"content": "Hel"}), 'data: {"error":{"message":"out of memory"}}\n\n'])
    async with fake_chat_server(script) as fake:
        with pytest.raises(BrainError, match="out of memory"):
            await ask(fake)


async def test_leaving_in_the_middle_hangs_up() -> None:
    script = Script([chunk({"content": "Hel"}), asyncio.Event()])
    async with fake_chat_server(script) as fake, brain_for(fake) as brain:
        async with aclosing(brain.respond(context())) as events:
            assert await anext(events) == TextDelta("Hel")
        await asyncio.wait_for(fake.left.wait(), PATIENCE)


async def test_a_callers_own_client_stays_open() -> None:
    async with fake_chat_server(Script([DONE])) as fake, httpx.AsyncClient() as client:
        async with ChatBrain(ChatEndpoint(fake.base_url, "m"), client=client) as brain:
            assert [event async for event in brain.respond(context())] == []
        assert not client.is_closed


async def test_a_tool_turn_through_the_engine() -> None:
    first = Script([chunk({"content": "Let me look."}), chunk(tool_delta(0, "{}", "look", "call_a")), DONE])
    second = Script([chunk({"content": "The sky is blue."}), chunk(usage=USAGE), DONE])
    async with (
        fake_chat_server(first, second) as fake,
        brain_for(fake) as brain,
        EmbeddedEngine(brain) as engine,
        connected(engine) as client,
    ):
        await client.send(
            "session.update",
            session={"type": "realtime", "tools": [function_tool("look")], "instructions": ""},
        )
        await client.say("what is up there")
        output: JsonObject = {"type": "function_call_output", "call_id": "call_a", "output": "blue"}
        await client.send("conversation.item.create", item=output)
        await client.send("response.create")
        response = field((await client.read_until("response.done"))[-1], "response")
        assert field(response, "usage")["input_tokens"] == 30
        assert fake.bodies[1]["messages"] == [
            {"role": "user", "content": "what is up there"},
            {
                "role": "assistant",
                "content": "Let me look.",
                "tool_calls": [
                    {"id": "call_a", "type": "function", "function": {"name": "look", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "call_a", "content": "blue"},
        ]


async def test_a_failed_endpoint_is_a_failed_response_and_a_living_session() -> None:
    scripts = [Script(["{}"], status=500), Script([chunk({"content": "Hello."}), DONE])]
    async with (
        fake_chat_server(*scripts) as fake,
        brain_for(fake) as brain,
        EmbeddedEngine(brain) as engine,
        connected(engine) as client,
    ):
        response = field((await client.say("hello"))[-2], "response")
        assert response["status"] == "failed"
        assert field(field(response, "status_details"), "error")["code"] == "server_error"
        assert types(await client.say("hello"))[-1] == "rate_limits.updated"
