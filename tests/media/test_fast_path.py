"""The compiled path does what Python does, packet for packet, and leaves the rest to it."""

import logging
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pylibsrtp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.media import fast_path, libopus, rtp
from orchestrator.media.errors import CodecError
from orchestrator.media.fast_path import FastPort
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.server import MediaServer
from orchestrator.media.udp_port import UdpPort
from orchestrator.media.wire import AudioFormat, WireCodec, make_encoder
from tests.media.driver import Driver
from tests.media.fast_network import COUNT, FRAME, PACKETS, SSRC, FastEar, Network, SlowEar, keys, sealed
from tests.media.sound import frames, likeness, speech, tone
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()


def test_packets_in_order_are_heard_as_python_hears_them_and_none_is_left_to_it(network: Network) -> None:
    slow, fast = SlowEar(), network.ear()
    for number, payload in enumerate(PACKETS):
        for ear in (slow, fast):
            ear.take(sealed(number, payload))
            ear.loop.advance(FRAME)
    assert fast.heard == slow.heard
    assert fast.measured() == slow.measured()
    assert len(fast.left) == 1  # the first, by which the source is learned


WAYS = ("next", "next", "next", "next", "lost", "again", "late", "quiet", "other", "marked", "leap", "forged")


def datagrams(seed: int) -> list[bytes]:
    """What a client sends over a bad network."""
    chance = random.Random(seed)
    coming: list[bytes] = []
    late: list[bytes] = []
    leap = 0
    for number, payload in enumerate(PACKETS):
        way = chance.choice(WAYS) if number else "next"
        leap += 480 if way == "leap" else 0
        datagram = sealed(
            number,
            b"\x08" if way == "quiet" else payload,
            payload_type=13 if way == "other" else 96,
            marker=way == "marked",
            leap=leap,
        )
        if way == "forged":
            coming.append(datagram[:-1] + bytes([datagram[-1] ^ 1]))
        elif way == "late":
            late.append(datagram)
        elif way != "lost":
            coming += [datagram] * (2 if way == "again" else 1)
            coming += late
            late.clear()
    return coming


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_whatever_comes_it_is_heard_and_counted_as_python_does(seed: int) -> None:
    made = Network()
    try:
        slow, fast = SlowEar(), made.ear()
        coming = datagrams(seed)
        for datagram in coming:
            for ear in (slow, fast):
                ear.take(datagram)
                ear.loop.advance(FRAME)
        assert fast.heard == slow.heard
        assert fast.measured() == slow.measured()
        assert (fast.refused, fast.inbound.undecodable) == (slow.refused, slow.inbound.undecodable)
        assert len(fast.left) < len(coming)
    finally:
        made.close()


def test_what_a_beat_brings_together_is_heard_in_its_order(network: Network) -> None:
    slow, fast = SlowEar(), network.ear()
    for start in range(0, COUNT, 4):
        beat = [sealed(number, PACKETS[number]) for number in range(start, start + 4)]
        slow.take(*beat)
        fast.take(*([beat[0], beat[2], beat[1], beat[3]] if start else beat))
        for ear in (slow, fast):
            ear.loop.advance(4 * FRAME)
    assert [heard[1:] for heard in fast.heard] == [heard[1:] for heard in slow.heard]


def test_a_packet_that_announces_silence_is_opened_once_and_left_to_python(network: Network) -> None:
    ear = network.ear()
    ear.take(sealed(0, PACKETS[0]))
    ear.take(sealed(1, b"\x08"))
    assert (ear.refused, ear.inbound.buffer.counts.delivered) == (0, 2)
    assert ear.inbound.buffer.deadline is not None


def test_a_packet_without_sound_is_heard_as_silence(network: Network) -> None:
    ear = network.ear()
    ear.take(sealed(0, PACKETS[0]))
    ear.take(sealed(1, b"\xfb\x82\xff"))
    assert (len(ear.left), ear.inbound.undecodable) == (1, 1)
    assert ear.heard[-1][1:] == (AudioFormat.PCM.silence(40), 20)


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("codec", WireCodec)
def test_every_codec_is_heard_in_every_format(
    network: Network, codec: WireCodec, audio_format: AudioFormat
) -> None:
    encoder = make_encoder(codec, AudioFormat.PCM)
    payloads = [encoder.encode(frame) for frame in frames(tone(440, 0.4))]
    slow, fast = SlowEar(codec, audio_format), network.ear(codec, audio_format)
    for number, payload in enumerate(payloads):
        packet = RtpPacket(96, False, number, number * codec.frame_units, SSRC, payload)
        datagram = keys(pylibsrtp.Policy.SSRC_ANY_OUTBOUND).protect(rtp.build(packet))
        assert datagram is not None
        for ear in (slow, fast):
            ear.take(datagram)
            ear.loop.advance(FRAME)
    assert fast.heard == slow.heard
    assert len(fast.left) == 1


