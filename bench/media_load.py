"""Load for the media benchmarks: duplex WebRTC calls, as cheap as they can be, in a process of their own.

aiortc connects each call; then encoded packets are replayed at the right times, and what comes back is
stamped and not decoded, so that one core of load drives many calls. Signalling is a line of JSON each way
over TCP: `{"sdp": offer}` and `{"sdp": answer}`.
"""

import argparse
import asyncio
import dataclasses
import json
import resource
import struct
import sys
import time
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters, RTCRtpSendParameters

from bench.media_sound import encoded_speech

FRAME = 0.02
_HEADER = struct.Struct("!BBHII")


@dataclasses.dataclass(slots=True)
class CallLog:
    """What one call saw.

    Attributes:
        arrivals: Times of received packets, relative to the call's first.
        setup: Seconds from offer to connected.
    """

    arrivals: list[float] = dataclasses.field(default_factory=list)
    setup: float = 0.0


class LoadCall:
    """One call: replays packets, stamps what comes.

    Args:
        payloads: Encoded frames of 20 ms, replayed in a circle.
        codec: `opus` or `pcmu`.
    """

    def __init__(self, payloads: list[bytes], codec: str) -> None:
        self.log = CallLog()
        self._payloads = payloads
        self._units = 960 if codec == "opus" else 160
        self._codec = codec
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._first: float | None = None
        self._payload_type = 0
        self._ssrc = 0
        self._transport: Any = None
        self._sent = 0

    async def connect(self, host: str, port: int) -> None:
        """Place the call; return when it is connected."""
        transceiver = self._peer.addTransceiver(AudioStreamTrack(), "sendrecv")
        self._peer.createDataChannel("oai-events")
        transceiver.sender.send = self._begin_sending  # type: ignore[method-assign]
        transceiver.receiver.receive = self._begin_receiving  # type: ignore[method-assign]
        self._ssrc = transceiver.sender._ssrc  # noqa: SLF001 - the load stands in for aiortc's own sender
        self._transport = transceiver
        began = time.perf_counter()
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = self._peer.localDescription.sdp
        answer = await self._signal(host, port, offer)
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        while self._peer.connectionState != "connected":
            if self._peer.connectionState in ("failed", "closed"):
                raise ConnectionError("The call did not connect.")
            await asyncio.sleep(0.005)
        self.log.setup = time.perf_counter() - began

    async def _signal(self, host: str, port: int, offer: str) -> str:
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
        writer.write(json.dumps({"sdp": offer, "codec": self._codec}).encode() + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        return str(answer["sdp"])

    async def _begin_sending(self, parameters: RTCRtpSendParameters) -> None:
        self._payload_type = parameters.codecs[0].payloadType or 0

    async def _begin_receiving(self, parameters: RTCRtpReceiveParameters) -> None:
        dtls = self._transport.receiver.transport
        self._transport = dtls
        dtls._handle_rtp_data = self._stamp  # noqa: SLF001 - and for its receiver
        del parameters

    async def _stamp(self, data: bytes, arrival_time_ms: int) -> None:
        del data, arrival_time_ms
        now = time.perf_counter()
        if self._first is None:
            self._first = now
        self.log.arrivals.append(now - self._first)

    async def send_next(self) -> None:
        """Send the next packet."""
        payload = self._payloads[self._sent % len(self._payloads)]
        header = _HEADER.pack(
            0x80, self._payload_type, self._sent & 0xFFFF, self._sent * self._units & 0xFFFFFFFF, self._ssrc
        )
        self._sent += 1
        await self._transport._send_rtp(header + payload)  # noqa: SLF001 - as above

    def forget(self) -> None:
        """Drop what was stamped so far."""
        self.log.arrivals.clear()
        self._first = None

    async def close(self) -> None:
        """Hang up."""
        await self._peer.close()


async def pump(call: LoadCall, offset: float, until: float) -> None:
    """Send a packet every 20 ms until a time of the monotonic clock."""
    index = 0
    start = time.monotonic() + offset
    while time.monotonic() < until:
        await asyncio.sleep(max(0.0, start + index * FRAME - time.monotonic()))
        await call.send_next()
        index += 1


def lateness(log: CallLog) -> list[float]:
    """Return, per packet, how many milliseconds after its time it came, the first one being on time."""
    return [max(0.0, arrival - index * FRAME) * 1000 for index, arrival in enumerate(log.arrivals)]


async def run(host: str, port: int, calls: int, seconds: float, codec: str) -> dict[str, Any]:
    payloads = encoded_speech(codec)
    load = [LoadCall(payloads, codec) for _ in range(calls)]
    for call in load:
        await call.connect(host, port)
    until = time.monotonic() + 2 + seconds
    async with asyncio.TaskGroup() as group:
        for index, call in enumerate(load):
            group.create_task(pump(call, index * FRAME / calls, until))
        await asyncio.sleep(1)
        for call in load:
            call.forget()
        print(json.dumps({"event": "measure"}), flush=True)
        await asyncio.sleep(seconds)
        print(json.dumps({"event": "measured"}), flush=True)
    late = sorted(value for call in load for value in lateness(call.log))
    result = {
        "event": "result",
        "packets": len(late),
        "late_p50": late[len(late) // 2] if late else None,
        "late_p99": late[len(late) * 99 // 100] if late else None,
        "on_time": sum(_on_time(call.log) for call in load),
        "setup_ms": sorted(call.log.setup for call in load)[calls // 2] * 1000,
        "load_cpu": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
    }
    await asyncio.gather(*(call.close() for call in load))
    return result


def _on_time(log: CallLog) -> bool:
    """Whether 99 % of a call's packets were within 40 ms of a speaker started by the first."""
    late = lateness(log)
    return bool(late) and sum(value <= 40 for value in late) >= 0.99 * len(late)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--codec", choices=["opus", "pcmu"], default="opus")
    given = parser.parse_args()
    print(json.dumps(asyncio.run(run(given.host, given.port, given.calls, given.seconds, given.codec))))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
