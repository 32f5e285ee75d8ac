"""Databases of tests: no wait for Postgres ends because the machine is busy."""

from typing import Any

from orchestrator.store.database import Database
from tests.patience import PATIENCE


def patient_database(url: str, **options: Any) -> Database:
    """The pool of a test, with options as `Database` has them."""
    return Database(
        url, pool_deadline=PATIENCE, connect_deadline=PATIENCE, statement_timeout=PATIENCE, **options
    )
