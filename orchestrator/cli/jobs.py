"""`orchestrator jobs`: what is erased, by a clock or on request."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import rich_click as click
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from orchestrator.cli.configuration import settings_with
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.stored import WHO, database_url, forgetting, in_database
from orchestrator.cli.terminal import errors, output, print_json
from orchestrator.core.errors import SettingsError
from orchestrator.jobs.erasure import Erased, Eraser
from orchestrator.logs import configure_logs
from orchestrator.store.conversations import ConversationFilter
from orchestrator.store.database import Database

FOR_EVER = "Everything is kept: ORCHESTRATOR_RETENTION_DAYS is not set, nor ORCHESTRATOR_RECORDING_DAYS."


@click.group(cls=LazyGroup)
def jobs() -> None:
    """Erase what was kept long enough, or what somebody names."""


@jobs.command()
def run() -> None:
    """Do what is due every hour, until Ctrl-C. Several may run; each thing is done once."""
    try:
        from orchestrator.jobs.worker import work  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "The packages for jobs are not installed. Mend: pip install 'orchestrator[jobs]', "
            "or call `orchestrator jobs retention` from a cron of your own."
        ) from None
    settings = settings_with()
    configure_logs(settings.log_level, settings.log_format)
    days = settings.retention_days
    errors.print(
        FOR_EVER if days is None else f"Every hour, conversations older than {days} days are erased."
    )
    with database_url(settings) as url:
        asyncio.run(work(url, days=days, forget=forgetting()))


@jobs.command()
@click.option("--dry-run", is_flag=True, help="Tell what would be erased, and erase nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
def retention(dry_run: bool, as_json: bool) -> None:
    """Erase conversations that were kept for ORCHESTRATOR_RETENTION_DAYS, and recordings that are over."""
    settings, now = settings_with(), time.time()
    days = settings.retention_days
    if days is None and settings.recording_days is None:
        raise click.UsageError(FOR_EVER)

    async def work(eraser: Eraser) -> Erased:
        erased = Erased() if days is None else await eraser.expired(days, now)
        erased.recordings += await eraser.recordings(now)
        return erased

    _report(_erase(work, dry_run), dry_run, as_json)


@jobs.command()
@click.option("--key", "created_by", metavar="KEY_ID", help="Begun with this API key.")
@click.option("--agent", metavar="NAME", help="This agent was on duty.")
@click.option("--label", metavar="LABEL", help="It carries this label.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Begun before this day (UTC).")
@click.option("--dry-run", is_flag=True, help="Tell what would be erased, and erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
def erase(before: datetime | None, dry_run: bool, yes: bool, as_json: bool, **wanted: object) -> None:
    """Erase the conversations that all of the options fit. Those with a call on are left."""
    moment = None if before is None else before.replace(tzinfo=UTC).timestamp()
    chosen = ConversationFilter(created_before=moment, **wanted)  # type: ignore[arg-type]  # its fields
    if chosen == ConversationFilter():
        raise click.UsageError("Say which: --key, --agent, --label or --before.")
    if not dry_run and not yes:
        found = _erase(lambda eraser: eraser.matching(chosen), dry_run=True)
        click.confirm(f"Erase {len(found.conversations)} conversations for good?", abort=True, err=True)
    _report(_erase(lambda eraser: eraser.matching(chosen), dry_run), dry_run, as_json)


def _erase(work: Callable[[Eraser], Awaitable[Erased]], dry_run: bool) -> Erased:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("looking" if dry_run else "erasing", total=None)

        async def in_this(database: Database) -> Erased:
            eraser = Eraser(
                database=database,
                forget=forgetting(),
                by=WHO,
                dry_run=dry_run,
                progress=lambda count: bar.update(task, completed=count),
            )
            return await work(eraser)

        return in_database(in_this)


def _report(erased: Erased, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"erased": erased, "dry_run": dry_run})
        return
    would = "would be" if dry_run else "are"
    for conversation in erased.conversations if dry_run else ():
        output.print(Text(conversation))
    errors.print(f"{len(erased.conversations)} conversations {would} erased, {erased.recordings} recordings.")
    if erased.live:
        errors.print(Text(f"{erased.live} have a call on and are left.", style="warn"))
