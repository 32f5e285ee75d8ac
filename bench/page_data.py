"""Conversations by the thousand, shaped like real ones, for measuring lists and reviews: written by COPY.

The same number gives the same rows, at times that end now. Every conversation is a pizzeria's: greetings,
orders with their tool calls and carts, handoffs, tools that fail, interruptions, labels and verdicts.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # ships no types

from orchestrator.store import tables
from orchestrator.store.statements import FIGURES

BATCH: Final = 500
"""Conversations of one COPY."""

END: Final = datetime.now(UTC)
DAYS: Final = 90
AGENTS: Final = ("triage", "restaurant", "human")
PIZZAS: Final = ("margherita", "pepperoni", "funghi", "hawaiian", "diavola", "capricciosa")
SIZES: Final = ("small", "medium", "large")
LABELS: Final = ("refund", "loud", "golden", "follow-up", "new caller")
SAYINGS: Final = (
    "I would like a {size} {pizza} please",
    "make that {count} {pizza}",
    "what is on the {pizza}",
    "can I get the {pizza} with olives",
    "no that was not what I said",
    "how long will it take",
    "yes please",
    "thank you that is all",
)
REPLIES: Final = (
    "I've added {count} {size} {pizza}. Anything else?",
    "The {pizza} has tomato, cheese and a little garlic.",
    "It takes about twenty five minutes.",
    "I am sorry, could you say that again?",
    "What name should I put it under?",
)

Row = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """Rows by table, in the order in which they can be written."""

    by_table: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """Add a row."""
        self.by_table.setdefault(table, []).append(row)


class Call:
    """One conversation, lived by chance.

    Args:
        number: Which one; it decides everything.
        items: How many it is to have, about.
        rows: Takes what is stored of it.
    """

    def __init__(self, number: int, items: int, rows: Rows) -> None:
        self.id = f"conv_{number:024x}"
        self._chance = random.Random(number)
        self._rows = rows
        self._items = items
        self._at = END - timedelta(seconds=self._chance.random() * DAYS * 86400)
        self._begun = self._at
        self._sequence = 0
        self._epoch = 1
        self._agent = "triage"
        self._lines: list[dict[str, Any]] = []
        self._revision = 0

    def live(self) -> None:
        """Write all of it down."""
        chance = self._chance
        self._rows.add("conversations", **self._summary())
        self._session("start")
        self._say("assistant", "Good evening, this is the front desk.")
        while self._sequence < self._items:
            self._at += timedelta(seconds=chance.uniform(1, 6))
            self._say("user", self._words(SAYINGS))
            if self._agent == "triage":
                self._hand_over("restaurant")
            elif chance.random() < 0.45:
                self._use_tool()
            elif chance.random() < 0.01:
                self._hand_over("human" if self._agent == "restaurant" else "restaurant")
            self._reply()
        self._rows.add("calls", **self._call())
        if chance.random() < 0.03:
            self._rows.add(
                "notes",
                conversation_id=self.id,
                author="review desk",
                text="Look at this again.",
                created_at=self._at,
            )

    # --- its parts ----------------------------------------------------------------------------------------

    def _summary(self) -> dict[str, Any]:
        chance = self._chance
        labels = sorted(chance.sample(LABELS, chance.choice((0, 0, 0, 0, 0, 0, 1, 2))))
        ended = chance.random() < 0.6
        return {
            "id": self.id,
            "agent": "restaurant",
            "entry_agent": "triage",
            "status": "ended" if ended else "idle",
            "ended_by": "agent" if ended else None,
            "metadata": {"table": str(chance.randrange(40))},
            "labels": labels,
            "verdict": chance.choice(("good", "bad")) if labels else None,
            "created_by": f"key_{chance.randrange(5)}",
            "created_at": self._begun,
            "updated_at": self._begun + timedelta(minutes=5),
        }

    def _call(self) -> dict[str, Any]:
        return {
            "conversation_id": self.id,
            "id": self._name("rtc"),
            "transport": self._chance.choice(("webrtc", "websocket")),
            "joined_at": self._begun,
            "left_at": self._at + timedelta(seconds=2),
            "leave_reason": "client disconnected",
            "statistics": {"loss": 0.0, "jitter_ms": 3.1},
        }

    def _session(self, purpose: str) -> None:
        self._rows.add(
            "sessions",
            conversation_id=self.id,
            epoch=self._epoch,
            agent=self._agent,
            purpose=purpose,
            modality="audio",
            engine="openai",
            model="gpt-realtime",
            voice="marin",
            opened_at=self._at,
            ready_at=self._at + timedelta(milliseconds=180),
            closed_at=self._at + timedelta(minutes=5),
            close_reason="call ended",
        )

    def _say(self, role: str, text: str, **more: Any) -> None:
        content = [{"kind": "audio", "text": text, "image_url": None}]
        origin = "caller" if role == "user" else "model"
        self._item(kind="message", role=role, content=content, origin=origin, **more)

    def _reply(self) -> None:
        chance, text = self._chance, self._words(REPLIES)
        interrupted = chance.random() < 0.06
        wait = min(chance.lognormvariate(-0.2, 0.6), 12.0)
        ended = self._at
        self._at += timedelta(seconds=wait)
        self._say("assistant", text, heard=text[: len(text) // 2] if interrupted else None)
        self._response(ended, interrupted=interrupted)
        self._at += timedelta(seconds=len(text) / 15)

    def _response(self, ended: datetime, *, interrupted: bool) -> None:
        failed = self._chance.random() < 0.002
        self._rows.add(
            "responses",
            conversation_id=self.id,
            id=self._name("resp"),
            epoch=self._epoch,
            agent=self._agent,
            model="gpt-realtime",
            status="failed" if failed else "cancelled" if interrupted else "completed",
            status_details=None,
            usage={"input_tokens": 900, "output_tokens": 60, "input_token_details": {"audio_tokens": 700}},
            turn_ended_at=ended,
            requested_at=ended,
            created_at=ended,
            first_output_at=self._at,
            first_audio_at=self._at,
            done_at=self._at,
            interrupted=interrupted,
        )

    def _use_tool(self) -> None:
        chance = self._chance
        call, failed = self._name("call"), chance.random() < 0.02
        line = {"item": chance.choice(PIZZAS), "size": chance.choice(SIZES), "quantity": chance.randint(1, 4)}
        arguments = json.dumps(line)
        self._item(kind="function_call", name="add_item", arguments=arguments, tool_call_id=call)
        started, self._at = self._at, self._at + timedelta(milliseconds=chance.uniform(5, 400))
        output = json.dumps({"error": "The oven is cold."} if failed else {"said": "Added."})
        item = self._item(kind="function_call_output", tool_call_id=call, output=output, origin="service")
        self._rows.add(
            "tool_runs",
            conversation_id=self.id,
            tool_call_id=call,
            attempt=1,
            name="add_item",
            agent=self._agent,
            arguments=arguments,
            outcome="failed" if failed else "completed",
            started_at=started,
            finished_at=self._at,
            error_code="tool_failed" if failed else None,
            error=output if failed else None,
            violations=[],
        )
        if not failed:
            self._change(item, call, line)

    def _change(self, item: str, call: str, line: dict[str, Any]) -> None:
        self._lines = [*self._lines, line][-8:]
        self._revision += 1
        self._rows.add(
            "state_revisions",
            conversation_id=self.id,
            state="cart",
            revision=self._revision,
            value={"lines": self._lines, "total": "37.26"},
            item_id=item,
            sequence=self._sequence,
            tool_call_id=call,
            created_at=self._at,
        )

    def _hand_over(self, target: str) -> None:
        source, told = self._agent, {"reason": "the caller wants food", "payload": {}}
        data = {
            "from": source,
            "to": target,
            **told,
            "cause": "model",
            "back": False,
            "history": "full",
            "seconds": 0.3,
        }
        self._item(kind="handoff", origin="model", data=data)
        self._epoch += 1
        self._agent = target
        self._rows.add(
            "handoffs",
            conversation_id=self.id,
            id=self._name("handoff"),
            source=source,
            target=target,
            **told,
            history="full",
            cause="model",
            outcome="committed",
            from_epoch=self._epoch - 1,
            to_epoch=self._epoch,
            staged_at=self._at,
            settled_at=self._at + timedelta(milliseconds=300),
            error=None,
        )
        self._session("handoff")

    def _item(self, **fields: Any) -> str:
        self._sequence += 1
        name = f"item_{self._sequence:08x}{self.id[-16:]}"
        row: dict[str, Any] = {
            "conversation_id": self.id,
            "id": name,
            "sequence": self._sequence,
            "position": Decimal(self._sequence),
            "status": "completed",
            "created_at": self._at,
            "agent": self._agent,
            "epoch": self._epoch,
            "role": None,
            "content": [],
            "heard": None,
            "name": None,
            "arguments": None,
            "tool_call_id": None,
            "output": None,
            "origin": "model",
            "late": False,
            "deleted": False,
            "data": {},
        }
        self._rows.add("items", **(row | fields))
        return name

    def _words(self, sentences: tuple[str, ...]) -> str:
        chance = self._chance
        text = chance.choice(sentences).format(
            pizza=chance.choice(PIZZAS), size=chance.choice(SIZES), count=chance.randint(2, 4)
        )
        # One word in a few thousand is said by few callers only, as in any language.
        return f"{text} {_rare(chance)}" if chance.random() < 0.05 else text

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{self._chance.getrandbits(96):024x}"


def _rare(chance: random.Random) -> str:
    return "".join(chance.choice(("ka", "lo", "mi", "ru", "te", "zo")) for _ in range(4))


# --- written ----------------------------------------------------------------------------------------------


async def fill(
    url: str, conversations: int, items: int, *, long: int = 3, long_items: int = 500
) -> list[str]:
    """Fill an empty database.

    Args:
        url: Of the database, with all tables.
        conversations: How many.
        items: In all, about.
        long: So many of the conversations have `long_items` instead.
        long_items: See there.

    Returns:
        Ids of the long ones.
    """
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=30)
    each = items // conversations
    try:
        # Indexed once at the end: word by word would take four times as long.
        definition = await connection.fetchval("SELECT pg_get_indexdef('ix_items_search'::regclass)")
        await connection.execute("DROP INDEX ix_items_search")
        for numbers in _batches(range(conversations)):
            rows = Rows()
            calls = [
                Call(number, long_items if number < long else _about(number, each), rows)
                for number in numbers
            ]
            for call in calls:
                call.live()
            await _copy(connection, rows)
            await connection.executemany(FIGURES, [(call.id,) for call in calls])
        await connection.execute(definition, timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close(timeout=30)
    return [f"conv_{number:024x}" for number in range(long)]


def _about(number: int, each: int) -> int:
    """How long a conversation is: most are short, some three times the average."""
    return max(4, int(each * (0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.3, 1.9)[number % 8]))


def _batches(numbers: range) -> Iterator[range]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]


async def _copy(connection: asyncpg.Connection, rows: Rows) -> None:
    for name, found in rows.by_table.items():
        columns = list(found[0])
        text = {column.name for column in tables.Base.metadata.tables[name].c if _is_json(column.type)}
        await connection.copy_records_to_table(
            name, columns=columns, records=_records(found, columns, text), timeout=300
        )


def _is_json(kind: object) -> bool:
    return type(kind).__name__ == "JSONB"


def _records(found: Iterable[dict[str, Any]], columns: list[str], text: set[str]) -> Iterator[Row]:
    for row in found:
        yield tuple(
            json.dumps(row[name]) if name in text and row[name] is not None else row[name] for name in columns
        )
