"""Tables of what is said and done in a conversation. One row per record of `orchestrator.core.records`."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, Computed, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from orchestrator.store.tables.base import Base, Json, conversation_key

SEARCHED: Final = """
to_tsvector('simple'::regconfig, left(coalesce(name, ''::text), 1000)) ||
CASE WHEN length(jsonb_path_query_array(content, '$[*]."text"'::jsonpath)::text) < 200000
THEN jsonb_to_tsvector('simple'::regconfig, jsonb_path_query_array(content, '$[*]."text"'::jsonpath),
'["string"]'::jsonb) ELSE ''::tsvector END
"""
"""Words of the transcript and of the tool's name. A vector may hold 1 MB: longer texts go unsearched, so that
no length of a message can make its row unacceptable."""

NO_LIST: Final = text("'{}'")
EMPTY: Final = text("'{}'::jsonb")


class Conversation(Base):
    """The durable thing. Figures for lists are brought up to date by the writer, in its transaction."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_newest", text("created_at DESC"), text("id DESC")),
        Index("ix_conversations_live", "id", postgresql_where=text("status = 'live'")),
        Index(
            "ix_conversations_failed",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("has_error"),
        ),
        Index("ix_conversations_slowest_turn_ms", "slowest_turn_ms"),
        Index("ix_conversations_labels", "labels", postgresql_using="gin"),
        Index("ix_conversations_labelled", "labels", postgresql_where=text("labels <> '{}'::text[]")),
        Index("ix_conversations_agents", "agents", postgresql_using="gin"),
        Index("ix_conversations_replay_of", "replay_of", postgresql_where=text("replay_of IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entry_agent: Mapped[str]
    status: Mapped[str]
    ended_by: Mapped[str | None]
    details: Mapped[Json] = mapped_column("metadata", JSONB, server_default=EMPTY)
    labels: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=NO_LIST)
    verdict: Mapped[str | None]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    turns: Mapped[int] = mapped_column(server_default="0")
    tool_errors: Mapped[int] = mapped_column(server_default="0")
    interruptions: Mapped[int] = mapped_column(server_default="0")
    agents: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=NO_LIST)
    has_error: Mapped[bool] = mapped_column(server_default=text("false"))
    slowest_turn_ms: Mapped[int | None]
    replay_of: Mapped[str | None]


class Item(Base):
    """One entry of a conversation: `orchestrator.core.items.Item`."""

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence"),
        Index("ix_items_search", "search", postgresql_using="gin"),
        Index(
            "ix_items_caller",
            "conversation_id",
            postgresql_where=text("kind = 'message' AND role = 'user' AND NOT deleted"),
        ),
    )

    conversation_id: Mapped[str] = conversation_key()
    id: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[Decimal]
    kind: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    agent: Mapped[str]
    epoch: Mapped[int]
    role: Mapped[str | None]
    content: Mapped[list[Json]] = mapped_column(JSONB)
    heard: Mapped[str | None]
    name: Mapped[str | None]
    arguments: Mapped[str | None]
    tool_call_id: Mapped[str | None]
    output: Mapped[str | None]
    origin: Mapped[str]
    late: Mapped[bool]
    deleted: Mapped[bool]
    data: Mapped[Json]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True), nullable=True)


class Session(Base):
    """One connection to an engine."""

    __tablename__ = "sessions"

    conversation_id: Mapped[str] = conversation_key()
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent: Mapped[str]
    purpose: Mapped[str]
    modality: Mapped[str]
    engine: Mapped[str]
    model: Mapped[str | None]
    voice: Mapped[str | None]
    opened_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]


class Response(Base):
    """One inference, with its raw usage."""

    __tablename__ = "responses"
    __table_args__ = (Index("ix_responses_created_at", "created_at"),)

    conversation_id: Mapped[str] = conversation_key()
    id: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    agent: Mapped[str]
    model: Mapped[str | None]
    status: Mapped[str]
    status_details: Mapped[Json | None]
    usage: Mapped[Json | None]
    turn_ended_at: Mapped[datetime | None]
    requested_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    first_output_at: Mapped[datetime | None]
    first_audio_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    interrupted: Mapped[bool]


class ToolRun(Base):
    """One attempt of a tool."""

    __tablename__ = "tool_runs"

    conversation_id: Mapped[str] = conversation_key()
    tool_call_id: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    agent: Mapped[str]
    arguments: Mapped[str]
    outcome: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    violations: Mapped[list[str]] = mapped_column(JSONB)


class Handoff(Base):
    """One passage from an agent to another."""

    __tablename__ = "handoffs"

    conversation_id: Mapped[str] = conversation_key()
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    target: Mapped[str]
    reason: Mapped[str]
    payload: Mapped[Json]
    history: Mapped[str]
    cause: Mapped[str]
    outcome: Mapped[str]
    from_epoch: Mapped[int]
    to_epoch: Mapped[int]
    staged_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Call(Base):
    """One client connection."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_id", "id"),)

    conversation_id: Mapped[str] = conversation_key()
    id: Mapped[str] = mapped_column(primary_key=True)
    transport: Mapped[str]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    leave_reason: Mapped[str | None]
    statistics: Mapped[Json]


class StateRevision(Base):
    """One change of a state."""

    __tablename__ = "state_revisions"

    conversation_id: Mapped[str] = conversation_key()
    state: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[Json]
    item_id: Mapped[str]
    sequence: Mapped[int] = mapped_column(BigInteger)
    tool_call_id: Mapped[str | None]
    created_at: Mapped[datetime]


class KeptRecord(Base):
    """A row that a tool left behind. Numbers ascend over all kinds, with gaps."""

    __tablename__ = "records"
    __table_args__ = (Index("ix_records_kind_number", "kind", "number"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    conversation_id: Mapped[str] = conversation_key(primary=False)
    tool_call_id: Mapped[str]
    data: Mapped[Json]
    created_at: Mapped[datetime]


class Settlement(Base):
    """That a tool call has been answered: the mark by which its effects are applied once.

    `token` names the write that made the row, so that a writer which repeats a transaction of unknown outcome
    recognises its own.
    """

    __tablename__ = "settlements"

    conversation_id: Mapped[str] = conversation_key()
    tool_call_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    token: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Recording(Base):
    """Where the sound of a call is kept."""

    __tablename__ = "recordings"

    conversation_id: Mapped[str] = conversation_key()
    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    location: Mapped[str]
    media_type: Mapped[str]
    channels: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime]
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None]
    data: Mapped[Json] = mapped_column(server_default=EMPTY)


class Lease(Base):
    """Which node owns a conversation. The epoch rises with every change of owner and fences writes."""

    __tablename__ = "leases"
    __table_args__ = (Index("ix_leases_owner", "owner"),)

    conversation_id: Mapped[str] = conversation_key()
    owner: Mapped[str]
    epoch: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]


class Note(Base):
    """What a reviewer wrote about a conversation, or about one item of it."""

    __tablename__ = "notes"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    conversation_id: Mapped[str] = conversation_key(primary=False)
    item_id: Mapped[str | None]
    author: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
