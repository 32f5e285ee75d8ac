"""A caller with a stock WebRTC stack and an HTTP client, and nothing else of ours."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.end_to_end.conftest import Node
from tests.media.stock_client import StockClient
from tests.patience import PATIENCE

CALLS = "/v1/realtime/calls"


class WebRtcCall:
    """One call that is connected.

    Args:
        client: The stock client.
        http: For the calls' own HTTP.
        location: Of the call, as the answer said.
        conversation: Its id, as the answer said.
    """

    def __init__(
        self, client: StockClient, http: httpx.AsyncClient, location: str, conversation: str = ""
    ) -> None:
        self.client = client
        self.http = http
        self.location = location
        self.conversation = conversation
        self._sent = 0

    @property
    def id(self) -> str:
        return self.location.rpartition("/")[2]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(event) for event in self.client.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        await self.client.signals.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def heard(self, milliseconds: int) -> None:
        """Wait until so much sound was received, silence included."""
        await self.client.signals.until(lambda: len(self.client.heard) >= 48 * milliseconds)

    async def send(self, kind: str, **fields: Any) -> None:
        (await self.client.channel_open()).send(json.dumps({"type": kind, **fields}))

    async def write(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        await self.send(
            "conversation.item.create", item={"type": "message", "role": "user", "content": content}
        )
        await self.send("response.create")

    async def hang_up(self) -> httpx.Response:
        return await self.http.post(f"{self.location}/hangup")


@asynccontextmanager
async def calling(
    node: Node, client: StockClient | None = None, *, query: str = "?model=counter", **headers: str
) -> AsyncIterator[WebRtcCall]:
    """Place a call and wait for `session.created`."""
    base = node.url.replace("ws://", "http://")
    async with client or StockClient() as caller, httpx.AsyncClient(base_url=base, timeout=PATIENCE) as http:
        answer = await http.post(
            f"{CALLS}{query}",
            content=await caller.offer(),
            headers={"content-type": "application/sdp", **headers},
        )
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"] == "application/sdp"
        await caller.take(answer.text)
        call = WebRtcCall(caller, http, answer.headers["location"], answer.headers["x-conversation"])
        await caller.connected()
        await call.until("session.created")
        yield call
