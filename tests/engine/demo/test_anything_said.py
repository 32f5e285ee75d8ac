"""Whatever is said: an answer comes, its calls fit their schemas, and no conversation runs in circles."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.deciding import decide
from tests.engine.demo.caller import Caller, Pizzeria, context_of, first_reply
from tests.engine.demo.toolsets import ASSISTANT, BANK, HOME, HOTEL, LIBRARY, PIZZERIA, TRIAGE
from tests.engine.session_probe import user_message

pytestmark = pytest.mark.unit

TOOLSETS = (TRIAGE, PIZZERIA, ASSISTANT, HOTEL, BANK, HOME, LIBRARY)
_SENTENCES = (
    "the two three zero ninety large small margherita pizzas coke tiramisu and with without no not yes",
    "remove",
    "add change cancel clear check out that is all my name Ada Bob it one another make instead what how",
    "much",
    "when please menu cart olives , . ? timer minutes hour half weather in Paris tell send message room",
    "towels",
    "tomorrow at seven pm transfer dollars card play jazz book table for four person bye hello",
    "thanks -5 99 x",
)
WORDS = [word for sentence in _SENTENCES for word in sentence.split()]
said = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def check_call(tools: tuple[JsonObject, ...], name: str, arguments: JsonObject) -> None:
    declared = next(one for one in tools if one["name"] == name)
    schema = declared["parameters"]
    assert isinstance(schema, dict)
    jsonschema.validate(arguments, schema)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TOOLSETS), said)
def test_every_call_fits_its_schema(tools: tuple[JsonObject, ...], text: str) -> None:
    reply = first_reply(text, tools)
    assert reply.text or reply.calls
    for call in reply.calls:
        check_call(tools, call.name, call.arguments)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    reply = decide(context_of([user_message(text)], PIZZERIA))
    assert reply.text or reply.calls


@settings(max_examples=25, deadline=None)
@given(st.lists(said, min_size=1, max_size=6))
def test_a_conversation_never_runs_in_circles(texts: list[str]) -> None:
    shop = Pizzeria()

    def run(name: str, arguments: JsonObject) -> JsonValue:
        check_call(PIZZERIA, name, arguments)
        return shop(name, arguments)

    caller = Caller(PIZZERIA, run)
    for text in texts:
        assert caller.say(text)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(said, min_size=1, max_size=4),
    st.sampled_from(["oops", "", "[]", '{"error":"no"}', '{"error":"Which size?"}']),
)
def test_any_output_is_answered(texts: list[str], output: str) -> None:
    caller = Caller(PIZZERIA, lambda _name, _arguments: output)
    for text in texts:
        assert caller.say(text)
