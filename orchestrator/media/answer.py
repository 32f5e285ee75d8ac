"""The SDP answer of a call (RFC 9429 section 5.3, RFC 8843 section 7.3).

It offers no header extensions and no feedback beyond reports: nobody here would read them. Everything is
bundled, and the answer carries all the server's candidates, so that none trickle.
"""

import dataclasses
from typing import Final

import aioice
from aiortc.rtcdtlstransport import RTCDtlsFingerprint

from orchestrator.media.offer import AudioOffer, Offer, Section
from orchestrator.media.wire import WireCodec

LARGEST_MESSAGE: Final = 262144
"""Bytes that are read in one data channel message; what Chromium takes too."""

_SCTP_PORT: Final = 5000
_FORMATS: Final = {
    WireCodec.OPUS: "opus/48000/2",
    WireCodec.PCMU: "PCMU/8000",
    WireCodec.PCMA: "PCMA/8000",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Answerer:
    """The server's side of one answer.

    Attributes:
        session: Numeric id of the session (RFC 8866 section 5.2).
        username_fragment: Of our ICE.
        password: Of our ICE.
        candidates: Where the port is, the best first.
        fingerprint: Of our certificate.
        setup: `active` or `passive` (RFC 5763 section 5).
        ssrc: Of our sound.
        cname: Our canonical name.
    """

    session: int
    username_fragment: str
    password: str
    candidates: list[aioice.Candidate]
    fingerprint: RTCDtlsFingerprint
    setup: str
    ssrc: int
    cname: str


def write_answer(offer: Offer, answerer: Answerer) -> str:
    """Return the answer's text."""
    mids = " ".join(section.mid for section in offer.sections if section.accepted and section.mid)
    lines = [
        "v=0",
        f"o=- {answerer.session} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *([f"a=group:BUNDLE {mids}"] if mids else []),
        "a=msid-semantic: WMS *",
    ]
    for section in offer.sections:
        lines += _accepted(section, answerer) if section.accepted else _refused(section)
    return "\r\n".join(lines) + "\r\n"


def _refused(section: Section) -> list[str]:
    """Return a section that is not taken up: port 0 (RFC 3264 section 6)."""
    lines = [f"m={section.kind} 0 {section.profile} {' '.join(section.formats)}", "c=IN IP4 0.0.0.0"]
    if section.mid:
        lines.append(f"a=mid:{section.mid}")
    return [*lines, "a=inactive"]


def _accepted(section: Section, answerer: Answerer) -> list[str]:
    first = answerer.candidates[0]
    audio = section.audio
    form = str(audio.payload_type) if audio is not None else " ".join(section.formats)
    lines = [
        f"m={section.kind} {first.port} {section.profile} {form}",
        f"c=IN {'IP6' if ':' in first.host else 'IP4'} {first.host}",
        *(f"a=candidate:{candidate.to_sdp()}" for candidate in answerer.candidates),
        "a=end-of-candidates",
        f"a=ice-ufrag:{answerer.username_fragment}",
        f"a=ice-pwd:{answerer.password}",
        f"a=fingerprint:{answerer.fingerprint.algorithm} {answerer.fingerprint.value}",
        f"a=setup:{answerer.setup}",
        *([f"a=mid:{section.mid}"] if section.mid else []),
    ]
    return lines + (_channel_lines(section) if audio is None else _audio_lines(audio, answerer))


def _audio_lines(audio: AudioOffer, answerer: Answerer) -> list[str]:
    lines = [
        f"a={audio.direction}",
        "a=rtcp-mux",
        f"a=rtpmap:{audio.payload_type} {_FORMATS[audio.codec]}",
    ]
    if audio.codec is WireCodec.OPUS:
        # In-band error correction is asked for, since browsers send it only then (RFC 7587 section 6.1).
        lines.append(f"a=fmtp:{audio.payload_type} minptime=10;useinbandfec=1;stereo=0")
    lines.append("a=ptime:20")
    if audio.direction in ("sendrecv", "sendonly"):
        lines += [
            f"a=msid:{answerer.cname} agent",
            f"a=ssrc:{answerer.ssrc} cname:{answerer.cname}",
        ]
    return lines


def _channel_lines(section: Section) -> list[str]:
    if section.formats != ("webrtc-datachannel",):
        return [f"a=sctpmap:{section.formats[0]} webrtc-datachannel 65535"]
    return [f"a=sctp-port:{_SCTP_PORT}", f"a=max-message-size:{LARGEST_MESSAGE}"]
