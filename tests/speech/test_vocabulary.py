import pytest

from orchestrator.core.definition import AgentSpec, HandoffSpec, ToolSpec
from orchestrator.core.json_value import JsonObject
from orchestrator.speech.protocol import Vocabulary
from orchestrator.speech.questions import Answer
from orchestrator.speech.vocabulary import (
    HINT_WEIGHT,
    MOST_VARIANTS,
    ToolText,
    build_vocabulary,
    spoken_words,
    vocabulary_for,
)
from tests.speech.restaurant import HINTS, ITEM, MENU, TOOLS

pytestmark = pytest.mark.unit


def texts(vocabulary: Vocabulary) -> dict[str, float]:
    return {phrase.text: phrase.weight for phrase in vocabulary.phrases}


def from_hints(*hints: str, schema: JsonObject = ITEM) -> dict[str, float]:
    return texts(build_vocabulary([ToolText("add_item", "", schema)], hints))


def test_one_hint_covers_every_value_of_its_kinds() -> None:
    found = from_hints("Deliver one large Margherita to me!")
    for item in MENU:
        for size in ("small", "medium", "large"):
            assert f"deliver one {size} {item} to me" in found


def test_the_ways_of_a_hint_share_its_weight() -> None:
    before, after = from_hints(), from_hints("deliver a margherita now")
    added = sum(after.values()) - sum(before.values())
    assert added == pytest.approx(HINT_WEIGHT)


def test_a_plural_in_a_hint_stands_for_plurals() -> None:
    found = from_hints("deliver lemonades now")
    assert "deliver margheritas now" in found
    assert "deliver garlic breads now" in found
    assert "deliver margherita now" not in found


def test_a_number_in_a_hint_stands_for_other_numbers() -> None:
    assert "deliver seven now" in from_hints("deliver two now")


def test_a_name_in_a_hint_stands_for_other_names() -> None:
    found = from_hints("leave it with anna smith")
    assert any(text.startswith("leave it with ada ") for text in found)


def test_a_hint_with_many_kinds_is_sampled_evenly() -> None:
    hint = "deliver two large margherita with olives and two small calzone with ham"
    found = [text for text in from_hints(hint) if text.startswith("deliver")]
    assert len(found) <= MOST_VARIANTS
    for item in MENU:
        assert any(item in text for text in found)


def test_values_can_be_said_alone_and_are_terms() -> None:
    vocabulary = build_vocabulary(TOOLS, HINTS)
    found = texts(vocabulary)
    assert {"the quattro formaggi", "two cokes", "jalapenos"} <= found.keys()
    assert set(MENU) <= set(vocabulary.terms)


def test_everyday_phrases_are_always_there() -> None:
    assert {"yes please", "at half past seven", "make it two"} <= texts(build_vocabulary([], [])).keys()


def test_what_a_tool_says_about_itself_counts_a_little() -> None:
    found = texts(build_vocabulary([ToolText("check_out", "Finish the order.", {})], []))
    assert 0 < found["finish the order"] < 0.1
    assert "check out" in found


def test_enumerations_are_found_wherever_a_schema_hides_them() -> None:
    schema: JsonObject = {
        "$defs": {"Drink": {"enum": ["ginger_ale", 7, None]}},
        "anyOf": [{"type": "null"}, {"items": [{"enum": ["root beer"]}]}],
    }
    found = texts(build_vocabulary([ToolText("t", "", schema)], []))
    assert {"a ginger ale", "the root beer"} <= found.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jalape\u00f1os & \u201ccr\u00e8me\u201d", "jalapenos and creme"),
        ("I\u2019d like 2", "i'd like two"),
        ("gluten_free", "gluten free"),
        ("7up, 42, 30, 100", "seven up forty two thirty one zero zero"),
        ("", ""),
    ],
)
def test_text_becomes_words_as_a_dictionary_spells_them(text: str, words: str) -> None:
    assert " ".join(spoken_words(text)) == words


def test_an_agents_vocabulary_comes_from_its_tools_handoffs_and_hints() -> None:
    def check(_: JsonObject) -> tuple[()]:
        return ()

    tool = ToolSpec(name="add_item", description="Adds.", parameters=ITEM, run=None, check=check)
    edge = HandoffSpec(
        target="human",
        when="asked",
        function="transfer_to_human",
        description="A person at the desk",
        parameters={},
        check=check,
    )
    agent = AgentSpec(
        name="restaurant",
        description="",
        instructions="",
        tools=(tool,),
        handoffs=(edge,),
        hints={"add_item": ("deliver a coke",)},
    )
    found = texts(vocabulary_for(agent))
    assert {"deliver a lemonade", "a person at the desk", "transfer to human"} <= found.keys()


@pytest.mark.parametrize(("wanted", "answer"), [("name", "my name is laura"), ("yes or no", "yes please")])
def test_what_a_question_asks_for_is_half_of_what_is_expected(wanted: Answer, answer: str) -> None:
    usual = texts(build_vocabulary(TOOLS, HINTS))
    asked = texts(build_vocabulary(TOOLS, HINTS, wanted=wanted))
    assert asked.keys() >= usual.keys()
    assert sum(asked.values()) == pytest.approx(2 * sum(usual.values()))
    assert asked[answer] > 1.5 * usual[answer]
