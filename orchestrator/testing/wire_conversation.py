"""The conversation that one session of the scripted engine holds, with the protocol's rules for changing it.

Every rule that is broken raises `RefusedError` with the code that OpenAI answers with (sections 4 and 9 of
the protocol reference). It also says which breaches are the fair price of pipelining: a client may chain an
item to one that has just been refused.
"""

from typing import Final

from orchestrator.core.errors import OrchestratorError
from orchestrator.core.json_value import JsonObject
from orchestrator.testing.turns import item_text

LONGEST_ID: Final = 32
"""Characters of an item's or a call's id that OpenAI takes."""


class RefusedError(OrchestratorError):
    """An event of the client is answered with `error`.

    Args:
        wire_code: As on the wire.
        message: As on the wire.
        param: The field at fault.
        excused: Whether a client that does everything right can run into it.
    """

    code = "refused"

    def __init__(
        self, wire_code: str, message: str, *, param: str | None = None, excused: bool = False
    ) -> None:
        super().__init__(message, param=param)
        self.wire_code = wire_code
        self.excused = excused


class WireConversation:
    """Items in reading order, as on the wire."""

    def __init__(self) -> None:
        self.items: list[JsonObject] = []
        self._gone: set[str] = set()
        self._called: set[str] = set()
        self._audio_ms: dict[str, int] = {}

    def ids(self) -> list[str]:
        """The ids of all items, in reading order."""
        return [str(item["id"]) for item in self.items]

    def find(self, item_id: str) -> JsonObject | None:
        """The item of that id."""
        return next((item for item in self.items if item["id"] == item_id), None)

    def predecessor(self, item_id: str) -> str | None:
        """The id of the item before that one."""
        known = self.ids()
        place = known.index(item_id)
        return known[place - 1] if place else None

    def forgive(self, item_id: str) -> None:
        """Remember that an item was refused through no fault of the client, and what it may break."""
        self._gone.add(item_id)

    def append(self, item: JsonObject) -> None:
        """Add an item that the engine itself made."""
        self.items.append(item)
        if item.get("type") == "function_call":
            self._called.add(str(item.get("call_id")))

    def insert(self, item: JsonObject, previous_item_id: str | None) -> None:
        """Add an item that the client made.

        Raises:
            RefusedError: Its id is taken or too long, its predecessor or its call is unknown, or it is
                assistant audio.
        """
        self._check_identity(item)
        self._check_content(item)
        self._check_call(item)
        place = self._place(previous_item_id)
        self.items.insert(place, item)
        if item.get("type") == "function_call":
            self._called.add(str(item.get("call_id")))

    def delete(self, item_id: str) -> None:
        """Take an item out.

        Raises:
            RefusedError: It is not there.
        """
        item = self.find(item_id)
        if item is None:
            raise RefusedError(
                "item_delete_invalid_item_id",
                f"Item '{item_id}' is not in the conversation.",
                excused=item_id in self._gone,
            )
        self.items.remove(item)

    def note_audio(self, item_id: str, milliseconds: int) -> None:
        """Remember how much speech was generated for an item."""
        self._audio_ms[item_id] = milliseconds

    def truncate(self, item_id: str, audio_end_ms: int) -> None:
        """Shorten an assistant's audio; its transcript goes, as nobody knows how far it was said.

        Raises:
            RefusedError: The item is unknown, has no audio, or is shorter than that.
        """
        item = self.find(item_id)
        if item is None or item_id not in self._audio_ms:
            raise RefusedError(
                "item_truncate_invalid_item_id",
                f"Item '{item_id}' is no assistant audio of this conversation.",
                excused=item_id in self._gone,
            )
        if audio_end_ms > self._audio_ms[item_id]:
            raise RefusedError(
                "invalid_value",
                f"Audio content of {self._audio_ms[item_id]}ms is already shorter than {audio_end_ms}ms",
                param="audio_end_ms",
            )
        self._audio_ms[item_id] = audio_end_ms
        item["content"] = [{"type": "output_audio"}]

    def _check_identity(self, item: JsonObject) -> None:
        item_id = str(item["id"])
        if self.find(item_id) is not None:
            raise RefusedError(
                "item_create_duplicate_item_id", f"Item '{item_id}' already exists.", param="item.id"
            )
        for field, value in (("item.id", item_id), ("item.call_id", str(item.get("call_id") or ""))):
            if len(value) > LONGEST_ID:
                raise RefusedError(
                    "string_above_max_length",
                    f"Invalid '{field}': string too long. Expected at most {LONGEST_ID} characters.",
                    param=field,
                )

    def _check_content(self, item: JsonObject) -> None:
        if item.get("role") != "assistant":
            return
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if not isinstance(part, dict) or part.get("type") not in {"output_text", "text"}:
                raise RefusedError(
                    "missing_required_parameter",
                    "Missing required parameter: 'item.content[0].text'.",
                    param="item.content[0].text",
                )

    def _check_call(self, item: JsonObject) -> None:
        call_id = str(item.get("call_id"))
        if item.get("type") == "function_call_output" and call_id not in self._called:
            # OpenAI's own behaviour is not specified (section 9); a strict engine helps more.
            raise RefusedError(
                "invalid_value",
                f"No function call '{call_id}' is in the conversation.",
                param="item.call_id",
                excused=bool(self._gone),
            )

    def _place(self, previous_item_id: str | None) -> int:
        if not previous_item_id:
            return len(self.items)
        if previous_item_id == "root":
            return 0
        known = self.ids()
        if previous_item_id not in known:
            raise RefusedError(
                "invalid_value",
                f"Item '{previous_item_id}' is not in the conversation.",
                param="previous_item_id",
                excused=previous_item_id in self._gone,
            )
        return known.index(previous_item_id) + 1

    def transcript(self) -> list[str]:
        """One line per item, for messages of failed tests."""
        return [_line(item) for item in self.items]


def _line(item: JsonObject) -> str:
    kind = item.get("type")
    if kind == "function_call":
        return f"{item['id']}: calls {item.get('name')}({item.get('arguments')})"
    if kind == "function_call_output":
        return f"{item['id']}: answers {item.get('call_id')}: {item.get('output')}"
    return f"{item['id']}: {item.get('role')}: {item_text(item)}"
