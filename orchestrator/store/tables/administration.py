"""Tables of running the service: keys, audit, revisions of agents, prices, client secrets."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orchestrator.store.tables.base import Base, Json


class ApiKey(Base):
    """A key, known by its SHA-256 alone."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("role IN ('admin', 'reviewer', 'caller')", name="role"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    hash: Mapped[bytes] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did what to what. Outlives both the key and the thing."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_action", "action", "number"),
        Index("ix_audit_target", "target", "number"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    key_id: Mapped[str | None]
    key_name: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    detail: Mapped[Json]


class AgentRevision(Base):
    """What an operator changed of an agent, whole: revision 0 is the class and has no row."""

    __tablename__ = "agent_revisions"

    agent: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    overrides: Mapped[Json]
    author: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Price(Base):
    """What a million tokens of a modality cost from a moment on, in US dollars."""

    __tablename__ = "prices"
    __table_args__ = (CheckConstraint("modality IN ('text', 'audio', 'image')", name="modality"),)

    model: Mapped[str] = mapped_column(primary_key=True)
    modality: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    input: Mapped[Decimal]
    cached: Mapped[Decimal]
    output: Mapped[Decimal]


class ClientSecret(Base):
    """A short-lived secret that opens sessions, with the session it was made for."""

    __tablename__ = "client_secrets"
    __table_args__ = (Index("ix_client_secrets_expires_at", "expires_at"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    session: Mapped[Json]
    key_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
