"""OpenAI's own client, on its Conversations API."""

import openai
import pytest
from openai import AsyncOpenAI

pytestmark = pytest.mark.db


async def test_a_conversation_is_begun_shown_changed_and_erased(sdk: AsyncOpenAI) -> None:
    made = await sdk.conversations.create(metadata={"table": "12"})
    assert made.id.startswith("conv_")
    assert made.object == "conversation"
    assert made.metadata == {"table": "12"}
    assert (await sdk.conversations.retrieve(made.id)).created_at == made.created_at
    changed = await sdk.conversations.update(made.id, metadata={"table": "13"})
    assert changed.metadata == {"table": "13"}
    gone = await sdk.conversations.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "conversation.deleted")
    with pytest.raises(openai.NotFoundError):
        await sdk.conversations.retrieve(made.id)
