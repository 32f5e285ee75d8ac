"""What the model of a stored conversation answered, response by response."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonValue
from orchestrator.core.records import ResponseRow
from orchestrator.core.turns import parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """One response of the model.

    Attributes:
        sequence: Of its first item.
        calls: Functions that it called, with arguments as data, or as the text that they were.
    """

    sequence: int
    text: str = ""
    calls: tuple[tuple[str, JsonValue], ...] = ()


def recorded_answers(items: Sequence[Item], responses: Sequence[ResponseRow]) -> list[RecordedAnswer]:
    """The answers of a conversation, in the order in which they were given.

    An item is part of the last response of its session that had begun when it was made. Responses that put
    nothing out are left out.
    """
    made = [item for item in sorted(items, key=lambda item: item.sequence) if _by_model(item)]
    begun = sorted(responses, key=lambda row: (row.created_at, row.id))
    groups: dict[str, list[Item]] = {}
    for item in made:
        before = [row for row in begun if row.epoch == item.epoch and row.created_at <= item.created_at]
        groups.setdefault(before[-1].id if before else item.id, []).append(item)
    return [_answer(group) for group in groups.values()]


def _by_model(item: Item) -> bool:
    spoken = item.kind == "message" and item.role == "assistant"
    return item.origin == "model" and not item.deleted and (spoken or item.kind == "function_call")


def _answer(group: list[Item]) -> RecordedAnswer:
    return RecordedAnswer(
        sequence=group[0].sequence,
        text="".join(item.text for item in group if item.kind == "message"),
        calls=tuple(
            (item.name or "", parsed(item.arguments or "{}"))
            for item in group
            if item.kind == "function_call"
        ),
    )
