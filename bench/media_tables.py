"""Figures as tables in Markdown."""

from typing import Any


def table(rows: dict[str, dict[str, Any]]) -> str:
    """One column for each server, one row for each figure."""
    names = list(rows)
    figures = list(dict.fromkeys(figure for found in rows.values() for figure in found))
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    lines += [
        f"| {figure} | {' | '.join(_shown(rows[name].get(figure)) for name in names)} |" for figure in figures
    ]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return f"{value['p50']:.1f} / {value['p99']:.1f}" if value else "none"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
