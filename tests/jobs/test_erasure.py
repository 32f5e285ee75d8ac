"""What is old is erased, each with a line in the trail, and nothing else is."""

import pytest

from orchestrator.jobs import erasure
from orchestrator.jobs.erasure import Eraser
from orchestrator.media.recording.storage import RecordingStoreError
from orchestrator.store.audit import list_audit
from orchestrator.store.conversations import ConversationFilter, erase_conversation
from tests.jobs.conftest import NOW, Shelf

pytestmark = pytest.mark.db


def eraser(shelf: Shelf, *, dry_run: bool = False) -> Eraser:
    return Eraser(database=shelf.database, forget=shelf.forget, by="retention", dry_run=dry_run)


async def test_what_was_kept_long_enough_is_erased(shelf: Shelf) -> None:
    for name, days in (("conv_a", 91), ("conv_b", 90.1), ("conv_c", 89), ("conv_d", 0)):
        await shelf.put(name, days)
    erased = await eraser(shelf).expired(90, NOW)
    assert erased.conversations == ["conv_a", "conv_b"]
    assert await shelf.names() == ["conv_c", "conv_d"]


async def test_a_call_that_is_on_is_never_cut_off_by_a_clock(shelf: Shelf) -> None:
    await shelf.put("conv_a", 91, status="live")
    assert (await eraser(shelf).expired(90, NOW)).conversations == []
    assert await shelf.names() == ["conv_a"]


async def test_many_are_erased_page_by_page(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    for number in range(5):
        await shelf.put(f"conv_{number}", 100)
    seen: list[int] = []
    found = Eraser(database=shelf.database, forget=shelf.forget, by="x", progress=seen.append)
    await found.expired(90, NOW)
    assert await shelf.names() == []
    assert seen == [1, 2, 3, 4, 5]


async def test_the_trail_says_who_erased_what_and_nothing_of_what_was_in_it(shelf: Shelf) -> None:
    await shelf.put("conv_a", 91)
    await shelf.record("conv_a", "/somewhere/rec_1.ogg")
    erased = await eraser(shelf).expired(90, NOW)
    async with shelf.database.read() as connection:
        (entry,) = (await list_audit(connection)).rows
    assert (entry.action, entry.target, entry.key_name) == ("retention.erase", "conv_a", "retention")
    assert entry.detail == {"recordings": 1}
    assert (erased.recordings, shelf.forgotten) == (1, ["/somewhere/rec_1.ogg"])


async def test_a_dry_run_erases_nothing(shelf: Shelf) -> None:
    await shelf.put("conv_a", 91)
    assert (await eraser(shelf, dry_run=True).expired(90, NOW)).conversations == ["conv_a"]
    assert await shelf.names() == ["conv_a"]


async def test_what_a_filter_finds_is_erased_on_request(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH", 1)
    await shelf.put("conv_a", 3, label="forget")
    await shelf.put("conv_b", 2, label="keep")
    await shelf.put("conv_c", 1, label="forget", status="live")
    await shelf.put("conv_d", 0, label="forget")
    erased = await eraser(shelf).matching(ConversationFilter(label="forget"))
    assert sorted(erased.conversations) == ["conv_a", "conv_d"]
    assert (erased.live, await shelf.names()) == (1, ["conv_b", "conv_c"])


async def test_an_empty_filter_erases_nothing(shelf: Shelf) -> None:
    await shelf.put("conv_a", 91)
    assert (await eraser(shelf).matching(ConversationFilter())).conversations == []
    assert await shelf.names() == ["conv_a"]


async def test_what_somebody_else_erased_meanwhile_is_not_counted(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelf.put("conv_a", 91)

    async def beaten(connection: object, conversation_id: str) -> list[str]:
        async with shelf.database.transaction() as other:
            await erase_conversation(other, conversation_id)
        return await erase_conversation(connection, conversation_id)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(erasure, "erase_conversation", beaten)
    assert (await eraser(shelf).expired(90, NOW)).conversations == []


async def test_recordings_whose_days_are_over_are_erased_and_their_conversations_stay(shelf: Shelf) -> None:
    for name, expires in (("conv_a", NOW - 1), ("conv_b", NOW + 1), ("conv_c", None)):
        await shelf.put(name, 0)
        await shelf.record(name, f"{name}.ogg", expires=expires)
    assert await eraser(shelf, dry_run=True).recordings(NOW) == 1
    assert await eraser(shelf).recordings(NOW) == 1
    assert shelf.forgotten == ["conv_a.ogg"]
    assert await eraser(shelf).recordings(NOW) == 0
    assert len(await shelf.names()) == 3


async def test_a_conversation_stays_while_its_sound_cannot_be_erased(shelf: Shelf) -> None:
    async def refuse(_places: object) -> None:
        raise RecordingStoreError("away")

    await shelf.put("conv_a", 91)
    await shelf.record("conv_a", "a.ogg")
    with pytest.raises(RecordingStoreError):
        await Eraser(database=shelf.database, forget=refuse, by="x").expired(90, NOW)
    assert await shelf.names() == ["conv_a"]
