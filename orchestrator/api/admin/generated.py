"""A stored conversation as a test file that a developer can keep."""

from orchestrator.core.definition import Definition
from orchestrator.core.generated_tests import Story, generated_test
from orchestrator.core.turns import turns_of
from orchestrator.store.details import ConversationDetails


def source_of_test(details: ConversationDetails, definition: Definition, package: str) -> str:
    """The source of a test of a conversation.

    Args:
        details: All of the conversation.
        definition: The agents, for first values of states and for tools that people must approve.
        package: Import name of the agents.
    """
    initial = {name: state.initial for name, state in definition.states.items()}
    approved = {
        tool.name for spec in definition.agents.values() for tool in spec.tools if tool.needs_approval
    }
    return generated_test(
        Story(
            package=package,
            agent=details.summary.entry_agent,
            turns=turns_of(details.items, details.tool_runs, details.revisions, initial),
            items=details.items,
            responses=details.responses,
            approved=frozenset(approved),
        )
    )
