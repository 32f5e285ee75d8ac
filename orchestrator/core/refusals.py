"""What to do when the engine refuses an event of ours: reconcile, retry under the arbiter's rule, or tell."""

from typing import TYPE_CHECKING, Final

from orchestrator.core import arbiter, hearing, linking, projection, replies, sides
from orchestrator.core.configuration import effective_session
from orchestrator.core.engine_events import EngineRefused
from orchestrator.core.items import Item
from orchestrator.core.notices import SessionNotice
from orchestrator.core.session import Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

ALREADY_THERE: Final = "item_create_duplicate_item_id"


def engine_refused(ctx: "Context", session: Session, event: EngineRefused) -> None:
    """The engine answered an event of ours with `error`."""
    event_id = event.event_id or _likely(session, event.code)
    kind, _, which = event_id.partition(":")
    if event_id in session.requests:
        _request_refused(ctx, session, event_id, event)
    elif event_id in session.updates:
        _update_refused(ctx, session, event_id, event)
    elif kind == "item":
        session.unconfirmed.discard(which)
        _item_refused(ctx, session, which, event.code)
    elif kind == hearing.TURN:
        ctx.committing.clear()
    elif kind in {"commit", "clear"}:
        arbiter.refuse(ctx, event.code, event.message, which or None, event.param)


def _likely(session: Session, code: str) -> str:
    """What an engine that names no event most likely refused."""
    if code != arbiter.ACTIVE or session.requested is None:
        return ""
    asked = [name for name, request in session.requests.items() if request is session.requested]
    return asked[0] if asked else ""


def _request_refused(ctx: "Context", session: Session, event_id: str, event: EngineRefused) -> None:
    request = session.requests.pop(event_id)
    if request.purpose == "reply":
        replies.reply_refused(ctx, session, request, event.code, event.message)
        return
    ctx.clear_timer(f"side:{session.epoch}:{event_id}")
    sides.refused(ctx, request, event.code, event.message)
    linking.close_if_drained(ctx, session)


def _update_refused(ctx: "Context", session: Session, event_id: str, event: EngineRefused) -> None:
    """The engine applied nothing of an update: go back, so that no later session is refused for it too."""
    update = session.updates.pop(event_id)
    session.config = update.config
    if ctx.wishes is update.asked:
        ctx.wishes = update.wishes
    arbiter.refuse(ctx, event.code, event.message, update.event_id, event.param)
    ctx.tell(SessionNotice(effective_session(ctx)))


def _item_refused(ctx: "Context", session: Session, wire_id: str, code: str) -> None:
    """An item that the engine does not take is told to it in another form, once: nothing is lost."""
    item = ctx.timeline.get(wire_id)
    if item is None or not session.open:
        return
    if code == ALREADY_THERE:
        projection.tell_again(ctx, session, item)
    elif told := _as_text(item):
        projection.tell_instead(ctx, session, item, told)


def _as_text(item: Item) -> str:
    if item.kind == "function_call":
        return f"[{item.agent} called {item.name} with {item.arguments}]"
    if item.kind == "function_call_output":
        return f"[The answer was: {item.output}]"
    text = item.heard_text
    return f"[The {item.role} said: {text}]" if text else ""
