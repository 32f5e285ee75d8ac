"""`orchestrator replay`: stored conversations lived again with the agents of this folder."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator.api.admin.replay_shapes import ReplayFilter, shown_case, shown_run
from orchestrator.api.services import Services
from orchestrator.app import open_services
from orchestrator.call.loading import load
from orchestrator.call.replays import MOST, side_by_side
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit
from orchestrator.cli.replay_view import print_case, print_outcome
from orchestrator.cli.stored import WHO, database_url
from orchestrator.cli.terminal import errors, print_json
from orchestrator.core.comparison import Comparison
from orchestrator.core.definition import Definition
from orchestrator.core.redaction import Redaction
from orchestrator.logs import configure_logs
from orchestrator.settings import Settings
from orchestrator.store.audit import append_audit
from orchestrator.store.conversations import list_conversations
from orchestrator.store.replays import ReplayCase, ReplayRun, get_replay, list_cases

LOOK_SECONDS: Final = 0.25
"""How often progress is looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    conversations: tuple[str, ...]
    chosen: ReplayFilter | None
    engine: str | None
    agents: dict[str, Any]
    concurrency: int
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it; comparisons of those that differ, by number."""

    run: ReplayRun
    cases: tuple[ReplayCase, ...]
    comparisons: dict[int, Comparison]


@click.command()
@click.argument("conversations", metavar="[CONVERSATION]…", nargs=-1)
@click.option(
    "--filter",
    "filters",
    metavar="NAME=VALUE",
    multiple=True,
    help="Instead of ids: agent, status, label, verdict, text, has_error, tool_error, slower_than_ms, since, "
    "until, limit.",
)
@click.option("--engine", metavar="NAME", help="For every agent: embedded, openai, azure, url or default.")
@click.option(
    "--revision",
    "revisions",
    metavar="AGENT=N",
    multiple=True,
    help="This agent as that revision says; 0: class.",
)
@click.option("--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="At once.")
@click.option("--note", default="", metavar="TEXT", help="Why; kept with the replay.")
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
@click.pass_context
def replay(
    ctx: click.RichContext,
    /,
    conversations: tuple[str, ...],
    filters: tuple[str, ...],
    revisions: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Live stored conversations again with today's agents.

    Says again what their callers said, and tells what agents do differently now.

    Nothing is ordered twice. Ends with 1 where anything differs.
    """
    if bool(conversations) == bool(filters):
        raise click.UsageError("Name conversations, or choose them with --filter.")
    agents = {name: {"revision": _number(value)} for name, value in _pairs(revisions, "--revision")}
    wanted = Wanted(conversations, _filter(filters) if filters else None, agents=agents, **options)
    # A node of its own, beside a service that may run: it must not be taken for that one.
    settings = settings_with(port=0, udp_port=0)
    configure_logs("error", settings.log_format)
    declared = load(settings.agents, settings.default_agent)
    with database_url(settings) as url:
        found = asyncio.run(_replay(settings, url, declared, wanted))
    if as_json:
        print_json({"replay": shown_run(found.run), "cases": [shown_case(case) for case in found.cases]})
    else:
        _print(found)
    if found.run.same < found.run.total:
        ctx.exit(Exit.FAILED)


def _print(found: Found) -> None:
    for case in found.cases:
        if case.outcome != "same":
            print_case(case, found.comparisons.get(case.number))
    print_outcome(found.run)


def _filter(filters: Sequence[str]) -> ReplayFilter:
    try:
        return msgspec.convert(dict(_pairs(filters, "--filter")), ReplayFilter, strict=False)
    except msgspec.ValidationError as error:
        raise click.UsageError(f"--filter: {error}") from None


def _pairs(given: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = []
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise click.UsageError(f"{option} {each}: write it as NAME=VALUE.")
        pairs.append((name, value))
    return pairs


def _number(value: str) -> int:
    if not value.isdecimal():
        raise click.UsageError(f"--revision: {value} is no number of a revision.")
    return int(value)


async def _replay(settings: Settings, url: str, declared: Definition, wanted: Wanted) -> Found:
    async with open_services(settings, url, declared) as services:
        run = await services.replays.begin(
            await _originals(services, wanted),
            author=WHO,
            engine=wanted.engine,
            agents=wanted.agents,
            concurrency=wanted.concurrency,
            note=wanted.note,
        )
        async with services.database.transaction() as connection:
            await append_audit(connection, key_id=None, key_name=WHO, action="replay.begin", target=run.id)
        await _watched(services, run)
        return await _found(services, run.id)


async def _originals(services: Services, wanted: Wanted) -> Sequence[str]:
    if wanted.chosen is None:
        return wanted.conversations
    async with services.database.read() as connection:
        page = await list_conversations(connection, wanted.chosen.chosen(), limit=wanted.chosen.limit)
    return [summary.id for summary in page.rows]


async def _watched(services: Services, run: ReplayRun) -> None:
    """Show how far it has come, until it is over."""
    words = TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")
    with Progress(*words, TimeElapsedColumn(), console=errors, transient=True) as progress:
        task = progress.add_task("", total=run.total)
        over = asyncio.ensure_future(services.replays.ended(run.id))
        while not over.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(over), LOOK_SECONDS)
            async with services.database.read() as connection:
                now = await get_replay(connection, run.id)
            done = now.same + now.different + now.failed
            told = f"{now.different} different, {now.failed} failed"
            progress.update(task, completed=done, description=told)


async def _found(services: Services, replay_id: str) -> Found:
    async with services.database.read() as connection:
        run = await get_replay(connection, replay_id)
        cases = (await list_cases(connection, replay_id, limit=MOST)).rows
    comparisons: dict[int, Comparison] = {}
    for case in cases:
        if case.outcome == "different":
            definition = services.switchboard.definition
            compared = await side_by_side(services.database, case, definition, Redaction())
            if compared is not None:
                comparisons[case.number] = compared
    return Found(run, cases, comparisons)
