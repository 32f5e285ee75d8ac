"""A call over WebRTC is recorded as it was heard, and erased with its conversation."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from orchestrator.app import admin_key
from orchestrator.core.definition import Definition
from orchestrator.core.sounds import span_of
from orchestrator.store.details import load_details
from orchestrator.store.gathering import load_rows
from orchestrator.store.reading import RecordingRow
from orchestrator.store.recordings import peaks_location
from orchestrator.testing.turns import says
from tests.end_to_end.conftest import Node, NodeMaker
from tests.end_to_end.webrtc_call import calling
from tests.media.recording.decoding import decoded
from tests.media.sound import tone
from tests.media.stock_client import StockClient
from tests.patience import PATIENCE

pytestmark = pytest.mark.media

TOLD = "This call is recorded."


def let_record(node: Node) -> None:
    """From now on the agent at the counter has its calls recorded."""
    switchboard = node.service.services.switchboard
    agents = dict(switchboard.definition.agents)
    agents["counter"] = replace(agents["counter"], recording=TOLD)
    switchboard.change_definition(Definition(agents, switchboard.definition.entry), "counter")


async def recorded(node: Node, conversation: str) -> RecordingRow:
    services = node.service.services
    live = services.switchboard.conversations.get(conversation)
    if live is not None:
        async with asyncio.timeout(PATIENCE):
            await live.closed.wait()
    async with services.database.read() as connection:
        (row,) = await load_rows(connection, conversation, RecordingRow)
    return row


def folder(node: Node) -> Path:
    return node.service.services.settings.data_dir / "recordings"


def loudest(channel: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> float:
    return float(np.abs(channel).max())


async def test_both_sides_are_on_the_recording_which_goes_with_its_conversation(node: NodeMaker) -> None:
    async with node(lambda view: says("Good evening.", audio_ms=1000)) as running:
        let_record(running)
        async with calling(running, StockClient(tone(440, 2.0))) as call:
            await call.until("output_audio_buffer.stopped")
            await call.write("hello")
            await call.until("output_audio_buffer.stopped", 2)
        row = await recorded(running, call.conversation)
        path = folder(running) / row.location
        caller, agent = decoded(path)
        assert min(loudest(caller), loudest(agent)) > 0.05
        assert len(caller) / 48 == pytest.approx(row.duration_ms, abs=50)
        assert (row.call_id, row.size) == (call.id, path.stat().st_size)
        assert (folder(running) / peaks_location(row.location)).exists()
        assert not list((folder(running) / "spool").iterdir())
        key = {"authorization": f"Bearer {admin_key(running.service.services.settings)}"}
        base = running.url.replace("ws://", "http://")
        async with httpx.AsyncClient(base_url=base, headers=key, timeout=PATIENCE) as http:
            details = (await http.get(f"/admin/conversations/{call.conversation}")).json()
            assert details["items"][0]["content"][0]["text"] == TOLD
            erased = await http.delete(f"/admin/conversations/{call.conversation}")
        assert erased.json()["recordings"] == 1
        assert not path.exists()


async def test_an_agents_words_are_on_the_clock_where_they_sound_on_the_recording(node: NodeMaker) -> None:
    async with node(lambda view: says("Good evening.", audio_ms=1000)) as running:
        let_record(running)
        async with calling(running, StockClient(tone(440, 1.0))) as call:
            await call.until("output_audio_buffer.stopped")
            await call.write("hello")
            await call.until("output_audio_buffer.stopped", 2)
        row = await recorded(running, call.conversation)
        async with running.service.services.database.read() as connection:
            details = await load_details(connection, call.conversation)
        said = span_of(details.items[-1])
        _, agent = decoded(folder(running) / row.location)
    assert said is not None
    loud = np.flatnonzero(np.abs(agent) > 0.02) / 48_000 + row.started_at
    begins = loud[1:][np.diff(loud) > 0.01]
    assert float(loud[-1]) == pytest.approx(said.end, abs=0.15)
    assert float(np.abs(begins - said.start).min()) < 0.15


async def test_what_an_interrupted_agent_did_not_say_is_not_on_the_recording(node: NodeMaker) -> None:
    turns = [says("one two three four five six seven eight", audio_ms=8000), says("Sorry.", audio_ms=200)]
    async with node(lambda view: turns.pop(0)) as running:
        let_record(running)
        async with calling(running) as call:
            await call.until("output_audio_buffer.stopped")
            await call.write("count")
            await call.until("response.done", 2)
            await call.heard(1500)
            running.engine.user_speaks("stop")
            truncated = await call.until("conversation.item.truncated")
        row = await recorded(running, call.conversation)
        _, agent = decoded(folder(running) / row.location)
        windows = np.abs(agent[: len(agent) // 48 * 48]).reshape(-1, 48).max(axis=1)
        # Beside what was heard of the count: the line that told the caller, and the answer to "stop".
        assert np.count_nonzero(windows > 0.02) < truncated["audio_end_ms"] + 4000 < 8000
