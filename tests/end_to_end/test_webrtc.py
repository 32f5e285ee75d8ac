"""A stock WebRTC stack on the phone with agents: sound both ways, and everything that interrupts it."""

import httpx
import pytest
from sqlalchemy import text as sql

from orchestrator.app import admin_key
from orchestrator.media.peer import Peer
from orchestrator.testing.simulated_caller import SimulatedCaller
from orchestrator.testing.turns import SessionView, Turn, calls, says
from tests.end_to_end.conftest import NodeMaker
from tests.end_to_end.webrtc_call import CALLS, calling
from tests.media.offers import CHROMIUM
from tests.media.sound import loudness, tone
from tests.media.stock_client import StockClient
from tests.patience import PATIENCE

pytestmark = pytest.mark.media

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"


def sounding_ms(pcm: bytes) -> int:
    """How much of a sound is not silence, in steps of 20 ms."""
    pieces = [pcm[at : at + 960] for at in range(0, len(pcm), 960)]
    return 20 * sum(loudness(piece) > 300 for piece in pieces)


async def test_a_reply_is_heard_and_its_playing_is_told(node: NodeMaker) -> None:
    async with node(lambda view: says("Good evening.", audio_ms=1000)) as running, calling(running) as call:
        await call.write("hello")
        stopped = await call.until("output_audio_buffer.stopped")
        (started,) = call.of("output_audio_buffer.started")
        (done,) = call.of("response.done")
        assert started["response_id"] == stopped["response_id"] == done["response"]["id"]
        # aiortc's own jitter buffer keeps the last frames of a stretch.
        await call.heard(860)
        assert 800 <= sounding_ms(bytes(call.client.heard)) <= 1060
        kinds = [event["type"] for event in call.events]
        assert kinds[0] == "session.created"
        assert kinds.index("output_audio_buffer.stopped") > kinds.index("response.done")
        assert "response.output_audio_transcript.delta" in kinds
        assert "response.output_audio.delta" not in kinds


async def test_the_caller_is_heard_by_the_engine(node: NodeMaker) -> None:
    async with (
        node(lambda view: says("Yes.")) as running,
        calling(running, StockClient(tone(440, 2.0))),
    ):
        engine = running.engine
        await engine.wait_until(lambda: engine.sessions != [], "a session")
        await engine.wait_until(lambda: engine.session.audio.heard_ms >= 400, "400 ms of speech")
        assert all(
            len(str(event["audio"])) <= 1280
            for event in engine.session.received_of("input_audio_buffer.append")
        )


async def test_barge_in_stops_the_sound_and_truncates_to_what_was_sent(node: NodeMaker) -> None:
    turns = [says(LONG, audio_ms=8000), says("Sorry.", audio_ms=200)]
    async with node(lambda view: turns.pop(0)) as running, calling(running) as call:
        await call.write("count")
        await call.until("response.done")
        await call.heard(1500)
        (media,) = running.service.services.media.server.calls
        running.engine.user_speaks("stop")
        truncated = await running.engine.wait_for("conversation.item.truncate")
        sent = media.played_ms(str((await call.until("conversation.item.truncated"))["item_id"]))
        assert abs(int(str(truncated["audio_end_ms"])) - sent) <= 20
        assert 1500 <= sent < 8000
        cleared = await call.until("output_audio_buffer.cleared")
        assert cleared["response_id"] == call.of("response.done")[0]["response"]["id"]
        await call.until("output_audio_buffer.stopped")
        assert media.queued_ms == 0
        (live,) = running.service.services.switchboard.conversations.values()
        await live.stored(PATIENCE)
        async with running.service.services.database.read() as database:
            found = await database.execute(sql("SELECT heard FROM items WHERE heard IS NOT NULL"))
            (heard,) = found.scalars().all()
        assert heard.startswith("one two")
        assert len(heard) <= len(LONG) * (sent + 20) / 8000


async def test_barge_in_while_the_engine_still_speaks_keeps_what_was_heard(node: NodeMaker) -> None:
    turns = [says(LONG, audio_ms=8000, hold_after=12), says("Sorry.", audio_ms=200)]
    async with node(lambda view: turns.pop(0)) as running, calling(running) as call:
        await call.write("count")
        await call.heard(1000)
        (media,) = running.service.services.media.server.calls
        running.engine.user_speaks("stop")
        truncated = await running.engine.wait_for("conversation.item.truncate")
        told = await call.until("conversation.item.truncated")
        assert abs(int(str(truncated["audio_end_ms"])) - media.played_ms(told["item_id"])) <= 20
        await call.until("output_audio_buffer.stopped")
        (live,) = running.service.services.switchboard.conversations.values()
        item = live.machine.item(told["item_id"])
        assert item is not None
        assert item.heard is not None
        assert item.text.startswith(item.heard)
        assert 0 < len(item.heard) < len(item.text)


