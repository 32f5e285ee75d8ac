"""Tables of replays: stored conversations lived again with today's agents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from orchestrator.store.tables.base import Base, Json, conversation_key


class Replay(Base):
    """One run over some conversations. `heartbeat_at` is the last sign of life of the node that runs it."""

    __tablename__ = "replays"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'done', 'cancelled', 'interrupted')", name="status"),
        Index("ix_replays_newest", text("created_at DESC"), text("id DESC")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    engine: Mapped[str | None]
    agents: Mapped[Json]
    concurrency: Mapped[int]
    note: Mapped[str]
    author: Mapped[str]
    node: Mapped[str]
    cancel_asked: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    heartbeat_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class ReplayCase(Base):
    """One conversation of a replay, and what came of it. Goes with its original when that is erased."""

    __tablename__ = "replay_cases"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('waiting', 'running', 'same', 'different', 'failed', 'cancelled')", name="outcome"
        ),
        Index("ix_replay_cases_replayed_id", "replayed_id"),
    )

    replay_id: Mapped[str] = mapped_column(ForeignKey("replays.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    original_id: Mapped[str] = conversation_key(primary=False)
    replayed_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    outcome: Mapped[str]
    turns: Mapped[int] = mapped_column(server_default="0")
    first_turn: Mapped[int | None]
    differences: Mapped[int] = mapped_column(server_default="0")
    kinds: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    error: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
