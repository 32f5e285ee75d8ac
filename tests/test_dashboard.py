"""The Grafana dashboard asks for figures that there are, and for all that matter."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestrator.api.health import _Live
from orchestrator.call.metrics import REGISTRY
from orchestrator.call.switchboard import Switchboard

pytestmark = pytest.mark.unit

DASHBOARD = Path(__file__).parents[1] / "docs" / "grafana" / "orchestrator.json"
ENDINGS = {"counter": "_total", "histogram": "_bucket", "gauge": ""}


@pytest.fixture
def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return found


def names() -> set[str]:
    """Every name that a query may use."""
    quiet = cast("Switchboard", SimpleNamespace(conversations={}))
    metrics = [*REGISTRY.collect(), *_Live(quiet).collect()]
    return {metric.name + ENDINGS[metric.type] for metric in metrics}


def asked_for(dashboard: dict[str, Any]) -> set[str]:
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return {name for query in queries for name in re.findall(r"orchestrator_\w+", query)}


def test_every_figure_that_is_measured_is_shown_and_no_other(dashboard: dict[str, Any]) -> None:
    assert asked_for(dashboard) == names()


def test_panels_have_titles_of_their_own_and_do_not_overlap(dashboard: dict[str, Any]) -> None:
    titles = [panel["title"] for panel in dashboard["panels"]]
    assert len(set(titles)) == len(titles)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
