"""Calls with sound: this service whole, and the naive one, under the same load in one run.

The process under test has the first core to itself; engine, load and Postgres share the second.

    python -m bench media [--calls 10] [--seconds 6] [--parts calls loss capacity minute websocket transport]
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import media_parts
from bench.media_parts import LOAD, SOCKET_LOAD
from bench.media_tables import table
from bench.processes import Place, first_core, last_core, pin, settled, started
from orchestrator.store.embedded_postgres import EmbeddedPostgres

FIRST_LOADS = (("service", LOAD), ("service", SOCKET_LOAD), ("naive", LOAD), ("relay", SOCKET_LOAD))
"""One call of each kind for each server, before anything is measured."""

PARTS = ("calls", "loss", "capacity", "minute", "websocket", "transport")


@contextmanager
def places(folder: Path) -> Iterator[dict[str, Place]]:
    """The engine, the service and the naive service, all running."""
    with EmbeddedPostgres(folder) as database, started("bench.media_engine") as engine:
        url = f"ws://127.0.0.1:{engine.port}/v1/realtime"
        with (
            started("bench.media_service", url, database.start(), core=first_core()) as service,
            started("bench.baseline_service", url, core=first_core()) as naive,
            started("bench.text_relay", url, core=first_core()) as relay,
        ):
            found = {
                "service": Place(service, "http", engine),
                "naive": Place(naive, "tcp", engine, rests=True),
                "relay": Place(relay, "socket", engine),
            }
            for name, load in FIRST_LOADS:
                place = found[name] if load == LOAD else replace(found[name], door="socket")
                settled(place, load)
            yield found


def main(words: list[str] | None = None) -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(
        "bench media", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--runs", type=int, default=3, help="of which the one that took least CPU counts")
    parser.add_argument("--probed", type=int, default=4, help="calls whose delays are measured one by one")
    parser.add_argument("--most", type=int, default=260, help="calls at which the search of capacity stops")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    given = parser.parse_args(words)
    pin(os.getpid(), last_core())
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder, places(Path(folder)) as found:
        for part in given.parts:
            measure = getattr(media_parts, part)
            rows: dict[str, dict[str, Any]] = measure(found, given)
            print(f"\n### {measure.__doc__.rstrip('.')}\n\n{table(rows)}", flush=True)


if __name__ == "__main__":
    main()
