"""`orchestrator engine`: the embedded engine on its own, as a Realtime server for anybody."""

import asyncio
import signal
from contextlib import suppress

import rich_click as click
from rich.text import Text

from orchestrator.app import open_faculties
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.engines import engine_words
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.terminal import output
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.engine.embedded import serve as serve_engine
from orchestrator.logs import configure_logs
from orchestrator.settings import Settings


@click.group(cls=LazyGroup)
def engine() -> None:
    """Run the embedded engine on its own."""


@engine.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8100, show_default=True, help="TCP port; 0 takes a free one.")
@click.option("--key", envvar="ORCHESTRATOR_ENGINE_SERVER_KEY", help="Key that clients must bring.")
@click.option(
    "--tokens-per-second", type=click.FloatRange(min=0, min_open=True), help="How fast replies come."
)
def serve(host: str, port: int, key: str | None, tokens_per_second: float | None) -> None:
    """Serve the Realtime protocol, without agents or a database, until Ctrl-C or SIGTERM.

    What thinks is the offline demo brain, or the chat server of ORCHESTRATOR_CHAT_URL; what hears and
    speaks is what ORCHESTRATOR_STT and ORCHESTRATOR_TTS say.
    """
    settings = settings_with(engine="embedded")
    configure_logs(settings.log_level, settings.log_format)
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(settings, host, port, key, tokens_per_second))


async def _serve(
    settings: Settings, host: str, port: int, key: str | None, tokens_per_second: float | None
) -> None:
    def started(running: EmbeddedEngine) -> None:
        output.print(Text.assemble((f"{running.url}/v1/realtime", "name"), f"  {engine_words(settings)}"))

    serving = asyncio.current_task()
    assert serving is not None  # noqa: S101 - this is a task's
    for number in (signal.SIGINT, signal.SIGTERM):
        # Also where whoever started this has Ctrl-C ignored, as shells do for what runs in the background.
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    async with open_faculties(settings) as faculties:
        await serve_engine(
            host=host,
            port=port,
            mind=faculties,
            api_key=key,
            tokens_per_second=tokens_per_second,
            started=started,
        )
