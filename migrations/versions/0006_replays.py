"""Replays: stored conversations lived again, what came of each, and the mark on what they make."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("replay_of", sa.Text()))
    op.create_index(
        "ix_conversations_replay_of",
        "conversations",
        ["replay_of"],
        postgresql_where=sa.text("replay_of IS NOT NULL"),
    )
    create_replays()
    create_cases()


def create_replays() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text()),
        sa.Column("agents", JSONB(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("heartbeat_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_replays"),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'cancelled', 'interrupted')", name="ck_replays_status"
        ),
    )
    op.create_index("ix_replays_newest", "replays", [sa.text("created_at DESC"), sa.text("id DESC")])


def create_cases() -> None:
    op.create_table(
        "replay_cases",
        sa.Column("replay_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.Text(), nullable=False),
        sa.Column("replayed_id", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("turns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_turn", sa.Integer()),
        sa.Column("differences", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kinds", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("replay_id", "number", name="pk_replay_cases"),
        sa.ForeignKeyConstraint(
            ["replay_id"], ["replays.id"], name="fk_replay_cases_replay_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["conversations.id"], name="fk_replay_cases_original_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replayed_id"],
            ["conversations.id"],
            name="fk_replay_cases_replayed_id",
            ondelete="SET NULL",
        ),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'running', 'same', 'different', 'failed', 'cancelled')",
            name="ck_replay_cases_outcome",
        ),
    )
    op.create_index("ix_replay_cases_original_id", "replay_cases", ["original_id"])
    op.create_index("ix_replay_cases_replayed_id", "replay_cases", ["replayed_id"])


def downgrade() -> None:
    op.drop_table("replay_cases")
    op.drop_table("replays")
    op.drop_index("ix_conversations_replay_of", "conversations")
    op.drop_column("conversations", "replay_of")
