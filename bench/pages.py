"""`python -m bench pages`: what lists and reviews take on a million items, by statement and over HTTP.

The data is written first (`bench/page_data.py`): 20,000 conversations with a million items, which takes
minutes. `--folder` keeps it for the next run; `--conversations` and `--items` make less. Pages have bounds;
those that are above theirs are told at the end.
"""

import argparse
import asyncio
import gc
import math
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import event, text

from bench.page_data import END, LABELS, fill
from bench.text import table
from orchestrator.store.conversations import (
    ConversationFilter,
    list_conversations,
    list_labels,
)
from orchestrator.store.database import Database
from orchestrator.store.details import load_details
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.store.migrate import upgrade

ROUNDS: Final = 60
"""So many that the slowest twentieth is more than a single request."""

KEY: Final = "ok_admin_of_the_benchmark"
BIG: Final = frozenset(
    {"conversations", "items", "responses", "tool_runs", "state_revisions", "handoffs", "sessions"}
)
"""Tables that no statement of a page may read from end to end."""

DAY: Final = 86400
RECENT: Final = END.timestamp()
"""When the last of the made-up conversations begins."""

FILTERS: Final[dict[str, dict[str, Any]]] = {
    "no filter": {},
    "agent": {"agent": "human"},
    "status": {"status": "idle"},
    "live": {"live": True},
    "one day": {"created_from": RECENT - 40 * DAY, "created_before": RECENT - 39 * DAY},
    "a common word": {"text": "margherita"},
    "a rare word": {"text": "kalomiru"},
    "several words": {"text": "large diavola"},
    "a quotation": {"text": '"how long will it take"'},
    "a tool's name": {"text": "add_item"},
    "has an error": {"has_error": True},
    "a tool failed": {"tool_error": True},
    "slow": {"slower_than_ms": 4000},
    "label": {"label": LABELS[0]},
    "verdict": {"verdict": "bad"},
    "key": {"created_by": "key_3"},
    "label, agent and slow": {"label": LABELS[0], "agent": "restaurant", "slower_than_ms": 4000},
    "nothing fits": {"text": "xylophone", "label": LABELS[0]},
}
QUERIES: Final = {
    "no filter": "",
    "a word": "?q=diavola",
    "a rare word": "?q=kalomiru",
    "several words": "?q=large+diavola",
    "a quotation": "?q=%22how+long+will+it+take%22",
    "a tool's name": "?q=add_item",
    "nothing fits": f"?q=xylophone&label={LABELS[0]}",
    "agent": "?agent=human",
    "outcome": "?outcome=agent",
    "days": f"?from={(END - timedelta(40)).date()}&to={(END - timedelta(39)).date()}",
    "any error": "?error=any",
    "a tool's error": "?error=tool",
    "no error": "?error=none",
    "slow": "?slow=4",
    "label": f"?label={LABELS[0]}",
    "verdict": "?verdict=bad",
    "label, agent and slow": f"?label={LABELS[0]}&agent=restaurant&slow=4",
}
"""Of the list as a page: every filter of its form."""

BOUNDS: Final = {"list": 100.0, "review": 150.0, "overview": 100.0}
"""How long a page may take at p95, in milliseconds of server time, by the first word of its name."""

Figures = dict[str, dict[str, float]]
Work = Callable[[Database], Awaitable[object]]


def main(arguments: list[str]) -> None:
    """Write the data unless it is there, measure, and print tables."""
    wanted = _parsed(arguments)
    with _folder(wanted.folder) as folder, EmbeddedPostgres(folder, fast=True) as server:
        url = server.start()
        upgrade(url)
        long = asyncio.run(_filled(url, wanted.conversations, wanted.items))
        gc.freeze()  # as in the service
        print(table(asyncio.run(measure_statements(url, long))))
        scans = asyncio.run(sequential_scans(url, long))
        print(f"\nread from end to end: {', '.join(sorted(scans)) or 'nothing'}\n")
        with _service(url) as (process, address, sign_in):
            found = asyncio.run(measure_pages(process, address, sign_in, long))
        print(table(found))
        print(f"\nabove their bound at p95: {', '.join(above(found)) or 'nothing'}")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench pages")
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    return parser.parse_args(arguments)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as made:
        yield Path(made)


async def _filled(url: str, conversations: int, items: int) -> list[str]:
    database = Database(url)
    try:
        async with database.read() as connection:
            found = await connection.execute(text("SELECT id FROM conversations ORDER BY id LIMIT 3"))
            long = list(found.scalars())
    finally:
        await database.close()
    if long:
        return long
    begun = time.monotonic()
    long = await fill(url, conversations, items)
    print(f"{conversations} conversations with {items} items written in {time.monotonic() - begun:.0f} s\n")
    return long


