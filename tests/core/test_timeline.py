from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import History
from orchestrator.core.timeline import Timeline, fold

pytestmark = pytest.mark.unit


def history(*items: Item, agent: str = "triage") -> History:
    return History(conversation_id="conv_1", agent=agent, items=items)


def message(name: str, sequence: int, position: str | None = None, **fields: object) -> Item:
    place = Decimal(position or sequence)
    return Item(id=name, kind="message", sequence=sequence, position=place, **fields)  # type: ignore[arg-type]


def call(name: str, sequence: int, **fields: object) -> Item:
    options: dict[str, object] = {"kind": "function_call", "tool_call_id": name} | fields
    place = Decimal(sequence)
    return Item(id=f"c_{name}", sequence=sequence, position=place, **options)  # type: ignore[arg-type]


def output(name: str, sequence: int, **fields: object) -> Item:
    options: dict[str, object] = {"kind": "function_call_output", "tool_call_id": name} | fields
    place, name = Decimal(sequence), f"o_{name}_{sequence}"
    return Item(id=name, sequence=sequence, position=place, **options)  # type: ignore[arg-type]


def handoff(sequence: int, source: str, target: str, *, back: bool = False) -> Item:
    data: JsonObject = {"from": source, "to": target, "back": back}
    return Item(id=f"h_{sequence}", kind="handoff", sequence=sequence, position=Decimal(sequence), data=data)


def test_an_empty_conversation_is_with_the_agent_it_began_with() -> None:
    durable = fold(history())
    assert (durable.agent, durable.trail, durable.items) == ("triage", (), ())


def test_handoffs_put_agents_on_duty_and_build_a_trail_that_returns_pop() -> None:
    durable = fold(history(handoff(1, "triage", "a"), handoff(2, "a", "b"), handoff(3, "b", "a", back=True)))
    assert (durable.agent, durable.trail) == ("a", ("triage",))
    assert fold(history(handoff(1, "a", "b", back=True))).trail == ("a",)


def test_items_are_folded_in_the_order_of_writing() -> None:
    assert [item.id for item in fold(history(message("b", 2), message("a", 1))).items] == ["a", "b"]


def test_unanswered_are_the_completed_calls_of_models_without_an_output() -> None:
    items = (
        call("answered", 1),
        output("answered", 2),
        call("open", 3),
        call("cut", 4, status=ItemStatus.INCOMPLETE),
        call("written", 5, origin="client"),
        call("gone", 6, deleted=True),
        message("a", 7),
    )
    assert fold(history(*items)).unanswered == ("open",)
    assert Timeline(history(*items)).unanswered() == ("open",)


def test_the_timeline_of_a_history_is_what_it_folds_to() -> None:
    stored = history(message("a", 1), handoff(2, "triage", "b"), call("open", 3))
    assert Timeline(stored).durable() == fold(stored)


def test_numbers_go_on_after_the_highest_sequence_and_the_highest_position() -> None:
    assert Timeline(history(message("a", 4))).next_sequence() == 5
    timeline = Timeline(history(message("a", 4, "6"), message("b", 5)))
    assert timeline.last_sequence == 6
    assert timeline.next_sequence() == 7


def test_deleted_items_keep_their_row_and_are_read_no_more() -> None:
    timeline = Timeline(history(message("a", 1), message("b", 2, deleted=True)))
    assert "b" in timeline
    assert timeline.get("b") is None
    assert [item.id for item in timeline.reading()] == ["a"]
    assert timeline.was_removed("b")
    assert not timeline.was_removed("a")
    assert not timeline.was_removed("nothing")
    assert len(timeline) == 2


def test_an_item_that_was_removed_while_it_was_made_is_not_free_yet() -> None:
    timeline = Timeline(history(message("a", 1, deleted=True, status=ItemStatus.IN_PROGRESS)))
    assert not timeline.was_removed("a")


def test_a_changed_item_stays_in_its_place_and_one_with_another_position_moves() -> None:
    timeline = Timeline(history(message("a", 1), message("b", 2)))
    timeline.put(message("a", 1, heard="x"))
    assert [item.id for item in timeline.reading()] == ["a", "b"]
    timeline.put(message("a", 1, "3"))
    assert [item.id for item in timeline.reading()] == ["b", "a"]
    assert timeline.sequence_of("a") == 1
    assert timeline.sequence_of("nothing") is None


def test_places_are_behind_an_item_at_the_root_or_at_the_end() -> None:
    timeline = Timeline(history(message("a", 1), message("b", 2)))
    assert timeline.place(None, 3) == 3
    assert timeline.place("b", 3) == 3
    assert timeline.place("a", 3) == Decimal("1.5")
    assert timeline.place("root", 3) == Decimal("0.5")
    assert timeline.place("nothing", 3) is None
    assert Timeline(history()).place("root", 1) == 1


def test_before_and_since_look_to_both_sides_and_skip_what_is_deleted() -> None:
    timeline = Timeline(history(message("a", 1), message("b", 2, deleted=True), message("c", 3)))
    first, last = timeline.get("a"), timeline.get("c")
    assert first is not None
    assert last is not None
    assert timeline.before(last, lambda _: True) == "a"
    assert timeline.before(last, lambda item: item.id == "b") is None
    assert timeline.before(first, lambda _: True) is None
    assert [item.id for item in timeline.since(first)] == ["c"]
    assert timeline.since(last) == []


def test_calls_and_their_outputs_are_found_by_their_id() -> None:
    timeline = Timeline(history(call("x", 1), output("x", 2, deleted=True)))
    assert timeline.call("x") is not None
    assert timeline.call("y") is None
    assert timeline.output("x") is None
    timeline.put(output("x", 3))
    found = timeline.output("x")
    assert found is not None
    assert found.sequence == 3


def test_handing_over_puts_another_agent_on_duty() -> None:
    timeline = Timeline(history())
    timeline.hand_over("triage", "restaurant", back=False)
    assert (timeline.agent, timeline.trail) == ("restaurant", ["triage"])


def test_a_change_replaces_the_item() -> None:
    timeline = Timeline(history(message("a", 1)))
    timeline.change("a", lambda _: message("a", 1, late=True))
    assert timeline.durable().items[0].late


@given(st.lists(st.integers(0, 30), max_size=60))
def test_reading_order_is_what_inserting_behind_items_one_after_another_gives(places: list[int]) -> None:
    timeline, expected = Timeline(history()), list[str]()
    for place in places:
        sequence = timeline.next_sequence()
        behind = expected[place % len(expected)] if expected and place % 7 else "root"
        position = timeline.place(behind, sequence)
        assert position is not None
        timeline.put(message(f"m{sequence}", sequence, str(position)))
        expected.insert(0 if behind == "root" else expected.index(behind) + 1, f"m{sequence}")
    assert [item.id for item in timeline.reading()] == expected
