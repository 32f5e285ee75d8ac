"""How a session of the scripted engine answers events about items (protocol reference, sections 4 and 5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.conformity import check_item
from orchestrator.testing.faults import Fault
from orchestrator.testing.wire_conversation import RefusedError

if TYPE_CHECKING:
    from orchestrator.testing.wire_session import WireSession


class ItemDesk:
    """Creates, shows, shortens and deletes items.

    Args:
        session: Whose.
    """

    def __init__(self, session: "WireSession") -> None:
        self._session = session

    def handlers(self) -> dict[str, Callable[[JsonObject], None]]:
        """What to call for which event."""
        return {
            "conversation.item.create": self._create,
            "conversation.item.retrieve": self._retrieve,
            "conversation.item.delete": self._delete,
            "conversation.item.truncate": self._truncate,
        }

    def _create(self, event: JsonObject) -> None:
        session, faults = self._session, self._session.options.faults
        item = self._completed(event)
        if item["type"] == "function_call_output" and faults.strikes(Fault.DROP_AFTER_OUTPUT):
            session.lose_connection()
            return
        if faults.strikes(Fault.REFUSED_ITEM):
            session.conversation.forgive(str(item["id"]))
            raise RefusedError("invalid_value", "Scripted refusal of the item.", excused=True)
        previous = event.get("previous_item_id")
        try:
            session.conversation.insert(item, str(previous) if previous else None)
        except RefusedError as refused:
            if refused.excused:  # What the client has chained to this one is excused in turn.
                session.conversation.forgive(str(item["id"]))
            raise
        predecessor = session.conversation.predecessor(str(item["id"]))

        def acknowledge() -> None:
            for stage in ("added", "done"):
                session.send(f"conversation.item.{stage}", previous_item_id=predecessor, item=dict(item))

        if faults.strikes(Fault.SLOW_ACKNOWLEDGEMENT):
            session.acknowledge_later(acknowledge)
        else:
            acknowledge()

    def _completed(self, event: JsonObject) -> JsonObject:
        given = check_item(event["item"])
        item: JsonObject = {"id": given.get("id") or self._session.new_id("item"), "object": "realtime.item"}
        item = given | item | {"status": "completed"}
        if item["type"] == "function_call":
            item.setdefault("call_id", self._session.new_id("call"))
        return item

    def _retrieve(self, event: JsonObject) -> None:
        item = self._session.conversation.find(str(event["item_id"]))
        if item is None:
            raise RefusedError("item_retrieve_invalid_item_id", f"There is no item '{event['item_id']}'.")
        self._session.send("conversation.item.retrieved", item=dict(item))

    def _delete(self, event: JsonObject) -> None:
        self._session.conversation.delete(str(event["item_id"]))
        self._session.send("conversation.item.deleted", item_id=event["item_id"])

    def _truncate(self, event: JsonObject) -> None:
        item_id, end = event["item_id"], event["audio_end_ms"]
        self._session.conversation.truncate(str(item_id), int(str(end)))
        self._session.send(
            "conversation.item.truncated",
            item_id=item_id,
            content_index=event["content_index"],
            audio_end_ms=end,
        )
