"""A client's SDP offer: read, checked, and reduced to what a call needs (RFC 8866, RFC 9429, RFC 8843).

aiortc reads the text; what it refuses is refused here with the line at fault.
"""

import dataclasses
import itertools
import struct
from collections.abc import Iterator
from typing import Final

import aioice
from aiortc.rtcdtlstransport import RTCDtlsParameters
from aiortc.rtcicetransport import RTCIceParameters, candidate_to_aioice
from aiortc.sdp import MediaDescription, SessionDescription

from orchestrator.media.errors import OfferError
from orchestrator.media.ice import usable
from orchestrator.media.wire import WireCodec

LARGEST_OFFER: Final = 65536
"""Characters; a browser's offer has some 6,000."""

_MOST_LINES: Final = 2000
_MOST_SECTIONS: Final = 32
_MOST_CANDIDATES: Final = 32
_REFUSALS: Final = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
)
"""What aiortc's parser raises over a line it cannot read."""

_STRONG_HASHES: Final = ("sha-256", "sha-384", "sha-512")
_DIRECTIONS: Final = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""The answer's direction for the offer's (RFC 3264 section 6.1)."""

_LONGEST_CREDENTIAL: Final = 256
_NAMES: Final = {codec.value: codec for codec in WireCodec}
_SCTP_PORT: Final = 5000
_LARGEST_EVENT: Final = 65536
"""What a client takes that says nothing (RFC 8841 section 6)."""


@dataclasses.dataclass(frozen=True, slots=True)
class AudioOffer:
    """The section with the caller's sound.

    Attributes:
        codec: The codec that is chosen.
        payload_type: The client's number for it.
        direction: Of the answer.
    """

    codec: WireCodec
    payload_type: int
    direction: str


@dataclasses.dataclass(frozen=True, slots=True)
class ChannelOffer:
    """The section with the data channel.

    Attributes:
        port: The client's SCTP port.
        largest_message: Bytes that the client takes in one message; 0 for any number.
    """

    port: int
    largest_message: int


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """One section of the offer, in order, as the answer must repeat it.

    Attributes:
        kind: `audio`, `video`, `application`, ….
        profile: Such as `UDP/TLS/RTP/SAVPF`.
        formats: The offer's format list.
        mid: Its identification; empty if it has none.
        audio: Set if this section carries the call's sound.
        channel: Set if this section carries the data channel.
    """

    kind: str
    profile: str
    formats: tuple[str, ...]
    mid: str
    audio: AudioOffer | None = None
    channel: ChannelOffer | None = None

    @property
    def accepted(self) -> bool:
        """Whether the answer takes it up."""
        return self.audio is not None or self.channel is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """What a call needs of an offer.

    Attributes:
        sections: All sections, in order.
        bundle_only: Whether the client bundles; if not, only one section can be accepted.
        username_fragment: Of the client's ICE.
        password: Of the client's ICE.
        lite: Whether the client is a lite ICE agent, so that we control (RFC 8445 section 6.1.1).
        candidates: Usable ones.
        dtls: The client's fingerprints and role.
    """

    sections: tuple[Section, ...]
    username_fragment: str
    password: str
    lite: bool
    candidates: tuple[aioice.Candidate, ...]
    dtls: RTCDtlsParameters

    @property
    def audio(self) -> AudioOffer | None:
        """The call's sound, if the offer has it."""
        return next((section.audio for section in self.sections if section.audio), None)

    @property
    def channel(self) -> ChannelOffer | None:
        """The call's data channel, if the offer has it."""
        return next((section.channel for section in self.sections if section.channel), None)


def read_offer(text: str, preferred: tuple[WireCodec, ...]) -> Offer:
    """Read and check an offer.

    Args:
        text: The SDP.
        preferred: Codecs that can be spoken, the best first.

    Raises:
        OfferError: It cannot be answered; the message says which line, and why.
    """
    session = _parse(text)
    sections = tuple(_choose(session, preferred))
    main = next((m for m, s in zip(session.media, sections, strict=True) if s.accepted), None)
    if main is None:
        raise OfferError(
            "The offer has neither a section m=audio with opus, PCMU or PCMA nor a section m=application "
            "with a data channel. Add an audio track, or create the data channel, before createOffer()."
        )
    ice = _ice(main)
    return Offer(
        sections=sections,
        username_fragment=ice.usernameFragment or "",
        password=ice.password or "",
        lite=ice.iceLite,
        candidates=tuple(_candidates(main)),
        dtls=_dtls(main),
    )


def _parse(text: str) -> SessionDescription:
    if len(text) > LARGEST_OFFER:
        raise OfferError(f"The offer has {len(text)} characters; at most {LARGEST_OFFER} are read.")
    lines = text.splitlines()
    if not lines or not lines[0].startswith("v="):
        raise OfferError("The offer does not begin with the line v=0; send the SDP text itself.")
    if len(lines) > _MOST_LINES:
        raise OfferError(f"The offer has {len(lines)} lines; at most {_MOST_LINES} are read.")
    for number, line in enumerate(lines, 1):
        if line and line[1:2] != "=":
            raise OfferError(f"Line {number} of the offer is no SDP line (x=...): {line[:80]!r}")
    try:
        session = SessionDescription.parse(text)
    except _REFUSALS as error:
        number = _line_at_fault(lines)
        raise OfferError(f"Line {number} of the offer cannot be read: {lines[number - 1][:80]!r}") from error
    if len(session.media) > _MOST_SECTIONS:
        raise OfferError(f"The offer has {len(session.media)} sections; at most {_MOST_SECTIONS} are read.")
    return session


