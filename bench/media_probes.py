"""What is measured of one call at a time while the others go on: delays, barge-in, handoff, loss."""

import asyncio
from typing import Any, Self

import msgspec

from bench.media_call import LoadCall
from bench.media_figures import quantiles
from bench.media_pump import FRAME

PULSES = 6
REPLIES = 3
MONOLOGUE_MS = 6000
INTERRUPTED_AFTER = 0.9
"""Seconds of a monologue that are heard."""


class Control:
    """Tells the engine what to do.

    Args:
        reader, writer: Of its control port.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, what: str, **details: Any) -> dict[str, Any]:
        """Have something done; the answer."""
        self._writer.write(msgspec.json.encode({"do": what, **details}) + b"\n")
        answer: dict[str, Any] = msgspec.json.decode(await self._reader.readline())
        return answer


class Probes:
    """What was measured, in milliseconds."""

    def __init__(self, control: Control) -> None:
        self.values: dict[str, list[float]] = {
            name: [] for name in ("microphone", "speaker", "barge_in", "truncation", "handoff")
        }
        self._control = control

    async def measure(self, call: LoadCall) -> None:
        """Everything, of one call."""
        call.hush()
        call.watch(on=True)
        await self._control.ask("hush", call=call.number)
        await asyncio.sleep(0.3)
        for _ in range(PULSES):
            self.values["microphone"] += await self.microphone(call)
        for _ in range(REPLIES):
            await self._reply(call)
        await self._interrupt(call)
        await self._hand_over(call)
        call.watch(on=False)

    async def microphone(self, call: LoadCall) -> list[float]:
        """From a packet's sending to its sound at the engine; empty if it never came there."""
        await self._control.ask("listen", call=call.number)
        call.pulse()
        heard = (await self._control.ask("heard", call=call.number))["at"]
        await asyncio.sleep(0.1)
        return [] if heard is None else [(heard - call.pulsed) * 1000]

    async def _reply(self, call: LoadCall) -> None:
        call.loud.clear()
        left = (await self._control.ask("say", call=call.number, ms=200))["at"]
        await asyncio.sleep(0.5)
        if call.loud:
            self.values["speaker"].append((call.loud[0] - left) * 1000)

    async def _interrupt(self, call: LoadCall) -> None:
        call.loud.clear()
        await self._control.ask("say", call=call.number, ms=MONOLOGUE_MS)
        await asyncio.sleep(INTERRUPTED_AFTER)
        told = await self._control.ask("interrupt", call=call.number)
        await asyncio.sleep(0.3)
        if call.loud:
            self.values["barge_in"].append(max(0.0, (call.loud[-1] - told["at"]) * 1000))
            if told["played_ms"] is not None:
                received = len(call.loud) * FRAME * 1000
                self.values["truncation"].append(abs(received - told["played_ms"]))

    async def _hand_over(self, call: LoadCall) -> None:
        call.loud.clear()
        left = (await self._control.ask("hand_over", call=call.number))["at"]
        for _ in range(100):
            if call.loud:
                self.values["handoff"].append((call.loud[0] - left) * 1000)
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.1)


async def probe(load: list[LoadCall], control: Control) -> dict[str, dict[str, float]]:
    """Measure these calls, one after another."""
    probes = Probes(control)
    for call in load:
        await probes.measure(call)
    return {name: quantiles(values) for name, values in probes.values.items()}


async def loss_figures(load: list[LoadCall], control: Control, seconds: float) -> list[dict[str, Any]]:
    """How much of the sound that was sent reaches the engine, and how late, for each share of loss."""
    before = [(call.sent_ms, (await control.ask("amount", call=call.number))["ms"]) for call in load]
    await asyncio.sleep(seconds)
    shares: dict[float, list[float]] = {}
    for call, (sent, heard) in zip(load, before, strict=True):
        came = (await control.ask("amount", call=call.number))["ms"] - heard
        shares.setdefault(call.loss, []).append(100 * came / (call.sent_ms - sent))
    delays: dict[float, list[float]] = {}
    probes = Probes(control)
    for call in load:
        call.hush()
        await asyncio.sleep(0.2)
        for _ in range(PULSES):
            delays.setdefault(call.loss, []).extend(await probes.microphone(call))
    return [
        {"loss": loss, "share": min(found), "delay": quantiles(delays[loss])}
        for loss, found in shares.items()
    ]
