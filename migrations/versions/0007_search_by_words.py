"""Find conversations by words without ever reading all items: a function that always goes by the index.

Postgres guesses how many items have a word, and for beginnings of words it guesses badly: a rare word then
had every item of every conversation read. And the list of labels goes by an index of those conversations that
have any.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FUNCTION = """
CREATE FUNCTION conversations_with(words tsquery) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
AS $$ SELECT coalesce(array_agg(DISTINCT conversation_id), '{}') FROM items WHERE search @@ words $$
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.create_index(
        "ix_conversations_labelled",
        "conversations",
        ["labels"],
        postgresql_where=sa.text("labels <> '{}'::text[]"),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_labelled", "conversations")
    op.execute("DROP FUNCTION conversations_with(tsquery)")
