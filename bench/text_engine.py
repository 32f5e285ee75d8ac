"""An engine for the text benchmark: answers every response with the same words, as cheaply as it can.

Every delta carries the time at which it left, so that the load client can tell how long it was under way;
the monotonic clock is the same for all processes of a machine.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

DELTAS = 20
"""Pieces of text in one reply."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class EngineConversation:
    """One connection.

    Args:
        socket: Of the client.
    """

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._serial = 0

    async def run(self) -> None:
        """Answer until the client leaves."""
        with suppress(ConnectionClosed):
            await self._converse()

    async def _converse(self) -> None:
        await self._send("session.created", session={"type": "realtime", "id": "sess_bench"})
        async for frame in self._socket:
            event = _decode(frame)
            kind = event["type"]
            if kind == "session.update":
                await self._send("session.updated", session=event["session"] | {"id": "sess_bench"})
            elif kind == "conversation.item.create":
                item = event["item"] | {"status": "completed"}
                for stage in ("added", "done"):
                    await self._send(f"conversation.item.{stage}", previous_item_id=None, item=item)
            elif kind == "response.create":
                await self._reply(event.get("response", {}).get("metadata"))

    async def _reply(self, metadata: Any) -> None:
        self._serial += 1
        response = f"resp_{id(self)}_{self._serial}"
        item_id = f"item_{id(self)}_{self._serial}"
        shown: dict[str, Any] = {
            "id": response,
            "object": "realtime.response",
            "metadata": metadata,
            "output": [],
        }
        item: dict[str, Any] = {
            "id": item_id,
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        at = {"response_id": response, "item_id": item_id, "output_index": 0, "content_index": 0}
        await self._send("response.created", response=shown | {"status": "in_progress"})
        await self._send("response.output_item.added", response_id=response, output_index=0, item=item)
        await self._send("conversation.item.added", previous_item_id=None, item=item)
        await self._send("response.content_part.added", **at, part={"type": "text", "text": ""})
        pieces = []
        for _ in range(DELTAS):
            pieces.append(f"{time.monotonic_ns()} ")
            await self._send("response.output_text.delta", **at, delta=pieces[-1])
        part = {"type": "output_text", "text": "".join(pieces)}
        item |= {"status": "completed", "content": [part]}
        await self._send("response.output_text.done", **at, text=part["text"])
        await self._send("response.content_part.done", **at, part=part | {"type": "text"})
        await self._send("conversation.item.done", previous_item_id=None, item=item)
        await self._send("response.output_item.done", response_id=response, output_index=0, item=item)
        usage = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20}
        done = shown | {"status": "completed", "output": [item], "usage": usage}
        await self._send("response.done", response=done)

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._socket.send(_encode({"type": kind, "event_id": "event_bench", **fields}), text=True)


async def main() -> None:
    """Serve on a free port, told on standard output."""
    async with serve(
        lambda socket: EngineConversation(socket).run(), "127.0.0.1", 0, compression=None, max_size=None
    ) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
