import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.errors import OfferError
from orchestrator.media.offer import AudioOffer, ChannelOffer, read_offer
from orchestrator.media.wire import WireCodec
from tests.media.offers import CHROMIUM, FINGERPRINT, with_lines, with_video
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media

OPUS_FIRST = (WireCodec.OPUS, WireCodec.PCMU, WireCodec.PCMA)
PCMU_FIRST = (WireCodec.PCMU, WireCodec.OPUS, WireCodec.PCMA)


def refusal(offer: str) -> str:
    with pytest.raises(OfferError) as caught:
        read_offer(offer, OPUS_FIRST)
    assert caught.value.code == "invalid_offer"
    return caught.value.message


def test_a_browsers_offer_gives_what_a_call_needs() -> None:
    offer = read_offer(CHROMIUM, OPUS_FIRST)
    assert offer.audio == AudioOffer(WireCodec.OPUS, 111, "sendrecv")
    assert offer.channel == ChannelOffer(5000, 262144)
    assert (offer.username_fragment, offer.password) == ("sXJ3", "yEclOTrLg1gEubBFefOqtmyV")
    assert [section.mid for section in offer.sections] == ["0", "1"]
    assert offer.dtls.role == "auto"
    assert [f.value for f in offer.dtls.fingerprints] == [FINGERPRINT]
    assert not offer.lite


def test_names_that_cannot_be_resolved_and_tcp_are_left_out_of_the_candidates() -> None:
    offer = read_offer(CHROMIUM, OPUS_FIRST)
    assert [(each.host, each.port) for each in offer.candidates] == [("192.0.2.10", 54321)]


def test_the_codec_that_is_preferred_is_taken_if_it_is_offered() -> None:
    assert read_offer(CHROMIUM, PCMU_FIRST).audio == AudioOffer(WireCodec.PCMU, 0, "sendrecv")


def test_without_opus_the_telephones_codec_is_taken() -> None:
    assert read_offer(
        with_lines(("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 foo/48000/2")), OPUS_FIRST
    ).audio == (AudioOffer(WireCodec.PCMU, 0, "sendrecv"))


def test_the_telephones_codecs_need_no_rtpmap() -> None:
    offer = with_lines(
        ("m=audio 54321 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 54321 UDP/TLS/RTP/SAVPF 9 8"),
        ("a=rtpmap:8 PCMA/8000", ""),
        ("a=rtpmap:0 PCMU/8000", ""),
        ("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 foo/48000/2"),
    )
    assert read_offer(offer, OPUS_FIRST).audio == AudioOffer(WireCodec.PCMA, 8, "sendrecv")


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")],
)
def test_the_direction_is_answered_from_our_side(offered: str, answered: str) -> None:
    audio = read_offer(with_lines(("a=sendrecv", f"a={offered}")), OPUS_FIRST).audio
    assert audio is not None
    assert audio.direction == answered


def test_pictures_are_not_taken_up_wherever_they_stand() -> None:
    for first in (True, False):
        offer = read_offer(with_video(first=first), OPUS_FIRST)
        assert [s.accepted for s in offer.sections] == ([False, True, True] if first else [True, True, False])
        assert offer.audio is not None
        assert offer.channel is not None


def test_of_two_sections_with_sound_the_first_is_taken() -> None:
    at = CHROMIUM.index("m=audio")
    end = CHROMIUM.index("m=application")
    twice = CHROMIUM[:end] + CHROMIUM[at:end].replace("a=mid:0", "a=mid:7") + CHROMIUM[end:]
    offer = read_offer(twice.replace("BUNDLE 0 1", "BUNDLE 0 7 1"), OPUS_FIRST)
    assert [section.accepted for section in offer.sections] == [True, False, True]


def test_without_a_bundle_only_the_first_section_can_be_taken() -> None:
    offer = read_offer(with_lines(("a=group:BUNDLE 0 1", "")), OPUS_FIRST)
    assert [section.accepted for section in offer.sections] == [True, False]


def test_a_section_that_the_client_refuses_is_refused_too() -> None:
    offer = with_lines(
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        (
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        ),
    )
    assert read_offer(offer, OPUS_FIRST).channel is None


def test_the_old_form_of_the_data_channel_is_understood() -> None:
    offer = with_lines(
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP 5000"),
        ("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024"),
        ("a=max-message-size:262144", ""),
    )
    assert read_offer(offer, OPUS_FIRST).channel == ChannelOffer(5000, 65536)


