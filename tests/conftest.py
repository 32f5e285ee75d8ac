"""What every area's tests share: a real Postgres, a fresh database for a test, and no silent skip in CI."""

import asyncio
import gc
import itertools
import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import hypothesis
import pytest

from orchestrator.store.embedded_postgres import EmbeddedPostgres
from tests.certificates import self_signed
from tests.patience import PATIENCE
from tests.scratch import scratch_folder

IN_CI = os.environ.get("CI", "").lower() == "true"
TEMPLATE = "migrated"
LONGEST = ("scale", "browser")
"""Marks of the tests that take longest, the longest first."""

# Machines that test are shared: how long an example takes, or is in the making, says nothing.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

_numbers = itertools.count(1)

Report = pytest.TestReport | pytest.CollectReport


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for garbage seldom, and never in what is loaded for good: that took a fifth of a whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare a run of tests of one mark the loading of files that do not write that mark."""
    marks = required_marks(config.option.markexpr)
    if not marks or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text()
    return True if any(f"mark.{mark}" not in text for mark in marks) else None


def required_marks(expression: str) -> list[str]:
    """The marks that every test of an expression has, such as that of `media and not alone`."""
    if {"or", "("} & set(expression.replace("(", " ( ").split()):
        return []
    return [part for part in expression.split(" and ") if part.isidentifier()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest runs, so that none of them is what everybody waits for in the end."""
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in LONGEST])


@pytest.fixture(scope="session", autouse=True)
def no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare every HTTP client the reading of 150 authorities: tests talk to this machine alone."""
    nobody = tmp_path_factory.mktemp("authorities") / "nobody.pem"
    _, certificate = self_signed()
    nobody.write_bytes(certificate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(nobody))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_a_skip(report)
    return report


def _refuse_a_skip(report: Report) -> None:
    """Make a skipped test a failed one in CI, where everything that tests need is installed."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, which CI=true makes a failure. {reason}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the whole run; the URL's own database stays empty."""
    with scratch_folder() as folder, EmbeddedPostgres(folder, fast=True) as server:
        yield server.start()


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """The name of a database that all migrations were run on once."""
    from orchestrator.store.migrate import upgrade  # noqa: PLC0415 - most tests need no tables

    run_sql(postgres_url, f"CREATE DATABASE {TEMPLATE}")
    upgrade(in_database(postgres_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """The URL of a database of the test's own, with all tables and no conversations."""
    name = f"test_{next(_numbers)}"
    run_sql(postgres_url, f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY")
    yield in_database(postgres_url, name)
    drop_database(postgres_url, name)


def in_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


def drop_database(url: str, name: str) -> None:
    """Drop a database, as often as it takes: Postgres gives whoever is connected five seconds to go."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return run_sql(url, f"DROP DATABASE {name} WITH (FORCE)")
        except asyncpg.ObjectInUseError:
            if time.monotonic() > deadline:
                raise


def run_sql(url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=PATIENCE)
        try:
            await connection.execute(statement, timeout=PATIENCE)
        finally:
            await connection.close(timeout=PATIENCE)

    asyncio.run(run())
