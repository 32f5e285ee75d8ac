import itertools

import pytest

from orchestrator.media import rtp
from orchestrator.media.opus import OpusDecoder
from orchestrator.media.phrase import CachedSound
from orchestrator.media.send import TAIL_FRAMES
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.sending import Line, sound
from tests.media.sound import likeness, loudness, pitch_of, speech, tone

pytestmark = pytest.mark.media


@pytest.fixture
def line() -> Line:
    return Line()


SILENCE = sound(20, b"\xff")


def test_while_there_is_nothing_to_say_nothing_is_sent_and_nothing_wakes(line: Line) -> None:
    line.loop.advance(10)
    assert line.packets == []
    assert line.loop.pending == 0


def test_sound_leaves_within_2_ms_and_then_every_20_ms(line: Line) -> None:
    line.loop.advance(0.0137)
    began = line.loop.time()
    line.sender.add("item", sound(200))
    line.sender.complete("item")
    line.loop.advance(1)
    assert line.packets[0][0] - began <= 0.002
    assert line.said() == sound(200) + SILENCE * TAIL_FRAMES
    assert line.intervals()[1:] == pytest.approx([0.02] * (len(line.packets) - 2))
    assert line.loop.pending == 0


def test_sequence_and_timestamp_go_on_and_wrap_and_the_first_packet_is_marked(line: Line) -> None:
    line.sender.add("item", sound(100))
    line.loop.advance(0.09)
    packets = [packet for _, packet in line.packets]
    assert [packet.sequence for packet in packets] == [0xFFFF, 0, 1, 2, 3]
    assert [packet.timestamp for packet in packets] == [
        (0xFFFFFF00 + 160 * n) & 0xFFFFFFFF for n in range(1, 6)
    ]
    assert [packet.marker for packet in packets] == [True, False, False, False, False]


def test_after_a_pause_the_timestamp_tells_how_long_it_was(line: Line) -> None:
    line.sender.add("one", sound(20))
    line.sender.complete("one")
    line.loop.advance(2.0)
    last_time, last = line.packets[-1]
    line.sender.add("two", sound(20))
    line.loop.advance(0.03)
    time, first = line.packets[TAIL_FRAMES + 1]
    assert first.marker
    leap = rtp.timestamp_difference(first.timestamp, last.timestamp) / 8000
    assert leap == pytest.approx(time - last_time, abs=0.02)
    assert rtp.sequence_difference(first.sequence, last.sequence) == 1


def test_the_driver_hears_when_an_item_starts_and_ends(line: Line) -> None:
    line.sender.add("one", sound(30))
    line.sender.complete("one")
    line.sender.add("two", sound(30))
    line.loop.advance(0.01)
    assert line.happened == [("started", "one")]
    line.loop.advance(1)
    line.sender.complete("two")
    assert line.happened == [("started", "one"), ("started", "two"), ("ended", "one"), ("ended", "two")]


def test_an_item_that_is_completed_after_it_was_heard_ends_at_once(line: Line) -> None:
    line.sender.add("item", sound(40))
    line.loop.advance(1)
    line.sender.complete("item")
    assert line.happened[-1] == ("ended", "item")


def test_not_one_packet_of_the_old_epoch_leaves_after_a_flush(line: Line) -> None:
    line.sender.add("old", sound(5000))
    line.loop.advance(0.5)
    before = len(line.packets)
    flushed = line.sender.flush()
    line.sender.add("old", sound(100))
    line.loop.advance(1)
    assert flushed.played_ms == {"old": before * 20}
    assert [packet.payload for _, packet in line.packets[before:]] == [SILENCE] * TAIL_FRAMES
    assert line.sender.playout.played_ms("old") == before * 20


def test_new_sound_follows_a_flush_without_a_pause(line: Line) -> None:
    line.sender.add("old", sound(5000))
    line.loop.advance(0.5)
    line.sender.flush()
    line.sender.add("new", sound(60, b"n"))
    line.loop.advance(0.05)
    assert line.packets[-1][1].payload == sound(20, b"n")
    assert line.intervals()[1:] == pytest.approx([0.02] * len(line.intervals()[1:]))


def test_sound_that_comes_in_real_time_leaves_as_it_comes(line: Line) -> None:
    for number in range(50):
        line.sender.add("item", sound(20, bytes([number])))
        line.loop.advance(0.02)
    assert line.said()[: 49 * 160] == b"".join(sound(20, bytes([number])) for number in range(49))
    assert line.sender.underruns <= 1


