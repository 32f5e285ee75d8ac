"""Client secrets, made with OpenAI's own client."""

import time
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from tests.api.node import Node

pytestmark = pytest.mark.db


async def test_a_secret_is_made_with_its_effective_session(sdk: AsyncOpenAI) -> None:
    made: Any = await sdk.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60},
        session={"type": "realtime", "model": "kitchen", "output_modalities": ["text"]},
    )
    assert made.value.startswith("ek_")
    assert 50 < made.expires_at - time.time() <= 60
    assert (made.session.model, made.session.output_modalities) == ("kitchen", ["text"])
    assert "Cook" not in made.session.to_json()


async def test_a_secret_lasts_ten_minutes_unless_told(sdk: AsyncOpenAI) -> None:
    made = await sdk.realtime.client_secrets.create()
    assert 590 < made.expires_at - time.time() <= 600


async def test_a_wrong_wish_is_refused_with_the_place(caller: httpx.AsyncClient) -> None:
    wishes: list[tuple[dict[str, Any], str | None]] = [
        ({"expires_after": {"seconds": 5}}, "expires_after.seconds"),
        ({"session": {"voice": "ash"}}, "session.voice"),
        ({"session": {"conversation": 5}}, "session.conversation"),
        ({"session": {"conversation": "conv_none"}}, "conversation"),
        ({"more": 1}, None),
    ]
    for body, param in wishes:
        told = await caller.post("/v1/realtime/client_secrets", json=body)
        assert told.status_code in {400, 404}
        assert told.json()["error"]["param"] == param


async def test_nobody_makes_a_secret_for_anothers_conversation(node: Node, caller: httpx.AsyncClient) -> None:
    made = (await caller.post("/v1/conversations", json={})).json()["id"]
    body = {"session": {"type": "realtime", "conversation": made}}
    assert (await caller.post("/v1/realtime/client_secrets", json=body)).status_code == 200
    assert (await node.http().post("/v1/realtime/client_secrets", json=body)).status_code == 404


async def test_a_wrong_key_is_refused(node: Node) -> None:
    async with node.sdk("ok_wrong") as sdk:
        with pytest.raises(openai.AuthenticationError) as told:
            await sdk.realtime.client_secrets.create()
    assert told.value.code == "invalid_api_key"
