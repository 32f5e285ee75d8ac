"""Agents, for clients that ask for models."""

import openai
import pytest
from openai import AsyncOpenAI

from tests.api.node import ADMIN_KEY, Node

pytestmark = pytest.mark.db


async def test_agents_are_listed_as_models(sdk: AsyncOpenAI) -> None:
    assert [model.id async for model in sdk.models.list()] == ["desk", "kitchen"]
    assert (await sdk.models.retrieve("kitchen")).owned_by == "orchestrator"


async def test_an_agent_that_takes_no_calls_is_no_model(node: Node, sdk: AsyncOpenAI) -> None:
    await node.http(ADMIN_KEY).patch("/admin/agents/kitchen", json={"enabled": False})
    assert [model.id async for model in sdk.models.list()] == ["desk"]
    for name in ("kitchen", "gpt-realtime"):
        with pytest.raises(openai.NotFoundError):
            await sdk.models.retrieve(name)
