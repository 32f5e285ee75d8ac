"""The engine sessions of one conversation: opened and closed, told what to do, and let hear the caller."""

from collections.abc import Callable, Coroutine
from typing import Any

from orchestrator.call.audio import AudioDesk
from orchestrator.call.engines import Engines
from orchestrator.call.hearing import HearingDesk
from orchestrator.call.sound import CallerAudio
from orchestrator.core import commands as c
from orchestrator.core.engine_events import EngineEvent, SessionFailed
from orchestrator.core.errors import OrchestratorError
from orchestrator.realtime.connection import AudioDelta, EngineSession
from orchestrator.realtime.outbound import EngineCommand


class Sessions:
    """Every session that is not closed.

    Args:
        engines: Where they go.
        audio: Says who hears the caller.
        hearing: Hears the caller for engines that cannot.
        feed: Takes what engines say.
        play: Takes their sound.
        start: Starts a task in the conversation's task group.

    Attributes:
        open_sessions: By epoch.
    """

    def __init__(
        self,
        engines: Engines,
        audio: AudioDesk,
        hearing: HearingDesk,
        *,
        feed: Callable[[EngineEvent], None],
        play: Callable[[AudioDelta], None],
        start: Callable[[Coroutine[None, None, None]], Any],
    ) -> None:
        self._engines = engines
        self._audio = audio
        self._hearing = hearing
        self._feed = feed
        self._play = play
        self._start = start
        self.open_sessions: dict[int, EngineSession] = {}
        self._configs: dict[int, c.SessionConfig] = {}
        self._hear: tuple[int, ...] = ()
        self._straight: EngineSession | None = None

    def open(self, command: c.OpenSession) -> None:
        """Open one; that it cannot be is told as an event."""
        try:
            endpoint = self._engines.endpoint(command.config.engine)
        except OrchestratorError as error:
            self._feed(SessionFailed(command.epoch, error.code, error.message, retryable=False))
            return
        session = EngineSession(
            endpoint, command, on_event=self._told, on_audio=self._play, dial=self._engines.dial
        )
        self.open_sessions[command.epoch] = session
        self._configure(command.epoch, command.config)
        self._start(session.run())

    def close(self, epoch: int, reason: str) -> None:
        """Close one."""
        self._configs.pop(epoch, None)
        if (closing := self.open_sessions.pop(epoch, None)) is not None:
            closing.close(reason)
        self._straighten()

    def close_all(self, reason: str) -> None:
        """Close all of them."""
        for session in self.open_sessions.values():
            session.close(reason)

    def send(self, command: EngineCommand) -> None:
        """Send one a command; what is for a session that is gone is dropped."""
        if isinstance(command, c.UpdateSession):
            self._configure(command.epoch, command.config)
        elif isinstance(command, c.CommitAudio):
            self._hearing.ended()
        if (session := self.open_sessions.get(command.epoch)) is not None:
            session.send(command)

    def route(self, hear: tuple[int, ...], speak: int | None) -> None:
        """Change who hears the caller, and whom the caller hears."""
        self._hear = hear
        self._listen()
        for epoch in self._audio.listen(hear, speak):
            self._give(epoch, *self._audio.mirrored)
        self._straighten()

    def hear(self, audio: CallerAudio) -> None:
        """Let whoever is to hear the caller have caller audio."""
        if self._straight is not None:
            self._straight.send_audio(audio)
            self._audio.note(audio)
            return
        for epoch in self._audio.heard(audio):
            if (session := self.open_sessions.get(epoch)) is not None:
                session.send_audio(audio)
        self._hearing.heard(audio)

    def forward(self, audio: bytes) -> Callable[[bytes], None] | None:
        """Take note of caller audio for the one session that is to hear it; return what writes its append.

        Returns:
            None, and nothing was done, where `hear` is to be used.
        """
        write = self._straight.writer() if self._straight is not None else None
        if write is not None:
            self._audio.note(audio)
        return write

    def let_hear(self) -> None:
        """Let the engine hear what the caller is saying, from the beginning of the turn."""
        for epoch in self._audio.let_hear():
            self._give(epoch, *self._audio.uncommitted)

    def _give(self, epoch: int, *pieces: CallerAudio) -> None:
        if (session := self.open_sessions.get(epoch)) is not None:
            for audio in pieces:
                session.send_audio(audio)

    def _configure(self, epoch: int, config: c.SessionConfig) -> None:
        self._configs[epoch] = config
        if epoch in self._hear:
            self._listen()
            self._straighten()

    def _listen(self) -> None:
        """Listen as the session wants that hears the caller; what nobody took up yet is heard again."""
        config = self._configs.get(self._hear[0]) if self._hear else None
        if config is not None:
            self._audio.configured(config)
        if self._hearing.listen(config):
            for audio in self._audio.uncommitted:
                self._hearing.heard(audio)

    def _straighten(self) -> None:
        """Find out whether the caller's sound goes to one session alone, and we do not listen ourselves."""
        config = self._configs.get(self._hear[0]) if len(self._hear) == 1 else None
        alone = config is not None and config.hearing is None
        session = self.open_sessions.get(self._hear[0]) if alone else None
        hears = session is not None and session.endpoint.capabilities.audio_in
        self._straight = session if hears else None

    def _told(self, event: EngineEvent) -> None:
        self._audio.told(event)
        config = self._configs.get(event.epoch)
        self._feed(self._audio.timed(event, None if config is None else config.turn_detection))
