from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.engine_events import (
    AudioCleared,
    EngineItem,
    EngineItemAdded,
    EngineItemDeleted,
    EngineItemDone,
    EngineItemTruncated,
)
from orchestrator.realtime.identifiers import ShortIds

pytestmark = pytest.mark.unit


@given(st.text(min_size=1, max_size=100))
def test_every_id_fits_and_comes_back(name: str) -> None:
    ids = ShortIds(32)
    assert len(ids.short(name)) <= 32
    assert ids.original(ids.short(name)) == name


def test_short_ids_stay_and_no_limit_means_no_change() -> None:
    assert ShortIds(32).short("item_1") == "item_1"
    assert ShortIds(None).short("x" * 500) == "x" * 500


def test_two_sessions_shorten_alike_and_different_ids_differ() -> None:
    assert ShortIds(32).short("a" * 40) == ShortIds(32).short("a" * 40)
    assert ShortIds(32).short("a" * 40) != ShortIds(32).short("a" * 41)


@pytest.mark.parametrize("kind", [EngineItemAdded, EngineItemDone])
def test_an_acknowledged_item_gets_its_own_ids_back(kind: Any) -> None:
    ids = ShortIds(8)
    item = EngineItem(
        id=ids.short("item_number_1"), kind="function_call", tool_call_id=ids.short("call_number_1")
    )
    restored: Any = ids.restored(kind(1, item))
    assert (restored.item.id, restored.item.tool_call_id) == ("item_number_1", "call_number_1")


def test_a_deleted_and_a_truncated_item_get_their_own_id_back() -> None:
    ids = ShortIds(8)
    short = ids.short("item_number_1")
    assert ids.restored(EngineItemDeleted(1, short)) == EngineItemDeleted(1, "item_number_1")
    assert ids.restored(EngineItemTruncated(1, short, 5)) == EngineItemTruncated(1, "item_number_1", 5)


def test_other_events_and_sessions_without_long_ids_are_left_alone() -> None:
    ids = ShortIds(8)
    message = EngineItemAdded(1, EngineItem(id="other", kind="message"))
    assert ids.restored(message) is message
    ids.short("item_number_1")
    assert ids.restored(AudioCleared(1)) == AudioCleared(1)
    assert ids.restored(message) == message
