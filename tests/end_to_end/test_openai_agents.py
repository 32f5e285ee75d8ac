"""`openai-agents`' RealtimeSession against the door, unmodified but for the URL."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from orchestrator.testing.turns import item_text
from tests.end_to_end.baker import baker
from tests.end_to_end.conftest import Node, NodeMaker
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

CLIENT = Path(__file__).with_name("agents_sdk_client.py")


async def run_client(running: Node, *texts: str, key: str = "sk-none") -> tuple[int | None, bytes, bytes]:
    """Run the client's program against a node, in a folder that has no package `agents`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(CLIENT),
        f"{running.url}/v1/realtime?model=counter",
        *texts,
        cwd=CLIENT.parent,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"DOOR_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(2 * PATIENCE):
            out, err = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return process.returncode, out, err


async def talk(running: Node, *texts: str) -> dict[str, Any]:
    code, out, err = await run_client(running, *texts)
    assert code == 0, err.decode()[-3000:]
    seen: dict[str, Any] = json.loads(out)
    return seen


async def test_turns_tools_handoffs_and_client_tools_go_through(node: NodeMaker) -> None:
    async with node(baker) as running:
        seen = await talk(
            running, "good morning", "a loaf please", "three loaves and the hours", "a cake", "bye"
        )
    said = [turn["said"] for turn in seen["turns"]]
    assert said == [
        "You said: good morning",
        "The answer was 1 loaves",
        "The answer was open on Monday from 7 to 18",
        "You said: a cake",
        "You said: bye",
    ]
    assert [turn["errors"] for turn in seen["turns"]] == [[]] * 5


async def test_a_function_tool_of_the_client_runs_at_the_client(node: NodeMaker) -> None:
    async with node(baker) as running:
        seen = await talk(running, "the weather?")
    (turn,) = seen["turns"]
    assert "tool_start" in turn["kinds"]
    assert "tool_end" in turn["kinds"]
    assert turn["said"] == "The answer was sunny in Oslo"
    assert turn["errors"] == []


async def test_the_clients_history_holds_what_was_said_and_no_tool_of_ours(node: NodeMaker) -> None:
    async with node(baker) as running:
        seen = await talk(running, "good morning", "a loaf please")
    kinds = [(item["type"], item.get("role")) for item in seen["history"]]
    assert kinds == [("message", "user"), ("message", "assistant")] * 2


async def test_the_clients_history_can_be_seeded_and_taken_back(node: NodeMaker) -> None:
    async with node(baker) as running:
        seen = await talk(running, "good morning", "/forget", "/seed I was here yesterday", "and now")
        told = running.engine.sessions[0].conversation.items
    assert [turn["said"] for turn in seen["turns"]] == ["You said: good morning", "You said: and now"]
    assert [turn["errors"] for turn in seen["turns"]] == [[], []]
    assert [item_text(item) for item in told] == ["I was here yesterday", "and now", "You said: and now"]


async def test_a_wrong_key_is_told_to_the_client(node: NodeMaker) -> None:
    async with node(baker) as running:
        code, _, err = await run_client(running, "good morning", key="ok_wrong")
    assert code != 0
    assert b"invalid_api_key" in err
