"""The parts of the media benchmark; each answers with a column of figures for each server."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from bench import media_capacity
from bench.processes import Place, first_core, settled, started, under_load

LOSSES = [0.0, 0.01, 0.03, 0.05, 0.10]
MANY = 60

Rows = dict[str, dict[str, Any]]
Places = dict[str, Place]

LOAD = "bench.media_load"
SOCKET_LOAD = "bench.media_socket"


def by_turns(runs: int, measures: Mapping[str, Callable[[bool], dict[str, Any]]]) -> Rows:
    """Measure servers by turns; the figures of the first run of each, but CPU of the run that took least.

    Args:
        runs: Of each.
        measures: Called with whether it is the first run.
    """
    rows: Rows = {}
    for run in range(runs):
        for name, measure in measures.items():
            found = measure(run == 0)
            row = rows.setdefault(name, found)
            if found["cpu_ms"] < row["cpu_ms"]:
                row |= {figure: found[figure] for figure in ("cpu_ms", "kernel_ms")}
    return rows


def calls(places: Places, given: Namespace) -> Rows:
    """Duplex calls, engine included; times are in ms, p50 / p99."""

    def measure(name: str, codec: str, first: bool) -> dict[str, Any]:
        probed = min(given.probed, given.calls) if first and codec == "opus" else 0
        task = {"calls": given.calls, "seconds": given.seconds, "codec": codec, "probed": probed}
        return under_load(places[name], LOAD, task)

    kinds = (("naive", "opus"), ("service", "opus"), ("service", "pcmu"))
    measures = {f"{name}, {codec}": partial(measure, name, codec) for name, codec in kinds}
    found = by_turns(given.runs, measures)
    return {name: _call_row(one, given.calls) for name, one in found.items()}


def _call_row(found: dict[str, Any], placed: int) -> dict[str, Any]:
    probes = found.get("probes", {})
    return {
        **_cost_rows(found),
        **_pace_rows(found, placed),
        "microphone to engine": probes.get("microphone"),
        "engine to caller": probes.get("speaker"),
        "barge-in to the last old packet": probes.get("barge_in"),
        "truncation off by": probes.get("truncation"),
        "handoff: function call to the new agent's first packet": probes.get("handoff"),
    }


def _cost_rows(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "CPU ms per call-second": found["cpu_ms"],
        "of which in the kernel": found["kernel_ms"],
        "memory per call, MB": found["memory_mb"],
    }


def _pace_rows(found: dict[str, Any], placed: int) -> dict[str, Any]:
    return {
        "calls on time": f"{found['on_time']} of {placed}",
        "packets late by, ms": found["late"],
        "a speaker without a buffer waited for packets, %": found["underrun_share"],
        "for so long, ms": found["underruns"],
        "packets late by in the median second, p99, ms": found["late_second"],
        "set up, ms": found["setup"],
    }


def loss(places: Places, given: Namespace) -> Rows:
    """Packets lost from the caller: the share of the sound that reaches the engine, and its delay."""
    rows: Rows = {}
    for name in ("naive", "service"):
        task = {"calls": 2 * len(LOSSES), "seconds": given.seconds, "losses": LOSSES}
        found = under_load(places[name], LOAD, task)
        rows[name] = {}
        for one in found["losses"]:
            percent = round(100 * one["loss"])
            rows[name][f"{percent} % lost: sound that arrives, %"] = one["share"]
            rows[name][f"{percent} % lost: microphone to engine"] = one["delay"]
    return rows


def capacity(places: Places, given: Namespace) -> Rows:
    """Opus calls that one core carries on time."""
    return media_capacity.capacity(places, given, LOAD)


def minute(places: Places, given: Namespace) -> Rows:
    """Sixty Opus calls for a minute."""
    del given
    found = under_load(places["service"], LOAD, {"calls": MANY, "seconds": 60.0})
    return {
        "service": {
            **_cost_rows(found),
            **_pace_rows(found, MANY),
            **media_capacity.core_rows(found),
        }
    }


def websocket(places: Places, given: Namespace) -> Rows:
    """Calls over the WebSocket door, beside a relay that carries frames and does nothing else."""

    def measure(name: str, first: bool) -> dict[str, Any]:
        place = replace(places[name], door="socket")
        task = {"calls": given.calls, "seconds": given.seconds, "probed": given.probed if first else 0}
        return under_load(place, SOCKET_LOAD, task)

    found = by_turns(given.runs, {name: partial(measure, name) for name in ("relay", "service")})
    return {
        name: {
            "CPU ms per call-second": one["cpu_ms"],
            "of which in the kernel": one["kernel_ms"],
            "microphone to engine": one["probes"]["microphone"],
            "engine to caller": one["probes"]["speaker"],
        }
        for name, one in found.items()
    }


def transport(places: Places, given: Namespace) -> Rows:
    """Media transport alone: no engine, no JSON, no database."""
    del places
    servers = {
        "stock aiortc tracks": ("bench.baseline_media",),
        "this project": ("bench.media_server", "--uvloop"),
    }
    rows: Rows = {}
    for codec in ("opus", "pcmu"):
        with ExitStack() as running:

            def measure(place: Place, first: bool, codec: str = codec) -> dict[str, Any]:
                del first
                task = {"calls": given.calls, "seconds": given.seconds, "codec": codec}
                return under_load(place, LOAD, task)

            measures = {}
            for name, module in servers.items():
                server = running.enter_context(started(*module, core=first_core()))
                place = settled(Place(server, "tcp", rests=True), LOAD)
                measures[f"{name}, {codec}"] = partial(measure, place)
            found = by_turns(given.runs, measures)
        rows |= {name: _cost_rows(one) | _pace_rows(one, given.calls) for name, one in found.items()}
    return rows
