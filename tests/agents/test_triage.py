import pytest

from agents.triage import Request, Triage
from orchestrator.call.loading import check, load
from orchestrator.core.attributes import OPENAI_VOICES
from orchestrator.core.definition import Definition
from orchestrator.core.describe import describe

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load("agents")


def test_the_agents_that_ship_have_no_problems_and_no_warnings() -> None:
    assert check("agents") == []


def test_the_front_desk_takes_the_calls(definition: Definition) -> None:
    assert sorted(definition.agents) == ["human", "restaurant", "triage"]
    assert definition.entry == "triage"


def test_every_agent_has_a_voice_of_its_own_and_a_greeting(definition: Definition) -> None:
    voices = [agent.voice for agent in definition.agents.values()]
    assert len(set(voices)) == len(voices)
    assert set(voices) <= set(OPENAI_VOICES)
    assert all(agent.greeting for agent in definition.agents.values())


def test_the_front_desk_reaches_everybody(definition: Definition) -> None:
    triage = definition.agent("triage")
    assert [handoff.target for handoff in triage.handoffs] == ["restaurant", "human"]
    restaurant = triage.handoff("transfer_to_restaurant")
    assert restaurant is not None
    assert restaurant.check({"reason": "Wants to order two pizzas."}) == ()
    assert restaurant.check({"reason": "Wants a table.", "wants": "table"}) == ()
    assert [str(violation) for violation in restaurant.check({"reason": "x", "wants": "job"})] == [
        'wants: "job" is not allowed; send "order", "table" or "question"'
    ]
    assert Request().wants == "order"


def test_no_agent_takes_payment_data(definition: Definition) -> None:
    for agent in definition.agents.values():
        instructions = agent.instructions if isinstance(agent.instructions, str) else ""
        assert agent.name == "restaurant" or "Never ask for card numbers" in instructions


def test_hints_are_what_callers_say(definition: Definition) -> None:
    for agent in definition.agents.values():
        functions = {tool.name for tool in agent.tools} | {each.function for each in agent.handoffs}
        assert set(agent.hints) == functions | {"*"}
        phrases = [phrase for group in agent.hints.values() for phrase in group]
        assert all(phrase == phrase.lower().strip() for phrase in phrases)
        assert all(len(phrase.split()) <= 12 for phrase in phrases)


def test_the_order_of_the_example_leads_to_the_restaurant_and_to_the_cart(definition: Definition) -> None:
    words = "two large margherita pizzas and a coke please"
    assert words in definition.agent("triage").hints["transfer_to_restaurant"]
    assert words in definition.agent("restaurant").hints["add_item"]


def test_every_agent_can_be_described(definition: Definition) -> None:
    for agent in definition.agents.values():
        assert describe(agent)["name"] == agent.name


def test_what_destroys_or_costs_is_confirmed_and_nothing_else(definition: Definition) -> None:
    confirmed = {tool.name for agent in definition.agents.values() for tool in agent.tools if tool.confirm}
    assert confirmed == {"clear_cart", "checkout"}


def test_the_instructions_have_no_indentation_left(definition: Definition) -> None:
    instructions = definition.agent(Triage.__name__.lower()).instructions
    assert isinstance(instructions, str)
    assert instructions.startswith("# Role\nYou answer the phone of Bella Napoli")