def test_sound_that_comes_late_leaves_at_once_and_is_counted(line: Line) -> None:
    line.sender.add("item", sound(40))
    line.loop.advance(0.047)
    line.sender.add("item", sound(40, b"b"))
    late = line.loop.time()
    line.loop.advance(0.03)
    assert line.packets[2][1].payload == sound(20, b"b")
    assert line.packets[2][0] - late <= 0.002
    assert line.sender.underruns == 1
    assert not line.packets[2][1].marker
    assert rtp.timestamp_difference(line.packets[2][1].timestamp, line.packets[1][1].timestamp) == 160


def test_when_waiting_was_in_vain_the_rest_goes_out_and_the_speech_ends(line: Line) -> None:
    line.sender.add("item", sound(50))
    line.loop.advance(0.5)
    assert line.said() == sound(50) + sound(10, b"\xff") + SILENCE * TAIL_FRAMES
    assert line.sender.playout.played_ms("item") == 50
    assert line.loop.pending == 0


def test_a_stalled_loop_causes_no_burst_and_is_counted(line: Line) -> None:
    line.sender.add("item", sound(2000))
    line.loop.advance(0.1)
    line.loop.advance(0.3, stalled=True)
    line.loop.advance(0.1)
    assert min(line.intervals()[1:]) >= 0.005
    assert line.sender.late_ticks >= 13


def test_what_a_stall_delayed_is_made_up_for(line: Line) -> None:
    line.sender.add("item", sound(2000))
    line.loop.advance(0.1)
    began = line.packets[0][0]
    line.loop.advance(0.07, stalled=True)
    line.loop.advance(0.2)
    late = [time - began - index * 0.02 for index, (time, _) in enumerate(line.packets)]
    assert max(late) >= 0.05
    assert late[-1] <= 0.01
    assert min(line.intervals()) >= 0.005
    timestamps = [packet.timestamp for _, packet in line.packets]
    assert {rtp.timestamp_difference(b, a) for a, b in itertools.pairwise(timestamps)} == {160}


def test_of_a_long_stall_100_ms_are_made_up_for(line: Line) -> None:
    line.sender.add("item", sound(5000))
    line.loop.advance(0.1)
    began = line.packets[0][0]
    line.loop.advance(1.0, stalled=True)
    line.loop.advance(0.5)
    late = [time - began - index * 0.02 for index, (time, _) in enumerate(line.packets)]
    assert late[-1] == pytest.approx(0.9, abs=0.03)
    assert line.intervals()[-10:] == pytest.approx([0.02] * 10)


def test_sound_that_comes_late_is_not_hurried(line: Line) -> None:
    line.sender.add("item", sound(40))
    line.loop.advance(0.075)
    line.sender.add("item", sound(400))
    line.loop.advance(0.3)
    assert min(line.intervals()[2:]) >= 0.018


def test_a_pause_keeps_what_is_queued(line: Line) -> None:
    line.sender.add("item", sound(1000))
    line.loop.advance(0.1)
    line.sender.pause()
    line.sender.add("item", sound(1000))
    line.loop.advance(1)
    played = line.sender.playout.played_ms("item")
    assert line.loop.pending == 0
    line.sender.resume()
    line.sender.complete("item")
    line.loop.advance(3)
    assert played <= 120
    assert line.sender.playout.played_ms("item") == 2000


def test_resuming_with_nothing_queued_sends_nothing(line: Line) -> None:
    line.sender.pause()
    line.sender.resume()
    line.loop.advance(1)
    assert line.packets == []


def test_completing_wakes_what_is_left_of_a_frame(line: Line) -> None:
    line.sender.add("item", sound(5))
    line.loop.advance(0.05)
    line.sender.complete("item")
    line.loop.advance(0.1)
    assert ("ended", "item") in line.happened


def test_after_closing_nothing_is_taken_or_sent(line: Line) -> None:
    line.sender.add("item", sound(1000))
    line.loop.advance(0.1)
    before = len(line.packets)
    line.sender.close()
    assert not line.sender.add("item", sound(20))
    line.sender.correct_errors(on=True)
    line.sender.resume()
    line.sender.complete("item")
    line.sender.take_up(line.sender.playout)
    line.loop.advance(1)
    assert len(line.packets) == before
    assert line.loop.pending == 0
    assert line.errors == []


