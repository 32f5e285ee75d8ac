"""`orchestrator call` with sound, as a program of its own, against a service whose engine is a script."""

import asyncio
import importlib.util
import json
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from orchestrator.testing.local_service import local_service
from orchestrator.testing.turns import SessionView, Turn, calls, says
from tests.cli.programs import PROGRAM, ROOT, clean_environment
from tests.end_to_end.conftest import Node, NodeMaker
from tests.media.sound import loudness, tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


async def orchestrator(*words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *words,
        cwd=ROOT,
        env=clean_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


def url(running: Node) -> str:
    return running.url.replace("ws://", "http://")


def sounding_ms(path: Path) -> int:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2)
        pcm = file.readframes(file.getnframes())
    pieces = [pcm[at : at + 960] for at in range(0, len(pcm), 960)]
    return 20 * sum(loudness(piece) > 300 for piece in pieces)


def write_wave(path: Path, pcm: bytes, rate: int = 24000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def bakery(view: SessionView) -> Turn:
    if view.last_output is not None:
        return says("Two loaves it is.", audio_ms=900)
    return calls("add_loaves", count=2)


async def test_what_is_to_be_said_is_spoken_and_the_reply_is_kept(node: NodeMaker, tmp_path: Path) -> None:
    saved = tmp_path / "reply.wav"
    async with node(bakery) as running:
        code, out, errors = await orchestrator(
            *("call", "counter", "--url", url(running), "--say", "two loaves please", "--say", "that is all"),
            *("--save", str(saved)),
        )
        heard_ms = running.engine.session.audio.heard_ms
        commits = running.engine.session.received_of("input_audio_buffer.commit")
    assert code == 0, errors
    words = " ".join(out.split())
    assert "you two loaves please" in words
    assert "✓ add_loaves count=2" in words
    assert words.count("counter Two loaves it is.") == 2
    assert "go on" in words
    # The engine has no voice activity of its own: it is told when something was said.
    assert len(commits) == 2
    assert heard_ms >= 1500
    assert 1600 <= sounding_ms(saved) <= 1960


async def test_a_sound_file_is_said_and_the_reply_to_it_waited_for(node: NodeMaker, tmp_path: Path) -> None:
    file = write_wave(tmp_path / "order.wav", tone(440, 1.5, rate=16000), rate=16000)
    async with node(bakery) as running, asyncio.TaskGroup() as group:
        engine = running.engine
        calling = group.create_task(
            orchestrator("call", "--url", url(running), "counter", "--wav", str(file))
        )
        await engine.wait_until(lambda: engine.sessions != [], "a session", seconds=PATIENCE)
        await engine.wait_until(lambda: engine.session.audio.heard_ms >= 1000, "speech", seconds=PATIENCE)
        engine.user_speaks("two loaves please")
        code, out, errors = await calling
        assert not engine.session.received_of("input_audio_buffer.commit")
    assert code == 0, errors
    words = " ".join(out.split())
    assert "you order.wav heard as: two loaves please" in words
    assert "counter Two loaves it is." in words


async def test_events_of_a_spoken_call_can_be_had_as_json(node: NodeMaker) -> None:
    async with node(lambda view: says("Yes.", audio_ms=200)) as running:
        code, out, errors = await orchestrator(
            "call", "counter", "--url", url(running), "--say", "hello", "--json"
        )
    assert code == 0, errors
    told: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    kinds = [event["type"] for event in told]
    assert kinds[0] == "session.created"
    assert kinds.index("output_audio_buffer.stopped") > kinds.index("output_audio_buffer.started")
    assert told[-1] == {"type": "call.left", "conversation_id": told[-1]["conversation_id"], "well": True}


@pytest.fixture
def without_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the optional speech packages are not installed."""
    found = importlib.util.find_spec
    absent = {"espeakng_loader", "pocketsphinx"}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in absent else found(name))


@pytest.mark.usefixtures("without_speech")
async def test_with_an_agent_that_only_writes_the_call_is_held_in_writing(
    database_url: str, tmp_path: Path
) -> None:
    async with local_service("tests.end_to_end.shop", database_url=database_url) as service:
        service_url = service.url.replace("ws://", "http://")
        say = ("call", "counter", "--url", service_url, "--say", "hello")
        code, out, errors = await orchestrator(*say)
        assert code == 0, errors
        assert "In writing: the agent's engine only reads and writes" in out
        code, out, errors = await orchestrator(*say, "--save", str(tmp_path / "reply.wav"))
        assert code == 3
        assert "the agent's engine only reads and writes" in errors
