"""What an agent is told: a text, or what its method makes of the conversation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.core.definition import AgentSpec, Definition, InstructionContext
from orchestrator.core.errors import DeclarationError
from orchestrator.core.json_value import JsonObject

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def instructions_of(ctx: "Context", spec: AgentSpec, previous: str | None, payload: JsonObject) -> str:
    """The agent's instructions, computed when they are a method.

    Raises:
        DeclarationError: The method raised; the message names it.
    """
    values = {name: ctx.state(name) for name in ctx.definition.states}
    return _computed(spec, ctx.definition, ctx.timeline.conversation_id, values, previous, payload)


def first_instructions(definition: Definition, spec: AgentSpec) -> str:
    """What an agent is told in a conversation that begins with it.

    Raises:
        DeclarationError: As for `instructions_of`.
    """
    values = {name: state.initial for name, state in definition.states.items()}
    return _computed(spec, definition, "conv_new", values, None, {})


def _computed(
    spec: AgentSpec,
    definition: Definition,
    conversation_id: str,
    values: Mapping[str, JsonObject],
    previous: str | None,
    payload: JsonObject,
) -> str:
    if isinstance(spec.instructions, str):
        return spec.instructions
    try:
        states = {name: state.type.from_stored(values[name]) for name, state in definition.states.items()}
        context = InstructionContext(
            conversation_id=conversation_id,
            agent=spec.name,
            states=states,
            previous_agent=previous,
            payload=payload,
        )
        return str(spec.instructions(context))
    except Exception as error:
        raise DeclarationError(
            f"{spec.name}.instructions raised {type(error).__name__}: {error}. Mend the method.",
            param="instructions",
        ) from error