async def test_a_caller_who_leaves_in_the_middle_has_heard_only_the_beginning(node: NodeMaker) -> None:
    async with node(lambda view: says(LONG, audio_ms=8000)) as running:
        async with calling(running) as call:
            await call.write("count")
            await call.until("response.done")
            await call.heard(1500)
            (live,) = running.service.services.switchboard.conversations.values()
        await live.closed.wait()
        async with running.service.services.database.read() as database:
            found = await database.execute(sql("SELECT heard FROM items WHERE heard IS NOT NULL"))
            (heard,) = found.scalars().all()
        assert heard.startswith("one two")
        assert len(heard) < len(LONG)


async def test_a_reply_that_is_heard_to_its_end_is_not_cut(node: NodeMaker) -> None:
    async with node(lambda view: says("Good evening.", audio_ms=613)) as running, calling(running) as call:
        await call.write("hello")
        await call.until("output_audio_buffer.stopped")
        assert not call.of("conversation.item.truncated")
        assert not running.engine.session.received_of("conversation.item.truncate")


async def test_a_tool_and_another_agent_are_heard_in_one_call(node: NodeMaker) -> None:
    def talk(view: SessionView) -> Turn:
        if "cakes" in view.instructions:
            return says("A cake, then.", audio_ms=400)
        if view.last_output is not None:
            return calls("transfer_to_kitchen", reason="cake")
        return calls("add_loaves", count=2)

    async with node(talk) as running, calling(running) as call:
        await call.write("two loaves and a cake")
        await call.until("output_audio_buffer.stopped")
        (done,) = call.of("response.done")
        (message,) = done["response"]["output"]
        assert message["content"][0]["transcript"] == "A cake, then."
        await call.heard(260)
        assert sounding_ms(bytes(call.client.heard)) >= 200


async def test_the_client_stops_the_sound_by_itself(node: NodeMaker) -> None:
    async with node(lambda view: says(LONG, audio_ms=16000)) as running, calling(running) as call:
        await call.write("count")
        await call.heard(300)
        await call.send("output_audio_buffer.clear")
        await call.until("output_audio_buffer.cleared")
        await call.until("conversation.item.truncated")
        await running.engine.wait_for("conversation.item.truncate")
        assert not call.of("error")


async def test_a_call_is_hung_up_over_http_and_what_was_measured_is_stored(node: NodeMaker) -> None:
    async with node(lambda view: says("Hello.", audio_ms=200)) as running, calling(running) as call:
        await call.write("hello")
        await call.until("output_audio_buffer.stopped")
        (live,) = running.service.services.switchboard.conversations.values()
        assert (await call.hang_up()).status_code == 200
        await call.client.signals.until(lambda: call.client.peer.connectionState == "closed")
        await live.closed.wait()
        async with running.service.services.database.read() as database:
            query = sql("SELECT leave_reason, statistics FROM calls WHERE transport = 'webrtc'")
            ((reason, statistics),) = (await database.execute(query)).all()
        assert reason == "hangup"
        assert statistics["codec"] == "opus"
        assert statistics["packets_sent"] >= 10


