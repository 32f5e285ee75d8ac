import asyncio
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import SimulatedCaller
from orchestrator.testing.turns import says
from orchestrator.testing.virtual_time import VirtualTime
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

FORGETFUL = """
def test_forgets_to_enter(scripted_engine):
    scripted_engine(lambda view: None)


def test_is_in_order(virtual_time):
    import asyncio

    virtual_time.run(asyncio.sleep(3600))
"""


def test_pytest_finds_the_plugin_by_itself() -> None:
    names = [entry.value for entry in entry_points(group="pytest11") if entry.name == "orchestrator"]
    assert names == ["orchestrator.testing.pytest_plugin"]


def test_virtual_time_is_a_clock_that_jumps(virtual_time: VirtualTime) -> None:
    began = virtual_time.clock()
    virtual_time.run(asyncio.sleep(3600))
    assert virtual_time.clock() - began == 3600


async def test_engines_are_made_with_the_options_of_the_engine(
    scripted_engine: Callable[..., ScriptedEngine],
) -> None:
    async with (
        scripted_engine(lambda _view: says("Hi"), api_key="k") as engine,
        SimulatedCaller(engine.url, model="m", key="k") as person,
    ):
        assert (await person.say("Hello")).text == "Hi"


def test_an_engine_that_was_never_left_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_forgetful.py").write_text(FORGETFUL)
    options = ["-q", *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faker")]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "2 passed, 1 error" in finished.stdout
    assert "Scripted engine [1] was made and never left" in finished.stdout
