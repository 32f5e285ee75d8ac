"""The conversations themselves: found, read, labelled, erased."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, cast, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import ConversationStatus
from orchestrator.store import tables
from orchestrator.store.paging import (
    Page,
    checked_limit,
    decode_cursor,
    microseconds,
    moment,
    page_of,
)
from orchestrator.store.reading import readable
from orchestrator.store.statements import FIGURES

LOOKED_THROUGH: Final = 200
"""Conversations that are searched one by one, before the index of words is asked."""

PLAIN_WORDS: Final = re.compile(r"[\w\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """A conversation in a list. Times are seconds since the Unix epoch.

    Attributes:
        agents: On duty one after another, from the entry agent on.
        turns: Messages of the caller.
        tool_errors: Runs that failed, timed out, or were given bad arguments.
        slowest_turn_ms: The longest wait for the beginning of a reply, None where there was none.
        has_error: Whether a tool or a response failed, or a handoff was rolled back.
        replay_of: The conversation that it lives again, None for one that counts.
    """

    id: str
    agent: str
    entry_agent: str
    status: ConversationStatus
    ended_by: str | None
    metadata: JsonObject
    labels: list[str]
    verdict: str | None
    created_by: str | None
    created_at: float
    updated_at: float
    last_sequence: int
    turns: int
    tool_errors: int
    interruptions: int
    agents: list[str]
    has_error: bool
    slowest_turn_ms: int | None
    replay_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFilter:
    """Which conversations a list shows; what is None does not matter. Times in seconds since the Unix epoch.

    Attributes:
        agent: Was on duty at some time.
        created_from, created_before: When it began.
        text: Words that one item has, in its transcript or the name of its tool; the last letters of a word
            may be missing. In quotes: words in this order; `-word`: without it.
        slower_than_ms: A reply was longer in coming.
        created_by: Id of an API key.
        live: Whether somebody is on the line.
        replay: Whether to show replays alone, or (False) none; None for everything.
    """

    agent: str | None = None
    status: ConversationStatus | None = None
    ended_by: str | None = None
    created_from: float | None = None
    created_before: float | None = None
    text: str | None = None
    has_error: bool | None = None
    tool_error: bool | None = None
    slower_than_ms: int | None = None
    label: str | None = None
    verdict: str | None = None
    created_by: str | None = None
    live: bool | None = None
    replay: bool | None = False


def _columns() -> list[ColumnElement[Any]]:
    table = tables.Base.metadata.tables["conversations"]
    return [readable(table.c[field.name]) for field in fields(ConversationSummary)]


SUMMARIES: Final = select(*_columns())
ONE: Final = SUMMARIES.where(tables.Conversation.id == bindparam("conversation_id"))
"""Made once: a query takes as long to make as to ask."""


async def list_conversations(
    connection: AsyncConnection,
    wanted: ConversationFilter,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[ConversationSummary]:
    """One page of conversations, newest first.

    Raises:
        InvalidRequestError: The cursor or the limit cannot be used.
    """
    row = tables.Conversation
    conditions = _conditions(wanted)
    if after is not None:
        created_at, conversation_id = decode_cursor(after, int, str)
        seen = tuple_(moment(int(created_at)), conversation_id)
        conditions.append(tuple_(row.created_at, row.id) < seen)
    most = checked_limit(limit) + 1
    if wanted.text is not None and wanted.text.strip():
        found = await _searched(connection, conditions, _words(wanted.text), most)
    else:
        found = await _newest(connection, conditions, most)
    return page_of(found, limit, lambda summary: (microseconds(summary.created_at), summary.id))


async def _newest(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], most: int
) -> list[ConversationSummary]:
    row = tables.Conversation
    query = SUMMARIES.where(*conditions).order_by(row.created_at.desc(), row.id.desc()).limit(most)
    return [ConversationSummary(**entry) for entry in (await connection.execute(query)).mappings().all()]


async def _searched(
    connection: AsyncConnection,
    conditions: Sequence[ColumnElement[bool]],
    words: ColumnElement[Any],
    most: int,
) -> list[ConversationSummary]:
    """The newest conversations with an item that has these words.

    What is common is in the newest already, which are looked through one by one; what is rare is found by the
    index of words. Which is which Postgres cannot be left to guess.
    """
    row, item = tables.Conversation, tables.Item
    window = max(LOOKED_THROUGH, most)
    query = select(row.created_at, row.id).where(*conditions)
    query = query.order_by(row.created_at.desc(), row.id.desc()).limit(window)
    newest = (await connection.execute(query)).all()
    if not newest:
        return []
    # The offset keeps the index of words out: asked for each conversation anew, it would take seconds.
    theirs = select(item.search).where(item.conversation_id == row.id).correlate(row).offset(0).subquery()
    has_words = select(theirs.c.search).where(theirs.c.search.op("@@")(words)).exists()
    # Without the times all of the index of times would be read for the ids.
    then = row.created_at.between(newest[-1][0], newest[0][0])
    among = _is_one_of([conversation_id for _, conversation_id in newest])
    found = await _newest(connection, [then, among, has_words], most)
    if len(found) >= most or len(newest) < window:
        return found
    having = (await connection.execute(select(func.conversations_with(words)))).scalar_one()
    return await _newest(connection, [*conditions, _is_one_of(having)], most)


def _is_one_of(ids: Sequence[str]) -> ColumnElement[bool]:
    return tables.Conversation.id == func.any(cast(list(ids), ARRAY(TEXT)))


def _conditions(wanted: ConversationFilter) -> list[ColumnElement[bool]]:
    row = tables.Conversation
    meant: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "agent": lambda agent: row.agents.contains([agent]),
        "status": lambda status: row.status == status,
        "ended_by": lambda who: row.ended_by == who,
        "created_from": lambda moment: row.created_at >= func.to_timestamp(moment),
        "created_before": lambda moment: row.created_at < func.to_timestamp(moment),
        "has_error": row.has_error.is_,
        "tool_error": lambda given: row.tool_errors > 0 if given else row.tool_errors == 0,
        "slower_than_ms": lambda most: row.slowest_turn_ms > most,
        "label": lambda label: row.labels.contains([label]),
        "verdict": lambda verdict: row.verdict == verdict,
        "created_by": lambda key_id: row.created_by == key_id,
        "live": lambda given: row.status == "live" if given else row.status != "live",
        "replay": lambda given: row.replay_of.is_not(None) if given else row.replay_of.is_(None),
    }
    given = {name: getattr(wanted, name) for name in meant}
    return [meant[name](value) for name, value in given.items() if value is not None]


def _words(text: str) -> ColumnElement[Any]:
    """A search: words are beginnings of words, unless marks say that more is meant.

    A query of its own, asked once: a plan that is kept for any words would read the words anew for each item.
    """
    if PLAIN_WORDS.fullmatch(text):
        search = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in text.split()))
    else:
        search = func.websearch_to_tsquery("simple", text)
    return select(search).scalar_subquery()


async def get_conversation(connection: AsyncConnection, conversation_id: str) -> ConversationSummary:
    """One conversation.

    Raises:
        NotFoundError: There is none of this id.
    """
    found = await connection.execute(ONE, {"conversation_id": conversation_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise _unknown(conversation_id)
    return ConversationSummary(**row)


async def change_conversation(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    metadata: JsonObject | None = None,
    labels: Sequence[str] | None = None,
    verdict: str | None = None,
) -> ConversationSummary:
    """Change what people say of a conversation; what is None stays. An empty verdict takes it away.

    Raises:
        NotFoundError: There is none of this id.
    """
    changes: dict[str, object] = {}
    if metadata is not None:
        changes["details"] = metadata
    if labels is not None:
        changes["labels"] = sorted(set(labels))
    if verdict is not None:
        changes["verdict"] = verdict or None
    if changes:
        statement = update(tables.Conversation).where(tables.Conversation.id == conversation_id)
        await connection.execute(statement.values(**changes))
    return await get_conversation(connection, conversation_id)


async def list_labels(connection: AsyncConnection) -> list[str]:
    """Every label in use, for choosing from."""
    has_any = tables.Conversation.labels != cast([], ARRAY(TEXT))
    label = func.unnest(tables.Conversation.labels).label("label")
    return list((await connection.execute(select(label).where(has_any).distinct().order_by(label))).scalars())


async def erase_conversation(connection: AsyncConnection, conversation_id: str) -> list[str]:
    """Erase a conversation with all that belongs to it, its replays too. A call that is on loses its lease.

    Args:
        connection: In a transaction.
        conversation_id: Which one.

    Returns:
        Where its recordings are: erase those too.

    Raises:
        NotFoundError: There is none of this id.
    """
    # The lease first, as its writer locks it: both in one order, so that neither waits for the other.
    lease = select(tables.Lease.epoch).where(tables.Lease.conversation_id == conversation_id)
    await connection.execute(lease.with_for_update())
    recordings = select(tables.Recording.location)
    found = await connection.execute(recordings.where(tables.Recording.conversation_id == conversation_id))
    locations = list(found.scalars())
    await connection.execute(
        delete(tables.Conversation).where(tables.Conversation.replay_of == conversation_id)
    )
    gone = delete(tables.Conversation).where(tables.Conversation.id == conversation_id)
    if (await connection.execute(gone)).rowcount == 0:
        raise _unknown(conversation_id)
    return locations


async def settle_orphan(
    connection: AsyncConnection, conversation_id: str, at: datetime | None = None
) -> None:
    """Close what a node left open when it died: the conversation is idle again, its figures right.

    Args:
        connection: In a transaction; hold the lease, so that the node is dead indeed.
        conversation_id: Which one.
        at: When; None for the last sign of life.
    """
    row, session, call = tables.Conversation, tables.Session, tables.Call
    ended = at or select(row.updated_at).where(row.id == conversation_id).scalar_subquery()
    await connection.execute(
        update(session)
        .where(session.conversation_id == conversation_id, session.closed_at.is_(None))
        .values(closed_at=ended, close_reason="node_lost")
    )
    await connection.execute(
        update(call)
        .where(call.conversation_id == conversation_id, call.left_at.is_(None))
        .values(left_at=ended, leave_reason="node_lost")
    )
    idle = update(row).where(row.id == conversation_id, row.status == "live")
    await connection.execute(idle.values(status="idle"))
    await refresh_figures(connection, conversation_id)


async def refresh_figures(connection: AsyncConnection, conversation_id: str) -> None:
    """Bring the figures of lists up to date with a conversation's rows; the writer does so by itself."""
    await connection.exec_driver_sql(FIGURES, (conversation_id,))


def _unknown(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation {conversation_id}.", param="conversation")
