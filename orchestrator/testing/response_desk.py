"""How a session of the scripted engine makes responses, one at a time (protocol reference, sections 6, 9)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.conformity import check_response
from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import Turn
from orchestrator.testing.wire_conversation import RefusedError
from orchestrator.testing.wire_reply import EndReason, ReplyPlan, WireReply

if TYPE_CHECKING:
    from orchestrator.testing.wire_session import WireSession


class ResponseDesk:
    """Makes responses, and ends them.

    Args:
        session: Whose.

    Attributes:
        active: The response of the default conversation that is not over yet.
        waiting: Options of a `response.create` that a script has not answered yet.
    """

    def __init__(self, session: "WireSession") -> None:
        self._session = session
        self.active: WireReply | None = None
        self.waiting: JsonObject | None = None
        self._active_made_by_voice = False
        self._held: list[WireReply] = []

    def handlers(self) -> dict[str, Callable[[JsonObject], None]]:
        """What to call for which event."""
        return {"response.create": self._create, "response.cancel": self._cancel}

    # -- what scripts and voice activity do --------------------------------------------------------------

    def reply(self, turn: Turn) -> None:
        """Answer the waiting `response.create`; without one, make a response as voice activity does."""
        options, self.waiting = self.waiting, None
        self._perform(turn, options or {}, by_voice=options is None)

    def respond_to_voice(self) -> None:
        """Make the response that voice activity asks for, unless one is active."""
        if self.active is None and self.waiting is None:
            self._ask({}, by_voice=True)

    def interrupt(self, reason: EndReason) -> None:
        """End the active response, if there is one."""
        reply = self.active
        if reply is not None:
            reply.cancel(reason)
            self._settle(reply)

    def release(self) -> None:
        """Let the responses that are held go on."""
        for reply in list(self._held):
            reply.go_on()
            self._settle(reply)

    # -- what the client does ----------------------------------------------------------------------------

    def _create(self, event: JsonObject) -> None:
        given = event.get("response")
        options = given if isinstance(given, dict) else {}
        check_response(options)
        faults = self._session.options.faults
        if faults.strikes(Fault.SESSION_EXPIRED):
            self._session.expire()
        elif options.get("conversation") == "none":
            self._ask(options)
        elif self.active is not None or self.waiting is not None:
            raise self._already_active()
        elif faults.strikes(Fault.ACTIVE_RESPONSE):
            # As if a cough had made a response: it has nothing to say, and ends right after the refusal.
            self._perform(Turn(hold_after=0), {}, by_voice=True)
            self._session.refuse(self._already_active(), event)
            self.release()
        else:
            self._ask(options)

    def _already_active(self) -> RefusedError:
        active = self.active.plan.id if self.active is not None else "the one that was asked for"
        return RefusedError(
            "conversation_already_has_active_response",
            f"Conversation already has an active response in progress: {active}.",
            excused=self._active_made_by_voice,
        )

    def _cancel(self, event: JsonObject) -> None:
        if self.waiting is not None:
            self.reply(Turn(hold_after=0))
        wanted = event.get("response_id")
        if self.active is None or (wanted and wanted != self.active.plan.id):
            # Harmless: the response may have ended while the client's event was under way (section 9).
            raise RefusedError("response_cancel_not_active", "There is no active response.", excused=True)
        self.interrupt("client_cancelled")

    # -- making one --------------------------------------------------------------------------------------

    def _ask(self, options: JsonObject, *, by_voice: bool = False) -> None:
        responder = self._session.options.responder
        faults = self._session.options.faults
        if responder is None:
            # Voice activity leaves nothing to wait for: the script's next reply is its response.
            self.waiting = None if by_voice else options
        elif faults.strikes(Fault.FAILED):
            self._perform(Turn(status="failed"), options, by_voice=by_voice)
        elif faults.strikes(Fault.RATE_LIMITED):
            failed = Turn(status="failed", error_code="rate_limit_exceeded")
            self._perform(failed, options, by_voice=by_voice)
        else:
            self._perform(responder(self._session.view(options)), options, by_voice=by_voice)

    def _perform(self, turn: Turn, options: JsonObject, *, by_voice: bool) -> None:
        reply = WireReply(self._session, self._plan(self._faulty(turn, options), options))
        if reply.plan.in_band:
            self.active, self._active_made_by_voice = reply, by_voice
        self._held.append(reply)
        reply.go_on()
        self._settle(reply)

    def _settle(self, reply: WireReply) -> None:
        if not reply.is_over:
            return
        self._held = [held for held in self._held if held is not reply]
        if reply is self.active:
            self.active = None
        self._session.voice_used |= reply.spoke
        self._session.audio.tell_late_transcripts()
        if reply.plan.turn.calls and self._session.options.faults.strikes(Fault.DROP_AFTER_CALL):
            self._session.lose_connection()

    def _plan(self, turn: Turn, options: JsonObject) -> ReplyPlan:
        in_band = options.get("conversation") != "none"
        output = self._output_settings(options)
        return ReplyPlan(
            id=self._session.new_id("resp"),
            turn=turn,
            audio=self._wants_audio(options),
            format=_object(output, "format"),
            conversation_id=f"conv_{self._session.number}" if in_band else None,
            in_band=in_band,
            options={"metadata": options.get("metadata"), "audio": {"output": output}},
        )

    def _wants_audio(self, options: JsonObject) -> bool:
        asked = options.get("output_modalities", self._session.session["output_modalities"])
        return asked == ["audio"]

    def _output_settings(self, options: JsonObject) -> JsonObject:
        settings = _object(_object(self._session.session, "audio"), "output")
        own = _object(_object(options, "audio"), "output")
        return {name: (settings | own)[name] for name in ("format", "voice")}

    def _faulty(self, turn: Turn, options: JsonObject) -> Turn:
        strikes = self._session.options.faults.strikes
        speaks = turn.text is not None and turn.status == "completed"
        if speaks and strikes(Fault.INCOMPLETE):
            turn = turn.but(status="incomplete")
        if speaks and self._wants_audio(options) and strikes(Fault.TEXT_FOR_AUDIO):
            turn = turn.but(as_text=True)
        if strikes(Fault.DROP_MID_RESPONSE):
            turn = turn.but(drop_after=1)
        if strikes(Fault.MISSING_DONE):
            turn = turn.but(without_done=True)
        if strikes(Fault.UNKNOWN_EVENTS):
            turn = turn.but(with_unknown_events=True)
        return turn.but(usage=None) if strikes(Fault.NULL_USAGE) else turn


def _object(source: JsonObject, key: str) -> JsonObject:
    value = source.get(key)
    return value if isinstance(value, dict) else {}
