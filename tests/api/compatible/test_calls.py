"""A client hangs up over REST."""

import openai
import pytest
from openai import AsyncOpenAI
from websockets.exceptions import ConnectionClosed

from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def test_a_call_is_hung_up_by_its_id(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        client = node.services.switchboard.conversations[caller.conversation_id].client
        assert client is not None
        await sdk.realtime.calls.hangup(client.call_id)
        with pytest.raises(ConnectionClosed):
            await caller.until(lambda _event: False)
        with pytest.raises(openai.NotFoundError):
            await sdk.realtime.calls.hangup(client.call_id)


async def test_a_client_secret_may_hang_up_and_nothing_else(node: Node, sdk: AsyncOpenAI) -> None:
    secret = (await sdk.realtime.client_secrets.create()).value
    async with calling(node) as caller, node.sdk(secret) as browser:
        client = node.services.switchboard.conversations[caller.conversation_id].client
        assert client is not None
        await browser.realtime.calls.hangup(client.call_id)
        with pytest.raises(openai.PermissionDeniedError):
            await browser.conversations.create()
        with pytest.raises(openai.PermissionDeniedError):
            await browser.realtime.client_secrets.create()
