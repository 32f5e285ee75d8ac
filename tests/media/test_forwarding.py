"""Sound that is passed on as frames of a WebSocket, past whoever takes sound."""

import base64
from collections.abc import Callable, Iterator

import pytest

from orchestrator.media.wire import AudioFormat, WireCodec, make_encoder
from tests.media.fast_network import COUNT, FRAME, PACKETS, Network, SlowEar, sealed
from tests.media.sound import tone
from tests.realtime.test_framing import read

pytestmark = pytest.mark.media

BEFORE, BEHIND = b'{"type":"append","audio":"', b'"}'


class Forwarder:
    """Passes sound on, as long as it is willing; keeps what was written."""

    def __init__(self, envelope: tuple[bytes, bytes] = (BEFORE, BEHIND)) -> None:
        self.envelope = envelope
        self.willing = True
        self.sound: list[bytes] = []
        self.frames: list[bytes] = []

    def forward(self, sound: bytes) -> Callable[[bytes], None] | None:
        if not self.willing:
            return None
        self.sound.append(sound)
        return self.frames.append

    def texts(self) -> list[bytes]:
        """What a server reads in those frames."""
        return [bytes(read(frame, masked=True).data) for frame in self.frames]


def enclosed(sound: bytes) -> bytes:
    return BEFORE + base64.b64encode(sound) + BEHIND


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()


def test_sound_that_is_due_is_written_as_frames_that_a_server_reads(network: Network) -> None:
    forwarder, slow = Forwarder(), SlowEar()
    ear = network.ear(forwarding=forwarder)
    for number, payload in enumerate(PACKETS):
        for each in (slow, ear):
            each.take(sealed(number, payload))
            each.loop.advance(FRAME)
    sound = [heard[1] for heard in slow.heard]
    assert forwarder.sound == sound[1:]  # the first taught where packets come from, and was heard in Python
    assert forwarder.texts() == [enclosed(each) for each in sound[1:]]
    assert [heard[1] for heard in ear.heard] == sound[:1]
    assert ear.measured() == slow.measured()


def test_every_frame_is_masked_with_a_key_of_its_own(network: Network) -> None:
    forwarder = Forwarder()
    ear = network.ear(forwarding=forwarder)
    for number, payload in enumerate(PACKETS):
        ear.take(sealed(number, payload))
    keys = {frame[4:8] for frame in forwarder.frames}
    assert len(keys) > COUNT - 5
    assert all(text.startswith(BEFORE) for text in forwarder.texts())


def test_what_is_not_to_be_passed_on_is_heard_as_any_sound(network: Network) -> None:
    forwarder = Forwarder()
    ear = network.ear(forwarding=forwarder)
    for number, payload in enumerate(PACKETS[:30]):
        forwarder.willing = number < 10 or number >= 20
        ear.take(sealed(number, payload))
        ear.loop.advance(FRAME)
    assert (len(forwarder.frames), len(ear.heard)) == (19, 11)
    assert [heard[2] for heard in ear.heard[1:]] == [20 * number for number in range(10, 20)]


def test_what_a_beat_brings_is_passed_on_in_its_order(network: Network) -> None:
    forwarder, happened = Forwarder(), list[str]()
    ear = network.ear(forwarding=forwarder)
    ear.take(sealed(0, PACKETS[0]))
    ear.heard.clear()
    forwarder.forward = lambda _: lambda _: happened.append("written")  # type: ignore[assignment, method-assign]
    ear.inbound._on_audio = lambda *_: happened.append("heard")
    beat = [sealed(number, PACKETS[number], marker=number == 3) for number in range(1, 6)]
    ear.take(*beat[:2])
    assert happened == ["written"] * 2
    # One that announces silence is opened here, and heard by Python.
    ear.take(sealed(3, PACKETS[3]), sealed(4, b"\x08"), *beat[4:])
    assert happened[2] == "written"
    assert "heard" not in happened[:3]


def test_sound_that_python_makes_is_not_passed_on(network: Network) -> None:
    for codec, audio_format in ((WireCodec.PCMU, AudioFormat.PCMU), (WireCodec.OPUS, AudioFormat.PCMU)):
        forwarder = Forwarder()
        ear = network.ear(codec, audio_format, forwarding=forwarder)
        encoder = make_encoder(codec, AudioFormat.PCM)
        for number in range(3):
            ear.take(sealed(number, encoder.encode(tone(440, 0.02))))
        ear.path.close()
        assert not forwarder.frames


@pytest.mark.parametrize("envelope", [(b"", b""), (b"x" * 9000, b"")])
def test_what_makes_no_frame_of_the_form_is_heard_as_any_sound(
    network: Network, envelope: tuple[bytes, bytes]
) -> None:
    forwarder = Forwarder(envelope)
    ear = network.ear(forwarding=forwarder)
    encoder = make_encoder(WireCodec.OPUS, AudioFormat.PCM)
    for number in range(4):
        ear.take(sealed(number, encoder.encode(tone(440, 0.02))))
    assert len(ear.heard) + len(forwarder.frames) == 4
    assert forwarder.texts() == [base64.b64encode(each) for each in forwarder.sound]
    assert len(forwarder.frames) == (3 if envelope == (b"", b"") else 0)


def test_an_error_of_who_passes_it_on_ends_that_call_and_not_the_reading(network: Network) -> None:
    forwarder = Forwarder()
    ear = network.ear(forwarding=forwarder)
    ear.take(sealed(0, PACKETS[0]))

    def fail(_: bytes) -> None:
        raise LookupError

    forwarder.forward = fail  # type: ignore[assignment]
    ear.take(sealed(1, PACKETS[1]), b"\x80 who knows, longer than a header")
    assert [type(error) for error in ear.errors] == [LookupError]
    assert len(ear.heard) == 1
    assert len(ear.left) == 2


def test_a_caller_that_is_gone_is_not_passed_on(network: Network) -> None:
    forwarder = Forwarder()
    ear = network.ear(forwarding=forwarder)
    ear.take(sealed(0, PACKETS[0]))
    ear.inbound.close()
    assert ear.inbound.forward(b"sound") is None
    assert not forwarder.sound
