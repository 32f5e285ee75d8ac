"""Which engine an agent's sessions go to."""

from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.call.engines import Engines
from orchestrator.core.errors import SettingsError
from orchestrator.realtime.dialects import Capabilities, EngineEndpoint
from tests.engine.scripted_speech import ScriptedEars

pytestmark = pytest.mark.unit

EMBEDDED = EngineEndpoint(kind="embedded", url="ws://127.0.0.1:1")
OPENAI = EngineEndpoint(kind="openai", url="https://api.openai.com/v1", api_key="sk-none")
ENGINES = Engines(EMBEDDED, {"embedded": EMBEDDED, "openai": OPENAI})


def test_an_agent_that_names_no_engine_has_the_default() -> None:
    assert ENGINES.endpoint(None) is EMBEDDED


def test_an_agent_may_name_an_engine_or_give_its_address() -> None:
    assert ENGINES.endpoint("openai") is OPENAI
    assert ENGINES.endpoint("wss://engine.example/v1/realtime") == EngineEndpoint(
        kind="compatible", url="wss://engine.example/v1/realtime"
    )


def test_an_engine_that_is_not_set_up_is_told_by_name() -> None:
    with pytest.raises(SettingsError, match="'azure' is not set up here") as caught:
        ENGINES.endpoint("azure")
    assert caught.value.param == "engine"


@pytest.mark.parametrize("engine", [None, "openai", "azure"])
def test_an_engine_hears_where_that_is_among_its_abilities(engine: str | None) -> None:
    agent: Any = SimpleNamespace(engine=engine, model=None)
    assert ENGINES.hears(agent) == ENGINES.abilities(agent).audio_in


def test_abilities_are_those_of_the_agents_own_engine() -> None:
    agent: Any = SimpleNamespace(engine="openai", model=None)
    abilities = ENGINES.abilities(agent)
    assert abilities.audio_in
    assert abilities.audio_out
    assert not abilities.text_to_speech


def test_an_engine_that_an_agent_names_by_its_address_can_do_what_the_settings_say() -> None:
    deaf = Capabilities(audio_in=False, audio_out=False)
    engines = Engines(EMBEDDED, {}, compatible=deaf)
    agent: Any = SimpleNamespace(engine="wss://engine.example/v1/realtime", model=None)
    assert engines.endpoint(agent.engine).capabilities == deaf
    assert not engines.abilities(agent).hears


def test_what_hears_for_an_engine_that_only_reads_is_one_of_its_abilities() -> None:
    deaf = EngineEndpoint(kind="compatible", url="ws://h", own_capabilities=Capabilities(audio_in=False))
    agent: Any = SimpleNamespace(engine=None, model=None)
    assert Engines(deaf, {}, ears=ScriptedEars()).abilities(agent).hears
    assert not Engines(deaf, {}).abilities(agent).hears


@pytest.mark.parametrize(
    ("endpoint", "times"),
    [(EMBEDDED, True), (OPENAI, True), (EngineEndpoint(kind="compatible", url="ws://h"), False)],
)
def test_the_engines_that_ask_idle_callers_are_known(endpoint: EngineEndpoint, times: bool) -> None:
    agent: Any = SimpleNamespace(engine=None, model=None)
    assert Engines(endpoint, {}).abilities(agent).times_idle is times
