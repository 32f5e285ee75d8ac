"""Talking through the stock `openai` SDK's Realtime connection, with a deadline on every wait."""

import asyncio
from typing import Any

from openai.resources.realtime.realtime import AsyncRealtimeConnection

from tests.patience import PATIENCE


async def until(connection: AsyncRealtimeConnection, *kinds: str, seconds: float = PATIENCE) -> list[Any]:
    """Read events up to the first of these types, which is the last of what comes back."""
    events: list[Any] = []
    async with asyncio.timeout(seconds):
        async for event in connection:
            events.append(event)
            if event.type in kinds:
                return events
    raise AssertionError(f"the connection ended without any of {kinds}; there were {kinds_of(events)}")


async def write(connection: AsyncRealtimeConnection, text: str) -> None:
    """Write a message of the caller's."""
    message: Any = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    await connection.conversation.item.create(item=message)


async def say(connection: AsyncRealtimeConnection, text: str) -> list[Any]:
    """Write a message and read until the reply to it is over, or something is refused."""
    await write(connection, text)
    await connection.response.create()
    return await until(connection, "response.done", "error")


async def as_text(connection: AsyncRealtimeConnection) -> list[Any]:
    """Ask for text instead of sound."""
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    return await until(connection, "session.updated", "error")


def kinds_of(events: list[Any]) -> list[str]:
    return [event.type for event in events]


def text_of(events: list[Any]) -> str:
    """What the reply said."""
    deltas = {"response.output_text.delta", "response.output_audio_transcript.delta"}
    return "".join(event.delta for event in events if event.type in deltas)
