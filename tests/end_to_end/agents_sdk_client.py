"""A program of somebody who uses `openai-agents`: connects a RealtimeSession, and tells what it saw.

It runs in a process of its own: its package is called `agents`, as an application's own package is.

    python agents_sdk_client.py ws://127.0.0.1:8000/v1/realtime?model=counter TEXT …

A TEXT of `/forget` takes the whole history back; `/seed WORDS` puts words of the user into it. Prints one
JSON object: for each other text the reply, the kinds of events, and the errors; and the history in the end.
"""

# mypy: ignore-errors
# The type checker takes `agents` for the application of this repository.

import asyncio
import json
import os
import sys
from typing import Any

from agents.realtime import RealtimeAgent, RealtimeRunner
from agents.realtime.model_inputs import RealtimeModelSendRawMessage

from agents import function_tool, set_tracing_disabled
from tests.patience import PATIENCE


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


async def main(url: str, texts: list[str]) -> dict[str, Any]:
    set_tracing_disabled(disabled=True)
    agent = RealtimeAgent(name="browser", instructions="ignored by the door", tools=[get_weather])
    runner = RealtimeRunner(agent, config={"model_settings": {"model_name": "counter"}})
    turns: list[dict[str, Any]] = []
    async with await runner.run(
        model_config={"api_key": os.environ.get("DOOR_KEY", "sk-none"), "url": url}
    ) as session:
        for text in texts:
            if text.startswith("/"):
                await edit(session, text)
                continue
            await session.send_message(text)
            async with asyncio.timeout(PATIENCE):
                turns.append(await turn(session, ends=2 if "weather" in text else 1))
        history = [item.model_dump(mode="json") for item in session._history]
    return {"turns": turns, "history": history}


async def edit(session: Any, text: str) -> None:
    """Change the history by the protocol's own events, which is how this SDK lets an application do it."""
    if text == "/forget":
        for item in session._history:
            await send(session, "conversation.item.delete", item_id=item.item_id)
        return
    content = [{"type": "input_text", "text": text.removeprefix("/seed ")}]
    await send(
        session, "conversation.item.create", item={"type": "message", "role": "user", "content": content}
    )


async def send(session: Any, kind: str, **fields: Any) -> None:
    message: Any = {"type": kind, "other_data": fields}
    await session.model.send_event(RealtimeModelSendRawMessage(message=message))


async def turn(session: Any, ends: int) -> dict[str, Any]:
    """Read until the agent has ended its turn; a tool of the client's own makes it end one before that."""
    said, kinds, errors = "", [], []
    async for event in session:
        kinds.append(event.type)
        if event.type == "error":
            errors.append(str(event.error))
        data = getattr(event, "data", None)
        if data is not None and data.type in {"transcript_delta", "output_text_delta"}:
            said += data.delta if hasattr(data, "delta") else data.text
        if event.type == "agent_end":
            ends -= 1
            if ends == 0:
                break
    return {"said": said, "kinds": kinds, "errors": errors}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2:]))))  # noqa: T201 - what it saw is its output
