"""Speaks for engines that write: text comes in pieces, sound goes out, each item after the one before.

Every item that is begun is answered by one `Spoken`: when its sound is made, at once when it is stopped, or
when every voice has failed.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Final, Protocol

import structlog

from orchestrator.call import journal
from orchestrator.call.phrases import Phrase, Phrases
from orchestrator.call.utterance import Utterance
from orchestrator.core.commands import SpeakText
from orchestrator.core.events import Spoken
from orchestrator.core.notices import Notice, SoundingWord, VoiceNotice
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech, SpokenReply, TextToSpeech, Voice
from orchestrator.speech.scope import beside

FALLBACKS: Final = ("embedded", "tone")
"""Who speaks when the voice that was to speak fails."""

_KEPT: Final = 200
"""Items whose word times are remembered: a caller may truncate one well after it was spoken."""

_log: Final = structlog.get_logger("orchestrator.conversation")


class Speakers(Protocol):
    """The voices of a node, as `orchestrator.speech.named_voices` offers them."""

    def named(self, name: str | None = None) -> TextToSpeech:
        """A voice adapter; None for the service's own. Raises `SpeechError` where it is not set up."""


class Stage(Protocol):
    """Where the sound goes, and what is told of it; all of it on the event loop, without waiting."""

    def sound(self, item_id: str, pcm: bytes) -> None:
        """A piece of an item's sound, 24 kHz PCM."""

    def phrase(self, item_id: str, phrase: Phrase) -> None:
        """The whole sound of an item that was said before."""

    def captions(self, item_id: str, words: tuple[SoundingWord, ...]) -> None:
        """When words of an item sound."""

    def tell(self, notice: Notice) -> None:
        """A voice failed."""


