"""The parts of the media benchmark; each answers with a column of figures for each server."""

from argparse import Namespace
from typing import Any

from bench.media_process import Place, first_core, settled, started, under_load

LOSSES = [0.0, 0.01, 0.03, 0.05, 0.10]
ON_TIME = 20.0
"""Milliseconds that the 99th percentile of packets may be late at capacity."""

STEPS = {"naive": (10, 15, 20, 25, 30, 40, 50), "service": (50, 75, 100, 125, 150, 175)}
SETTLED_SECONDS = 4.0
MANY = 60

Rows = dict[str, dict[str, Any]]
Places = dict[str, Place]

LOAD = "bench.media_load"
SOCKET_LOAD = "bench.media_socket"


def calls(places: Places, given: Namespace) -> Rows:
    """Duplex calls, engine included; times are in ms, p50 / p99."""
    rows: Rows = {}
    for name, codec in (("naive", "opus"), ("service", "opus"), ("service", "pcmu")):
        task = {"calls": given.calls, "seconds": given.seconds, "codec": codec}
        probed = given.probed if codec == "opus" else 0
        found = under_load(places[name], LOAD, task | {"probed": min(probed, given.calls)})
        rows[f"{name}, {codec}"] = _call_row(found, given.calls)
    return rows


def _call_row(found: dict[str, Any], placed: int) -> dict[str, Any]:
    probes = found.get("probes", {})
    return {
        "CPU ms per call-second": found["cpu_ms"],
        "of which in the kernel": found["kernel_ms"],
        "memory per call, MB": found["memory_mb"],
        "calls on time": f"{found['on_time']} of {placed}",
        "packets late by": found["late"],
        "set up": found["setup"],
        "microphone to engine": probes.get("microphone"),
        "engine to caller": probes.get("speaker"),
        "barge-in to the last old packet": probes.get("barge_in"),
        "truncation off by": probes.get("truncation"),
        "handoff: function call to the new agent's first packet": probes.get("handoff"),
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
    rows: Rows = {}
    for name, steps in STEPS.items():
        carried, last = 0, {}
        for step in steps:
            if step > given.most:
                break
            found = under_load(places[name], LOAD, {"calls": step, "seconds": SETTLED_SECONDS})
            if found["on_time"] < 0.99 * step or found["late"]["p99"] > ON_TIME:
                break
            carried, last = step, found["late"]
        rows[name] = {"calls on time": carried, "packets late by at that, ms": last}
    return rows


def minute(places: Places, given: Namespace) -> Rows:
    """Sixty Opus calls for a minute."""
    del given
    found = under_load(places["service"], LOAD, {"calls": MANY, "seconds": 60.0})
    figures = {
        "CPU ms per call-second": found["cpu_ms"],
        "packets late by, ms": found["late"],
        "calls on time": f"{found['on_time']} of {MANY}",
        "set up, ms": found["setup"],
    }
    return {"service": figures}


def websocket(places: Places, given: Namespace) -> Rows:
    """Calls over the WebSocket door, beside a relay that carries frames and does nothing else."""
    rows: Rows = {}
    for name in ("relay", "service"):
        place = Place(places[name].server, "socket", places[name].control)
        found = under_load(place, SOCKET_LOAD, {"calls": given.calls, "seconds": given.seconds})
        rows[name] = {
            "CPU ms per call-second": found["cpu_ms"],
            "of which in the kernel": found["kernel_ms"],
            "microphone to engine": found["probes"]["microphone"],
            "engine to caller": found["probes"]["speaker"],
        }
    return rows


def transport(places: Places, given: Namespace) -> Rows:
    """Media transport alone: no engine, no JSON, no database."""
    del places
    rows: Rows = {}
    servers = {
        "stock aiortc tracks": ("bench.baseline_media",),
        "this project": ("bench.media_server", "--uvloop"),
    }
    for codec in ("opus", "pcmu"):
        for name, module in servers.items():
            with started(*module, core=first_core()) as server:
                task = {"calls": given.calls, "seconds": given.seconds, "codec": codec}
                found = under_load(settled(Place(server, "tcp"), LOAD), LOAD, task)
            rows[f"{name}, {codec}"] = {
                "CPU ms per call-second": found["cpu_ms"],
                "of which in the kernel": found["kernel_ms"],
                "memory per call, MB": found["memory_mb"],
                "packets late by, ms": found["late"],
                "calls on time": f"{found['on_time']} of {given.calls}",
                "set up, ms": found["setup"],
            }
    return rows