async def test_a_call_that_finds_no_way_says_why_to_whoever_looks_after_it(
    node: NodeMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = Peer.connect
    monkeypatch.setattr(Peer, "connect", lambda peer: connect(peer, ice_deadline=0.1))
    async with node(lambda view: says("Hello.")) as running:
        base = running.url.replace("ws://", "http://")
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as http:
            headers = {"content-type": "application/sdp"}
            answer = await http.post(f"{CALLS}?model=counter", content=CHROMIUM, headers=headers)
            conversation = answer.headers["x-conversation"]
            if (live := running.service.services.switchboard.conversations.get(conversation)) is not None:
                await live.closed.wait()
            key = {"authorization": f"Bearer {admin_key(running.service.services.settings)}"}
            (call,) = (await http.get(f"/admin/conversations/{conversation}", headers=key)).json()["calls"]
        assert call["leave_reason"] == "ice_failed"
        assert call["statistics"]["ending"]["code"] == "ice_failed"
        assert "ORCHESTRATOR_ANNOUNCED_IP" in call["statistics"]["ending"]["message"]


async def test_a_sideband_sees_the_call_and_may_speak_for_it(node: NodeMaker) -> None:
    async with node(lambda view: says("Hello.", audio_ms=300)) as running, calling(running) as call:
        sdk = running.openai.realtime.connect(model="counter", extra_query={"call_id": call.id})
        async with sdk as sideband:
            assert (await sideband.recv()).type == "session.created"
            await sideband.response.create()
            kinds = []
            while "output_audio_buffer.stopped" not in kinds:
                kinds.append((await sideband.recv()).type)
            assert "response.done" in kinds
            await call.until("output_audio_buffer.stopped")
            await sideband.output_audio_buffer.clear()
            await sideband.session.update(
                session={"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}
            )
            refused = await sideband.recv()
            assert refused.type == "error"
            assert refused.error.param == "session.audio.output.format"


async def test_a_new_connection_takes_the_line_over(node: NodeMaker) -> None:
    turns = [says("First.", audio_ms=200), says("Second.", audio_ms=200)]
    async with node(lambda view: turns.pop(0)) as running, calling(running) as call:
        await call.write("one")
        await call.until("output_audio_buffer.stopped")
        (live,) = running.service.services.switchboard.conversations.values()
        async with calling(running, query=f"?conversation={live.id}") as again:
            await call.client.signals.until(lambda: call.client.peer.connectionState == "closed")
            await again.write("two")
            await again.until("output_audio_buffer.stopped")
            assert live.client is not None
            assert live.client.call_id == again.id


async def test_a_caller_whose_network_changes_hears_the_reply_to_its_end_in_the_same_session(
    node: NodeMaker,
) -> None:
    async with node(lambda view: says(LONG, audio_ms=3000)) as running:
        secret = await running.openai.realtime.client_secrets.create(
            session={"type": "realtime", "model": "counter"}
        )
        key = f"Bearer {secret.value}"
        async with calling(running, query="?include=orchestrator.events", authorization=key) as call:
            await call.write("count")
            await call.until("output_audio_buffer.started")
            await call.heard(1000)
            before = sounding_ms(bytes(call.client.heard))
            asked = f"?conversation={call.conversation}"
            async with calling(running, query=asked, authorization=key) as again:
                stopped = await again.until("output_audio_buffer.stopped")
                assert stopped["response_id"] == call.of("response.created")[0]["response"]["id"]
                assert (await call.until("orchestrator.call.ended"))["reason"] == "replaced"
                await again.heard(1500)
                after = sounding_ms(bytes(again.client.heard))
                # What was under way to the connection that is gone is all that may be missing.
                assert 2500 <= before + after <= 3200
                assert len(running.engine.sessions) == 1
                assert not running.engine.session.received_of("conversation.item.truncate")
                (live,) = running.service.services.switchboard.conversations.values()
                assert live.client is not None
                assert live.client.call_id == again.id
                await live.stored(PATIENCE)
                async with running.service.services.database.read() as database:
                    query = sql("SELECT id, leave_reason FROM calls ORDER BY joined_at")
                    calls_ = [tuple(row) for row in (await database.execute(query)).all()]
                assert calls_ == [(call.id, "replaced"), (again.id, None)]


async def test_a_websocket_client_goes_on_with_a_conversation_that_was_spoken(node: NodeMaker) -> None:
    turns = [says("First.", audio_ms=200), says("Second.", audio_ms=200)]
    async with node(lambda view: turns.pop(0)) as running:
        async with calling(running) as call:
            await call.write("one")
            await call.until("output_audio_buffer.stopped")
            (live,) = running.service.services.switchboard.conversations.values()
        await live.closed.wait()
        caller = SimulatedCaller(running.url, model="counter", conversation=live.id, text=True)
        async with caller:
            assert (await caller.say("two")).text == "Second."


async def test_a_call_may_be_spoken_in_g711_from_end_to_end(node: NodeMaker) -> None:
    async with node(lambda view: says("Hello.", audio_ms=400)) as running:
        secret = await running.openai.realtime.client_secrets.create(
            session={
                "type": "realtime",
                "model": "counter",
                "audio": {
                    "input": {"format": {"type": "audio/pcmu"}},
                    "output": {"format": {"type": "audio/pcmu"}},
                },
            }
        )
        key = {"authorization": f"Bearer {secret.value}"}
        async with calling(running, StockClient(tone(440, 1.0)), query="", **key) as call:
            await call.write("hello")
            await call.until("output_audio_buffer.stopped")
            (media,) = running.service.services.media.server.calls
            assert media.statistics().codec == "pcmu"
            appended = await running.engine.wait_for("input_audio_buffer.append")
            assert len(str(appended["audio"])) == 216
