"""What to do when the engine refuses an event of ours: reconcile, retry under the arbiter's rule, or tell."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orchestrator.core import arbiter, replies, tool_round
from orchestrator.core.engine_events import EngineRefused
from orchestrator.core.items import Item, Part
from orchestrator.core.loading import note
from orchestrator.core.session import Session
from orchestrator.core.transitions import Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context

ALREADY_THERE: Final = "item_create_duplicate_item_id"


def engine_refused(ctx: "Context", session: Session, event: EngineRefused) -> None:
    """The engine answered an event of ours with `error`."""
    event_id = event.event_id or ""
    if (request := ctx.requests.pop(event_id, None)) is not None:
        replies.request_refused(ctx, session, request, event.code, event.message)
        return
    kind, _, which = event_id.partition(":")
    if kind == "item" and event.code != ALREADY_THERE:
        _item_refused(ctx, session, which)
    elif kind in {"update", "commit", "clear"}:
        arbiter.refuse(ctx, event.code, event.message, which or None, event.param)


def _item_refused(ctx: "Context", session: Session, item_id: str) -> None:
    """An item that the engine does not take is told to it as a note, once: nothing waits, nothing is lost."""
    item = ctx.timeline.get(item_id)
    if item is None or session.link not in {Link.OPENING, Link.LIVE}:
        return
    told = _as_text(item)
    if told:
        tool_round.send(ctx, session, replace(note(ctx, told), data={"instead_of": item_id}))


def _as_text(item: Item) -> str:
    if item.kind == "function_call":
        return f"[{item.agent} called {item.name} with {item.arguments}]"
    if item.kind == "function_call_output":
        return f"[The answer was: {item.output}]"
    text = "".join(part.text for part in _spoken(item))
    return f"[The {item.role} said: {text}]" if text else ""


def _spoken(item: Item) -> tuple[Part, ...]:
    return tuple(part for part in item.content if part.kind != "image")
