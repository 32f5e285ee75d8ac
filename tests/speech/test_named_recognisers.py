from dataclasses import replace

import pytest

from orchestrator.speech import choice, named_recognisers
from orchestrator.speech.choice import Access, SpeechChoice
from orchestrator.speech.errors import SpeechUnavailableError
from orchestrator.speech.named_recognisers import open_recognisers
from orchestrator.speech.named_voices import open_voices
from orchestrator.speech.protocol import Vocabulary
from orchestrator.speech.sphinx import Pronounce
from tests.speech.fakes.http import Answer, http_provider
from tests.speech.speaking import sound

pytestmark = pytest.mark.edge


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra `recogniser`."""
    for module in (choice, named_recognisers):
        monkeypatch.setattr(module, "recogniser_is_installed", lambda: False)


async def test_the_embedded_recogniser_is_the_usual_one_where_it_is_installed() -> None:
    pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")
    async with (
        open_voices(SpeechChoice()) as voices,
        open_recognisers(SpeechChoice(), voices.pronounce) as recognisers,
    ):
        recogniser = recognisers.named()
        assert (recogniser.name, recognisers.default) == ("embedded", "embedded")
        assert recogniser.capabilities.local


@pytest.mark.usefixtures("bare")
async def test_where_it_is_not_installed_there_is_none() -> None:
    async with open_recognisers(SpeechChoice()) as recognisers:
        assert recognisers.default is None
        with pytest.raises(SpeechUnavailableError, match="'orchestrator\\[speech\\]'"):
            recognisers.named()


async def test_another_one_may_be_chosen() -> None:
    async with http_provider() as provider:
        provider.script = [Answer([b'{"text": "two pizzas"}'], headers={"content-type": "application/json"})]
        chosen = SpeechChoice(
            stt="openai", recognisers={"openai": Access(url=provider.url, model="whisper-1")}
        )
        async with open_recognisers(chosen) as recognisers:
            assert recognisers.named().name == "openai"
            async with recognisers.named().open(Vocabulary(), rate=16_000) as transcription:
                await transcription.feed(sound(500))
                assert (await transcription.commit()).text == "two pizzas"
        assert b"whisper-1" in provider.requests[0].body


async def test_a_choice_that_is_not_set_up_is_told_at_once() -> None:
    with pytest.raises(SpeechUnavailableError, match="Set DEEPGRAM_API_KEY"):
        async with open_recognisers(SpeechChoice(stt="deepgram")):
            pass


async def test_no_recogniser_is_started_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    kind = named_recognisers._KINDS["openai"]

    def opened(access: Access, pronounce: Pronounce | None) -> named_recognisers.Opened:
        started.append(access.model)
        return kind.open(access, pronounce)

    monkeypatch.setattr(
        named_recognisers,
        "_KINDS",
        {
            **named_recognisers._KINDS,
            "openai": replace(kind, open=opened),
            "deepgram": replace(kind, open=opened),
        },
    )
    chosen = SpeechChoice(
        stt="openai", recognisers={"openai": Access(model="one"), "deepgram": Access(model="other")}
    )
    async with open_recognisers(chosen) as recognisers, recognisers.named().open(Vocabulary()):
        assert started == ["one"]
