import runpy
from pathlib import Path

import pytest

from orchestrator.core.transitions import AUTHORITY, LINK, TURN, Authority, IllegalTransitionError, Link, Turn
from tests.core.test_simulation import live

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[2] / "docs"
FIRST = 1182
"""The seed of a life from which on it does not take hundreds until the rarest moves have happened too."""


def test_a_table_leads_from_each_state_to_the_next() -> None:
    assert LINK.after(Link.OPENING, "ready") is Link.LIVE
    assert AUTHORITY.after(Authority.STAGED, "rolled_back") is Authority.SETTLED


def test_what_a_table_does_not_name_is_refused_and_says_what_was_tried() -> None:
    with pytest.raises(IllegalTransitionError, match="link: 'ready' cannot happen while closed"):
        LINK.after(Link.CLOSED, "ready")


def test_every_state_has_a_row_and_can_be_reached() -> None:
    for states, table in ((Link, LINK), (Turn, TURN), (Authority, AUTHORITY)):
        assert set(table.moves) == set(states)
        reached = {target for moves in table.moves.values() for target in moves.values()}
        assert reached | {table.start} == set(states)


def test_the_documentation_shows_the_tables_as_they_are() -> None:
    page = (DOCS / "explanation" / "conversation-machine.md").read_text()
    drawn = runpy.run_path(str(DOCS / "make_diagrams.py"))["drawn"]
    assert drawn(page) == page, "run python docs/make_diagrams.py"
    assert page.count("stateDiagram-v2") == 3


def test_every_move_of_a_turn_that_the_table_allows_does_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[Turn, str]] = set()
    after = type(TURN).after

    def watched(table: object, state: object, happening: str) -> object:
        if table is TURN:
            seen.add((state, happening))  # type: ignore[arg-type]
        return after(table, state, happening)  # type: ignore[arg-type]

    monkeypatch.setattr(type(TURN), "after", watched)
    allowed = {(state, happening) for state, moves in TURN.moves.items() for happening in moves}
    for seed in range(FIRST, FIRST + 800):
        live(seed, 150)
        if seen == allowed:
            break
    assert seen == allowed
