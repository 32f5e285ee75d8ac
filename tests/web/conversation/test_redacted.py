"""Personal data on the page of a conversation: marked where it was taken out, or for administrators alone."""

import pytest
from playwright.async_api import expect

from orchestrator.core.redaction import Redaction
from tests.api.node import Node, calling
from tests.web.chromium import shoot
from tests.web.conftest import Axe, SignedIn

pytestmark = pytest.mark.browser

CARD = "4111 1111 1111 1111"


async def test_what_was_taken_out_is_marked_and_data_of_tools_is_for_administrators(
    node: Node, signed_in: SignedIn, axe: Axe
) -> None:
    node.services.database.redaction = Redaction(kinds=frozenset({"cards"}), fields=frozenset({"item"}))
    async with calling(node) as caller:
        await caller.say(f"my card is {CARD}, thanks")
        await caller.say('use add_item {"item": "soup for Anna"}')
    address = f"/conversations/{caller.conversation_id}"

    reviewing = await signed_in("reviewer")
    await reviewing.goto(address)
    said = reviewing.locator(".said-caller .heard").first
    await expect(said).to_have_text("my card is [card], thanks")
    await expect(said.locator("mark.redacted")).to_have_text("[card]")
    await expect(reviewing.locator(".line-tool .fields").first).to_contain_text("[field]")
    assert "Anna" not in await reviewing.locator(".line-tool .fields").first.inner_text()
    await axe(reviewing)
    await shoot(reviewing, "review-redacted")

    ruling = await signed_in("admin")
    await ruling.goto(address)
    await expect(ruling.locator(".line-tool .fields").first).to_contain_text("soup for Anna")
    assert CARD not in await ruling.content()
