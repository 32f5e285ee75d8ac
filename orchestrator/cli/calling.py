"""`orchestrator call`."""

from pathlib import Path
from typing import Final

import rich_click as click

from orchestrator.cli.address import Address
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit
from orchestrator.settings import Settings

FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("agent", required=False)
@click.option("--say", "says", metavar="TEXT", multiple=True, help="Say this, then leave; may be repeated.")
@click.option("--wav", type=FILE, metavar="FILE", help="Say what is in this sound file, then leave.")
@click.option("--save", type=FILE, metavar="FILE", help="Keep what the agent says as a WAV file.")
@click.option("--text", is_flag=True, help="In writing: nothing is spoken, nothing sounds.")
@click.option("--conversation", metavar="ID", help="Go on with a stored conversation.")
@click.option("--url", metavar="URL", help="Where the service is; unset: where the settings say.")
@click.option("--key", envvar="ORCHESTRATOR_CALL_KEY", metavar="KEY", help="API key, where one is needed.")
@click.option(
    "--wait", default=120.0, metavar="SECONDS", help="How long one reply may take.", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
@click.pass_context
def call(
    ctx: click.Context,
    agent: str | None,
    says: tuple[str, ...],
    wav: Path | None,
    save: Path | None,
    text: bool,
    conversation: str | None,
    url: str | None,
    key: str | None,
    wait: float,
    as_json: bool,
) -> None:
    """Talk to an agent from this terminal.

    AGENT is an agent's name, such as triage; with --conversation it is not needed. What --say and --wav name
    is spoken, over WebRTC; without them you type, and lines of a pipe count as typed. Ctrl-C stops a reply,
    then leaves.

    Exit codes: 0 every reply is whole, 1 one is not or something was refused, 3 nobody answers.
    """
    if wav is not None and (says or text):
        raise click.UsageError("--wav is said alone: leave --say and --text out.", ctx)
    if save is not None and (text or (wav is None and not says)):
        raise click.UsageError("--save keeps what is heard: name something to --say, or a --wav.", ctx)
    if agent is None and conversation is None:
        raise click.UsageError("Name an AGENT, or a conversation with --conversation.", ctx)
    address, key = _where(url, key)
    from orchestrator.cli.call import Wanted, run_call  # noqa: PLC0415 - `--help` needs none of it

    wanted = Wanted(address, agent, conversation, key, says, wait, as_json, wav, save, text)
    ctx.exit(Exit.OK if run_call(wanted) else Exit.FAILED)


def _where(url: str | None, key: str | None) -> tuple[Address, str | None]:
    """The service, and the key for it: our own one where the settings speak of that very service."""
    if url is not None:
        return Address.parse(url), key
    settings = settings_with()
    own = settings.admin_key.get_secret_value() if settings.admin_key is not None else None
    return Address.parse(local_url(settings)), key or own


def local_url(settings: Settings) -> str:
    """Where the service of these settings is reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - not listened on
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
