"""`orchestrator database`: its tables, its address."""

import rich_click as click
from rich.text import Text

from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.stored import database_url
from orchestrator.cli.terminal import errors, output
from orchestrator.store import migrate


@click.group(cls=LazyGroup)
def database() -> None:
    """Bring the database up to date, and check it."""


@database.command()
def upgrade() -> None:
    """Apply every migration that is missing. `serve` does so by itself."""
    with database_url(settings_with()) as url:
        before = migrate.current(url)
        migrate.upgrade(url)
        after = migrate.current(url)
    errors.print(f"At {after} already." if before == after else f"From {before or 'nothing'} to {after}.")


@database.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Tell how the database differs from the tables of this version. Ends with 1 where it does."""
    settings = settings_with()
    with database_url(settings) as url:
        differences = migrate.check(url, alone=settings.database_url is None)
    for difference in differences:
        errors.print(Text.assemble(("differs  ", "bad"), difference), soft_wrap=True)
    if not differences:
        errors.print("The database has the tables of this version.")
    ctx.exit(Exit.FAILED if differences else Exit.OK)


@database.command()
@click.pass_context
def current(ctx: click.Context) -> None:
    """Print the migration that the database is at. Ends with 1 where it is not the newest."""
    with database_url(settings_with()) as url:
        at = migrate.current(url)
    output.print(at or "empty")
    if at != migrate.head():
        errors.print(f"The newest is {migrate.head()}: `orchestrator database upgrade` brings it there.")
        ctx.exit(Exit.FAILED)


@database.command()
@click.option("--driver", is_flag=True, help="Write it for SQLAlchemy, with the driver in it.")
def url(driver: bool) -> None:
    """Print the database's address, with its password: for `psql` and other tools.

    The embedded Postgres has one only while something keeps it running, such as `orchestrator serve`.
    """
    with database_url(settings_with()) as address:
        shown = address if driver else address.replace("postgresql+asyncpg://", "postgresql://", 1)
        output.print(Text(shown), soft_wrap=True)
