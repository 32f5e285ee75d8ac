"""What a call looks like."""

import io

import pytest
from rich.console import Console

from orchestrator.cli.call_view import CallView
from orchestrator.cli.terminal import THEME
from orchestrator.core.json_value import JsonObject

pytestmark = pytest.mark.unit


class Screen:
    """A view, what it printed, and its clock."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.now = 0.0
        self.view = CallView(
            Console(file=self.file, width=100, theme=THEME), "triage", clock=lambda: self.now
        )

    def show(self, kind: str, **fields: object) -> None:
        event: JsonObject = {"type": kind, **fields}  # type: ignore[dict-item]
        self.view.show(event)

    def say(self, *deltas: str, item: str = "item_1") -> None:
        for delta in deltas:
            self.show("response.output_text.delta", item_id=item, delta=delta)
        self.show("response.output_text.done", item_id=item, text="".join(deltas))

    def done(self, status: str = "completed", **details: object) -> None:
        self.show("response.done", response={"status": status, "status_details": details or None})

    @property
    def lines(self) -> list[str]:
        return [" ".join(line.split()) for line in self.file.getvalue().splitlines() if line.strip()]


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_a_reply_is_printed_once_as_it_comes(screen: Screen) -> None:
    screen.say("Hello", ", how are ", "you?")
    screen.done()
    assert screen.lines == ["triage Hello, how are you?"]


def test_words_that_come_as_a_whole_are_printed(screen: Screen) -> None:
    screen.show("response.output_text.done", item_id="item_1", text="Good morning.")
    assert screen.lines == ["triage Good morning."]
    screen.show("response.output_audio_transcript.done", item_id="item_2", transcript="And now?")
    assert screen.lines == ["triage Good morning.", "triage And now?"]


def test_a_tool_is_told_with_arguments_outcome_and_seconds(screen: Screen) -> None:
    arguments = '{"item":"coke","quantity":2}'
    screen.show(
        "orchestrator.tool.ended", name="add_item", arguments=arguments, outcome="completed", seconds=0.5
    )
    assert screen.lines == ["✓ add_item item=coke, quantity=2 completed 0.50 s"]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ('{"error": "Which size?", "code": "tool_failed"}', "Which size?"),
        (
            '{"error": "Bad.", "problems": ["count: too many", "size: missing"]}',
            "count: too many; size: missing",
        ),
        ("no JSON", "no JSON"),
        ('"text"', '"text"'),
    ],
)
def test_a_tool_that_fails_says_why(screen: Screen, output: str, reason: str) -> None:
    screen.show("orchestrator.tool.ended", name="add", arguments="{", outcome="timed_out", output=output)
    assert screen.lines == ["✗ add { timed out", reason]


def test_a_tool_that_waits_for_approval_says_so(screen: Screen) -> None:
    screen.show("orchestrator.tool.approval", name="refund", arguments='{"sum":5}')
    assert screen.lines == ["refund sum=5 waits until an operator approves it"]


def test_of_a_state_that_changes_twice_in_a_turn_the_last_value_is_printed_under_the_reply(
    screen: Screen,
) -> None:
    screen.show("orchestrator.state.updated", state="cart", revision=1, value={"total": "1"})
    screen.show("orchestrator.state.updated", state="cart", revision=2, value={"total": "2"})
    screen.say("Two dollars.")
    screen.done()
    assert screen.lines == ["triage Two dollars.", "cart revision 2", "total 2"]


def test_a_handoff_is_a_divider_with_its_seconds_and_changes_who_speaks(screen: Screen) -> None:
    screen.say("One moment.")
    screen.show("orchestrator.handoff.staged", **{"from": "triage", "to": "restaurant"})
    screen.now = 0.25
    ended = '{"handed_off_to": "restaurant"}'
    screen.show("orchestrator.tool.ended", name="transfer", outcome="completed", output=ended)
    screen.show("orchestrator.handoff.committed", **{"from": "triage", "to": "restaurant", "reason": "food"})
    screen.say("Hello.", item="item_2")
    divider = screen.lines[1]
    assert divider.startswith("triage → restaurant 0.25 s ──")
    assert [screen.lines[0], *screen.lines[2:]] == ["triage One moment.", "food", "restaurant Hello."]


def test_a_handoff_that_does_not_take_place_is_told(screen: Screen) -> None:
    told = {"from": "triage", "to": "restaurant", "reason": "the engine refused"}
    screen.show("orchestrator.handoff.rolled_back", **told)
    assert screen.lines[0].startswith("triage stays: no handoff to restaurant")
    assert screen.lines[1] == "the engine refused"
    assert screen.view.agent == "triage"


def test_replies_that_are_not_whole_say_why(screen: Screen) -> None:
    screen.say("I am ")
    screen.done("cancelled")
    screen.done("failed", error={"message": "Too many requests."})
    screen.done("failed")
    screen.done("incomplete", reason="max_output_tokens")
    assert screen.lines == [
        "triage I am (stopped)",
        "No reply: Too many requests.",
        "No reply: it failed",
        "Cut off: max_output_tokens",
    ]


def test_the_engines_absence_and_the_end_of_the_call_are_told(screen: Screen) -> None:
    screen.show("orchestrator.engine.lost", reason="closed")
    screen.show("orchestrator.engine.restored", reason="")
    screen.show("orchestrator.engine.failed", reason="")
    screen.show("orchestrator.call.ended", by="agent", reason="the caller said goodbye")
    assert screen.lines == [
        "the engine is away; a new session is being opened",
        "the engine is back",
        "the engine does not come back",
        "Call ended by the agent: the caller said goodbye.",
    ]


def test_errors_are_printed_and_unknown_events_are_not(screen: Screen) -> None:
    screen.show("error", error={"message": "Unknown parameter."})
    screen.show("rate_limits.updated")
    screen.show("response.created", response={})
    assert screen.lines == ["Unknown parameter."]


def test_what_was_understood_is_told_where_it_is_something_else(screen: Screen) -> None:
    kind = "conversation.item.input_audio_transcription.completed"
    screen.view.caller("Two large pizzas, please")
    screen.show(kind, transcript="two large pizzas please")
    assert screen.lines == ["you Two large pizzas, please"]
    screen.show(kind, transcript="two large peas")
    screen.show(kind, transcript="")
    assert screen.lines[1:] == ["heard as: two large peas", "heard as: nothing"]
