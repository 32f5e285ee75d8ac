import pytest

from orchestrator.web.replays.engines import engine_names
from tests.api.node import Node

pytestmark = pytest.mark.db


def test_engines_are_offered_by_the_names_that_replays_know(node: Node) -> None:
    assert engine_names(node.services)[0] == "default"
    assert "embedded" in engine_names(node.services)
