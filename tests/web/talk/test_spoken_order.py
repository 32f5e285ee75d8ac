"""A whole order by voice, with the engine and the agents that ship: from the front desk to the next call."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from orchestrator.app import admin_key
from orchestrator.speech.protocol import BYTES_PER_MS
from orchestrator.speech.vocabulary import spoken_words
from tests.patience import PATIENCE
from tests.web.chromium import shoot
from tests.web.talk.conftest import ServiceMaker, Talk, TalkService, sounding_ms
from tests.web.talk.person import Person, person, stretches

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")
pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.scale]

ORDER = "two large margherita pizzas and a coke please"
BETWEEN = "what do I have so far"
INTERRUPTION = "that's all, thank you"
NAME = "my name is Laura"
AGREEMENT = "yes please"
LATER = "can you repeat my order please"
ENOUGH_MS = 1500
"""How much of a reply the caller hears before interrupting it."""
ABOUT_A_WORD_MS = 700
SILENCE = 400 * BYTES_PER_MS
AGENT = "cedar"
"""The restaurant's voice."""


@dataclass
class SpokenCall:
    """A call in which nothing is typed."""

    talk: Talk
    caller: Person

    async def say(self, text: str) -> None:
        await self.talk.say(await self.caller.speech(text))

    async def hears(self, words: str, after: tuple[str, str] | None = None) -> str:
        """A reply that holds these words, once it was spoken to its end, and came out of the loudspeaker.

        Args:
            words: What is waited for.
            after: An interrupted reply before it, which sounded as well: what was heard of it, and all of it.
        """
        reply = self.talk.captions().last
        await expect(reply).to_contain_text(words)
        await expect(reply).to_have_class("caption by-agent heard")
        text = await reply.locator(".words").inner_text()
        parts = stretches(await self.received())
        if after is not None:
            await self.was_cut(parts.pop(0), *after)
        assert await self.caller.hears(parts, text), f"what was received is not: {text}"
        return text

    async def was_cut(self, sound: bytes, heard: str, whole: str) -> None:
        """Check that a sound is as long as what is said to have been heard, and shorter than all of it."""
        received = sounding_ms(sound)
        of_heard, of_whole = [sounding_ms(await self.caller.speech(text, AGENT)) for text in (heard, whole)]
        assert abs(received - of_heard) <= ABOUT_A_WORD_MS
        assert received < of_whole - ABOUT_A_WORD_MS

    async def received(self) -> bytes:
        """What the loudspeaker was given since last asked for, up to a silence."""
        sound = await self.talk.heard()
        async with asyncio.timeout(PATIENCE):
            while not sound or sounding_ms(sound[-SILENCE:]):
                await self.talk.page.wait_for_timeout(100)
                sound += await self.talk.heard()
        return sound

    async def interrupts(self, running: TalkService, text: str) -> tuple[str, str]:
        """Say something in the middle of the reply that has just begun, which must fall silent.

        Returns:
            What the page says was heard of it, and all of it.
        """
        entry = str(await self.talk.captions().last.get_attribute("data-entry"))
        cut, item_id = self.talk.page.locator(f"[data-entry='{entry}']"), entry.removeprefix("caption ")
        (media,) = running.service.services.media.server.calls
        async with asyncio.timeout(PATIENCE):
            while media.played_ms(item_id) < ENOUGH_MS:  # noqa: ASYNC110 - the media path tells of ends alone
                await asyncio.sleep(0.05)
        saying = asyncio.ensure_future(self.say(text))
        await self.talk.until("document.querySelector('#log .by-agent.cut')")
        await saying
        heard = str(await cut.locator(".words").evaluate("words => words.firstChild.data"))
        return heard, heard + await cut.locator("del").inner_text()


async def calling(running: TalkService, caller: Person, address: str = "/talk") -> SpokenCall:
    talk = await running.open(address)
    await talk.listen()
    await talk.call()
    return SpokenCall(talk, caller)