def test_a_packet_from_elsewhere_is_left_to_python(network: Network) -> None:
    ear = network.ear()
    ear.take(sealed(0, PACKETS[0]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.sendto(sealed(1, PACKETS[1]), network.target)
        assert network.port.receive(1.0) == (1, [(sealed(1, PACKETS[1]), elsewhere.getsockname())])


def test_over_ipv6_it_is_the_same() -> None:
    network = Network(socket.AF_INET6, "::1")
    network.client.settimeout(5)
    network.client.sendto(b"who knows", network.target)
    count, left = network.port.receive(1.0)
    assert (count, left) == (1, [(b"who knows", network.client.getsockname()[:2])])
    network.outbound().send(network.client.getsockname()[:2], None, b"payload", 96, 1, 960)
    assert network.received().payload == b"payload"
    network.close()


def test_junk_of_any_length_is_left_to_python(network: Network) -> None:
    ear = network.ear()
    ear.take(sealed(0, PACKETS[0]))
    junk = [b"", b"\x80", b"\x80\x60" + bytes(9), random.Random(1).randbytes(1400), bytes(1501), bytes(3000)]
    for data in junk:
        network.client.sendto(data, network.target)
    count, left = network.port.receive(1.0)
    assert (count, [data[:1501] for data, _ in left]) == (len(junk), [data[:1501] for data in junk])


def test_a_datagram_that_came_back_hides_no_other(network: Network) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        where = gone.getsockname()
    network.server.connect(where)
    network.server.send(b"nobody is there")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(where)
        back.sendto(b"who knows", network.target)
        assert network.port.receive(1.0) == (1, [(b"who knows", where)])


def test_a_socket_that_cannot_be_read_has_nothing(network: Network) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        port = FastPort.of(closed)
    assert port is not None
    assert port.receive(1.0) == (0, [])


def test_what_does_not_fit_into_a_beat_waits_for_the_next(network: Network) -> None:
    for _ in range(70):
        network.client.sendto(b"who knows", network.target)
    assert [network.port.receive(1.0)[0] for _ in range(3)] == [64, 6, 0]


def test_a_closed_path_takes_nothing(network: Network) -> None:
    ear = network.ear()
    ear.take(sealed(0, PACKETS[0]))
    ear.path.close()
    ear.path.close()
    ear.take(sealed(1, PACKETS[1]))
    assert len(ear.left) == 2


def test_paths_of_many_callers_are_told_apart(network: Network) -> None:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ears = [FastEar(network.port, each, network.target) for each in sockets]
    for number in range(3):
        for ear in ears[:: 1 if number < 2 else 2]:
            ear.take(sealed(number, PACKETS[number]))
    assert [len(ear.heard) for ear in ears] == [3, 2] * 10
    assert all(len(ear.left) == 1 for ear in ears)
    for each in sockets:
        each.close()


def test_a_frame_is_sent_as_its_packet(network: Network) -> None:
    path, encoder = network.outbound(), make_encoder(WireCodec.OPUS, AudioFormat.PCM)
    plain = make_encoder(WireCodec.OPUS, AudioFormat.PCM)
    network.client.settimeout(5)
    for number, frame in enumerate(frames(speech(1))):
        size = path.send(network.client.getsockname(), encoder, frame, 0x80 | 111, number, number * 960)
        packet = network.received()
        assert (packet.payload_type, packet.marker, packet.sequence) == (111, True, number)
        assert (packet.timestamp, packet.ssrc, len(packet.payload)) == (number * 960, SSRC, size)
        assert packet.payload == plain.encode(frame)
    assert not path.unsent


def test_a_frame_that_is_too_short_is_filled_with_silence(network: Network) -> None:
    network.client.settimeout(5)
    frame = tone(440, 0.01)
    network.outbound().send(
        network.client.getsockname(), make_encoder(WireCodec.OPUS, AudioFormat.PCM), frame, 111, 1, 960
    )
    filled = frame + AudioFormat.PCM.silence(10)
    assert network.received().payload == make_encoder(WireCodec.OPUS, AudioFormat.PCM).encode(filled)


def test_a_payload_and_what_only_python_encodes_are_sent_as_they_are(network: Network) -> None:
    path, sound = network.outbound(), tone(440, 0.02)
    network.client.settimeout(5)
    assert path.send(network.client.getsockname(), None, b"payload", 0, 1, 160) == 7
    assert network.received().payload == b"payload"
    assert path.send(
        network.client.getsockname(), make_encoder(WireCodec.PCMU, AudioFormat.PCM), sound, 0, 2, 320
    )
    assert network.received().payload == make_encoder(WireCodec.PCMU, AudioFormat.PCM).encode(sound)


def test_what_the_system_refuses_is_told(network: Network) -> None:
    path = network.outbound()
    path.send(("255.255.255.255", 9), None, b"payload", 0, 1, 160)
    assert path.unsent


def test_a_closed_encoder_says_so(network: Network) -> None:
    encoder = make_encoder(WireCodec.OPUS, AudioFormat.PCM)
    encoder.close()
    with pytest.raises(CodecError, match="closed"):
        network.outbound().send(network.client.getsockname(), encoder, bytes(960), 111, 1, 960)


@pytest.mark.parametrize(
    ("codec", "audio_format"), [(WireCodec.OPUS, AudioFormat.PCM), (WireCodec.PCMU, AudioFormat.PCMU)]
)
def test_frames_that_are_lent_are_sent_as_those_that_are_not(
    network: Network, codec: WireCodec, audio_format: AudioFormat
) -> None:
    network.client.settimeout(5)
    path, target = network.outbound(), network.client.getsockname()
    encoder, plain = make_encoder(codec, audio_format), make_encoder(codec, audio_format)
    sound = speech(1)[: 20 * plain.frame_bytes]
    send_next = path.lend(target, encoder, sound, 111, 9, 0xFFFFFF00, codec.frame_units)
    assert send_next is not None
    octets = 0
    for number, frame in enumerate(frames(sound, plain.frame_bytes)):
        size = send_next()
        packet = network.received()
        assert (packet.payload_type, packet.marker, packet.ssrc) == (111, False, SSRC)
        assert packet.sequence == 10 + number
        assert packet.timestamp == (0xFFFFFF00 + (number + 1) * codec.frame_units) & 0xFFFFFFFF
        assert packet.payload == plain.encode(frame)
        octets += len(packet.payload)
        assert size == len(packet.payload)
        assert path.settled() == (octets, 0)
    assert libopus.error_text(send_next()) == "invalid argument"


def test_frames_that_only_python_encodes_are_not_lent(network: Network) -> None:
    for codec, audio_format in ((WireCodec.OPUS, AudioFormat.PCMU), (WireCodec.PCMA, AudioFormat.PCMU)):
        encoder = make_encoder(codec, audio_format)
        lent = network.outbound().lend(network.target, encoder, bytes(encoder.frame_bytes), 0, 1, 160, 160)
        assert lent is None


def test_of_what_was_lent_the_refused_packets_are_counted_and_an_error_is_told(network: Network) -> None:
    path, encoder = network.outbound(), make_encoder(WireCodec.OPUS, AudioFormat.PCM)
    frame = bytes(encoder.frame_bytes)
    send_next = path.lend(("255.255.255.255", 9), encoder, frame, 111, 1, 960, 960)
    assert send_next is not None
    assert send_next() > 0
    assert path.settled()[1] == 1
    assert path.lend(network.client.getsockname(), encoder, frame, 111, 2, 960, 960) is send_next
    assert send_next() > 0
    assert path.settled()[1] == 0
    path.lend(network.client.getsockname(), encoder, frame, 111, 3, 960, 960)
    path._path.loan.frame_bytes = 7
    assert libopus.error_text(send_next()) == "invalid argument"


def test_what_it_shares_with_python_is_of_the_size_that_python_reads() -> None:
    source = Path(fast_path.__file__).with_suffix(".c").read_text()
    assert f"BURST = {fast_path._BURST}," in source
    assert f"ROOM = {fast_path._ROOM}," in source
    assert f"FRAME_ROOM = {fast_path._FRAME_ROOM}," in source
    assert f"SOUND_SAMPLES = {fast_path._SOUND_BYTES // fast_path._BURST // 2}," in source
    assert fast_path.ffi.sizeof("struct arrival") == fast_path._ARRIVAL.size
    kinds = fast_path.ffi.typeof("enum arrival_kind").relements
    named = (fast_path._DATAGRAM, fast_path._OPENED, fast_path._SOUND, fast_path._UNDECODABLE)
    assert tuple(kinds[name] for name in ("DATAGRAM", "OPENED", "SOUND", "UNDECODABLE")) == named


async def test_calls_take_it_both_ways(server: MediaServer) -> None:
    said = speech(1)
    driver = Driver()
    async with StockClient(said) as client:
        call = await server.answer(await client.offer(), driver.handlers())
        await client.take(call.answer_sdp)
        await driver.connected()
        assert call._peer is not None
        assert call._peer._inbound_path is not None
        assert call._peer._outbound_path is not None
        call.send_audio("item", said)
        call.complete_audio("item")
        await driver.signals.until(lambda: driver.positions and driver.positions[-1] >= 980)
        assert likeness(bytes(driver.heard), said) > 0.85
        await driver.signals.until(lambda: "ended item" in driver.happened)
        assert call._peer._outbound_path.settled()[0] > 0
        assert call.statistics().packets_sent >= 50


async def test_where_it_was_not_compiled_calls_are_carried_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fast_path.load.cache_clear()
    monkeypatch.setattr(fast_path, "LIBRARY", tmp_path / "missing.so")
    said = speech(1)
    driver = Driver()
    try:
        with caplog.at_level(logging.WARNING):
            async with MediaServer() as server, StockClient(said) as client:
                assert isinstance(server._open_port(), UdpPort)
                assert server._open_port().fast is None
                call = await server.answer(await client.offer(), driver.handlers())
                await client.take(call.answer_sdp)
                await driver.connected()
                call.send_audio("item", said)
                call.complete_audio("item")
                await driver.signals.until(lambda: driver.positions and driver.positions[-1] >= 980)
                await driver.signals.until(lambda: "ended item" in driver.happened)
                call.end()
                await driver.ended()
        assert likeness(bytes(driver.heard), said) > 0.85
        assert [record.message for record in caplog.records if "C compiler" in record.message]
    finally:
        fast_path.load.cache_clear()
