"""The turns of a call with sound: speaking, and waiting until the agent has finished sounding."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.voice_client import VoiceClient
from orchestrator.core.json_value import JsonObject

NOTICE_SECONDS: Final = 2.0
"""What an engine has, after the last sound, to notice that somebody spoke; then it is told."""

_NOTICES: Final = frozenset(
    {"input_audio_buffer.speech_started", "input_audio_buffer.committed", "response.created"}
)


class SpokenTurns(CallTurns):
    """Says things aloud, and knows whether the agent still sounds.

    Args:
        client: The connection, of an agent that is heard.
        show: Is given every event.
        conversation: Its id.
        reply_seconds: How long a reply may take, until all of it was heard.
    """

    def __init__(
        self,
        client: VoiceClient,
        show: Callable[[JsonObject], None],
        *,
        conversation: str | None = None,
        reply_seconds: float = 120.0,
    ) -> None:
        super().__init__(client, show, conversation=conversation, reply_seconds=reply_seconds)
        self._voice = client
        self._noticed = asyncio.Event()
        self._expecting = False
        self._open: set[str] = set()
        self._sounding: set[str] = set()
        self._heard: set[str] = set()

    @property
    def session(self) -> JsonObject:
        """As it is; asked for all the same, since its answer comes after the greeting."""
        return {"type": "realtime"}

    async def speak(self, sound: bytes) -> None:
        """Say something aloud and wait until the reply was heard.

        Raises:
            EngineTimeoutError: The reply takes longer than it may.
        """
        self._noticed.clear()
        self._quiet.clear()
        self._cancelling, self._expecting = False, True
        await self._voice.say(sound)
        try:
            async with asyncio.timeout(NOTICE_SECONDS):
                await self._noticed.wait()
        except TimeoutError:
            # An engine without voice activity of its own, or a session that does not use it.
            await self._client.send("input_audio_buffer.commit")
            await self._ask()
        await self.until_quiet()

    def _note(self, event: JsonObject) -> None:
        kind = str(event.get("type"))
        response: Any = event.get("response")
        told = response if isinstance(response, dict) else {}
        name = str(event.get("response_id") or told.get("id") or "")
        if kind in _NOTICES:
            self._noticed.set()
        if kind == "response.created":
            self._expecting = False
            self._open.add(name)
        elif kind == "response.done":
            self._open.discard(name)
            if told.get("status") == "completed" and _has_sound(told) and name not in self._heard:
                self._sounding.add(name)
        elif kind == "output_audio_buffer.started":
            self._sounding.add(name)
            self._quiet.clear()
        elif kind in {"output_audio_buffer.stopped", "output_audio_buffer.cleared"}:
            self._heard.add(name)
            self._sounding.discard(name)
            self._rest()
        super()._note(event)

    def _rest(self) -> None:
        """Something is over; the agent is, once nothing is being made, sounds, or is to come."""
        if not self._open and not self._sounding and not self._expecting:
            self._quiet.set()


def _has_sound(response: JsonObject) -> bool:
    items: Any = response.get("output")
    return any(
        part.get("type") in {"audio", "output_audio"}
        for item in items or ()
        for part in item.get("content") or ()
    )