def test_a_lite_agent_is_recognised() -> None:
    assert read_offer(with_lines(("t=0 0", "t=0 0\r\na=ice-lite")), OPUS_FIRST).lite


def test_weak_fingerprints_are_left_out_beside_strong_ones() -> None:
    extra = f"a=fingerprint:sha-256 {FINGERPRINT}\r\na=fingerprint:md5 AB:CD"
    offer = read_offer(with_lines((f"a=fingerprint:sha-256 {FINGERPRINT}", extra)), OPUS_FIRST)
    assert [f.algorithm for f in offer.dtls.fingerprints] == ["sha-256"]


async def test_an_offer_of_stock_aiortc_is_understood() -> None:
    async with StockClient() as client:
        offer = read_offer(await client.offer(), OPUS_FIRST)
    assert offer.audio is not None
    assert offer.channel is not None


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("t=0 0", "nonsense"),
        ("m=audio 54321 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio port UDP/TLS/RTP/SAVPF 111"),
        ("m=audio 54321 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 1 UDP/TLS/RTP/SAVPF 999"),
        ("c=IN IP4 192.0.2.10", "c=IN IP9"),
        ("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus"),
        ("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:x"),
        ("a=sctp-port:5000", "a=sctp-port:many"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_number(line: str, broken: str) -> None:
    offer = with_lines((line, broken))
    number = offer.splitlines().index(broken) + 1
    said = refusal(offer)
    assert f"Line {number} " in said
    assert broken in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [
                ("m=audio 54321 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio 5 UDP/TLS/RTP/SAVPF 9"),
                ("a=rtpmap:111 opus/48000/2", ""),
                ("a=fmtp:111 minptime=10;useinbandfec=1", ""),
                ("a=rtcp-fb:111 transport-cc", ""),
                ("a=rtpmap:0 PCMU/8000", ""),
                ("a=rtpmap:8 PCMA/8000", ""),
            ],
            "none of opus, pcmu, pcma",
        ),
        ([("a=rtcp-mux", "")], "a=rtcp-mux"),
        ([("a=ice-ufrag:sXJ3", "")], "a=ice-ufrag"),
        ([("a=ice-pwd:yEclOTrLg1gEubBFefOqtmyV", f"a=ice-pwd:{'x' * 300}")], "longer than 256"),
        ([("a=setup:actpass", "")], "a=setup"),
        ([(f"a=fingerprint:sha-256 {FINGERPRINT}", "a=fingerprint:sha-1 AB:CD")], "a=fingerprint of sha-256"),
    ],
)
def test_what_is_missing_is_named(changes: list[tuple[str, str]], words: str) -> None:
    assert words in refusal(with_lines(*changes))


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        ("", "does not begin with"),
        ("hello", "does not begin with"),
        ("v=0\r\n", "neither a section m=audio"),
        (with_video("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"), "neither"),
        ("v=0\r\n" + "a=x\r\n" * 3000, "at most 2000"),
        ("v=0\r\n" + "a" * 70000, "at most 65536"),
        ("v=0\r\n" + "m=audio 9 RTP/AVP 0\r\n" * 40, "at most 32"),
    ],
    ids=["empty", "prose", "nothing", "pictures", "lines", "size", "sections"],
)
def test_what_is_no_offer_for_us_is_said(offer: str, words: str) -> None:
    assert words in refusal(offer)


@given(st.text(max_size=300))
def test_no_text_whatever_raises_anything_else(text: str) -> None:
    for offer in (text, "v=0\r\n" + text):
        with contextlib.suppress(OfferError):
            read_offer(offer, OPUS_FIRST)


@given(st.data())
def test_nor_does_a_browsers_offer_that_was_tampered_with(data: st.DataObject) -> None:
    lines = CHROMIUM.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        action = data.draw(st.sampled_from(["drop", "repeat", "cut", "change"]))
        if action == "drop":
            del lines[at]
        elif action == "repeat":
            lines.insert(at, lines[at])
        elif action == "cut":
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        else:
            lines[at] = lines[at][:2] + data.draw(st.text(max_size=20))
        if not lines:
            break
    with contextlib.suppress(OfferError):
        read_offer("\r\n".join(lines) + "\r\n", OPUS_FIRST)
