"""The client's account of a call, from events alone."""

import json
from typing import Any

import pytest

from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser

Events = list[dict[str, Any]]


async def entries(signed_in: SignedIn, events: Events) -> list[dict[str, Any]]:
    """What the timeline of the module keeps of these events."""
    page = await signed_in(None)
    await page.goto("/talk")
    told: list[dict[str, Any]] = await page.evaluate(
        """async events => {
          const { Timeline } = await import("/client/timeline.js");
          const timeline = new Timeline("desk");
          for (const event of JSON.parse(events)) timeline.take(event);
          return timeline.entries;
        }""",
        json.dumps(events),
    )
    return told


def message(item_id: str, role: str, previous: str | None = None, **more: Any) -> dict[str, Any]:
    item = {"id": item_id, "type": "message", "role": role, "status": "completed", "content": [], **more}
    return {"type": "conversation.item.added", "item": item, "previous_item_id": previous}


def spoken(item_id: str, text: str) -> dict[str, Any]:
    return {
        "type": "response.output_audio_transcript.delta",
        "item_id": item_id,
        "response_id": "resp_1",
        "delta": text,
    }


def transcript(item_id: str, stage: str, **more: Any) -> dict[str, Any]:
    return {"type": f"conversation.item.input_audio_transcription.{stage}", "item_id": item_id, **more}


async def test_a_transcript_that_comes_late_stands_before_its_answer(signed_in: SignedIn) -> None:
    told = await entries(
        signed_in,
        [
            message("u1", "user"),
            message("a1", "assistant", "u1"),
            spoken("a1", "Two loaves."),
            transcript("u1", "delta", delta="two "),
            transcript("u1", "completed", transcript="two loaves"),
        ],
    )
    assert [(each["who"], each["text"], each["status"]) for each in told] == [
        ("caller", "two loaves", "heard"),
        ("agent", "Two loaves.", "saying"),
    ]


async def test_an_item_takes_its_place_behind_what_was_done_before_it(signed_in: SignedIn) -> None:
    tool = {"call_id": "c1", "name": "add", "agent": "desk", "arguments": "{}"}
    told = await entries(
        signed_in,
        [
            message("u1", "user"),
            {"type": "orchestrator.tool.started", **tool},
            {
                "type": "orchestrator.handoff.committed",
                "event_id": "e1",
                "from": "desk",
                "to": "oven",
                "reason": "",
            },
            message("u2", "user", "a1"),
            message("a1", "assistant", "u1"),
            {"type": "orchestrator.tool.ended", **tool, "outcome": "failed", "output": "cold", "seconds": 1},
        ],
    )
    assert [each["id"] for each in told] == ["u1", "c1", "e1", "a1", "u2"]
    assert told[1]["outcome"] == "failed"
    assert told[3]["agent"] == "oven"


async def test_what_was_heard_of_a_reply_is_told_from_what_was_said(signed_in: SignedIn) -> None:
    heard = [{"type": "output_audio", "transcript": "one two"}]
    item = {"id": "a1", "type": "message", "role": "assistant", "content": heard}
    told = await entries(
        signed_in,
        [
            spoken("a1", "one two three"),
            {"type": "conversation.item.retrieved", "item": item},
            spoken("a2", "Sorry."),
            {"type": "output_audio_buffer.stopped", "response_id": "resp_1"},
        ],
    )
    assert [(each["status"], each["text"], each["heard"]) for each in told] == [
        ("cut", "one two three", 7),
        ("heard", "Sorry.", 6),
    ]


async def test_a_reply_that_is_still_being_made_is_not_cut_by_a_look_at_it(signed_in: SignedIn) -> None:
    item = {"id": "a1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    told = await entries(
        signed_in, [spoken("a1", "one two three"), {"type": "conversation.item.retrieved", "item": item}]
    )
    assert [(each["status"], each["text"]) for each in told] == [("saying", "one two three")]


async def test_what_nobody_understood_and_what_was_deleted(signed_in: SignedIn) -> None:
    told = await entries(
        signed_in,
        [
            message("u1", "user"),
            transcript("u1", "failed", error={}),
            message("u2", "user", "u1", content=[{"type": "input_text", "text": "hello"}]),
            message("s1", "system", "u2"),
            {"type": "conversation.item.deleted", "item_id": "u2"},
            {"type": "an.event.of.the.future"},
        ],
    )
    assert [(each["id"], each["status"]) for each in told] == [("u1", "lost")]
