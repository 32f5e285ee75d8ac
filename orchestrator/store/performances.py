"""What was done in a stored conversation, turn by turn: as replays and generated tests look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.comparison import Comparison, Difference
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import RevisionRow, ToolRunRow
from orchestrator.core.redaction import Redaction
from orchestrator.core.turns import Step, ToolUse, Turn, turns_of
from orchestrator.store.conversations import ConversationSummary, get_conversation
from orchestrator.store.gathering import load_rows
from orchestrator.store.masking import mask_json, mask_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A conversation as what was done in it.

    Attributes:
        revisions: Of its states, in order.
    """

    summary: ConversationSummary
    turns: tuple[Turn, ...]
    revisions: tuple[RevisionRow, ...]

    @property
    def uses(self) -> list[ToolUse]:
        """Every tool call, in order."""
        return [step for turn in self.turns for step in turn.steps if isinstance(step, ToolUse)]


async def load_performance(
    connection: AsyncConnection, conversation_id: str, initial: Mapping[str, JsonObject]
) -> Performance:
    """Load what was done in a conversation.

    Args:
        connection: For reading; of `Database.snapshot` where it may be live.
        conversation_id: Which one.
        initial: Values that states have before their first revision, by name.

    Raises:
        NotFoundError: There is no such conversation.
    """
    summary = await get_conversation(connection, conversation_id)
    items = await load_rows(connection, conversation_id, Item)
    runs = await load_rows(connection, conversation_id, ToolRunRow)
    revisions = await load_rows(connection, conversation_id, RevisionRow)
    return Performance(summary=summary, turns=turns_of(items, runs, revisions, initial), revisions=revisions)


def masked_comparison(found: Comparison, redaction: Redaction) -> Comparison:
    """A comparison as people may see it; what is said is redacted before it is stored."""
    if not redaction.does_anything:
        return found
    return Comparison(
        turns=tuple(
            replace(
                pair,
                original=_turn(pair.original, redaction),
                replayed=_turn(pair.replayed, redaction),
                differences=_differences(pair.differences, redaction),
            )
            for pair in found.turns
        ),
        final=_differences(found.final, redaction),
    )


def _turn(turn: Turn | None, redaction: Redaction) -> Turn | None:
    if turn is None:
        return None
    steps = tuple(_step(step, redaction) for step in turn.steps)
    return replace(turn, steps=steps, states=mask_states(dict(turn.states), redaction))


def _step(step: Step, redaction: Redaction) -> Step:
    if isinstance(step, ToolUse):
        output = None if step.output is None else mask_json(step.output, redaction)
        return replace(step, arguments=redaction.value(step.arguments), output=output)
    return replace(step, payload=redaction.object(step.payload))


def _differences(found: tuple[Difference, ...], redaction: Redaction) -> tuple[Difference, ...]:
    """Values by the name of the field that they are in, which may itself be a reason not to show them."""
    return tuple(
        replace(
            each,
            original=redaction.value(each.original, each.where.rpartition(".")[2]),
            replayed=redaction.value(each.replayed, each.where.rpartition(".")[2]),
        )
        for each in found
    )
