import pytest

from orchestrator.core.agents import Agent, agent_name
from orchestrator.core.definition import Limits

pytestmark = pytest.mark.unit


def test_an_agent_is_named_after_its_class() -> None:
    class FrontDesk(Agent):
        pass

    assert agent_name(FrontDesk) == "front_desk"


def test_an_agent_may_name_itself() -> None:
    class FrontDesk(Agent):
        name = "triage"

    assert agent_name(FrontDesk) == "triage"


def test_a_name_is_not_inherited() -> None:
    class FrontDesk(Agent):
        name = "triage"

    class NightDesk(FrontDesk):
        pass

    assert agent_name(NightDesk) == "night_desk"


def test_everything_has_a_default() -> None:
    class Plain(Agent):
        pass

    assert Plain.instructions == ""
    assert Plain.voice is None
    assert Plain.greeting is None
    assert [Plain.state, Plain.tools, Plain.handoffs, Plain.hints] == [()] * 4
    assert Plain.engine is None
    assert Plain.model is None
    assert Plain.turn_detection is None
    assert Plain.reload == "tts"
    assert Plain.tts is None
    assert Plain.limits == Limits()
    assert Plain.enabled


def test_the_base_is_no_agent_itself_and_a_class_may_say_so_too() -> None:
    class Base(Agent, abstract=True):
        pass

    class Real(Base):
        pass

    assert Agent.__abstract__
    assert Base.__abstract__
    assert not Real.__abstract__


def test_being_the_entry_is_said_by_the_class_and_not_inherited() -> None:
    class First(Agent, entry=True):
        pass

    class Second(First):
        pass

    assert First.__entry__
    assert not Second.__entry__


def test_an_unknown_class_keyword_is_refused_by_the_language() -> None:
    with pytest.raises(TypeError):

        class Wrong(Agent, entri=True):
            pass
