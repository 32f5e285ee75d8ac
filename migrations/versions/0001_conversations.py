"""Conversations: what is said and done, with everything that goes when one is erased."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEARCHED = """
to_tsvector('simple'::regconfig, left(coalesce(name, ''::text), 1000)) ||
CASE WHEN length(jsonb_path_query_array(content, '$[*]."text"'::jsonpath)::text) < 200000
THEN jsonb_to_tsvector('simple'::regconfig, jsonb_path_query_array(content, '$[*]."text"'::jsonpath),
'["string"]'::jsonb) ELSE ''::tsvector END
"""
NEWEST = [sa.text("created_at DESC"), sa.text("id DESC")]
TIME = sa.DateTime(timezone=True)
WORDS = ARRAY(sa.Text())
OPTIONAL = {"nullable": True}


def columns(kind: Any, *names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def number(name: str = "number") -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), sa.Identity(always=True), nullable=False)


def moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False)


def create(name: str, key: Sequence[str], *parts: Any) -> None:
    """Create a table whose rows belong to a conversation."""
    op.create_table(
        name,
        sa.Column("conversation_id", sa.Text(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=f"fk_{name}_conversation_id", ondelete="CASCADE"
        ),
    )


def upgrade() -> None:
    create_conversations()
    create_items()
    create_sessions()
    create_tools()
    create_keeping()


def create_conversations() -> None:
    op.create_table(
        "conversations",
        *columns(sa.Text(), "id", "agent", "entry_agent", "status"),
        *columns(sa.Text(), "ended_by", **OPTIONAL),
        sa.Column("metadata", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("labels", WORDS, server_default=sa.text("'{}'"), nullable=False),
        *columns(sa.Text(), "verdict", "created_by", **OPTIONAL),
        *columns(TIME, "created_at", "updated_at"),
        sa.Column("last_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("turns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tool_errors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("interruptions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agents", WORDS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("has_error", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *columns(sa.Integer(), "slowest_turn_ms", **OPTIONAL),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_newest", "conversations", NEWEST)
    live, failed = sa.text("status = 'live'"), sa.text("has_error")
    op.create_index("ix_conversations_live", "conversations", ["id"], postgresql_where=live)
    op.create_index("ix_conversations_failed", "conversations", NEWEST, postgresql_where=failed)
    op.create_index("ix_conversations_slowest_turn_ms", "conversations", ["slowest_turn_ms"])
    op.create_index("ix_conversations_labels", "conversations", ["labels"], postgresql_using="gin")
    op.create_index("ix_conversations_agents", "conversations", ["agents"], postgresql_using="gin")


def create_items() -> None:
    create(
        "items",
        ("conversation_id", "id"),
        *columns(sa.Text(), "id"),
        *columns(sa.BigInteger(), "sequence"),
        *columns(sa.Numeric(), "position"),
        *columns(sa.Text(), "kind", "status"),
        *columns(TIME, "created_at"),
        *columns(sa.Text(), "agent"),
        *columns(sa.Integer(), "epoch"),
        *columns(sa.Text(), "role", **OPTIONAL),
        *columns(JSONB(), "content"),
        *columns(sa.Text(), "heard", "name", "arguments", "tool_call_id", "output", **OPTIONAL),
        *columns(sa.Text(), "origin"),
        *columns(sa.Boolean(), "late", "deleted"),
        *columns(JSONB(), "data"),
        sa.Column("search", TSVECTOR(), sa.Computed(SEARCHED, persisted=True)),
        sa.UniqueConstraint("conversation_id", "sequence", name="uq_items_conversation_id_sequence"),
    )
    caller = sa.text("kind = 'message' AND role = 'user' AND NOT deleted")
    op.create_index("ix_items_search", "items", ["search"], postgresql_using="gin")
    op.create_index("ix_items_caller", "items", ["conversation_id"], postgresql_where=caller)


def create_sessions() -> None:
    create(
        "sessions",
        ("conversation_id", "epoch"),
        *columns(sa.Integer(), "epoch"),
        *columns(sa.Text(), "agent", "purpose", "modality", "engine"),
        *columns(sa.Text(), "model", "voice", **OPTIONAL),
        *columns(TIME, "opened_at"),
        *columns(TIME, "ready_at", "closed_at", **OPTIONAL),
        *columns(sa.Text(), "close_reason", **OPTIONAL),
    )
    create(
        "responses",
        ("conversation_id", "id"),
        *columns(sa.Text(), "id"),
        *columns(sa.Integer(), "epoch"),
        *columns(sa.Text(), "agent"),
        *columns(sa.Text(), "model", **OPTIONAL),
        *columns(sa.Text(), "status"),
        *columns(JSONB(), "status_details", "usage", **OPTIONAL),
        *columns(TIME, "turn_ended_at", "requested_at", **OPTIONAL),
        *columns(TIME, "created_at"),
        *columns(TIME, "first_output_at", "first_audio_at", "done_at", **OPTIONAL),
        *columns(sa.Boolean(), "interrupted"),
    )
    op.create_index("ix_responses_created_at", "responses", ["created_at"])
    create(
        "handoffs",
        ("conversation_id", "id"),
        *columns(sa.Text(), "id", "source", "target", "reason"),
        *columns(JSONB(), "payload"),
        *columns(sa.Text(), "history", "cause", "outcome"),
        *columns(sa.Integer(), "from_epoch", "to_epoch"),
        *columns(TIME, "staged_at"),
        *columns(TIME, "settled_at", **OPTIONAL),
        *columns(sa.Text(), "error", **OPTIONAL),
    )
    create(
        "calls",
        ("conversation_id", "id"),
        *columns(sa.Text(), "id", "transport"),
        *columns(TIME, "joined_at"),
        *columns(TIME, "left_at", **OPTIONAL),
        *columns(sa.Text(), "leave_reason", **OPTIONAL),
        *columns(JSONB(), "statistics"),
    )
    op.create_index("ix_calls_id", "calls", ["id"])


def create_tools() -> None:
    create(
        "tool_runs",
        ("conversation_id", "tool_call_id", "attempt"),
        *columns(sa.Text(), "tool_call_id"),
        *columns(sa.Integer(), "attempt"),
        *columns(sa.Text(), "name", "agent", "arguments", "outcome"),
        *columns(TIME, "started_at"),
        *columns(TIME, "finished_at", **OPTIONAL),
        *columns(sa.Text(), "error_code", "error", **OPTIONAL),
        *columns(JSONB(), "violations"),
    )
    create(
        "settlements",
        ("conversation_id", "tool_call_id"),
        *columns(sa.Text(), "tool_call_id", "item_id", "token"),
        moment("created_at"),
    )
    create(
        "state_revisions",
        ("conversation_id", "state", "revision"),
        *columns(sa.Text(), "state"),
        *columns(sa.Integer(), "revision"),
        *columns(JSONB(), "value"),
        *columns(sa.Text(), "item_id"),
        *columns(sa.BigInteger(), "sequence"),
        *columns(sa.Text(), "tool_call_id", **OPTIONAL),
        *columns(TIME, "created_at"),
    )
    create(
        "records",
        ("number",),
        number(),
        *columns(sa.Text(), "kind", "tool_call_id"),
        *columns(JSONB(), "data"),
        *columns(TIME, "created_at"),
    )
    op.create_index("ix_records_conversation_id", "records", ["conversation_id"])
    op.create_index("ix_records_kind_number", "records", ["kind", "number"])


def create_keeping() -> None:
    create(
        "recordings",
        ("conversation_id", "id"),
        *columns(sa.Text(), "id", "call_id", "location", "media_type"),
        *columns(sa.Integer(), "channels"),
        *columns(sa.BigInteger(), "size"),
        *columns(TIME, "started_at"),
        *columns(sa.BigInteger(), "duration_ms"),
        *columns(TIME, "expires_at", **OPTIONAL),
        sa.Column("data", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    create(
        "leases",
        ("conversation_id",),
        *columns(sa.Text(), "owner"),
        *columns(sa.BigInteger(), "epoch"),
        *columns(TIME, "expires_at"),
    )
    op.create_index("ix_leases_owner", "leases", ["owner"])
    create(
        "notes",
        ("number",),
        number(),
        *columns(sa.Text(), "item_id", **OPTIONAL),
        *columns(sa.Text(), "author", "text"),
        moment("created_at"),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])


def downgrade() -> None:
    for name in (
        *("notes", "leases", "recordings", "records", "state_revisions", "settlements", "tool_runs"),
        *("calls", "handoffs", "responses", "sessions", "items", "conversations"),
    ):
        op.drop_table(name)
