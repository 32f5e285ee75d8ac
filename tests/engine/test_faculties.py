import pytest

from orchestrator.engine.faculties import Faculties
from orchestrator.engine.session.configuration import STANDARD_VOICES, Capabilities
from orchestrator.speech.tone import ToneVoice
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.scripted_speech import ScriptedEars

pytestmark = pytest.mark.unit


def test_a_brain_alone_reads_and_writes() -> None:
    assert Faculties(ScriptedBrain()).capabilities == Capabilities(voices=STANDARD_VOICES)


def test_what_hears_and_speaks_can_be_used_and_any_voice_be_asked_for() -> None:
    faculties = Faculties(ScriptedBrain(), ScriptedEars(), ToneVoice())
    assert faculties.capabilities == Capabilities(audio_output=True, transcribes=True, voices=None)
