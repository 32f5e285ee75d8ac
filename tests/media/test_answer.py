import pytest
from aiortc.rtcdtlstransport import RTCDtlsFingerprint
from aiortc.sdp import MediaDescription, SessionDescription

from orchestrator.media.answer import Answerer, write_answer
from orchestrator.media.ice import host_candidates
from orchestrator.media.offer import read_offer
from orchestrator.media.wire import WireCodec
from tests.media.offers import CHROMIUM, with_lines, with_video

pytestmark = pytest.mark.media

ALL = (WireCodec.OPUS, WireCodec.PCMU, WireCodec.PCMA)


def answerer(*hosts: str) -> Answerer:
    return Answerer(
        session=42,
        username_fragment="ourfrag1",
        password="ourpassword0123456789012",
        candidates=host_candidates(list(hosts) or ["203.0.113.7", "127.0.0.1"], 40000),
        fingerprint=RTCDtlsFingerprint("sha-256", "12:34"),
        setup="active",
        ssrc=99,
        cname="name",
    )


def answered(offer: str = CHROMIUM, preferred: tuple[WireCodec, ...] = ALL, *hosts: str) -> str:
    return write_answer(read_offer(offer, preferred), answerer(*hosts))


def media(answer: str) -> list[MediaDescription]:
    return SessionDescription.parse(answer).media


def test_the_answer_repeats_the_sections_in_order_and_bundles_them() -> None:
    answer = answered()
    assert [(m.kind, m.rtp.muxId, m.port) for m in media(answer)] == [
        ("audio", "0", 40000),
        ("application", "1", 40000),
    ]
    assert "a=group:BUNDLE 0 1\r\n" in answer


def test_every_section_carries_all_our_candidates_and_our_keys() -> None:
    for section in media(answered()):
        assert [each.ip for each in section.ice_candidates] == ["203.0.113.7", "127.0.0.1"]
        assert section.ice_candidates_complete
        assert section.ice is not None
        assert section.ice.usernameFragment == "ourfrag1"
        assert section.dtls is not None
        assert (section.dtls.role, section.dtls.fingerprints[0].value) == ("client", "12:34")


def test_opus_asks_for_error_correction_under_the_clients_number() -> None:
    audio = media(answered())[0]
    assert audio.fmt == [111]
    assert audio.rtp.codecs[0].parameters["useinbandfec"] == 1
    assert audio.rtcp_mux
    assert [(each.ssrc, each.cname) for each in audio.ssrc] == [(99, "name")]


def test_no_extension_and_no_feedback_is_taken_up() -> None:
    answer = answered()
    assert "extmap" not in answer
    assert "rtcp-fb" not in answer


def test_the_telephones_codec_is_answered_alone() -> None:
    audio = media(answered(CHROMIUM, (WireCodec.PCMU,)))[0]
    assert audio.fmt == [0]
    assert [str(codec) for codec in audio.rtp.codecs] == ["PCMU/8000"]


def test_where_we_do_not_send_no_source_is_named() -> None:
    answer = answered(with_lines(("a=sendrecv", "a=sendonly")))
    assert "a=recvonly\r\n" in answer
    assert "a=ssrc" not in answer


def test_pictures_are_refused_with_port_0_and_left_out_of_the_bundle() -> None:
    answer = answered(with_video(first=True))
    sections = media(answer)
    assert [(m.kind, m.port) for m in sections] == [("video", 0), ("audio", 40000), ("application", 40000)]
    assert sections[0].direction == "inactive"
    assert "a=group:BUNDLE 0 1\r\n" in answer


def test_an_offer_without_mids_is_answered_without_mids() -> None:
    offer = with_lines(("a=group:BUNDLE 0 1", ""), ("a=mid:0", ""), ("a=mid:1", ""))
    answer = answered(offer)
    assert "a=mid" not in answer
    assert "BUNDLE" not in answer


def test_an_address_of_ipv6_is_named_as_such() -> None:
    assert "c=IN IP6 2001:db8::7\r\n" in answered(CHROMIUM, ALL, "2001:db8::7")


def test_the_old_form_of_the_data_channel_is_answered_in_kind() -> None:
    offer = with_lines(
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP 5000"),
        ("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024"),
    )
    assert "m=application 40000 DTLS/SCTP 5000\r\n" in answered(offer)
    assert "a=sctpmap:5000 webrtc-datachannel" in answered(offer)
