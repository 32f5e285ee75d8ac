"""The sound of calls: sent in parts, only to those who may hear it, never from elsewhere."""

import json
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import func, insert

from orchestrator.call.recording import RecordingShelf
from orchestrator.core.json_value import JsonValue
from orchestrator.media.recording.storage import FolderStorage
from orchestrator.store import tables
from orchestrator.web.conversation.recordings import MOST_PEAKS, peaks_of, wanted
from tests.api.node import Node
from tests.web.conftest import Reader, SignedIn
from tests.web.conversation.stored_call import store_sample
from tests.web.review.sample_call import CONVERSATION, START

pytestmark = pytest.mark.browser

ADDRESS = f"/conversations/{CONVERSATION}/recordings/rec_1"


def silence(seconds: float) -> bytes:
    made = BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(8000 * seconds) * 4))
    return made.getvalue()


SOUND = silence(40)
PEAKS = [[0.1, 0.9, 0.2], [0.5, 0.4, 0.3]]


async def record(node: Node, tmp_path: Path, **changes: Any) -> None:
    """Store the sample with a recording of its first call."""
    services = node.services
    services.switchboard.recordings = RecordingShelf(
        database=services.database, storage=FolderStorage(tmp_path / "recordings"), spool=tmp_path / "spool"
    )
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "one.wav").write_bytes(SOUND)
    (tmp_path / "recordings" / "one.peaks.json").write_text(json.dumps({"channels": PEAKS}))
    await store_sample(services)
    values: dict[str, Any] = {
        "conversation_id": CONVERSATION,
        "id": "rec_1",
        "call_id": "rtc_1",
        "location": "one.wav",
        "media_type": "audio/wav",
        "channels": 2,
        "size": len(SOUND),
        "started_at": func.to_timestamp(START),
        "duration_ms": 40_000,
        "data": {},
    }
    async with node.services.database.transaction() as connection:
        await connection.execute(insert(tables.Recording).values(**(values | changes)))


async def test_a_player_is_sent_the_part_that_it_asks_for(node: Node, reader: Reader, tmp_path: Path) -> None:
    await record(node, tmp_path)
    client = await reader("reviewer")
    whole = await client.get(ADDRESS)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, SOUND, "audio/wav")
    assert whole.headers["accept-ranges"] == "bytes"
    part = await client.get(ADDRESS, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, SOUND[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(SOUND)}"
    none = await client.get(ADDRESS, headers={"range": f"bytes={len(SOUND)}-"})
    assert none.status_code == 416
    peaks = await client.get(f"{ADDRESS}/peaks")
    assert peaks.json() == {"channels": PEAKS}


async def test_reviewers_hear_nothing_where_the_settings_say_so(
    node: Node, reader: Reader, tmp_path: Path
) -> None:
    await record(node, tmp_path)
    node.services.settings = node.services.settings.model_copy(update={"reviewers_hear": False})
    assert (await (await reader("reviewer")).get(ADDRESS)).status_code == 403
    assert (await (await reader("admin")).get(ADDRESS)).status_code == 200
    page = await (await reader("reviewer")).get(f"/conversations/{CONVERSATION}")
    assert "Sound is not for reviewers here." in page.text
    assert "<audio" not in page.text


async def test_what_is_not_there_is_told_so(node: Node, reader: Reader, tmp_path: Path) -> None:
    await record(node, tmp_path, location="../../etc/passwd")
    client = await reader("admin")
    assert (await client.get(ADDRESS)).status_code == 404
    assert (await client.get(ADDRESS.replace("rec_1", "rec_2"))).status_code == 404


async def test_a_recording_plays_and_its_loudness_is_drawn(
    node: Node, signed_in: SignedIn, tmp_path: Path
) -> None:
    await record(node, tmp_path)
    page = await signed_in("reviewer")
    await page.goto(f"/conversations/{CONVERSATION}?t=10")
    await expect(page.locator("#peaks path")).to_have_count(2)
    await page.keyboard.press("Space")
    await expect(page.locator("#now")).not_to_have_text("0:10.0")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, (0, 99)),
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=-0", None),
        ("bytes=100-", None),
        ("bytes=20-10", None),
        ("bytes=-", (0, 99)),
        ("bytes=0-1,5-6", (0, 99)),
        ("lines=1-2", (0, 99)),
    ],
)
def test_a_range_is_read(header: str | None, part: tuple[int, int] | None) -> None:
    assert wanted(header, 100) == part


async def test_a_recording_without_peaks_is_drawn_without_them(
    node: Node, reader: Reader, tmp_path: Path
) -> None:
    await record(node, tmp_path)
    peaks = tmp_path / "recordings" / "one.peaks.json"
    client = await reader("admin")
    for broken in ("[]", "not json", ""):
        peaks.write_text(broken)
        assert (await client.get(f"{ADDRESS}/peaks")).json() == {"channels": []}
    peaks.unlink()
    assert (await client.get(f"{ADDRESS}/peaks")).json() == {"channels": []}


async def test_a_node_that_keeps_no_recordings_says_so(node: Node, reader: Reader, tmp_path: Path) -> None:
    await record(node, tmp_path)
    node.services.switchboard.recordings = None
    assert (await (await reader("admin")).get(ADDRESS)).status_code == 404


def test_peaks_are_numbers_that_can_be_drawn() -> None:
    assert peaks_of([[0, 2, -1, "x"], [0.5], [1]]) == [[0.0, 1.0, 0.0, 0.0], [0.5]]
    assert peaks_of(None) == []
    assert peaks_of(["x"]) == []
    assert len(peaks_of([list[JsonValue]([0.1]) * 3 * MOST_PEAKS])[0]) == MOST_PEAKS
