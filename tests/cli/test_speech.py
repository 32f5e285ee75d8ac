"""When a call is spoken, and when it is rather held in writing."""

import io
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from rich.console import Console

from orchestrator.cli import speech
from orchestrator.cli.address import Address
from orchestrator.cli.call import Wanted
from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.call_view import CallView
from orchestrator.cli.exits import UnreachableError
from orchestrator.cli.spoken_turns import SpokenTurns
from orchestrator.cli.terminal import THEME
from orchestrator.cli.voice_client import NoSoundError
from orchestrator.core.errors import SettingsError

pytestmark = pytest.mark.unit


class Client:
    """Stands in for the client with sound."""

    speaks = True
    problem: Exception | None = None

    def __init__(self, _address: Address, **_options: object) -> None:
        self.conversation = "conv_1"
        self.said: list[bytes] = []

    async def __aenter__(self) -> Self:
        if self.problem is not None:
            raise self.problem
        return self

    async def __aexit__(self, *_error: object) -> None:
        pass


class Screen:
    def __init__(self) -> None:
        self.file = io.StringIO()
        self.view = CallView(Console(file=self.file, width=100, theme=THEME), "triage")

    async def opened(self, stack: AsyncExitStack, **wanted: Any) -> Any:
        says = wanted.pop("says", ("hello",))
        asked = Wanted(Address.parse("127.0.0.1:9"), "triage", None, None, says, 1.0, as_json=False, **wanted)
        return await speech.open_speech(stack, asked, self.view, lambda event: None)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setattr(speech, "VoiceClient", Client)
    monkeypatch.setattr(speech, "voice_is_installed", lambda: True)
    monkeypatch.setattr(speech, "read_sound", lambda path: b"sound")
    return Screen()


async def test_a_sound_file_is_spoken(screen: Screen) -> None:
    async with AsyncExitStack() as stack:
        turns, _say = await screen.opened(stack, says=(), wav=Path("order.wav"))
        assert isinstance(turns, SpokenTurns)
        assert turns.conversation == "conv_1"


async def test_without_a_voice_it_is_written(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "voice_is_installed", lambda: False)
    async with AsyncExitStack() as stack:
        assert await screen.opened(stack) is None
        assert "In writing: no voice to speak with is installed" in screen.file.getvalue()
        with pytest.raises(SettingsError, match="extra `voice`"):
            await screen.opened(stack, save=Path("reply.wav"))


async def test_a_service_without_webrtc_is_written_to(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "problem", NoSoundError("WebRTC is not available here."))
    async with AsyncExitStack() as stack:
        assert await screen.opened(stack) is None
        assert "In writing: WebRTC is not available here." in screen.file.getvalue()
        with pytest.raises(UnreachableError):
            await screen.opened(stack, says=(), wav=Path("order.wav"))


async def test_an_agent_that_only_writes_is_written_to_in_the_same_call(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "speaks", False)
    async with AsyncExitStack() as stack:
        turns, say = await screen.opened(stack)
        assert type(turns) is CallTurns
        assert say == turns.say
        assert "only reads and writes" in screen.file.getvalue()
