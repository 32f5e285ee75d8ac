"""`orchestrator call`."""

import rich_click as click

from orchestrator.cli.address import Address
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit
from orchestrator.settings import Settings


@click.command()
@click.argument("agent", required=False)
@click.option("--say", "says", metavar="TEXT", multiple=True, help="Say this, then leave; may be repeated.")
@click.option("--text", is_flag=True, help="Type what you say; today the only way.")
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
    text: bool,
    conversation: str | None,
    url: str | None,
    key: str | None,
    wait: float,
    as_json: bool,
) -> None:
    """Talk to an agent from this terminal.

    AGENT is an agent's name, such as triage; with --conversation it is not needed. Ctrl-C stops a reply, then
    leaves. A line of a pipe counts as typed.

    Exit codes: 0 every reply is whole, 1 one is not or something was refused, 3 nobody answers.
    """
    del text
    if agent is None and conversation is None:
        raise click.UsageError("Name an AGENT, or a conversation with --conversation.", ctx)
    address, key = _where(url, key)
    from orchestrator.cli.call import Wanted, run_call  # noqa: PLC0415 - `--help` needs none of it

    wanted = Wanted(address, agent, conversation, key, says, wait, as_json)
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