def _line_at_fault(lines: list[str]) -> int:
    """Find the shortest beginning of the offer that cannot be read, by halving; its last line is at fault."""
    readable, unreadable = 0, len(lines)
    while unreadable - readable > 1:
        middle = (readable + unreadable) // 2
        try:
            SessionDescription.parse("\r\n".join(lines[:middle]) + "\r\n")
            readable = middle
        except _REFUSALS:
            unreadable = middle
    return unreadable


def _choose(session: SessionDescription, preferred: tuple[WireCodec, ...]) -> Iterator[Section]:
    """Yield each section, with the first audio and the first data channel taken up, if they are usable."""
    bundled = _bundled(session)
    audio_taken = channel_taken = False
    for media in session.media:
        audio: AudioOffer | None = None
        channel: ChannelOffer | None = None
        if media.port or media.rtp.muxId in bundled:
            together = not (audio_taken or channel_taken) or media.rtp.muxId in bundled
            audio = _audio(media, preferred) if together and not audio_taken else None
            channel = _channel(media) if together and not channel_taken else None
        audio_taken = audio_taken or audio is not None
        channel_taken = channel_taken or channel is not None
        yield Section(media.kind, media.profile, tuple(map(str, media.fmt)), media.rtp.muxId, audio, channel)


def _bundled(session: SessionDescription) -> set[str]:
    return {str(mid) for group in session.group if group.semantic == "BUNDLE" for mid in group.items}


def _audio(media: MediaDescription, preferred: tuple[WireCodec, ...]) -> AudioOffer | None:
    if media.kind != "audio" or "RTP/SAVP" not in media.profile:
        return None
    if not media.rtcp_mux:
        raise OfferError("The section m=audio lacks a=rtcp-mux; sound and reports share one port (RFC 5761).")
    numbers = _payload_types(media)
    for codec in preferred:
        if codec in numbers:
            direction = _DIRECTIONS[media.direction or "sendrecv"]
            return AudioOffer(codec, numbers[codec], direction)
    raise OfferError(
        f"The section m=audio offers none of {', '.join(_NAMES)}; leave one of them in the offer."
    )


def _payload_types(media: MediaDescription) -> dict[WireCodec, int]:
    """Return the client's number of each codec that is known here; PCMU and PCMA have fixed ones too."""
    numbers = {}
    static = {"0": WireCodec.PCMU, "8": WireCodec.PCMA}
    for form in map(str, media.fmt):
        if form in static:
            numbers[static[form]] = int(form)
    for codec in media.rtp.codecs:
        known = _NAMES.get(codec.name.lower())
        if known is not None and codec.clockRate == known.clock_rate and codec.payloadType is not None:
            numbers.setdefault(known, codec.payloadType)
    return numbers


def _channel(media: MediaDescription) -> ChannelOffer | None:
    if media.kind != "application" or "SCTP" not in media.profile:
        return None
    largest = media.sctpCapabilities.maxMessageSize if media.sctpCapabilities is not None else _LARGEST_EVENT
    return ChannelOffer(media.sctp_port or _SCTP_PORT, largest)


def _ice(media: MediaDescription) -> RTCIceParameters:
    """Return and check the ICE parameters of the section that leads the bundle."""
    ice = media.ice or RTCIceParameters()
    if not ice.usernameFragment or not ice.password:
        raise OfferError(f"The section m={media.kind} lacks a=ice-ufrag or a=ice-pwd (RFC 8839 section 5.4).")
    if max(len(ice.usernameFragment), len(ice.password)) > _LONGEST_CREDENTIAL:
        raise OfferError(
            f"The section m={media.kind} has an a=ice-ufrag or a=ice-pwd longer than "
            f"{_LONGEST_CREDENTIAL} characters (RFC 8839 section 5.4)."
        )
    return ice


def _candidates(media: MediaDescription) -> Iterator[aioice.Candidate]:
    """Yield the usable candidates of the section that leads the bundle."""
    usable_ones = filter(usable, map(candidate_to_aioice, media.ice_candidates))
    yield from itertools.islice(usable_ones, _MOST_CANDIDATES)


def _dtls(media: MediaDescription) -> RTCDtlsParameters:
    """Return and check the DTLS parameters of the section that leads the bundle; weak hashes are left out."""
    if media.dtls is None:
        raise OfferError(
            f"The section m={media.kind} lacks a=setup; without DTLS nothing is secured (RFC 5763 section 5)."
        )
    strong = [f for f in media.dtls.fingerprints if f.algorithm.lower() in _STRONG_HASHES]
    if not strong:
        raise OfferError(
            f"The section m={media.kind} has no a=fingerprint of {', '.join(_STRONG_HASHES)} (RFC 8122)."
        )
    return RTCDtlsParameters(fingerprints=strong, role=media.dtls.role)
