"""The page that shows how agents are declared is run as it is written."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import orchestrator
from orchestrator.call.loading import load, survey
from orchestrator.core.agent_specs import KNOWN
from orchestrator.core.definition import Definition
from orchestrator.core.problems import Findings
from orchestrator.core.tool_specs import compile_tool
from orchestrator.core.tools import ToolContext

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "declare-agents.md").read_text()
REFERENCE = (DOCS / "reference" / "declarations.md").read_text()
BLOCK = re.compile(r"```python\n# (?P<file>\S+?\.py)(?:, continued)?\n(?P<code>.*?)```", re.DOTALL)


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Path]:
    """The package that the page builds, in a folder of its own."""
    path = list(sys.path)
    (tmp_path / "bakery").mkdir()
    for block in BLOCK.finditer(PAGE):
        with (tmp_path / block["file"]).open("a") as file:
            file.write(block["code"])
    yield tmp_path
    sys.path[:] = path
    for module in [name for name in sys.modules if name.partition(".")[0] == "bakery"]:
        del sys.modules[module]


@pytest.fixture
def definition(bakery: Path) -> Definition:
    return load("bakery", root=bakery)


def test_every_block_of_the_page_belongs_to_a_file() -> None:
    assert PAGE.count("```python") == len(list(BLOCK.finditer(PAGE))) == 5


def test_the_package_of_the_page_has_no_problems(bakery: Path) -> None:
    definition, problems = survey("bakery", root=bakery)
    assert problems == []
    assert definition is not None
    assert definition.entry == "front_desk"
    assert sorted(definition.agents) == ["counter", "front_desk"]


async def test_the_tools_of_the_page_do_what_it_says(definition: Definition) -> None:
    counter = definition.agent("counter")
    add, order = counter.tool("add_bread"), counter.tool("order")
    assert add is not None
    assert add.run is not None
    assert order is not None
    assert order.run is not None
    [violation] = add.check({"bread": "rye", "count": 0})
    assert f"`{violation}`" in PAGE
    context = ToolContext(conversation_id="c", agent="counter", tool_call_id="t")
    added = await add.run(context, {"bread": "rye", "count": 2})
    assert added.output == "Added 2 rye. The total is 8.40 dollars."
    later = ToolContext(conversation_id="c", agent="counter", tool_call_id="u", states=added.states)
    ordered = await order.run(later, {"name": "Anna"})
    assert later.effects(ordered).states == {"basket": {"lines": []}}
    assert [record.data["total"] for record in later.effects().records] == ["8.40"]


async def test_the_raw_tools_of_the_page_are_sound(definition: Definition) -> None:
    lookup = importlib.import_module("bakery.lookup")
    findings = Findings("bakery")
    made = [compile_tool(each, findings) for each in (lookup.allergens, lookup.show_map)]
    assert findings.problems == []
    specs = [spec for spec, _ in filter(None, made)]
    assert [spec.run is None for spec in specs] == [False, True]
    assert specs[0].run is not None
    context = ToolContext(conversation_id="c", agent="counter", tool_call_id="t")
    assert (await specs[0].run(context, {"bread": "rye"})).output == {"allergens": ["gluten"]}


def test_the_problems_that_the_page_shows_are_those_that_are_told(bakery: Path) -> None:
    counter, front = bakery / "bakery" / "counter.py", bakery / "bakery" / "front.py"
    counter.write_text(counter.read_text().replace('    voice = "cedar"', '    voise = "cedar"'))
    front.write_text(front.read_text().replace('"counter"', '"countr"'))
    _, problems = survey("bakery", root=bakery)
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert [str(problem) for problem in problems] == shown.splitlines()


def test_the_reference_names_everything_that_an_author_may_use() -> None:
    members = {name for name in vars(ToolContext) if not name.startswith("_")}
    framework = {"effects", "states_after", "replace_state"}
    for name in {*orchestrator.__all__, *KNOWN, *(members - framework)}:
        assert re.search(rf"`@?{name}\b|## @?{name}\b", REFERENCE), name
