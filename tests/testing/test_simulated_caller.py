import asyncio
from typing import Any

import pytest

from orchestrator.core.errors import EngineLostError, EngineTimeoutError
from orchestrator.testing.faults import Fault
from orchestrator.testing.script import Script, expect, refuse, reply, send
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import CallerError, SimulatedCaller
from orchestrator.testing.turns import SessionView, Turn, calls, says
from orchestrator.testing.wire_reply import tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


def echo(view: SessionView) -> Turn:
    return says(f"You said {view.user_text}")


def caller(engine: ScriptedEngine, **options: Any) -> SimulatedCaller:
    plain: dict[str, Any] = {"model": "triage", "text": True, "seconds": PATIENCE}
    return SimulatedCaller(engine.url, **(plain | options))


async def test_a_caller_types_and_is_answered() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        answer = await person.say("Hello")
        again = await person.say("Bye")
    assert (answer.text, again.text) == ("You said Hello", "You said Bye")
    assert (answer.status, answer.conversation_id) == ("completed", "conv_1")
    assert answer.seconds_to_first is not None
    assert 0 < answer.seconds_to_first <= answer.seconds
    assert answer.events[-1].type == "response.done"
    assert person.events[0].type == "session.created"
    assert engine.session.model == "triage"


async def test_a_caller_may_hear_its_answer() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine, text=False) as person:
        answer = await person.say("Hello")
    assert answer.text == "You said Hello"
    assert [heard for heard in answer.events if heard.type == "response.output_audio.delta"]


async def test_the_address_carries_what_the_caller_wants() -> None:
    asked = SimulatedCaller(
        "ws://host:1", model="triage", key="k", conversation="conv_7", greet=True, include_events=True
    )
    assert asked._url == (
        "ws://host:1/v1/realtime?model=triage&conversation=conv_7&greet=true&include=orchestrator.events"
    )
    assert asked._headers == {"Authorization": "Bearer k"}
    assert SimulatedCaller("ws://h:1/x/", model="m")._url == "ws://h:1/x?model=m"


async def test_a_greeting_is_listened_to_and_not_taken_for_the_answer() -> None:
    script = Script(
        expect("session.update"),
        reply("Good evening"),
        reply("May I help?"),
        expect("conversation.item.create"),
        expect("response.create"),
        reply("Sure"),
    )
    async with ScriptedEngine(script) as engine, caller(engine) as person:
        assert (await person.listen()).text == "Good evening"
        assert (await person.say("Yes")).text == "Sure"


async def test_a_client_tool_is_answered() -> None:
    def respond(view: SessionView) -> Turn:
        return says(f"It is {view.last_output}") if view.last_output else calls("clock")

    async with ScriptedEngine(respond) as engine, caller(engine) as person:
        asked = await person.say("What time is it?")
        assert [call["name"] for call in asked.calls] == ["clock"]
        assert asked.text == ""
        await person.answer_call(asked.calls[0], "noon")
        assert (await person.ask()).text == "It is noon"


async def test_a_reply_that_is_going_on_is_waited_for() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        engine.strike(Fault.ACTIVE_RESPONSE)
        assert (await person.say("Hello")).text == "You said Hello"


async def test_a_refusal_is_raised_with_its_code() -> None:
    script = Script(
        expect("session.update"),
        expect("conversation.item.create"),
        refuse("odd", "No."),
        expect("response.create"),
    )
    async with ScriptedEngine(script) as engine, caller(engine) as person:
        with pytest.raises(CallerError, match=r"odd: No\.") as caught:
            await person.say("Hello")
        await engine.wait_for("response.create")
    assert caught.value.wire_code == "odd"


async def test_other_responses_and_odd_errors_on_the_way_are_passed_over() -> None:
    script = Script(
        expect("session.update"),
        expect("conversation.item.create"),
        expect("response.create"),
        send({"type": "error", "error": None}),
        send({"type": "response.done", "response": {"id": "other"}}),
        reply("Hi"),
    )
    async with ScriptedEngine(script) as engine, caller(engine) as person:
        assert (await person.say("Hello")).text == "Hi"


async def test_silence_ends_at_the_deadline_with_what_was_seen() -> None:
    script = Script(expect("session.update"), expect("conversation.item.create"), expect("response.create"))
    async with ScriptedEngine(script) as engine, caller(engine) as person:
        person._seconds = 1
        with pytest.raises(EngineTimeoutError, match=r"response\.done.*conversation\.item\.done"):
            await person.say("Hello")


async def test_a_lost_connection_is_told_with_its_code() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        engine.expire()
        with pytest.raises(EngineLostError, match="1001"):
            await person.wait_for("response.done")
        with pytest.raises(EngineLostError, match="1001"):
            await person.send("response.create")
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        engine.drop()
        with pytest.raises(EngineLostError, match="1006"):
            await person.wait_for("response.done")


async def test_a_caller_waits_for_the_event_it_asked_for() -> None:
    limits: list[Any] = [{"name": "requests"}, {"name": "tokens"}]
    script = Script(
        expect("session.update"),
        *(send({"type": "rate_limits.updated", "rate_limits": [one]}) for one in limits),
    )
    async with ScriptedEngine(script) as engine, caller(engine, session={"instructions": "x"}) as person:
        event = await person.wait_for("rate_limits.updated", lambda event: "tokens" in str(event))
    assert event["rate_limits"] == [{"name": "tokens"}]
    assert engine.session.session["instructions"] == "x"


async def test_a_caller_sends_sound() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        await person.send_audio(b"\x00" * 4800)
        await person.send("input_audio_buffer.commit")
        await person.wait_for("input_audio_buffer.committed")
    assert engine.session.audio.heard_ms == 100
    assert tone("audio/pcm", 100)


async def test_a_caller_that_is_not_connected_says_so() -> None:
    person = SimulatedCaller("ws://127.0.0.1:1", model="m")
    with pytest.raises(RuntimeError, match="not connected"):
        await person.send("response.create")
    with pytest.raises(RuntimeError, match="not connected"):
        await person.wait_for("session.created")
    await person.__aexit__()


async def test_a_server_that_takes_no_data_is_given_up() -> None:
    async with ScriptedEngine(echo) as engine, caller(engine) as person:
        assert person._socket is not None
        person._seconds = 0.05

        async def stuck(*_frame: object) -> None:
            await asyncio.Event().wait()

        person._socket.send = stuck  # type: ignore[method-assign,assignment]
        with pytest.raises(EngineTimeoutError, match="took no data"):
            await person.send("response.create")