# --- statements -------------------------------------------------------------------------------------------


def statements(long: str) -> dict[str, Work]:
    """What a page asks of the store, by name; `long` is a conversation of 500 items."""

    def listing(wanted: dict[str, Any]) -> Work:
        async def work(database: Database) -> object:
            async with database.read() as connection:
                return await list_conversations(connection, ConversationFilter(**wanted))

        return work

    async def labels(database: Database) -> object:
        async with database.read() as connection:
            return await list_labels(connection)

    async def review(database: Database) -> object:
        async with database.snapshot() as connection:
            return await load_details(connection, long)

    found = {f"list: {name}": listing(wanted) for name, wanted in FILTERS.items()}
    return {**found, "labels": labels, "review of 500 items": review}


async def measure_statements(url: str, long: list[str]) -> Figures:
    """Of each, from the question to the objects."""
    found: Figures = {}
    database = Database(url)
    try:
        for name, work in statements(long[0]).items():
            await _measured(found, name, partial(work, database), time.process_time)
    finally:
        await database.close()
    return found


async def _measured(
    found: Figures, name: str, work: Callable[[], Awaitable[object]], cpu: Callable[[], float]
) -> None:
    """Do something often, one at a time: how long it takes, and the CPU that the process spends on it."""
    await work()
    taken, spent = [], []
    for _ in range(ROUNDS):
        begun, before = time.perf_counter(), cpu()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
        spent.append((cpu() - before) * 1000)
    for kind, figures in (("", taken), ("CPU ", spent)):
        found.setdefault(f"{kind}p50, ms", {})[name] = statistics.median(figures)
        found.setdefault(f"{kind}p95, ms", {})[name] = statistics.quantiles(figures, n=20)[-1]


async def sequential_scans(url: str, long: list[str]) -> set[str]:
    """Which big tables are read from end to end, and by what: `list: key reads conversations`."""
    database = Database(url)
    found: set[str] = set()
    try:
        for name, work in statements(long[0]).items():
            for statement, parameters in await asked(database, work):
                async with database.engine.connect() as connection:
                    plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
                    for table_name in scanned(plan.scalar_one()[0]["Plan"]):
                        if table_name in BIG:
                            found.add(f"{name} reads {table_name}")
    finally:
        await database.close()
    return found


async def asked(database: Database, work: Work) -> list[tuple[str, Any]]:
    """The statements that some work asks, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await work(database)
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    return seen


def scanned(plan: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from scanned(inner)


# --- pages ------------------------------------------------------------------------------------------------


@contextmanager
def _service(url: str) -> Iterator[tuple[int, str, str]]:
    command = [sys.executable, "-m", "bench.page_service", url, KEY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        address, sign_in = line.split()
        yield process.pid, address, sign_in
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


async def measure_pages(process: int, base: str, sign_in: str, long: list[str]) -> Figures:
    """Of whole requests; CPU is that of the service.

    Args:
        process: Of the service: its number.
        base: Its address.
        sign_in: A link.
        long: Conversations of 500 items.
    """
    pages = {
        "overview of a week": "/?days=7",
        "overview of a month": "/?days=30",
        **{f"list: {name}": f"/conversations{query}" for name, query in QUERIES.items()},
        "review of 500 items": f"/conversations/{long[0]}",
        "REST: list": "/admin/conversations",
        "REST: a rare word": "/admin/conversations?text=kalomiru",
        "REST: 500 items": f"/admin/conversations/{long[0]}",
    }
    headers = {"authorization": f"Bearer {KEY}"}
    found: Figures = {}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30, follow_redirects=True) as client:
        await _fetched(client, sign_in)
        for name, address in pages.items():
            await _measured(found, name, partial(_fetched, client, address), partial(cpu_seconds, process))
    return found


def above(found: Figures) -> Iterator[str]:
    """The pages that take longer than they may."""
    for name, taken in found["p95, ms"].items():
        if taken > BOUNDS.get(re.split(r"\W", name)[0], math.inf):
            yield f"{name} ({taken:.0f} ms)"


def cpu_seconds(process: int) -> float:
    """The CPU time of a process, all its threads together, to the nanosecond.

    Its clock is numbered as POSIX's `clock_getcpuclockid` does it on Linux; `/proc` counts in steps of 10 ms.
    """
    return time.clock_gettime((~process << 3) | 2)


async def _fetched(client: httpx.AsyncClient, address: str) -> None:
    (await client.get(address)).raise_for_status()


if __name__ == "__main__":
    main(sys.argv[1:])
