"""`orchestrator serve`."""

import gc
from pathlib import Path

import rich_click as click
import structlog

from orchestrator.call.loading import load
from orchestrator.cli.banner import announce
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.terminal import errors
from orchestrator.logs import configure_logs
from orchestrator.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="TCP port to listen on; 0 takes a free one.")
@click.option("--agents", metavar="PACKAGE", help="The package of agents to serve.")
@click.option("--default-agent", metavar="NAME", help="Agent for clients that name none.")
@click.option("--engine", metavar="ENGINE", help="embedded, openai, azure, or a ws:// or wss:// URL.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder for everything that is kept on disk."
)
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="Least severe line."
)
@click.option(
    "--log-format", type=click.Choice(["console", "json"]), help="Lines for people or for machines."
)
def serve(**options: object) -> None:
    """Serve agents until Ctrl-C.

    Options count more than settings, which come from the environment and from `.env`.
    """
    settings = settings_with(**options)
    configure_logs(settings.log_level, settings.log_format)
    # What is wrong there is told before anything is started.
    declared = load(settings.agents, settings.default_agent)
    key_file = settings.data_dir / "admin-key"
    new = settings.admin_key is None and not key_file.exists()
    _say_what_takes_long(settings)
    # What is made while the service is loaded is no garbage; once it listens, `run` has it looked for again.
    gc.disable()
    # Loading the service takes a second; wrong settings and `--help` need none of it.
    from orchestrator.app import admin_key  # noqa: PLC0415
    from orchestrator.serve import Started  # noqa: PLC0415
    from orchestrator.serve import serve as run  # noqa: PLC0415

    def listening(node: Started) -> None:
        if settings.log_format == "json":
            structlog.get_logger(__name__).info("listening", address=node.address)
            return
        agents = node.services.switchboard.definition
        key = admin_key(settings) if new else None
        announce(settings, agents, node.address, key=key, sign_in=node.sign_in)

    run(settings, declared, listening)


def _say_what_takes_long(settings: Settings) -> None:
    if settings.database_url is None and not (settings.data_dir / "postgres").exists() and errors.is_terminal:
        errors.print(f"Making a database in {settings.data_dir} (only the first time) ...", style="faint")