async def test_an_order_is_placed_by_voice_and_gone_on_with_in_another_call(service: ServiceMaker) -> None:
    async with person() as caller:
        async with service() as running:
            call = await calling(running, caller)
            await call.hears("How can I help you?")
            await call.say(ORDER)
            await call.hears("$37.26. Anything else?")
            await call.say(BETWEEN)
            await expect(call.talk.captions().last).to_contain_text("What else would you like?")
            cut = await call.interrupts(running, INTERRUPTION)
            await call.hears("What name should I put it under?", after=cut)
            await call.say(NAME)
            await call.hears("Shall I check out under the name Laura?")
            await call.say(AGREEMENT)
            await call.hears("The order for Laura is placed")
            await shoot(call.talk.page, "talk-spoken-order")
            conversation = call.talk.conversation
            await call.talk.start.click()
            await call.talk.is_("ended")
            stored = await read(running, conversation)
        said = [words(item) for item in stored["items"] if item["role"] == "user"]
        assert said == [
            " ".join(spoken_words(text)) for text in (ORDER, BETWEEN, INTERRUPTION, NAME, AGREEMENT)
        ]
        order = was_ordered(stored)
        assert was_cut_once(stored) == cut
        async with service() as running:
            call = await calling(running, caller, f"/talk?conversation={conversation}")
            await expect(call.talk.state("cart")).to_contain_text(order)
            await call.say(LATER)
            assert order in await call.hears("It is placed as")
            stored = await read(running, conversation)
        assert [item["kind"] for item in stored["items"]].count("resumed") == 1
        assert [(one["purpose"], one["agent"], one["modality"]) for one in stored["sessions"]] == [
            ("start", "triage", "audio"),
            ("handoff", "restaurant", "text"),
            ("resume", "restaurant", "text"),
        ]


def was_ordered(stored: dict[str, Any]) -> str:
    """Check how the order came about and what it is; answers its number."""
    runs = [(run["name"], json.loads(run["arguments"]), run["outcome"]) for run in stored["tool_runs"]]
    assert [run[0] for run in runs] == [
        "transfer_to_restaurant",
        "add_item",
        "add_item",
        "show_cart",
        "checkout",
    ]
    assert runs[1][1] == {"item": "margherita", "quantity": 2, "size": "large"}
    assert runs[2][1] == {"item": "coke", "quantity": 1}
    assert runs[4][1] == {"name": "Laura"}
    assert {run[2] for run in runs} == {"completed"}
    (handoff,) = stored["handoffs"]
    assert (handoff["source"], handoff["target"], handoff["outcome"]) == ("triage", "restaurant", "committed")
    (order,) = [record["data"] for record in stored["records"] if record["kind"] == "order"]
    cart = [revision["value"] for revision in stored["revisions"] if revision["state"] == "cart"][-1]
    for bill in (order, cart):
        lines = [(line["quantity"], line["size"], line["item"]) for line in bill["lines"]]
        assert lines == [(2, "large", "margherita"), (1, None, "coke")]
        assert (bill["subtotal"], bill["tax"], bill["total"]) == ("34.50", "2.76", "37.26")
    assert order["name"] == "Laura"
    assert order["order_number"] == cart["order_number"]
    return str(order["order_number"])


def was_cut_once(stored: dict[str, Any]) -> tuple[str, str]:
    """Check that one reply alone was not heard to its end; answers what was heard of it, and all of it."""
    replies = [item for item in stored["items"] if item["role"] == "assistant"]
    (cut,) = [item for item in replies if item["heard"] is not None]
    assert stored["summary"]["interruptions"] == 1
    assert words(cut).startswith(cut["heard"])
    assert 0 < len(cut["heard"]) < len(words(cut))
    return cut["heard"], words(cut)


def words(item: dict[str, Any]) -> str:
    return " ".join(part["text"] for part in item["content"])


async def read(running: TalkService, conversation: str) -> dict[str, Any]:
    """All that is stored of a conversation, over REST."""
    key = {"authorization": f"Bearer {admin_key(running.service.services.settings)}"}
    async with httpx.AsyncClient(base_url=running.url, headers=key) as client:
        answer = await client.get(f"/admin/conversations/{conversation}")
    stored: dict[str, Any] = answer.raise_for_status().json()
    return stored
