"""How Alembic runs our migrations: on the connection that `orchestrator.store.migrate` hands over.

Each migration is one transaction, the version row included, so that a failed one leaves nothing behind.
"""

from alembic import context

from orchestrator.store.migrate import VERSION_TABLE, is_ours
from orchestrator.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=is_ours,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
