"""Administration: keys, audit, revisions of agents, prices, client secrets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_keys()
    create_audit()
    create_agent_revisions()
    create_prices()


def create_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
        sa.CheckConstraint("role IN ('admin', 'reviewer', 'caller')", name="ck_api_keys_role"),
    )
    op.create_table(
        "client_secrets",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("session", JSONB(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_client_secrets"),
    )
    op.create_index("ix_client_secrets_expires_at", "client_secrets", ["expires_at"])


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("key_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_action", "audit", ["action", "number"])
    op.create_index("ix_audit_target", "audit", ["target", "number"])


def create_agent_revisions() -> None:
    op.create_table(
        "agent_revisions",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("overrides", JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "revision", name="pk_agent_revisions"),
    )


def create_prices() -> None:
    op.create_table(
        "prices",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("valid_from", TIME, nullable=False),
        sa.Column("input", sa.Numeric(), nullable=False),
        sa.Column("cached", sa.Numeric(), nullable=False),
        sa.Column("output", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("model", "modality", "valid_from", name="pk_prices"),
        sa.CheckConstraint("modality IN ('text', 'audio', 'image')", name="ck_prices_modality"),
    )


def downgrade() -> None:
    for name in ("prices", "agent_revisions", "audit", "client_secrets", "api_keys"):
        op.drop_table(name)
