"""Recording the calls of a conversation: started and stopped by the machine, kept where the settings say.

Sound is handed to the recorder as it passes and never waits. What takes time runs as tasks of the
conversation, which is closed only when they are done.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from orchestrator.call.sound import CallerAudio, caller_pcm
from orchestrator.core.commands import RecordCall
from orchestrator.core.errors import NotFoundError, OrchestratorError, StoreUnavailableError
from orchestrator.core.json_value import JsonObject
from orchestrator.media.recording.ogg import MEDIA_TYPE
from orchestrator.media.recording.recorder import Move, Recorded, Recorder
from orchestrator.media.recording.storage import RecordingStorage
from orchestrator.media.recording.tape import Side
from orchestrator.media.wire import AudioFormat
from orchestrator.store.database import Database
from orchestrator.store.reading import RecordingRow
from orchestrator.store.recordings import insert_recording, peaks_location, places

DAY: Final = 86_400
PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to write a recording's row while Postgres is away; then it is given up."""

Start = Callable[[Coroutine[None, None, None]], "asyncio.Task[None] | None"]

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingShelf:
    """Where recordings go.

    Attributes:
        database: For their rows.
        storage: For their sound.
        spool: Folder of those that are being made.
        days: How long they are kept; None as long as their conversation.
    """

    database: Database
    storage: RecordingStorage
    spool: Path
    days: int | None = None

    async def forget(self, locations: Iterable[str]) -> None:
        """Erase what is kept of recordings, sound and peaks; what is gone already is no fault.

        Raises:
            RecordingStoreError: They cannot be erased now.
        """
        await self.storage.forget(places(locations))


class RecordingDesk:
    """The recordings of one live conversation, one after another.

    Args:
        conversation_id: Whose they are.
        shelf: None where nothing can be recorded.
        start: Starts a task of the conversation.
        new_id: Makes an id that begins with the given word.
        clock: Seconds, monotonic.

    Attributes:
        on: Whether sound is recorded now; asked with each piece of it.
    """

    def __init__(
        self,
        conversation_id: str,
        shelf: RecordingShelf | None,
        start: Start,
        new_id: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation_id = conversation_id
        self._shelf = shelf
        self._start = start
        self._new_id = new_id
        self._clock = clock
        self._recorder: Recorder | None = None
        self.on = False

    def obey(self, command: RecordCall) -> None:
        """Do as the machine says."""
        if command.on:
            self.begin(command.call_id)
        else:
            self.end()

    def begin(self, call_id: str) -> None:
        """Record a call from now on."""
        if self._shelf is None:
            return
        self.end()
        recording_id = self._new_id("rec")
        recorder = Recorder(self._shelf.spool / f"{recording_id}.ogg", self._clock)
        if self._start(self._keep(self._shelf, recorder, recording_id, call_id, time.time())) is not None:
            self._recorder, self.on = recorder, True
            _log.info(
                "recording", conversation_id=self._conversation_id, recording=recording_id, call=call_id
            )

    def end(self, *, cut: bool = True) -> None:
        """Record no more; what was recorded is kept.

        Args:
            cut: Whether what the agent was still about to say is heard by nobody.
        """
        if self._recorder is not None:
            self._recorder.stop(cut=cut)
            self._recorder, self.on = None, False

    def heard(self, audio: CallerAudio, audio_format: JsonObject) -> None:
        """Take what the caller said just now, in a format as on the wire."""
        self._take(Side.CALLER, lambda: caller_pcm(audio), audio_format)

    def spoken(self, sound: Callable[[], bytes], audio_format: JsonObject) -> None:
        """Take what the agent says, as it is queued to be heard.

        Args:
            sound: Gives it; called only where it is wanted.
            audio_format: As on the wire.
        """
        self._take(Side.AGENT, sound, audio_format)

    def _take(self, side: Side, sound: Callable[[], bytes], audio_format: JsonObject) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.add(side, sound(), AudioFormat(str(audio_format.get("type", AudioFormat.PCM))))
        except ValueError:
            return  # no base64, or no format of ours: whoever is to hear it says so

    def move(self, move: Move) -> None:
        """The agent's sound was cut off, is held back, or goes on."""
        if self._recorder is not None:
            self._recorder.move(move)

    def align(self, left_ms: int, in_ms: int) -> None:
        """So much of the agent's sound is still to be heard, and all of it will have been in so long."""
        if self._recorder is not None:
            self._recorder.align(left_ms, in_ms)

    async def _keep(
        self, shelf: RecordingShelf, recorder: Recorder, recording_id: str, call_id: str, began: float
    ) -> None:
        try:
            recorded = await recorder.run()
            if recorded is None:
                return
            day = datetime.fromtimestamp(began, UTC).strftime("%Y/%m/%d")
            location = f"{day}/{recording_id}.ogg"
            size = await shelf.storage.keep(recorded.sound, location)
            await shelf.storage.keep(recorded.peaks, peaks_location(location))
            row = RecordingRow(
                id=recording_id,
                call_id=call_id,
                location=location,
                media_type=MEDIA_TYPE,
                channels=len(Side),
                size=size,
                started_at=began,
                duration_ms=recorded.duration_ms,
                expires_at=None if shelf.days is None else began + shelf.days * DAY,
                data=_doubts(recorded),
            )
            await self._write(shelf, row)
        except (OSError, OrchestratorError) as error:
            cause = error.message if isinstance(error, OrchestratorError) else type(error).__name__
            _log.error(
                "recording not kept",
                conversation_id=self._conversation_id,
                recording=recording_id,
                cause=cause,
                spool=str(recorder.sound),
            )

    async def _write(self, shelf: RecordingShelf, row: RecordingRow) -> None:
        for pause in (*PAUSES, None):
            try:
                async with shelf.database.transaction() as connection:
                    await insert_recording(connection, self._conversation_id, row)
            except StoreUnavailableError:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            except NotFoundError:
                # Erased while its last call was on: then so is this.
                await shelf.forget([row.location])
                return
            else:
                return


def _doubts(recorded: Recorded) -> JsonObject:
    return {"dropped_ms": recorded.dropped_ms} if recorded.dropped_ms else {}
