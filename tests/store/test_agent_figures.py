import pytest

from orchestrator.store.agent_figures import HandoffFigures, load_agent_figures
from orchestrator.store.database import Database
from tests.store import sample_rows as rows
from tests.store.sample_rows import START
from tests.store.shapes import Writing

pytestmark = pytest.mark.db


async def test_figures_are_added_up_by_agent(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.conversation())
        writer.put(rows.handoff(1))
        writer.put(rows.handoff(2, source="restaurant", target="triage"))
        writer.put(rows.handoff(3, outcome="rolled_back"))
        writer.put(rows.tool_run("call_1"))
        writer.put(rows.tool_run("call_2", outcome="timed_out", finished_at=START + 3))
        for number, wait in enumerate((0.2, 0.4, 1.2), start=1):
            writer.put(rows.response(number, first_output_at=START + number + wait))
        writer.put(rows.response(9))
    async with database.read() as connection:
        figures = await load_agent_figures(connection, START)
        nothing = await load_agent_figures(connection, START + 3600)
    assert figures.conversations == {"triage": 1, "restaurant": 1}
    assert figures.handoffs == (
        HandoffFigures(source="restaurant", target="triage", committed=1, failed=0),
        HandoffFigures(source="triage", target="restaurant", committed=1, failed=1),
    )
    assert (figures.handed_on("triage"), figures.handed_on("human")) == (1, 0)
    assert figures.tool_runs("restaurant") == (2, 1)
    assert figures.tools[0].median_ms == pytest.approx(2000)
    waits = figures.waits["triage"]
    assert waits.replies == 3
    assert waits.p50_ms == pytest.approx(400)
    assert waits.p95_ms == pytest.approx(1120)
    assert (nothing.conversations, nothing.handoffs, nothing.tools, nothing.waits) == ({}, (), (), {})