def test_opus_carries_speech_in_either_mode() -> None:
    line = Line(WireCodec.OPUS, AudioFormat.PCM)
    said = speech(2)
    line.sender.add("item", said)
    line.loop.advance(1)
    line.sender.correct_errors(on=True, expected_loss=10)
    line.loop.advance(2)
    heard = line.heard()
    assert likeness(heard[:48000], said[:48000]) > 0.95
    assert likeness(heard[52800:96000], said[52800:96000]) > 0.7
    assert line.packets[10][1].payload[0] >> 3 >= 16
    assert line.packets[80][1].payload[0] >> 3 < 16
    assert line.sender.error_correction


def test_g711_has_no_error_correction_to_turn_on(line: Line) -> None:
    line.sender.correct_errors(on=True)
    assert not line.sender.error_correction


def test_speech_ends_in_silence_and_not_in_the_middle_of_a_vowel() -> None:
    line = Line(WireCodec.OPUS, AudioFormat.PCM)
    line.sender.add("item", tone(500, 0.5))
    line.sender.complete("item")
    line.loop.advance(1)
    with OpusDecoder() as decoder:
        for _, packet in line.packets:
            decoder.decode(packet.payload)
        made_up = decoder.conceal(480)
    assert loudness(made_up) < 50


def test_a_cached_phrase_is_encoded_once_for_two_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    greeting = CachedSound(tone(440, 0.4))
    lines = [Line(WireCodec.OPUS, AudioFormat.PCM) for _ in range(2)]
    encodings = []
    encoder = greeting.phrase(WireCodec.OPUS)._encoder
    assert encoder is not None
    plain = encoder.encode

    def counted(frame: bytes) -> bytes:
        encodings.append(frame)
        return plain(frame)

    monkeypatch.setattr(encoder, "encode", counted)
    for each in lines:
        each.sender.add("greeting", greeting)
        each.sender.complete("greeting")
        each.loop.advance(1)
        assert abs(pitch_of(each.heard()[: 48 * 400]) - 440) < 5
        assert each.sender.playout.played_ms("greeting") == 400
    assert len(encodings) == 20


def test_the_senders_report_tells_the_time_of_the_stream(line: Line) -> None:
    assert line.sender.sender_report(line.loop.time(), 1) is None
    line.sender.add("item", sound(100))
    line.loop.advance(0.05)
    time, last = line.packets[-1]
    report = line.sender.sender_report(time + 0.5, 99)
    assert report is not None
    assert (report.ssrc, report.ntp, report.packets, report.octets) == (7, 99, 3, 480)
    assert rtp.timestamp_difference(report.timestamp, last.timestamp) == pytest.approx(4000, abs=20)


def test_an_encoder_that_breaks_ends_the_sending_and_is_told(
    monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    monkeypatch.setattr(line.sender._encoder, "encode", lambda _: 1 / 0)
    line.sender.add("item", sound(100))
    line.loop.advance(1)
    assert [type(error) for error in line.errors] == [ZeroDivisionError]
    assert line.loop.pending == 0


def move(source: Line, target: Line) -> None:
    playout = source.sender.surrender(WireCodec.PCMU, AudioFormat.PCMU)
    assert playout is not None
    target.sender.take_up(playout)


def test_another_call_goes_on_with_what_was_not_sent_yet(line: Line) -> None:
    other = Line()
    line.sender.add("item", sound(60) + sound(40, b"b"))
    line.sender.complete("item")
    line.loop.advance(0.05)
    sent = line.sender.playout.played_ms("item")
    assert 0 < sent < 100
    move(line, other)
    line.loop.advance(1)
    other.loop.advance(1)
    assert line.sender.playout.queued_ms == 0
    assert other.sender.playout.played_ms("item") == 100
    assert other.said().startswith((sound(60) + sound(40, b"b"))[8 * sent :])
    assert other.happened == [("ended", "item")]


def test_a_call_that_is_paused_takes_over_and_waits(line: Line) -> None:
    other = Line()
    other.sender.pause()
    line.sender.add("item", sound(200))
    move(line, other)
    other.loop.advance(1)
    assert other.packets == []
    other.sender.resume()
    other.loop.advance(1)
    assert other.sender.playout.played_ms("item") == 200


def test_a_call_of_another_codec_is_given_nothing(line: Line) -> None:
    line.sender.add("item", sound(200))
    assert line.sender.surrender(WireCodec.OPUS, AudioFormat.PCMU) is None
    assert line.sender.playout.queued_ms == 200
