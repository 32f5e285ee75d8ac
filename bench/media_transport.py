"""What one duplex call costs in media transport alone: this project beside stock aiortc, in one run.

No engine, no JSON, no database: sound comes in and is decoded for the engine, the engine's sound goes out.
Server and load are processes of their own; what is counted is the server's processor time.

    python -m bench.media_transport [--calls 10] [--seconds 6] [--repeats 3]
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types
from rich.console import Console
from rich.table import Table

FRAME = 0.02

SERVERS = {
    "stock aiortc tracks": ["bench.baseline_media"],
    "this project (asyncio)": ["bench.media_server"],
    "this project (uvloop)": ["bench.media_server", "--uvloop"],
}


@contextlib.asynccontextmanager
async def started(*module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module as a process, and end it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def next_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    if process.stdout is None:
        raise RuntimeError("The process has no output.")
    line = await asyncio.wait_for(process.stdout.readline(), 120)
    if not line:
        raise RuntimeError("A process of the benchmark ended early.")
    said: dict[str, Any] = json.loads(line)
    return said


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def measure(server: list[str], codec: str, calls: int, seconds: float) -> dict[str, Any]:
    """Return the figures of one server under load."""
    async with started(*server) as serving:
        port = (await next_line(serving))["port"]
        watched = psutil.Process(serving.pid)
        idle_memory = watched.memory_info().rss
        load = ["--port", str(port), "--calls", str(calls), "--seconds", str(seconds), "--codec", codec]
        async with started("bench.media_load", *load) as loading:
            await next_line(loading)
            before = _seconds(watched)
            await next_line(loading)
            spent = _seconds(watched) - before
            memory = watched.memory_info().rss
            result = await next_line(loading)
    # By sound that was delivered: a server that falls behind must not look cheap for it.
    result["cpu_ms"] = spent * 1000 / max(result["packets"] * FRAME, FRAME)
    result["memory_mb"] = (memory - idle_memory) / calls / 1e6
    return result


async def compare(calls: int, seconds: float, codecs: list[str], repeats: int) -> list[dict[str, Any]]:
    """Measure all servers in turn, several times over; of each keep the run that others disturbed least."""
    rows = []
    for codec in codecs:
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in SERVERS}
        for _ in range(repeats):
            for name, server in SERVERS.items():
                runs[name].append(await measure(server, codec, calls, seconds))
        best = {name: min(results, key=lambda run: run["cpu_ms"]) for name, results in runs.items()}
        baseline = next(iter(best.values()))["cpu_ms"]
        rows += [
            {"server": name, "codec": codec, "ratio": baseline / run["cpu_ms"], **run}
            for name, run in best.items()
        ]
    return rows


def table(rows: list[dict[str, Any]], calls: int, seconds: float) -> Table:
    shown = Table(title=f"Media transport, {calls} duplex calls for {seconds:g} s")
    for heading in (
        "codec",
        "server",
        "CPU ms per call-second",
        "times cheaper",
        "late p50 ms",
        "late p99 ms",
        "calls on time",
        "set up ms",
        "MB per call",
    ):
        shown.add_column(heading, justify="left" if heading in ("codec", "server") else "right")
    for row in rows:
        shown.add_row(
            row["codec"],
            row["server"],
            f"{row['cpu_ms']:.1f}",
            f"{row['ratio']:.1f}",
            f"{row['late_p50']:.1f}",
            f"{row['late_p99']:.1f}",
            f"{row['on_time']} of {calls}",
            f"{row['setup_ms']:.0f}",
            f"{row['memory_mb']:.2f}",
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--codecs", nargs="+", default=["opus", "pcmu"], choices=["opus", "pcmu"])
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    rows = asyncio.run(compare(given.calls, given.seconds, given.codecs, given.repeats))
    if given.json:
        print(json.dumps(rows))
    else:
        Console(width=140).print(table(rows, given.calls, given.seconds))


if __name__ == "__main__":
    main()
