import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.server.vocabularies import vocabulary_of
from orchestrator.engine.session.commands import Listen
from tests.engine.session_probe import function_tool

pytestmark = pytest.mark.unit

PARAMETERS: JsonObject = {"type": "object", "properties": {"item": {"enum": ["margherita", "funghi"]}}}


async def test_names_of_things_hints_and_keywords_are_expected() -> None:
    bare: JsonObject = {"type": "function", "name": "bare"}
    tools = (function_tool("add_item", PARAMETERS, "Add an item."), bare)
    vocabulary = await vocabulary_of(
        Listen(tools, ("i would like a margherita",), ("Ada Lovelace",), "en-GB")
    )
    phrases = {phrase.text for phrase in vocabulary.phrases}
    assert {"i would like a funghi", "ada lovelace"} <= phrases
    assert vocabulary.terms == ("margherita", "funghi")
    assert vocabulary.language == "en-GB"


async def test_the_same_words_are_worked_out_once() -> None:
    listen = Listen((function_tool("look", PARAMETERS),), ("over there",))
    assert await vocabulary_of(listen) is await vocabulary_of(listen)


async def test_answers_to_an_open_question_are_likelier() -> None:
    async def weight(listen: Listen) -> float:
        return sum(each.weight for each in (await vocabulary_of(listen)).phrases if each.text == "laura")

    assert await weight(Listen((), (), wanted="name")) > await weight(Listen((), ()))
