"""An order in writing, from the front desk to the counter, and going on with it later."""

import pytest
from playwright.async_api import expect

from tests.web.chromium import shoot
from tests.web.talk.conftest import ServiceMaker, Talk

pytestmark = pytest.mark.browser

TIMES = "\N{MULTIPLICATION SIGN}"
ORDER = "two large margherita pizzas and a coke please"


async def order(talk: Talk) -> None:
    await talk.call()
    await talk.write(ORDER)
    await expect(talk.captions().last).to_contain_text("$37.26")


async def order_and_hear(talk: Talk) -> None:
    """Order, and wait until the reply was heard: one that nobody heard is said again to who comes back."""
    await order(talk)
    await expect(talk.captions().last).to_have_class("caption by-agent heard")


async def test_an_order_is_written_and_its_cart_is_shown_with_totals(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await order(talk)
        rows = talk.state("cart").get_by_role("row")
        assert [" ".join(each.split()) for each in await rows.all_inner_texts()] == [
            f"2 {TIMES} margherita large 32.00",
            f"1 {TIMES} coke 2.50",
            "subtotal 34.50",
            "tax 2.76",
            "total 37.26",
        ]
        await expect(talk.page.locator("#log .handoff")).to_contain_text("restaurant")
        await expect(talk.page.locator("#duty")).to_contain_text("restaurant")
        cards = talk.page.locator("#log .tool")
        await expect(cards).to_have_count(2)
        await expect(cards.first).to_contain_text("item=margherita, quantity=2, size=large")
        await cards.first.get_by_text("add_item").click()
        await expect(cards.first.locator("pre").first).to_contain_text('"quantity": 2')
        await talk.write("that's all, check out, the name is Ada")
        question = talk.captions().filter(has_text="under the name Ada?")
        await expect(question).to_have_class("caption by-agent heard")  # else it was never asked
        await talk.write("yes")
        await expect(talk.state("cart")).to_contain_text("order number")
        await expect(talk.state("guest")).to_contain_text("Ada")
        await shoot(talk.page, "talk-order")


async def test_a_page_that_is_loaded_again_goes_on_where_the_caller_was(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await order_and_hear(talk)
        conversation, said = talk.conversation, await talk.page.locator("#log li").all_inner_texts()
        await talk.page.reload()
        assert await talk.page.locator("#log .words").count() == 3
        await expect(talk.captions().last).to_contain_text("$37.26")
        assert len(await talk.page.locator("#log li").all_inner_texts()) == len(said)
        await expect(talk.start).to_have_text("Go on")
        await talk.call()
        await expect(talk.state("cart")).to_contain_text("37.26")
        await expect(talk.page.locator("#duty")).to_contain_text("restaurant")
        await talk.write("how much is it")
        await expect(talk.captions()).to_have_count(3)
        assert talk.conversation == conversation == running.live.id


async def test_after_hanging_up_the_caller_may_go_on_or_begin_anew(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await order_and_hear(talk)
        await talk.start.click()
        await talk.is_("ended")
        await expect(talk.status).to_have_text("The call is over.")
        await expect(talk.page.get_by_label("Write to the agent")).to_be_disabled()
        await talk.call()
        await talk.write("how much is it")
        await expect(talk.captions()).to_have_count(3)
        await talk.start.click()
        await talk.page.get_by_role("link", name="Start a new conversation").click()
        await expect(talk.page.locator("#log li")).to_have_count(0)
        await expect(talk.page.get_by_text("Nothing was said yet.")).to_be_visible()


async def test_a_conversation_of_somebody_else_is_not_shown_and_not_gone_on_with(
    service: ServiceMaker,
) -> None:
    async with service() as running:
        talk = await running.open("/talk?conversation=conv_unknown")
        await expect(talk.page.get_by_role("alert").first).to_contain_text("no such conversation of yours")
        await talk.call()
        assert talk.conversation != "conv_unknown"
