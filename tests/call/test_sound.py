import base64

import pytest

from orchestrator.call.sound import Converter, OwnSound, bytes_per_ms
from orchestrator.media.g711 import Law, decode
from tests.media.sound import loudness, tone

pytestmark = pytest.mark.unit


def test_sound_of_our_own_goes_on_the_wire_as_base64() -> None:
    made = OwnSound(b"\1\2\3")
    assert base64.b64decode(made.base64()) == made.raw() == b"\1\2\3"


@pytest.mark.parametrize(("kind", "size"), [("audio/pcm", 48), ("audio/pcmu", 8), ("audio/pcma", 8)])
def test_a_millisecond_takes_its_bytes(kind: str, size: int) -> None:
    assert bytes_per_ms({"type": kind}) == size


def test_a_format_that_is_not_named_is_pcm() -> None:
    assert bytes_per_ms({}) == 48
    assert Converter({}).feed(b"\1\2") == b"\1\2"


@pytest.mark.parametrize(("kind", "law"), [("audio/pcmu", Law.MU), ("audio/pcma", Law.A)])
def test_telephone_formats_sound_the_same_and_take_a_sixth(kind: str, law: Law) -> None:
    pcm = tone(440, 0.4)
    converter = Converter({"type": kind})
    made = b"".join(converter.feed(pcm[at : at + 1000]) for at in range(0, len(pcm), 1000))
    assert abs(len(made) - len(pcm) // 6) <= 1
    assert loudness(decode(made, law)) == pytest.approx(loudness(pcm), rel=0.1)
