"""Conversations that go on: the engine writes, and a real voice speaks, to callers of every kind."""

import base64
from typing import Any

import pytest
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from sqlalchemy import text as sql

from orchestrator.media.g711 import Law, decode
from orchestrator.testing.turns import SessionView, says
from tests.end_to_end.conftest import Node, NodeMaker
from tests.end_to_end.sdk_talk import say, until
from tests.end_to_end.webrtc_call import calling
from tests.media.sound import loudness
from tests.patience import PATIENCE

pytestmark = pytest.mark.media

LONG = (
    "One loaf, two loaves, three loaves, four loaves, five loaves, six loaves, seven loaves, eight loaves, "
    "nine loaves, ten loaves, eleven loaves, twelve loaves, and that is all the bread there is today."
)


def baker(view: SessionView) -> Any:
    return says(LONG if view.user_text == "count" else "Good evening, what may it be?")


async def begun(running: Node) -> str:
    """Have a conversation, and leave it."""
    async with running.openai.realtime.connect(model="counter") as connection:
        events = await say(connection, "hello")
        conversation = events[-1].response.conversation_id
    (live,) = running.service.services.switchboard.conversations.values()
    await live.closed.wait()
    return str(conversation)


async def test_who_comes_back_is_answered_with_sound(node: NodeMaker) -> None:
    async with node(baker) as running:
        conversation = await begun(running)
        query = {"conversation": conversation}
        async with running.openai.realtime.connect(model="counter", extra_query=query) as connection:
            events = await say(connection, "hello again")
        assert running.engine.session.session["output_modalities"] == ["text"]
        kinds = [event.type for event in events]
        sound = b"".join(
            base64.b64decode(event.delta) for event in events if event.type == "response.output_audio.delta"
        )
        assert loudness(sound) > 300
        assert 800 < len(sound) / 48 < 6000
        assert "response.output_text.delta" not in kinds
        last = len(kinds) - 1 - kinds[::-1].index("response.output_audio.delta")
        assert kinds[last + 1 :] == [
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ]
        (message,) = events[-1].response.output
        assert message.content[0].transcript == "Good evening, what may it be?"


async def test_who_calls_again_hears_the_voice_and_may_interrupt_it(node: NodeMaker) -> None:
    async with node(baker) as running:
        conversation = await begun(running)
        query = f"?conversation={conversation}&include=orchestrator.events"
        async with calling(running, query=query) as call:
            await call.write("count")
            await call.until("response.done")
            started = await call.until("orchestrator.audio.started")
            assert call.of("output_audio_buffer.started")
            await call.heard(2500)
            assert loudness(bytes(call.client.heard)) > 100
            (media,) = running.service.services.media.server.calls
            running.engine.user_speaks("stop")
            cut = await call.until("conversation.item.truncated")
            await call.until("output_audio_buffer.cleared")
            played = media.played_ms(started["item_id"])
            assert abs(int(cut["audio_end_ms"]) - played) <= 20
            (live,) = running.service.services.switchboard.conversations.values()
            item = live.machine.item(started["item_id"])
            assert item is not None
            assert item.heard
            words = [word for event in call.of("orchestrator.caption") for word in event["words"]]
            heard = max(word["end"] for word in words if word["start_ms"] <= played)
            assert abs(len(item.heard.split()) - len(LONG[:heard].split())) <= 1
            replaced = await running.engine.wait_for("conversation.item.delete")
            assert replaced["item_id"] == item.id
            await live.stored(PATIENCE)
            async with running.service.services.database.read() as database:
                found = await database.execute(sql("SELECT heard FROM items WHERE heard IS NOT NULL"))
                assert found.scalars().all() == [item.heard]
                waits = "SELECT first_audio_at >= first_output_at FROM responses WHERE epoch = :epoch"
                found = await database.execute(sql(waits), {"epoch": item.epoch})
                assert found.scalars().first() is True
            created: list[Any] = running.engine.session.received_of("conversation.item.create")
            told = [event["item"] for event in created if event["item"].get("role") == "assistant"]
            assert told[-1]["content"][0]["text"] == item.heard


async def test_a_client_that_plays_by_itself_tells_how_far_it_came(node: NodeMaker) -> None:
    async with node(baker) as running:
        query = {"conversation": await begun(running), "include": "orchestrator.events"}
        async with running.openai.realtime.connect(model="counter", extra_query=query) as connection:
            events = await say(connection, "count")
            item_id = events[-1].response.output[0].id
            words = [word for event in events if event.type == "orchestrator.caption" for word in event.words]
            last = words[5]
            await connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=last["end_ms"]
            )
            await running.engine.wait_for("conversation.item.delete")
            (live,) = running.service.services.switchboard.conversations.values()
            item = live.machine.item(item_id)
            assert item is not None
            assert item.heard == LONG[: last["end"]]
            beyond = await say_too_much(connection, item_id)
            assert beyond.error.code == "invalid_value"


async def say_too_much(connection: AsyncRealtimeConnection, item_id: str) -> Any:
    await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=600_000)
    return (await until(connection, "error"))[-1]


async def test_a_telephone_hears_the_voice_in_its_own_format(node: NodeMaker) -> None:
    async with node(baker) as running:
        query = {"conversation": await begun(running)}
        async with running.openai.realtime.connect(model="counter", extra_query=query) as connection:
            await connection.session.update(
                session={"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}
            )
            events = await say(connection, "hello again")
        sound = b"".join(
            base64.b64decode(event.delta) for event in events if event.type == "response.output_audio.delta"
        )
        assert 800 < len(sound) / 8 < 6000
        assert loudness(decode(sound, Law.MU)) > 300
