"""What a caller is told, and what goes on, when something is missing or breaks."""

import re
from types import SimpleNamespace

import pytest
from playwright.async_api import expect

from orchestrator.core.events import OperatorEnded
from orchestrator.testing.turns import says
from tests.web.chromium import Watch
from tests.web.talk.conftest import ServiceMaker, Talk

pytestmark = pytest.mark.browser

ORDER = "a large margherita please"


@pytest.mark.parametrize(
    ("error", "told"),
    [("NotAllowedError", "The microphone was refused."), ("NotFoundError", "There is no microphone.")],
)
async def test_without_a_microphone_the_caller_writes_and_listens(
    service: ServiceMaker, error: str, told: str
) -> None:
    async with service(lambda view: says("Good evening.", audio_ms=500)) as running:
        talk = await running.open()
        await talk.page.evaluate(f"window.microphoneRefused = '{error}'")
        await talk.call()
        await expect(talk.hint).to_contain_text(told)
        await expect(talk.status).to_have_text("Connected. Write to the agent.")
        await talk.write("hello")
        await expect(talk.captions().last).to_have_class("caption by-agent heard")
        assert running.live.client is not None
        assert running.live.client.transport == "webrtc"


async def test_where_sound_finds_no_way_the_call_is_in_writing(service: ServiceMaker, watch: Watch) -> None:
    watch.allow("status of 503")
    async with service() as running:
        talk = await running.open()
        unavailable = {"error": {"code": "webrtc_unavailable", "message": "No WebRTC here."}}
        await talk.page.route(
            "**/v1/realtime/calls?*", lambda route: route.fulfill(status=503, json=unavailable)
        )
        await talk.call()
        await expect(talk.hint).to_contain_text("this call is in writing")
        await talk.write(ORDER)
        await expect(talk.captions().last).to_contain_text("margherita")
        await expect(talk.captions().last).to_have_class("caption by-agent heard")
        assert running.live.client is not None
        assert running.live.client.transport == "websocket"


async def test_a_full_node_says_so_and_the_caller_may_try_again(service: ServiceMaker, watch: Watch) -> None:
    watch.allow("status of 429")
    async with service(max_calls=1) as running:
        first, second = await running.open(), await running.open()
        await first.call()
        await second.start.click()
        await second.is_("failed")
        await expect(second.problem).to_contain_text("as many as it may")
        await expect(second.problem).to_contain_text(re.compile(r"Try again in \d+ s"))
        live = running.live
        await first.start.click()
        await live.closed.wait()
        await second.call()
        await expect(second.problem).to_be_hidden()


async def test_an_engine_that_cannot_be_reached_is_told(service: ServiceMaker) -> None:
    async with service(engine=SimpleNamespace(url="ws://127.0.0.1:9")) as running:
        talk = await running.open()
        await talk.start.click()
        # After the last of its attempts, half a minute later.
        await expect(talk.problem).to_contain_text("cannot be reached", timeout=90_000)
        await talk.is_("failed")
        await expect(talk.start).to_have_text("Go on")


@pytest.mark.parametrize("in_writing", [False, True])
async def test_a_call_goes_on_at_once_when_its_node_restarts(
    service: ServiceMaker, watch: Watch, in_writing: bool
) -> None:
    watch.allow("status of 503")
    async with service() as running:
        talk = await running.open()
        if in_writing:
            refusal = {"error": {"code": "webrtc_unavailable", "message": "No WebRTC here."}}
            await talk.page.route(
                "**/v1/realtime/calls?*", lambda route: route.fulfill(status=503, json=refusal)
            )
        await talk.call()
        await talk.write(ORDER)
        await expect(talk.captions().last).to_contain_text("margherita")
        # One that was written and not heard yet would be owed, and said once more.
        await expect(talk.captions().last).to_have_class("caption by-agent heard")
        conversation = talk.conversation
        await came_back(talk, lambda: running.live.feed(OperatorEnded(by="service", reason="shutdown")))
        await talk.write("how much is it")
        await expect(talk.captions()).to_have_count(3)
        assert talk.conversation == conversation == running.live.id


async def test_what_a_restart_kept_from_being_heard_is_shown_as_unheard_and_said_again(
    service: ServiceMaker, watch: Watch
) -> None:
    watch.allow("status of 503")
    async with service(lambda view: says("Good evening to you.", audio_ms=20_000)) as running:
        talk = await running.open()
        await talk.call()
        await talk.write("hello")
        # All of it is written, and its sound has far to go: what is left unheard is on the page.
        await expect(talk.captions().last).to_contain_text("Good evening to you.")
        await expect(talk.captions().last).to_have_class("caption by-agent saying")
        await came_back(talk, lambda: running.live.feed(OperatorEnded(by="service", reason="shutdown")))
        await expect(talk.captions()).to_have_count(2)
        await expect(talk.captions().first).to_have_class("caption by-agent cut")
        await expect(talk.captions().last).to_have_class("caption by-agent heard")


async def test_a_call_whose_connection_breaks_is_placed_again(service: ServiceMaker) -> None:
    async with service(lambda view: says("Good evening.", audio_ms=200)) as running:
        talk = await running.open()
        await talk.call()
        conversation = talk.conversation
        (media,) = running.service.services.media.server.calls
        await came_back(talk, media.end)
        await talk.write("hello")
        await expect(talk.captions().last).to_contain_text("Good evening.")
        assert talk.conversation == conversation == running.live.id


async def test_what_was_asked_before_a_connection_broke_is_answered_after_it(service: ServiceMaker) -> None:
    answers = [says("Never heard.", hold_after=0), says("Good evening.", audio_ms=200)]
    async with service(lambda view: answers.pop(0)) as running:
        talk = await running.open()
        await talk.call()
        await talk.write("hello")
        await running.engine.wait_for("response.create")
        (media,) = running.service.services.media.server.calls
        await came_back(talk, media.end)
        await expect(talk.captions().last).to_contain_text("Good evening.")
        await expect(talk.captions()).to_have_count(1)


async def came_back(talk: Talk, breaking: object) -> None:
    """Break the call, and wait until it is connected again."""
    assert callable(breaking)
    await talk.page.evaluate(
        """() => {
          window.states = [];
          const talk = document.getElementById("talk");
          const watching = new MutationObserver(() => states.push(talk.dataset.state));
          watching.observe(talk, { attributeFilter: ["data-state"] });
        }"""
    )
    breaking()
    await expect(talk.page.locator("#talk[data-state=connected]")).to_be_visible()
    await talk.until("states.includes('reconnecting')")
    await talk.is_("connected")


async def test_a_second_page_takes_the_call_over_and_the_first_lets_it_go(service: ServiceMaker) -> None:
    async with service() as running:
        first = await running.open()
        await first.call()
        second = await running.open(first.page.url)
        await second.call()
        await first.is_("ended")
        await expect(first.status).to_have_text("The call was taken over by another page.")
        await second.write(ORDER)
        await expect(second.captions().last).to_contain_text("margherita")
        await first.is_("ended")


async def test_an_agent_that_ends_the_call_is_told_to_have_done_so(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await talk.call()
        await talk.write("goodbye")
        await talk.is_("ended")
        await expect(talk.status).to_have_text("The agent ended the call.")
