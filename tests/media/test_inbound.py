import asyncio
import random

import pytest
import uvloop

from orchestrator.media.inbound import InboundAudio
from orchestrator.media.opus import EncoderMode, OpusEncoder
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.ear import Ear
from tests.media.sound import frames, likeness, loudness, speech, tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


def encoded(pcm: bytes, mode: EncoderMode = EncoderMode.SPEECH, loss: int = 20) -> list[bytes]:
    with OpusEncoder(mode=mode, expected_loss=loss) as encoder:
        return [encoder.encode(frame) for frame in frames(pcm)]


def test_speech_is_heard_as_it_comes_with_its_position() -> None:
    ear, said = Ear(), speech(2)
    for number, payload in enumerate(encoded(said, EncoderMode.LOW_DELAY)):
        ear.packet(number, payload)
        assert len(ear.heard) == number + 1
        ear.loop.advance(0.02)
    assert likeness(ear.sound(), said) > 0.95
    assert [position for _, _, position in ear.heard] == [number * 20 for number in range(100)]
    assert ear.loop.pending == 0


@pytest.mark.parametrize("loss", [0.01, 0.03, 0.05, 0.10])
def test_under_loss_the_speech_keeps_its_length_and_shape(loss: float) -> None:
    said = speech(20)
    packets = encoded(said)
    whole, holed, chance = Ear(), Ear(), random.Random(5)
    for number, payload in enumerate(packets):
        whole.packet(number, payload)
        if number == 0 or chance.random() >= loss:
            holed.packet(number, payload)
        whole.loop.advance(0.02)
        holed.loop.advance(0.02)
    holed.loop.advance(0.2)
    assert len(holed.sound()) >= 0.98 * len(said)
    assert likeness(holed.sound(), whole.sound()) > 1 - 2 * loss
    ages = sorted(time - 100.0 - position / 1000 for time, _, position in holed.heard)
    assert ages[-1] <= 0.081
    assert ages[len(ages) // 2] <= 0.001
    assert holed.inbound.buffer.counts.lost > 0


def test_other_payloads_keep_the_sequence_and_make_no_sound() -> None:
    ear = Ear()
    packets = encoded(tone(400, 0.2))
    ear.packet(0, packets[0])
    ear.packet(1, b"\x01\x0a\x00\xa0", payload_type=101)
    ear.packet(2, packets[2])
    assert len(ear.heard) == 2
    assert ear.inbound.buffer.counts.lost == 0
    assert ear.inbound.undecodable == 0


def test_sound_that_cannot_be_decoded_is_silence_and_counted() -> None:
    ear = Ear()
    ear.packet(0, encoded(tone(400, 0.1))[0])
    ear.packet(1, b"\x0b\xff\xff\xff")
    ear.packet(2, b"\xfb\x82\xff")
    assert ear.inbound.undecodable == 2
    assert ear.heard[-1][1] == bytes(48 * 40)
    assert ear.errors == []


def test_announced_silence_goes_on_as_silence() -> None:
    ear = Ear()
    for number, payload in enumerate(encoded(tone(400, 0.2))):
        ear.packet(number, payload)
        ear.loop.advance(0.02)
    ear.packet(10, b"\x08")
    ear.loop.advance(0.38)
    heard = len(ear.sound()) // 48
    assert 550 <= heard <= 600
    assert loudness(ear.heard[-1][1]) == 0


def test_a_gap_that_stays_open_keeps_its_one_timer() -> None:
    ear = Ear()
    packets = encoded(tone(400, 0.2))
    for number in (0, 2, 3):
        ear.packet(number, packets[number])
    assert ear.loop.pending == 1
    ear.packet(1, packets[1])
    assert ear.loop.pending == 0
    assert len(ear.heard) == 4


def test_telephone_sound_passes_through() -> None:
    ear = Ear(WireCodec.PCMU, AudioFormat.PCMU)
    for number in range(10):
        ear.packet(number, bytes([number]) * 160)
    assert ear.sound() == b"".join(bytes([number]) * 160 for number in range(10))


def test_after_closing_nothing_is_heard_and_no_timer_is_left() -> None:
    ear = Ear()
    packets = encoded(tone(400, 0.2))
    ear.packet(0, packets[0])
    ear.packet(2, packets[2])
    ear.inbound.close()
    ear.inbound.close()
    ear.packet(3, packets[3])
    ear.loop.advance(1)
    assert len(ear.heard) == 1
    assert ear.loop.pending == 0


def test_an_error_of_ours_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ear = Ear()
    monkeypatch.setattr(ear.inbound._decoder, "decode", lambda _: 1 / 0)
    ear.packet(0, encoded(tone(400, 0.1))[0])
    assert [type(error) for error in ear.errors] == [ZeroDivisionError]
    assert ear.heard == []


def test_a_gap_whose_time_has_passed_is_given_up_on_uvloop_too() -> None:
    """Its timers of the past are plain handles, which do not know their time."""

    async def lose_one() -> list[int]:
        loop = asyncio.get_running_loop()
        heard: list[int] = []
        done = asyncio.Event()

        def hear(_sound: bytes, position: int) -> None:
            heard.append(position)
            if position == 80:
                done.set()

        inbound = InboundAudio(loop, WireCodec.PCMU, 0, AudioFormat.PCMU, hear, lambda error: None)
        past = loop.time() - 10
        for number in (0, 2, 3, 4):
            packet = RtpPacket(0, False, number, number * 160, 5, bytes(160))
            inbound.packet(packet, past + number * 0.02)
        async with asyncio.timeout(PATIENCE):
            await done.wait()
        inbound.close()
        return heard

    assert uvloop.run(lose_one()) == [0, 20, 40, 60, 80]
