"""A wire session without a connection, every event of which is checked against the published types."""

from typing import Any

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.faults import Fault, FaultPlan
from orchestrator.testing.turns import Responder
from orchestrator.testing.wire_session import EngineOptions, WireSession
from tests.realtime.wire_schema import check_server_event


class Probe:
    """A session, and shorthand for what clients send.

    Attributes:
        seen: How many of the sent events were looked at already.
    """

    def __init__(self, responder: Responder | None = None, *faults: Fault, **options: Any) -> None:
        plan = FaultPlan()
        for fault in faults:
            plan.add(fault)
        self.session = WireSession(
            1, "m", EngineOptions(clock=lambda: 1000.0, responder=responder, faults=plan, **options)
        )
        self.session.open()
        self.seen = 0

    def send(self, name: str, /, **fields: Any) -> list[JsonObject]:
        """Send an event; answers what came back."""
        self.session.receive({"type": name, **fields})
        return self.news()

    def news(self) -> list[JsonObject]:
        """What was sent since the last look, each event valid."""
        fresh, self.seen = self.session.sent[self.seen :], len(self.session.sent)
        for event in fresh:
            if not {"novelty", "obfuscation"} & event.keys() and "hints" not in str(event):
                check_server_event(event)
        return fresh

    def configure(self, **session: Any) -> list[JsonObject]:
        """Send a `session.update`."""
        return self.send("session.update", session={"type": "realtime", **session})

    def text_mode(self) -> None:
        """Ask for text."""
        self.configure(output_modalities=["text"])

    def add(self, item: dict[str, Any], **fields: Any) -> list[JsonObject]:
        """Create an item."""
        return self.send("conversation.item.create", item=item, **fields)

    def types(self) -> list[str]:
        """Types of what was sent since the last look."""
        return types(self.news())


def types(events: list[JsonObject]) -> list[str]:
    """The types of events."""
    return [str(event["type"]) for event in events]


def error_of(events: list[JsonObject]) -> Any:
    """The one error among events."""
    errors = [event["error"] for event in events if event["type"] == "error"]
    assert len(errors) == 1, types(events)
    return errors[0]


def user(text: str, **fields: Any) -> dict[str, Any]:
    """A typed message of the caller."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}
