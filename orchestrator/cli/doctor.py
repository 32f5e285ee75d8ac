"""`orchestrator doctor`: what keeps the service from running well, and the mend."""

import rich_click as click
from rich.text import Text

from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit, explain
from orchestrator.cli.terminal import output, print_json
from orchestrator.core.errors import SettingsError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one list of JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Find out what keeps the service from running well.

    A line for each thing looked at: ok, warn, or fail with the mend. Ends with 1 where anything fails.
    """
    try:
        settings = settings_with()
    except SettingsError as error:
        explain(error)
        ctx.exit(Exit.USAGE)
    from orchestrator.cli.checks import look_at_everything  # noqa: PLC0415 - wrong settings are told at once

    findings = []
    for finding in look_at_everything(settings):
        findings.append(finding)
        if not as_json:
            mark, style = {"ok": ("ok  ", "good"), "warn": ("warn", "warn"), "fail": ("fail", "bad")}[
                finding.verdict
            ]
            line = Text.assemble((f"{mark}  ", style), (f"{finding.what:<12}", "name"), finding.told)
            output.print(line, soft_wrap=True)
            if finding.mend:
                output.print(Text(f"{' ' * 18}{finding.mend}", style="faint"), soft_wrap=True)
    if as_json:
        print_json(findings)
    ctx.exit(Exit.FAILED if any(finding.verdict == "fail" for finding in findings) else Exit.OK)
