"""The driver of one conversation: whom the caller's sound goes to."""

from collections.abc import AsyncIterator

import pytest

from orchestrator.call.live import LiveConversation
from tests.call.boards import a_board, join
from tests.speech.speaking import silence

pytestmark = pytest.mark.db

SOUND = silence(20)


@pytest.fixture
async def live(database_url: str) -> AsyncIterator[LiveConversation]:
    """A conversation by voice, whose one session could write frames at once."""
    async with a_board(database_url) as board:
        found = await board.begin()
        join(found, modality="audio")
        (session,) = found._sessions.open_sessions.values()
        session.writer = lambda: lambda _: None  # type: ignore[method-assign]
        yield found


def passes(live: LiveConversation) -> bool:
    return live.forward(SOUND) is not None


async def test_sound_goes_on_as_frames_where_one_engine_alone_hears_it(live: LiveConversation) -> None:
    assert passes(live)


async def test_while_somebody_listens_in_sound_does_not_pass_by_them(live: LiveConversation) -> None:
    with live.line.ears.listening():
        assert not passes(live)
        with live.line.ears.listening():
            pass
        assert not passes(live)
    assert passes(live)


async def test_while_a_call_is_recorded_sound_does_not_pass_by_the_recording(live: LiveConversation) -> None:
    live.line.recording.on = True
    assert not passes(live)
    live.line.recording.on = False
    assert passes(live)
