# noqa: INP001 - a script, run by hand
"""Draws the diagrams of `docs/explanation/conversation-machine.md` from the tables of the machine.

`python docs/make_diagrams.py` writes them into the page; a test says when that was forgotten.
"""

import re
from pathlib import Path
from typing import Final

from orchestrator.core.transitions import AUTHORITY, LINK, TURN, StateT, Table

PAGE: Final = Path(__file__).parent / "explanation" / "conversation-machine.md"


def diagram(table: Table[StateT]) -> str:
    """One table as a Mermaid state diagram; happenings that lead to the same place share an arrow."""
    lines = ["stateDiagram-v2", f"    [*] --> {table.start.value}"]
    for state, moves in table.moves.items():
        targets: dict[str, list[str]] = {}
        for happening, target in moves.items():
            targets.setdefault(target.value, []).append(happening.replace("_", " "))
        lines += [f"    {state.value} --> {target}: {', '.join(why)}" for target, why in targets.items()]
        if not moves:
            lines.append(f"    {state.value} --> [*]")
    return "\n".join(lines)


DIAGRAMS: Final = {
    LINK.name: diagram(LINK),
    TURN.name: diagram(TURN),
    AUTHORITY.name: diagram(AUTHORITY),
}


def drawn(text: str) -> str:
    """The page with every diagram drawn anew: the code block behind each `<!-- table: … -->`."""

    def replaced(match: re.Match[str]) -> str:
        return f"{match[1]}```mermaid\n{DIAGRAMS[match[2]]}\n```"

    return re.sub(r"(<!-- table: (\w+) -->\n)```mermaid\n.*?```", replaced, text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
