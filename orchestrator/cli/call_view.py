"""What a call looks like in a terminal: who speaks, what tools do, what the state is, who takes over."""

import re
import time
from collections.abc import Callable
from typing import Final

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from orchestrator.cli.state_table import state_table
from orchestrator.cli.terminal import AGENT_COLOURS
from orchestrator.cli.words import INDENT, WIDEST, Paragraph, clipped
from orchestrator.core.json_value import JsonObject, JsonValue

ENDED_BY: Final = {"agent": "the agent", "service": "the service", "caller": "you"}
LINK: Final = {
    "lost": "the engine is away; a new session is being opened",
    "restored": "the engine is back",
    "failed": "the engine does not come back",
}
_MARGIN: Final = INDENT + 2


class CallView:
    """Prints the events of one call as they come.

    Args:
        console: Where to.
        agent: On duty at the beginning.
        clock: Seconds, for how long handoffs take.

    Attributes:
        agent: On duty.
    """

    def __init__(self, console: Console, agent: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.agent = agent
        self._console = console
        self._clock = clock
        self._colours: dict[str, str] = {}
        self._paragraph: Paragraph | None = None
        self._item = ""
        self._said: set[str] = set()
        self._states: dict[str, tuple[int, JsonObject]] = {}
        self._staged_at = 0.0
        self._caller_said = ""
        self._shows: dict[str, Callable[[JsonObject], None]] = {
            "response.output_text.delta": self._delta,
            "response.output_audio_transcript.delta": self._delta,
            "response.output_text.done": self._whole,
            "response.output_audio_transcript.done": self._whole,
            "response.done": self._done,
            "conversation.item.input_audio_transcription.completed": self._understood,
            "orchestrator.tool.approval": self._approval,
            "orchestrator.tool.ended": self._tool,
            "orchestrator.state.updated": self._state,
            "orchestrator.handoff.staged": self._staged,
            "orchestrator.handoff.committed": self._handoff,
            "orchestrator.handoff.rolled_back": self._rolled_back,
            "orchestrator.engine.lost": self._link,
            "orchestrator.engine.restored": self._link,
            "orchestrator.engine.failed": self._link,
            "orchestrator.call.ended": self._ended,
            "error": self._error,
        }

    def show(self, event: JsonObject) -> None:
        """Print what an event means; most mean nothing to a reader."""
        if (shown := self._shows.get(_text(event, "type"))) is not None:
            shown(event)

    def caller(self, text: str) -> None:
        """Print what the caller says, where the terminal does not show it already."""
        self._caller_said = text
        self._console.print()
        paragraph = Paragraph(self._console, "you", "faint")
        paragraph.add(text)
        paragraph.close()

    def note(self, text: str, style: str = "faint") -> None:
        """Print a remark."""
        self._end_paragraph()
        self._console.print(Text(f"{' ' * _MARGIN}{text}", style=style), soft_wrap=True)

    def spoken(self, text: str, note: str = "") -> None:
        """Print something that the agent on duty said."""
        self._speaking().add(text)
        self._end_paragraph(note)

    def handoff(self, source: str, target: str, seconds: float, reason: str) -> None:
        """Print that another agent takes over."""
        self.agent = target
        self.divider(
            Text.assemble(
                (source, self._colour(source)), " → ", (target, self._colour(target)), f"  {seconds:.2f} s"
            )
        )
        if reason:
            self.note(clipped(reason, WIDEST - _MARGIN))

    def divider(self, title: Text, style: str = "faint") -> None:
        """Print a line across, with words in it."""
        self._end_paragraph()
        width = min(self._console.width, WIDEST) - 2
        self._console.print()
        self._console.print(Padding(Rule(title, style=style, align="left"), (0, 0, 0, 2)), width=width)

    # --- what the agent says ------------------------------------------------------------------------------

    def _delta(self, event: JsonObject) -> None:
        item = _text(event, "item_id")
        self._said.add(item)
        self._speaking(item).add(_text(event, "delta"))

    def _whole(self, event: JsonObject) -> None:
        """The words are all there; whether they were cut off, the end of the response tells."""
        item = _text(event, "item_id")
        paragraph = self._speaking(item)
        if item not in self._said:
            # Words that no model made, such as a greeting, come as a whole.
            self._said.add(item)
            paragraph.add(_text(event, "text") or _text(event, "transcript"))
        paragraph.flush()

    def _speaking(self, item: str = "") -> Paragraph:
        if item != self._item:
            self._end_paragraph()
        if self._paragraph is None:
            self._item = item
            self._paragraph = Paragraph(self._console, self.agent, self._colour(self.agent))
        return self._paragraph

    def _end_paragraph(self, note: str = "") -> None:
        paragraph, self._paragraph = self._paragraph, None
        if paragraph is not None:
            paragraph.close(note)

    def _done(self, event: JsonObject) -> None:
        response = _object(event, "response")
        status, details = _text(response, "status"), _object(response, "status_details")
        self._end_paragraph("(stopped)" if status == "cancelled" else "")
        if status == "failed":
            error = _object(details, "error")
            self.note(f"No reply: {_text(error, 'message') or _text(error, 'code') or 'it failed'}", "bad")
        elif status == "incomplete":
            self.note(f"Cut off: {_text(details, 'reason') or 'the reply is not whole'}", "warn")
        self._print_states()

    def _understood(self, event: JsonObject) -> None:
        """What was said aloud, as far as it was heard as something else."""
        heard = _text(event, "transcript").strip()
        if _words(heard) != _words(self._caller_said):
            self.note(f"heard as: {heard or 'nothing'}")

    # --- what happens behind it ---------------------------------------------------------------------------

    def _tool(self, event: JsonObject) -> None:
        if '"handed_off_to"' in _text(event, "output"):
            return  # The divider says it.
        self._end_paragraph()
        outcome, seconds = _text(event, "outcome"), event.get("seconds")
        well = outcome == "completed"
        took = f"{seconds:.2f} s" if isinstance(seconds, int | float) else ""
        self._console.print(
            Text.assemble(
                " " * _MARGIN,
                ("✓ " if well else "✗ ", "good" if well else "warn"),
                _text(event, "name"),
                (f"  {_arguments(event)}", "accent"),
                (f"  {outcome.replace('_', ' ')} {took}".rstrip(), "faint" if well else "warn"),
            ),
            soft_wrap=True,
        )
        if not well:
            self.note(f"  {clipped(_reason(event), WIDEST - _MARGIN)}")

    def _approval(self, event: JsonObject) -> None:
        self.note(f"{_text(event, 'name')} {_arguments(event)} waits until an operator approves it", "warn")

    def _state(self, event: JsonObject) -> None:
        revision = event.get("revision")
        number = revision if isinstance(revision, int) else 0
        # Several tools of one turn change the same state: the last value is printed, under the reply.
        self._states[_text(event, "state")] = (number, _object(event, "value"))

    def _print_states(self) -> None:
        states, self._states = self._states, {}
        for name, (revision, value) in states.items():
            self._console.print()
            self._console.print(state_table(name, revision, value, margin=_MARGIN))

    def _staged(self, event: JsonObject) -> None:
        del event
        self._staged_at = self._clock()

    def _handoff(self, event: JsonObject) -> None:
        seconds = self._clock() - self._staged_at
        source = _text(event, "from") or self.agent
        self.handoff(source, _text(event, "to"), seconds, _text(event, "reason"))

    def _rolled_back(self, event: JsonObject) -> None:
        self.divider(Text(f"{_text(event, 'from')} stays: no handoff to {_text(event, 'to')}"), "warn")
        self.note(clipped(_text(event, "reason"), WIDEST - _MARGIN))

    def _link(self, event: JsonObject) -> None:
        self.note(LINK[_text(event, "type").rpartition(".")[2]], "warn")

    def _ended(self, event: JsonObject) -> None:
        by = _text(event, "by")
        self._print_states()
        self.note(f"Call ended by {ENDED_BY.get(by, by)}: {_text(event, 'reason').replace('_', ' ')}.")

    def _error(self, event: JsonObject) -> None:
        self.note(_text(_object(event, "error"), "message"), "bad")

    def _colour(self, agent: str) -> str:
        return self._colours.setdefault(agent, AGENT_COLOURS[len(self._colours) % len(AGENT_COLOURS)])


def _arguments(event: JsonObject) -> str:
    """Arguments as `size=large, quantity=2`, as far as there is room."""
    text = _text(event, "arguments")
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError:
        given = None
    if isinstance(given, dict):
        text = ", ".join(
            f"{name}={value if isinstance(value, str) else msgspec.json.encode(value).decode()}"
            for name, value in given.items()
        )
    return clipped(text, 60)


def _reason(event: JsonObject) -> str:
    """Why a tool did not do what was asked: its message, where its answer has one."""
    output = _text(event, "output")
    try:
        told: JsonValue = msgspec.json.decode(output)
    except msgspec.DecodeError:
        return output
    if not isinstance(told, dict):
        return output
    problems = told.get("problems")
    listed = [each for each in problems if isinstance(each, str)] if isinstance(problems, list) else []
    return "; ".join(listed) or _text(told, "error") or output


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _text(event: JsonObject, name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _object(event: JsonObject, name: str) -> JsonObject:
    value = event.get(name)
    return value if isinstance(value, dict) else {}
