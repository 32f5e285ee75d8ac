import pytest

from orchestrator.core.definition import AgentSpec, Definition, InstructionContext
from orchestrator.core.errors import DeclarationError
from orchestrator.core.instructions import first_instructions

pytestmark = pytest.mark.unit


def spec(instructions: object) -> AgentSpec:
    return AgentSpec(name="desk", description="Welcomes.", instructions=instructions)  # type: ignore[arg-type]


def told(instructions: object) -> str:
    agent = spec(instructions)
    return first_instructions(Definition({"desk": agent}, "desk"), agent)


def test_a_text_is_what_the_agent_is_told() -> None:
    assert told("Be kind.") == "Be kind."


def test_a_method_is_asked_as_for_a_call_that_begins() -> None:
    def instructions(context: InstructionContext) -> str:
        return f"{context.agent} {context.previous_agent} {context.payload} {dict(context.states)}"

    assert told(instructions) == "desk None {} {}"


def test_a_method_that_raises_is_named() -> None:
    def instructions(context: InstructionContext) -> str:
        return str(context.states["cart"])

    with pytest.raises(DeclarationError, match=r"desk\.instructions raised KeyError.*Mend the method"):
        told(instructions)
