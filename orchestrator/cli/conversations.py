"""`orchestrator conversations`: what is stored, straight from the database."""

import sys
from pathlib import Path
from typing import get_args

import rich_click as click
from rich.text import Text

from orchestrator.api.admin.export import Format, exported
from orchestrator.api.admin.generated import source_of_test
from orchestrator.call.loading import load
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.conversation_view import print_conversation, print_list
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.stored import WHO, forgetting, in_database
from orchestrator.cli.terminal import errors, print_json
from orchestrator.core.records import ConversationStatus
from orchestrator.store.audit import append_audit
from orchestrator.store.conversations import (
    ConversationFilter,
    ConversationSummary,
    erase_conversation,
    get_conversation,
    list_conversations,
)
from orchestrator.store.database import Database
from orchestrator.store.details import ConversationDetails, load_details, state_at
from orchestrator.store.paging import Page
from orchestrator.store.prices import load_prices


@click.group(cls=LazyGroup)
def conversations() -> None:
    """Read what is stored of conversations.

    Works on the database that the settings name, whether the service runs or not.
    """


@conversations.command("list")
@click.option("--agent", metavar="NAME", help="This agent was on duty.")
@click.option("--status", type=click.Choice(get_args(ConversationStatus)), help="How it stands.")
@click.option("--search", "text", metavar="WORDS", help="Words that were said, or the name of a tool.")
@click.option("--label", metavar="LABEL", help="It carries this label.")
@click.option(
    "--errors", "has_error", is_flag=True, default=None, help="A tool, a reply or a handoff failed."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.option("--after", metavar="CURSOR", help="Go on behind the page that ended with this cursor.")
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
def list_some(limit: int, after: str | None, as_json: bool, **wanted: object) -> None:
    """List conversations, newest first."""
    chosen = ConversationFilter(**wanted)  # type: ignore[arg-type]  # the options are named after its fields

    async def work(database: Database) -> Page[ConversationSummary]:
        async with database.read() as connection:
            return await list_conversations(connection, chosen, after=after, limit=limit)

    page = in_database(work)
    if as_json:
        print_json({"conversations": page.rows, "next": page.next})
    else:
        print_list(page)


@conversations.command()
@click.argument("conversation", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print everything, as `export --format json` does.")
def show(conversation: str, as_json: bool) -> None:
    """Show what was said and done in the conversation ID, and its state now."""
    if as_json:
        sys.stdout.buffer.write(_export(conversation, "json") + b"\n")
        return

    async def work(database: Database) -> tuple[ConversationDetails, dict[str, object]]:
        async with database.snapshot() as connection:
            details = await load_details(connection, conversation)
            return details, dict(await state_at(connection, conversation))

    details, states = in_database(work)
    print_conversation(details, states)


@conversations.command()
@click.argument("conversation", metavar="ID")
@click.option("--format", "form", type=click.Choice(get_args(Format)), default="json", show_default=True)
@click.option(
    "--output", "-o", "target", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
def export(conversation: str, form: Format, target: Path | None) -> None:
    """Write the conversation ID to a file, or to the standard output."""
    content = _export(conversation, form)
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.FileError(str(target), error.strerror) from error
    errors.print(Text(f"Written to {target}."))


@conversations.command()
@click.argument("conversation", metavar="ID")
def test(conversation: str) -> None:
    """Print the conversation ID as a test with a scripted engine, to be kept under tests/.

    Telephone and card numbers and mail addresses are replaced; names are not. Read it before you keep it.
    """
    settings = settings_with()
    definition = load(settings.agents, settings.default_agent)

    async def work(database: Database) -> ConversationDetails:
        async with database.snapshot() as connection:
            return await load_details(connection, conversation)

    sys.stdout.write(source_of_test(in_database(work), definition, settings.agents))


@conversations.command()
@click.argument("conversation", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(conversation: str, yes: bool) -> None:
    """Erase the conversation ID with everything that belongs to it. A call that is on is cut off."""

    async def look(database: Database) -> ConversationSummary:
        async with database.read() as connection:
            return await get_conversation(connection, conversation)

    found = in_database(look)
    if not yes:
        click.confirm(f"Erase {found.id}, with {found.turns} turns, for good?", abort=True)

    async def work(database: Database) -> list[str]:
        async with database.transaction() as connection:
            recordings = await erase_conversation(connection, conversation)
            await append_audit(
                connection, key_id=None, key_name=WHO, action="conversation.erase", target=conversation
            )
            await forgetting()(recordings)
            return recordings

    recordings = in_database(work)
    errors.print(
        f"{conversation} is erased" + (f", with {len(recordings)} recordings." if recordings else ".")
    )


def _export(conversation: str, form: Format) -> bytes:
    async def work(database: Database) -> bytes:
        async with database.snapshot() as connection:
            details = await load_details(connection, conversation)
            return exported(details, await load_prices(connection), form)

    return in_database(work)
