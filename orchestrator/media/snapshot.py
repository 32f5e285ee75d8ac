"""What is measured on one call, taken together."""

import dataclasses

from orchestrator.media.inbound import InboundAudio
from orchestrator.media.peer import Peer
from orchestrator.media.send import Sender
from orchestrator.media.wire import WireCodec


@dataclasses.dataclass(frozen=True, slots=True)
class CallStatistics:
    """A snapshot of one call; counts are since its start.

    Attributes:
        codec: On the wire: `opus`, `pcmu` or `pcma`.
        packets_received: Of the caller's sound.
        packets_lost: Expected from the caller, never come.
        packets_late: Of those, the ones that came after their frame had been made up.
        packets_reordered: Came after a later one, in time.
        packets_duplicated: Came twice.
        packets_refused: Failed authentication, could not be read, or flooded the handshake.
        frames_undecodable: Authentic packets whose sound the codec refused.
        jitter_ms: Interarrival jitter of the caller's packets.
        round_trip_ms: From RTCP; None before the first report.
        packets_sent: To the listener.
        listener_packets_lost: As the listener reports.
        listener_jitter_ms: As the listener reports; its player waits for about twice that.
        listener_fraction_lost: In the listener's last report, 0 to 1.
        error_correction: Whether we send with in-band error correction.
        underruns: Times the agent's sound came too late to go out on time.
        late_ticks: Packets that left later than one frame after their time.
        dropped_ms: Sound dropped because the queue to the listener was full.
        stale_ms: Sound dropped because it came for an item that was already flushed.
        events_refused: Data channel messages that were malformed or too large.
        silent_seconds: Since the last authentic packet of any kind.
    """

    codec: str
    packets_received: int = 0
    packets_lost: int = 0
    packets_late: int = 0
    packets_reordered: int = 0
    packets_duplicated: int = 0
    packets_refused: int = 0
    frames_undecodable: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None
    packets_sent: int = 0
    listener_packets_lost: int = 0
    listener_jitter_ms: float = 0.0
    listener_fraction_lost: float = 0.0
    error_correction: bool = False
    underruns: int = 0
    late_ticks: int = 0
    dropped_ms: int = 0
    stale_ms: int = 0
    events_refused: int = 0
    silent_seconds: float = 0.0


def take_snapshot(
    codec: WireCodec | None,
    peer: Peer | None,
    inbound: InboundAudio | None,
    sender: Sender | None,
    now: float,
) -> CallStatistics:
    """Return what the parts of a call have measured; parts that a call lacks count nothing.

    Args:
        codec: On the wire.
        peer: The connection.
        inbound: The caller's sound.
        sender: The agent's sound.
        now: Loop time.
    """
    values: dict[str, object] = {"codec": codec or ""}
    if peer is not None:
        values |= {
            "packets_refused": peer.refused,
            "events_refused": peer.channel.refused if peer.channel is not None else 0,
            "silent_seconds": max(0.0, now - peer.last_seen),
        }
    if inbound is not None:
        values |= _inbound_values(inbound)
    if sender is not None:
        values |= _sender_values(sender)
    return CallStatistics(**values)  # type: ignore[arg-type]


def _inbound_values(inbound: InboundAudio) -> dict[str, object]:
    counts = inbound.buffer.counts
    return {
        "packets_received": inbound.reception.received,
        "packets_lost": counts.lost,
        "packets_late": counts.late,
        "packets_reordered": counts.reordered,
        "packets_duplicated": counts.duplicates,
        "frames_undecodable": inbound.undecodable,
        "jitter_ms": inbound.reception.jitter_ms,
    }


def _sender_values(sender: Sender) -> dict[str, object]:
    delivery = sender.delivery
    return {
        "round_trip_ms": None if delivery.round_trip is None else delivery.round_trip * 1000,
        "packets_sent": delivery.packets,
        "listener_packets_lost": delivery.lost,
        "listener_jitter_ms": delivery.jitter_ms,
        "listener_fraction_lost": delivery.fraction_lost,
        "error_correction": sender.error_correction,
        "underruns": sender.underruns,
        "late_ticks": sender.late_ticks,
        "dropped_ms": sender.playout.dropped_ms,
        "stale_ms": sender.playout.stale_ms,
    }
