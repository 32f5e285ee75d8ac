"""Tables of the pages: who is signed in, and what they keep."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orchestrator.store.tables.base import Base


class PageSession(Base):
    """A browser that is signed in, known by a seal of its cookie alone."""

    __tablename__ = "page_sessions"
    __table_args__ = (Index("ix_page_sessions_expires_at", "expires_at"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    key_id: Mapped[str | None]
    role: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class SignInTicket(Base):
    """Signs one browser in, once: what the link holds that `serve` prints."""

    __tablename__ = "sign_in_tickets"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SavedFilter(Base):
    """A filter of the list of conversations that somebody kept."""

    __tablename__ = "saved_filters"

    owner: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
