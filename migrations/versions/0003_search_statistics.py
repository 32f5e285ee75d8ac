"""Know the words of items better, so that a search for a rare word goes by the index of words.

With Postgres' usual sample, every word that is not among the commonest hundred is taken to be in one item of
two hundred, and a list is then searched conversation by conversation.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE items ALTER COLUMN search SET STATISTICS 300")


def downgrade() -> None:
    op.execute("ALTER TABLE items ALTER COLUMN search SET STATISTICS -1")
