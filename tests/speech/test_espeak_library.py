"""The library is GPL-3.0 and stays out of this process, too: it is looked at in one of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = pytest.mark.media

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json
from orchestrator.speech.espeak_library import EspeakLibrary

library = EspeakLibrary()
how = {"words_per_minute": 165, "pitch": 50, "pitch_range": 50}
pcm, words = library.say("Zwei gro\\u00dfe \\u201cpizzas\\u201d", voice="en-us+f2", **how)
slow, _ = library.say("hello", voice="en-us", **how | {"words_per_minute": 100})
fast, _ = library.say("hello", voice="en-us", **how | {"words_per_minute": 300})
try:
    library.say("hello", voice="no-such-voice", **how)
    refused = False
except LookupError:
    refused = True
print(json.dumps({
    "seconds": len(pcm) / 48_000,
    "words": words,
    "slower": len(slow) > len(fast) * 1.5,
    "refused": refused,
    "phonemes": library.phonemes("two pizzas", "en-us"),
}))
"""


@pytest.fixture(scope="module")
def report() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, check=True, timeout=PATIENCE
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_text_is_spoken_at_24_kilohertz(report: dict[str, object]) -> None:
    assert 1 < float(str(report["seconds"])) < 4


def test_words_are_placed_by_characters_not_bytes(report: dict[str, object]) -> None:
    words = report["words"]
    assert isinstance(words, list)
    assert [place for place, _ in words] == [0, 5, 12]


def test_the_pace_is_obeyed_and_an_unknown_voice_refused(report: dict[str, object]) -> None:
    assert report["slower"] is True
    assert report["refused"] is True


def test_sounds_are_told_apart(report: dict[str, object]) -> None:
    assert str(report["phonemes"]).replace("\u02d0", "").replace("\u02c8", "").startswith("t_u")


def test_the_library_is_not_loaded_here() -> None:
    assert "orchestrator.speech.espeak_library" not in sys.modules