class SpeakingDesk:
    """What is being said in one conversation.

    Args:
        conversation_id: For the log.
        speakers: The voices of the node; None where there are none.
        phrases: Sound of what is said again and again.
        stage: Takes the sound.
        answer: Takes what is said of each item.
        start: Starts a task in the conversation's task group.
    """

    def __init__(
        self,
        conversation_id: str,
        speakers: Speakers | None,
        phrases: Phrases,
        stage: Stage,
        answer: Callable[[Spoken], None],
        start: Callable[[Coroutine[None, None, None]], "asyncio.Task[None] | None"],
    ) -> None:
        self._conversation_id = conversation_id
        self._speakers = speakers
        self._phrases = phrases
        self._stage = stage
        self._tell = answer
        self._start = start
        self._open: dict[str, _Spoken] = {}
        self._known: OrderedDict[str, Utterance] = OrderedDict()

    @property
    def busy(self) -> bool:
        """Whether sound is being made."""
        return bool(self._open)

    def speak(self, command: SpeakText) -> None:
        """Take a piece of text; what comes for an item that was stopped is not said."""
        open_ = self._open.get(command.item_id)
        if open_ is None:
            if command.item_id in self._known or not command.text:
                return
            open_ = self._begin(command)
        open_.utterance.text += command.text
        open_.utterance.complete = command.final
        open_.more.set()

    def stop(self) -> None:
        """Make no more sound: not one sample leaves later, and every item is answered before this returns."""
        stopped, self._open = self._open, {}
        for open_ in stopped.values():
            open_.utterance.stopped = True
            if open_.task is not None:
                open_.task.cancel()
            self._answer(open_.utterance)

    def heard(self, item_id: str, milliseconds: int) -> int | None:
        """Characters of an item that were heard when so much of its sound was played; None if not ours."""
        utterance = self._known.get(item_id)
        return None if utterance is None else utterance.heard(milliseconds)

    # --- one item -----------------------------------------------------------------------------------------

    def _begin(self, command: SpeakText) -> "_Spoken":
        utterance = Utterance(
            command.item_id, Voice(command.voice or "", speed=command.speed), command.adapter
        )
        before = next(reversed(self._open.values()), None)
        open_ = self._open[command.item_id] = _Spoken(utterance, before)
        self._known[command.item_id] = utterance
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        open_.task = self._start(self._run(open_))
        return open_

    async def _run(self, open_: "_Spoken") -> None:
        utterance, error = open_.utterance, None
        try:
            if open_.before is not None:
                await open_.before.over.wait()
            error = await self._say(open_)
        except Exception as failure:  # noqa: BLE001 - a voice may fail; the conversation goes on in text
            journal.crash(self._conversation_id, "speaking failed", failure)
            error = "internal_error"
        finally:
            open_.over.set()
        if self._open.pop(utterance.item_id, None) is not None:
            self._answer(utterance, error)

    def _answer(self, utterance: Utterance, error: str | None = None) -> None:
        characters = None if utterance.all_made else utterance.reached
        self._tell(Spoken(utterance.item_id, utterance.made_ms, characters, error))

    async def _say(self, open_: "_Spoken") -> str | None:
        """Say an item, with whatever voice is able to; answers the last error when none was."""
        utterance, code = open_.utterance, None
        tried: set[str] = set()
        for name in (utterance.adapter, *FALLBACKS):
            try:
                speaker = self._speaker(name)
                if speaker.name not in tried:
                    tried.add(speaker.name)
                    await self._say_with(speaker, open_)
                    utterance.all_made = not utterance.stopped
                    return None
            except SpeechError as error:
                code = error.code
                self._failed(name, code)
        return code

    def _speaker(self, name: str | None) -> TextToSpeech:
        if self._speakers is None:
            raise SpeechError("This node has no voices.")
        return self._speakers.named(name)

    def _failed(self, name: str | None, code: str) -> None:
        _log.warning(
            "voice failed", conversation_id=self._conversation_id, voice=name or "default", code=code
        )
        self._stage.tell(VoiceNotice("failed", name or "", code))

    async def _say_with(self, speaker: TextToSpeech, open_: "_Spoken") -> None:
        """Say the rest of an item with one voice; text that is still written is waited for meanwhile.

        That wait has its deadline in the machine, which ends every item sooner or later.
        """
        utterance = open_.utterance
        after, after_ms = utterance.reached, utterance.made_ms
        whole = after == 0 and open_.whole
        known = self._phrases.find(speaker.name, utterance.voice, utterance.text) if whole else None
        if known is not None:
            self._say_again(utterance, known)
            return
        pieces: list[Speech] = []
        async with speaker.open(utterance.voice) as reply, beside(_feed(reply, open_, after)):
            async for speech in reply:
                if utterance.stopped:
                    return
                self._emit(utterance, speech, after, after_ms)
                pieces.append(speech)
        if after == 0 and open_.whole:
            self._phrases.keep(speaker.name, utterance.voice, utterance.text, pieces)

    def _say_again(self, utterance: Utterance, known: Phrase) -> None:
        for speech in known.pieces:
            if words := utterance.add(speech):
                self._stage.captions(utterance.item_id, words)
        self._stage.phrase(utterance.item_id, known)

    def _emit(self, utterance: Utterance, speech: Speech, after: int, after_ms: int) -> None:
        if words := utterance.add(speech, after=after, after_ms=after_ms):
            self._stage.captions(utterance.item_id, words)
        self._stage.sound(utterance.item_id, speech.pcm)


class _Spoken:
    """An item that is being spoken, and what waits for it."""

    def __init__(self, utterance: Utterance, before: "_Spoken | None") -> None:
        self.utterance = utterance
        self.before = before
        self.more = asyncio.Event()
        self.over = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @property
    def whole(self) -> bool:
        """Whether all of its text is there."""
        return self.utterance.complete


async def _feed(reply: SpokenReply, open_: _Spoken, at: int) -> None:
    utterance = open_.utterance
    try:
        while True:
            if at < len(utterance.text):
                piece, at = utterance.text[at:], len(utterance.text)
                await reply.feed(piece)
            elif utterance.complete:
                await reply.finish()
                return
            else:
                open_.more.clear()
                await open_.more.wait()
    except SpeechError:
        return  # iterating over the sound raises the same
