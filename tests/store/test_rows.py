import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.items import Part
from orchestrator.core.records import Record
from orchestrator.store.faults import RefusedError
from orchestrator.store.rows import by_table, encode, key_of
from tests.store import sample_rows as rows

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (rows.conversation(), ("conversations",)),
        (rows.item_row(3), ("items", "item_3")),
        (rows.session(2), ("sessions", 2)),
        (rows.response(4), ("responses", "resp_4")),
        (rows.tool_run("call_1", 2), ("tool_runs", "call_1", 2)),
        (rows.handoff(1), ("handoffs", "handoff_1")),
        (rows.call(1), ("calls", "rtc_1")),
        (rows.revision(5), ("state_revisions", "cart", 5)),
        (rows.settlement(1, "call_9"), ("settlements", "call_9")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_record_is_known_by_its_table_and_key(record: Record, key: tuple[object, ...]) -> None:
    assert key_of(record) == key


def test_records_are_sorted_by_table_in_one_order_and_keep_theirs_within() -> None:
    records: list[Record] = [rows.session(1), rows.item_row(2), rows.item_row(1), rows.call(1)]
    sorted_rows = by_table(records)
    assert list(sorted_rows) == ["calls", "items", "sessions"]
    assert [row["id"] for row in msgspec.json.decode(sorted_rows["items"])] == ["item_2", "item_1"]


def test_a_row_is_written_with_the_names_of_its_columns() -> None:
    (row,) = msgspec.json.decode(encode([rows.item(1, content=(Part(kind="audio", text="hi"),))]))
    assert row["content"] == [{"kind": "audio", "text": "hi", "image_url": None}]
    assert (row["position"], row["status"], row["heard"]) == ("1", "completed", None)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b", "a\ufffdb"),
        ("\0\0", "\ufffd\ufffd"),
        ("a\\u0000b", "a\\u0000b"),
        ("\\\0", "\\\ufffd"),
        ("\\\\u0000\0", "\\\\u0000\ufffd"),
        ("\ud800", "\ufffd"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("\udc00\0\ud83d\ude00", "\ufffd\ufffd\N{GRINNING FACE}"),
    ],
    ids=ascii,
)
def test_what_postgres_has_no_letter_for_is_replaced(text: str, kept: str) -> None:
    assert msgspec.json.decode(encode([{text: [text]}])) == [{kept: [kept]}]


@given(st.lists(st.text(st.characters())))
def test_no_text_leads_to_an_escape_that_postgres_refuses(texts: list[str]) -> None:
    kept = msgspec.json.decode(encode([texts]))
    assert kept == [[text.replace("\0", "\ufffd") for text in without_surrogates(texts)]]


def without_surrogates(texts: list[str]) -> list[str]:
    return [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]


def test_what_json_cannot_express_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (object(), endless, {(1, 2): 3}):
        with pytest.raises(RefusedError, match="JSON"):
            encode([value])
