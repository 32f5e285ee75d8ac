"""How a call from a terminal is spoken, and when it is rather held in writing."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.call_view import CallView
from orchestrator.cli.exits import UnreachableError
from orchestrator.cli.recording import Recording, read_sound
from orchestrator.cli.spoken import speaking
from orchestrator.cli.spoken_turns import SpokenTurns
from orchestrator.cli.voice_client import NoSoundError, VoiceClient
from orchestrator.core.errors import SettingsError
from orchestrator.core.json_value import JsonObject
from orchestrator.speech.choice import voice_is_installed

if TYPE_CHECKING:
    from orchestrator.cli.call import Say, Wanted

Show = Callable[[JsonObject], None]


async def open_speech(
    stack: AsyncExitStack, wanted: "Wanted", view: CallView, show: Show
) -> "tuple[CallTurns, Say] | None":
    """Connect with sound.

    Returns:
        The turns, and what says a text in them; None where the call is to be held in writing, which is
        said, unless `--wav` or `--save` need sound.

    Raises:
        SettingsError: A file cannot be read or written, or there is no voice to speak with.
        UnreachableError: There is no sound, and it is needed.
    """
    if wanted.wav is None and not voice_is_installed():
        _in_writing(wanted, view, SettingsError("no voice to speak with is installed: the extra `voice`."))
        return None
    sound = read_sound(wanted.wav) if wanted.wav is not None else None
    recording = stack.enter_context(Recording(wanted.save))
    client = VoiceClient(
        wanted.address,
        agent=wanted.agent,
        conversation=wanted.conversation,
        key=wanted.key,
        recording=recording,
    )
    try:
        await stack.enter_async_context(client)
    except NoSoundError as error:
        _in_writing(wanted, view, error)
        return None
    if not client.speaks:
        _in_writing(wanted, view, UnreachableError("the agent's engine only reads and writes"))
        written = CallTurns(
            client, show, conversation=client.conversation, reply_seconds=wanted.reply_seconds
        )
        return written, written.say
    turns = SpokenTurns(client, show, conversation=client.conversation, reply_seconds=wanted.reply_seconds)
    if sound is None:
        speak = await stack.enter_async_context(speaking())

    async def say(text: str) -> None:
        await turns.speak(sound if sound is not None else await speak(text))

    return turns, say


def _in_writing(wanted: "Wanted", view: CallView, why: SettingsError | UnreachableError) -> None:
    """Say why nothing is spoken.

    Raises:
        SettingsError, UnreachableError: Something that was asked for needs sound.
    """
    if wanted.wav is not None or wanted.save is not None:
        raise why
    if not wanted.as_json:
        view.note(f"In writing: {why.message}")
