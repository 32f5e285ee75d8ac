"""The stock `@openai/agents-realtime` in a browser calls us when its URL is changed, and nothing else."""

import hashlib
import lzma
import tomllib
from pathlib import Path

import pytest

from orchestrator.testing.turns import SessionView, Turn, calls, says
from tests.web.talk.application import served
from tests.web.talk.conftest import ServiceMaker, secret_of, sounding_ms

pytestmark = pytest.mark.browser

VENDOR = Path(__file__).parents[1] / "vendor"
ENTRY = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["file"][0]
PAGE = """<!doctype html><title>Application</title><script src="/sdk.js"></script>
<script>
  const Stock = RTCPeerConnection;
  window.RTCPeerConnection = class extends Stock {
    constructor(...options) {
      super(...options);
      this.addEventListener("track", ({ streams }) => (window.voice = { srcObject: streams[0] }));
    }
  };
  async function call(url, apiKey) {
    const { RealtimeAgent, RealtimeSession } = OpenAIAgentsRealtime;
    const agent = new RealtimeAgent({ name: "Page", instructions: "Be kind." });
    window.events = [];
    window.session = new RealtimeSession(agent);
    session.on("transport_event", ({ type }) => events.push(type));
    session.on("error", ({ error }) => events.push(`error ${JSON.stringify(error)}`));
    await session.connect({ apiKey, url });
  }
  function replies() {
    const said = session.history.filter(({ role }) => role === "assistant");
    return said.map(({ content }) => content[0].transcript);
  }
</script>"""


def shop(view: SessionView) -> Turn:
    """Sells two loaves by a tool of ours, which the client knows nothing of."""
    if view.last_output is None:
        return calls("add_loaves", count=2)
    return says("Two loaves. Anything else?", audio_ms=800)


def sdk() -> bytes:
    return lzma.decompress((VENDOR / f"{ENTRY['name']}.xz").read_bytes())


def test_the_client_is_as_its_package_has_it() -> None:
    assert hashlib.sha256(sdk()).hexdigest() == ENTRY["sha256"]
    assert "MIT" in (VENDOR / ENTRY["licence_file"]).read_text()


async def test_the_stock_client_calls_us_by_its_url_alone(service: ServiceMaker) -> None:
    files = {"application.html": PAGE.encode(), "sdk.js": sdk()}
    with served(files) as address:
        async with service(shop) as running:
            talk = await running.open(f"{address}/application.html")
            page = talk.page
            await page.evaluate(
                "([url, key]) => call(url, key)",
                [f"{running.url}/v1/realtime/calls", await secret_of(running)],
            )
            await page.evaluate("listen(window.voice)")
            await page.evaluate("session.sendMessage('two loaves please')")
            await talk.until("events.includes('output_audio_buffer.stopped')")
            assert await page.evaluate("replies()") == ["Two loaves. Anything else?"]
            assert [told for told in await page.evaluate("events") if told.startswith("error")] == []
            assert sounding_ms(await talk.heard()) >= 600
            assert running.live.machine.state("basket")["loaves"] == 2
            await page.evaluate("session.close()")
