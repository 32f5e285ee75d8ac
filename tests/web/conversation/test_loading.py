"""A conversation loaded for its page."""

import pytest

from orchestrator.api.admission import Identity
from orchestrator.core.errors import NotFoundError
from orchestrator.core.redaction import Redaction
from orchestrator.web.conversation.loading import Loaded, initial_states, load_view
from orchestrator.web.review.rows import ToolRow
from tests.api.node import Node, calling
from tests.web.conversation.stored_call import store_sample
from tests.web.review.sample_call import CONVERSATION

pytestmark = pytest.mark.db

ADMIN = Identity(role="admin", name="ada")
REVIEWER = Identity(role="reviewer", name="rob")


def phone(loaded: Loaded) -> str:
    (card,) = [row for row in loaded.view.rows if isinstance(row, ToolRow) and row.name == "send_link"]
    return dict(card.arguments)["phone"]


async def test_a_stored_conversation_is_projected(node: Node) -> None:
    await store_sample(node.services)
    loaded = await load_view(node.services, REVIEWER, CONVERSATION)
    assert len(loaded.view.rows) == 18
    assert loaded.view.facts.id == loaded.details.summary.id == CONVERSATION


async def test_what_a_live_call_did_so_far_is_waited_for(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        loaded = await load_view(node.services, REVIEWER, caller.conversation_id)
        assert [row.kind for row in loaded.view.rows] == ["message", "message"]
        assert loaded.view.live


async def test_personal_data_is_shown_to_administrators_alone(node: Node) -> None:
    node.services.database.redaction = Redaction(fields=frozenset({"phone"}))
    await store_sample(node.services)
    assert phone(await load_view(node.services, ADMIN, CONVERSATION)) == "555 0123"
    assert phone(await load_view(node.services, REVIEWER, CONVERSATION)) == "[field]"


async def test_states_begin_as_the_agents_declare(node: Node) -> None:
    assert initial_states(node.services, REVIEWER) == {"cart": {"lines": []}}


async def test_what_does_not_exist_is_not_found(node: Node) -> None:
    with pytest.raises(NotFoundError):
        await load_view(node.services, ADMIN, "conv_none")
