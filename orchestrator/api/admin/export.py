"""A conversation to take away: whole as JSON, or its transcript for people to read or to watch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from orchestrator.api.admin.conversation_shapes import reading_order, shown_details
from orchestrator.core.items import Item
from orchestrator.store.details import ConversationDetails, export_rows
from orchestrator.store.pricing import PriceList

Format = Literal["json", "jsonl", "txt", "vtt"]

FORMATS: Final[dict[Format, str]] = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "txt": "text/plain",
    "vtt": "text/vtt",
}

CHARACTERS_PER_SECOND: Final = 15.0
"""How fast people speak, roughly: for captions whose end nobody measured."""

SHORTEST_CAPTION: Final = 1.0
SPEAKERS: Final = {"user": "Caller", "system": "Note"}


def exported(details: ConversationDetails, prices: PriceList, wanted: Format) -> bytes:
    """Write a conversation.

    Args:
        details: All of it.
        prices: For the cost of its responses.
        wanted: `json` or `jsonl`: everything; `txt` or `vtt`: what was said and done.
    """
    if wanted == "json":
        return msgspec.json.format(msgspec.json.encode(shown_details(details, prices)), indent=2)
    if wanted == "jsonl":
        rows = ({"kind": kind, "row": row} for kind, row in export_rows(details))
        return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    return (_transcript(details) if wanted == "txt" else _captions(details)).encode()


def _beginning(details: ConversationDetails) -> float:
    """The moment that times are counted from: when the first call joined."""
    joined = details.calls[0].joined_at if details.calls else details.summary.created_at
    return min([joined, *(item.created_at for item in details.items)])


def _shown_items(details: ConversationDetails) -> list[Item]:
    return [item for item in reading_order(details.items) if not item.deleted]


# --- text -------------------------------------------------------------------------------------------------


def _transcript(details: ConversationDetails) -> str:
    begun = datetime.fromtimestamp(details.summary.created_at, UTC)
    head = [f"Conversation {details.summary.id}", f"Begun {begun:%Y-%m-%d %H:%M:%S} UTC", ""]
    start = _beginning(details)
    lines = [
        f"[{_clock(item.created_at - start)}] {line}"
        for item in _shown_items(details)
        for line in _lines(item)
    ]
    return "\n".join([*head, *lines]) + "\n"


def _lines(item: Item) -> Iterator[str]:
    if item.kind == "message":
        yield f"{_speaker(item)}: {_words(item)}"
        if item.role == "assistant" and item.heard is not None and item.heard != item.text:
            yield f"    (interrupted; not heard: {item.text[len(item.heard) :].strip()})"
    elif item.kind == "function_call":
        yield f"{item.agent} uses {item.name} {item.arguments or '{}'}"
    elif item.kind == "function_call_output":
        yield f"    {item.output or ''}"
    elif item.kind == "handoff":
        route = f"{item.data.get('from')} hands over to {item.data.get('to')}"
        yield f"--- {route}: {item.data.get('reason')} ---"
    else:
        yield "--- the caller is back ---"


def _speaker(item: Item) -> str:
    return SPEAKERS.get(item.role or "", item.agent.capitalize() or "Agent")


def _words(item: Item) -> str:
    text = " ".join(item.heard_text.split())
    pictures = sum(part.kind == "image" for part in item.content)
    return " ".join([*([text] if text else []), *["[image]"] * pictures]) or "[no words]"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}:{rest:04.1f}"


# --- captions ---------------------------------------------------------------------------------------------


def _captions(details: ConversationDetails) -> str:
    """WebVTT (W3C): a cue for every message, in its time, until the next one begins."""
    spoken = [
        item
        for item in _shown_items(details)
        if item.kind == "message" and item.role != "system" and item.heard_text.strip()
    ]
    start = _beginning(details)
    cues = []
    for number, item in enumerate(spoken):
        begin = item.created_at - start
        length = max(SHORTEST_CAPTION, len(item.heard_text) / CHARACTERS_PER_SECOND)
        end = begin + length
        if number + 1 < len(spoken) and spoken[number + 1].created_at - start > begin:
            end = min(end, spoken[number + 1].created_at - start)
        words = _escaped(" ".join(item.heard_text.split()))
        voice = _escaped(_speaker(item))
        cues.append(f"{item.id}\n{_stamp(begin)} --> {_stamp(end)}\n<v {voice}>{words}\n")
    return "\n".join(["WEBVTT\n", *cues])


def _stamp(seconds: float) -> str:
    milliseconds = max(0, round(seconds * 1000))
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
