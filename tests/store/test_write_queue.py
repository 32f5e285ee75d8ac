import pytest

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store.write_queue import CommitResult, WriteQueue
from tests.store import sample_rows as rows

pytestmark = pytest.mark.unit


def test_rows_are_taken_in_order_and_no_more_than_asked_for() -> None:
    queue = WriteQueue()
    for number in range(1, 6):
        queue.put(rows.item_row(number))
    assert [slot.record for slot in queue.take(3)] == [rows.item_row(number) for number in (1, 2, 3)]
    assert [slot.serial for slot in queue.take(3)] == [4, 5]
    assert (queue.take(3), len(queue), queue.serial) == ([], 0, 5)


def test_a_later_row_takes_the_place_of_an_earlier_one_of_its_key() -> None:
    queue, told = WriteQueue(), list[str]()
    queue.put(rows.item_row(1), lambda _: told.append("first"))
    queue.put(rows.item_row(2))
    queue.put(rows.item_row(1, heard="later"), lambda _: told.append("second"))
    first, second = queue.take(10)
    assert (first.record, second.record) == (rows.item_row(1, heard="later"), rows.item_row(2))
    first.settle(CommitResult())
    assert told == ["first", "second"]


def test_a_row_that_was_taken_is_not_changed_any_more() -> None:
    queue = WriteQueue()
    queue.put(rows.item_row(1))
    (taken,) = queue.take(10)
    queue.put(rows.item_row(1, heard="later"))
    assert taken.record == rows.item_row(1)
    assert [slot.record for slot in queue.take(10)] == [rows.item_row(1, heard="later")]


def test_a_settlement_is_taken_alone_and_nothing_moves_past_it() -> None:
    queue = WriteQueue()
    queue.put(rows.item_row(1))
    queue.put(rows.settlement(2))
    queue.put(rows.item_row(1, heard="later"))
    queue.put(rows.settlement(2))
    batches = []
    while batch := queue.take(10):
        batches.append([slot.record for slot in batch])
    later = rows.item_row(1, heard="later")
    assert batches == [[rows.item_row(1)], [rows.settlement(2)], [later], [rows.settlement(2)]]


def test_every_settlement_has_a_token_of_its_own() -> None:
    queue = WriteQueue()
    tokens = {queue.put(rows.settlement(1)).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == 16 for token in tokens)


def test_a_cleared_queue_gives_back_what_waited() -> None:
    queue = WriteQueue()
    queue.put(rows.item_row(1))
    assert [slot.record for slot in queue.clear()] == [rows.item_row(1)]
    queue.put(rows.item_row(1, heard="anew"))
    assert [slot.record for slot in queue.take(10)] == [rows.item_row(1, heard="anew")]


def test_an_error_is_told_as_the_result() -> None:
    queue, results = WriteQueue(), list[CommitResult]()
    error = StoreUnavailableError("away")
    queue.put(rows.item_row(1), results.append).settle(CommitResult(applied=False, error=error))
    assert results == [CommitResult(applied=False, error=error)]
