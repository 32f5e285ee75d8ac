"""`orchestrator keys`: API keys, straight in the database."""

import time
from datetime import datetime

import rich_click as click
from rich.text import Text

from orchestrator.cli.address import Address
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.stored import WHO, in_database
from orchestrator.cli.terminal import errors, output, print_json, print_table, table
from orchestrator.store.audit import append_audit
from orchestrator.store.database import Database
from orchestrator.store.keys import ApiKey, KeyRole, create_key, list_keys, revoke_key

SECONDS_PER_DAY = 86400


@click.group(cls=LazyGroup)
def keys() -> None:
    """Make and revoke API keys.

    Works on the database that the settings name, whether the service runs or not.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["admin", "reviewer", "caller"]), default="caller", show_default=True
)
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="Days until it expires; unset: never."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
def create(name: str, role: KeyRole, days: float | None, as_json: bool) -> None:
    """Make a key called NAME and print it: this is the only time."""
    expires_at = None if days is None else time.time() + days * SECONDS_PER_DAY

    async def work(database: Database) -> tuple[ApiKey, str]:
        async with database.transaction() as connection:
            key, secret = await create_key(connection, name, role, expires_at=expires_at)
            await append_audit(
                connection,
                key_id=None,
                key_name=WHO,
                action="key.create",
                target=key.id,
                detail={"role": role},
            )
            return key, secret

    key, secret = in_database(work)
    if as_json:
        print_json(
            {"id": key.id, "name": key.name, "role": key.role, "key": secret, "expires_at": key.expires_at}
        )
        return
    output.print(Text(secret, style="accent"), soft_wrap=True)
    errors.print(Text(f"{key.id}, role {key.role}. It is not shown again.", style="faint"))


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one list of JSON.")
def list_all(as_json: bool) -> None:
    """List every key, without its secret."""

    async def work(database: Database) -> list[ApiKey]:
        async with database.read() as connection:
            return await list_keys(connection)

    found = in_database(work)
    if as_json:
        print_json(found)
        return
    if not found:
        errors.print("No keys yet. `orchestrator keys create NAME` makes one.", style="faint")
        return
    made = table("id", "name", "role", "begins", "made", "last used", "state")
    for key in found:
        made.add_row(
            key.id,
            key.name,
            key.role,
            f"{key.prefix}…",
            _day(key.created_at),
            _day(key.last_used_at),
            _state(key),
        )
    print_table(made)


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Make the key ID useless from now on."""

    async def work(database: Database) -> ApiKey:
        async with database.transaction() as connection:
            key = await revoke_key(connection, key_id)
            await append_audit(connection, key_id=None, key_name=WHO, action="key.revoke", target=key.id)
            return key

    key = in_database(work)
    errors.print(f"{key.id}, {key.name}, opens nothing any more.")


@keys.command("sign-in-link")
@click.option("--url", help="Where the pages are; unset: as the settings say.")
def sign_in_link(url: str | None) -> None:
    """Print a link that signs an administrator in to the pages, once, within 15 minutes.

    Like the one that `serve` prints at its start. Whoever has it is an administrator for 12 hours.
    """
    from orchestrator.serve import another_sign_in_link  # noqa: PLC0415 - no other command needs all that

    address = None if url is None else Address.parse(url).web

    async def work(database: Database) -> str:
        link = await another_sign_in_link(settings_with(), database, address)
        async with database.transaction() as connection:
            await append_audit(
                connection, key_id=None, key_name=WHO, action="key.sign_in_link", target="admin"
            )
        return link

    output.print(Text(in_database(work), style="accent"), soft_wrap=True)
    errors.print("It signs you in once, within 15 minutes.", style="faint")


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "in force"
    return "expired" if key.expires_at <= time.time() else f"until {_day(key.expires_at)}"


def _day(seconds: float | None) -> str:
    return "never" if seconds is None else f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"
