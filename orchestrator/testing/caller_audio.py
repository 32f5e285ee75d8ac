"""What a session of the scripted engine hears: the input buffer, voice activity and transcripts.

It understands no speech. A test says what the caller says (`user_speaks`), or what the next committed audio
shall turn out to mean (`will_hear`); events come in the order of the protocol reference, sections 8.2 and
8.3.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import Transcript
from orchestrator.testing.wire_conversation import RefusedError

if TYPE_CHECKING:
    from orchestrator.testing.wire_session import WireSession

SHORTEST_COMMIT_MS: Final = 100
MS_PER_CHARACTER: Final = 60
PAUSE_MS: Final = 500
UNTOLD: Final = "…"
"""What audio means of which the test did not say anything."""


class CallerAudio:
    """The ear of one session.

    Args:
        session: Whose.
    """

    def __init__(self, session: "WireSession") -> None:
        self._session = session
        self._said: dict[str, str] = {}
        self._late: list[str] = []
        self._expected: deque[tuple[str, Transcript]] = deque()
        self._buffered_ms = 0.0
        self._clock_ms = 0
        self._speaking: str | None = None
        self.heard_ms = 0.0

    def handlers(self) -> dict[str, Callable[[JsonObject], None]]:
        """What to call for which event."""
        return {
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
        }

    # -- what tests do -----------------------------------------------------------------------------------

    def user_speaks(self, text: str, transcript: Transcript | None = None) -> str:
        """Let voice activity hear one utterance, from its start to the response to it.

        Args:
            text: What is said.
            transcript: When it is told: `early` (before the response, the default), `late` (after its end),
                `none`, or `failed`. Only where the client asked for transcription.

        Returns:
            The id of the user item.
        """
        self.user_starts_speaking()
        return self.user_stops_speaking(text, transcript)

    def user_starts_speaking(self) -> str:
        """Let voice activity hear the caller begin; answers the id of the future user item."""
        detection = self._turn_detection()
        self._speaking = self._session.new_id("item")
        self._session.send(
            "input_audio_buffer.speech_started", audio_start_ms=self._clock_ms, item_id=self._speaking
        )
        if detection.get("interrupt_response", True):
            self._session.responses.interrupt("turn_detected")
        return self._speaking

    def user_stops_speaking(self, text: str, transcript: Transcript | None = None) -> str:
        """Let voice activity hear the caller end; answers the id of the user item."""
        item_id = self._speaking or self.user_starts_speaking()
        self._speaking = None
        self._clock_ms += MS_PER_CHARACTER * len(text)
        self._session.send("input_audio_buffer.speech_stopped", audio_end_ms=self._clock_ms, item_id=item_id)
        self._clock_ms += PAUSE_MS
        self._add_item(item_id, text, transcript)
        if self._turn_detection().get("create_response", True):
            self._session.responses.respond_to_voice()
        return item_id

    def user_is_silent(self, idle_ms: int = 5000) -> None:
        """Let the idle timeout strike (section 8.8)."""
        item_id = self._session.new_id("item")
        start, self._clock_ms = self._clock_ms, self._clock_ms + idle_ms
        self._session.send(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=start,
            audio_end_ms=self._clock_ms,
            item_id=item_id,
        )
        self._add_item(item_id, "", "none")
        self._session.responses.respond_to_voice()

    def will_hear(self, text: str, transcript: Transcript = "early") -> None:
        """Say what the next audio that the client commits by hand means."""
        self._expected.append((text, transcript))

    def as_said(self, item: JsonObject) -> JsonObject:
        """Show an item with what was said, whether or not its transcript was told."""
        said = self._said.get(str(item["id"]))
        return item if said is None else item | {"content": [{"type": "input_audio", "transcript": said}]}

    def tell_late_transcripts(self) -> None:
        """Tell what was held back."""
        late, self._late = self._late, []
        for item_id in late:
            self._tell_transcript(item_id)

    # -- what the client does ----------------------------------------------------------------------------

    def _append(self, event: JsonObject) -> None:
        bytes_per_ms = 48 if self._format() == "audio/pcm" else 8
        milliseconds = len(str(event["audio"])) * 3 / 4 / bytes_per_ms
        self._buffered_ms += milliseconds
        self.heard_ms += milliseconds

    def _commit(self, _event: JsonObject) -> None:
        if self._buffered_ms < SHORTEST_COMMIT_MS:
            raise RefusedError(
                "input_audio_buffer_commit_empty",
                f"Expected at least 100ms of audio, but buffer only has {self._buffered_ms:.2f}ms of audio.",
            )
        self._clock_ms += int(self._buffered_ms)
        self._buffered_ms = 0
        text, transcript = self._expected.popleft() if self._expected else (UNTOLD, None)
        self._add_item(self._session.new_id("item"), text, transcript)

    def _clear(self, _event: JsonObject) -> None:
        self._buffered_ms = 0
        self._session.send("input_audio_buffer.cleared")

    # -- shared ------------------------------------------------------------------------------------------

    def _add_item(self, item_id: str, text: str, transcript: Transcript | None) -> None:
        session = self._session
        item: JsonObject = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "role": "user",
            "status": "completed",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        session.conversation.append(item)
        self._said[item_id] = text
        previous = session.conversation.predecessor(item_id)
        session.send("input_audio_buffer.committed", item_id=item_id, previous_item_id=previous)
        for stage in ("added", "done"):
            session.send(f"conversation.item.{stage}", previous_item_id=previous, item=dict(item))
        self._plan_transcript(item_id, transcript)

    def _plan_transcript(self, item_id: str, transcript: Transcript | None) -> None:
        faults = self._session.options.faults
        if transcript is None and faults.strikes(Fault.NO_TRANSCRIPT):
            transcript = "none"
        elif transcript is None and faults.strikes(Fault.LATE_TRANSCRIPT):
            transcript = "late"
        if not self._input().get("transcription") or transcript == "none":
            return
        if transcript == "late":
            self._late.append(item_id)
        elif transcript == "failed":
            self._session.send(
                "conversation.item.input_audio_transcription.failed",
                item_id=item_id,
                content_index=0,
                error={"type": "transcription_error", "code": "audio_unintelligible", "message": "Unclear."},
            )
        else:
            self._tell_transcript(item_id)

    def _tell_transcript(self, item_id: str) -> None:
        text = self._said[item_id]
        name = "conversation.item.input_audio_transcription"
        item = self._session.conversation.find(item_id)
        if item is not None:
            item["content"] = [{"type": "input_audio", "transcript": text}]
        self._session.send(f"{name}.delta", item_id=item_id, content_index=0, delta=text)
        usage: JsonObject = {"type": "duration", "seconds": round(MS_PER_CHARACTER * len(text) / 1000, 2)}
        self._session.send(
            f"{name}.completed", item_id=item_id, content_index=0, transcript=text, usage=usage
        )

    def _input(self) -> JsonObject:
        audio = self._session.session["audio"]
        settings = audio.get("input") if isinstance(audio, dict) else None
        return settings if isinstance(settings, dict) else {}

    def _format(self) -> str:
        kind = self._input().get("format")
        return str(kind.get("type")) if isinstance(kind, dict) else "audio/pcm"

    def _turn_detection(self) -> JsonObject:
        detection = self._input().get("turn_detection")
        if not isinstance(detection, dict):
            raise RefusedError("invalid_value", "Turn detection is off: commit audio instead of speaking.")
        return detection
