"""`orchestrator agents`: the agents of this folder, as their classes say."""

import sys

import rich_click as click
from rich.text import Text

from orchestrator.call.loading import load, survey
from orchestrator.cli.agent_view import print_agent, print_agents, tree
from orchestrator.cli.configuration import settings_with
from orchestrator.cli.exits import Exit
from orchestrator.cli.lazy import LazyGroup
from orchestrator.cli.terminal import errors, output, print_json
from orchestrator.core.definition import Definition
from orchestrator.core.describe import describe, dot, graph, mermaid
from orchestrator.core.errors import NotFoundError
from orchestrator.core.problems import Problem, errors_of

package_option = click.option("--agents", "package", metavar="PACKAGE", help="Another package of agents.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=LazyGroup)
def agents() -> None:
    """Look at the agents of this folder, and check them.

    What administrators changed while the service ran is not shown here: it is in the database.
    """


@agents.command("list")
@package_option
@json_option
def list_all(package: str | None, as_json: bool) -> None:
    """List the agents."""
    definition = _loaded(package)
    if as_json:
        print_json([describe(agent) for agent in definition.agents.values()])
    else:
        print_agents(definition)


@agents.command()
@click.argument("name")
@package_option
@json_option
def show(name: str, package: str | None, as_json: bool) -> None:
    """Show the agent NAME: instructions, tools with their schemas, handoffs, state."""
    definition = _loaded(package)
    if name not in definition.agents:
        raise NotFoundError(f"There is no agent {name!r}. There are: {', '.join(definition.agents)}.")
    if as_json:
        print_json(describe(definition.agents[name]))
    else:
        print_agent(definition.agents[name])


@agents.command()
@package_option
@json_option
@click.pass_context
def check(ctx: click.Context, package: str | None, as_json: bool) -> None:
    """Check the agents and tell everything that is wrong, at once. Ends with 1 where anything is."""
    settings = settings_with(agents=package)
    definition, problems = survey(settings.agents, settings.default_agent)
    if as_json:
        print_json({"agents": list(definition.agents) if definition else [], "problems": problems})
    else:
        _print_problems(problems)
        if definition is not None and not errors_of(problems):
            number = len(definition.agents)
            output.print(Text(f"{number} agent{'' if number == 1 else 's'}: {', '.join(definition.agents)}"))
    ctx.exit(Exit.FAILED if errors_of(problems) else Exit.OK)


@agents.command("graph")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "mermaid", "dot", "json"]),
    default="tree",
    show_default=True,
)
@package_option
def draw(form: str, package: str | None) -> None:
    """Draw who hands over to whom."""
    definition = _loaded(package)
    if form == "tree":
        output.print(tree(definition))
    elif form == "json":
        print_json(graph(definition))
    else:
        sys.stdout.write(mermaid(definition) if form == "mermaid" else dot(definition))


def _loaded(package: str | None) -> Definition:
    settings = settings_with(agents=package)
    return load(settings.agents, settings.default_agent)


def _print_problems(problems: list[Problem]) -> None:
    for problem in problems:
        style = "bad" if problem.severity == "error" else "warn"
        errors.print(Text.assemble((f"{problem.severity:<9}", style), str(problem)), soft_wrap=True)
