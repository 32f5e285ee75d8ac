import json

import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.outputs import Answer, narrated, number_of, read_answer, sentence_of, total_of

pytestmark = pytest.mark.unit


def answer(data: JsonValue) -> Answer:
    return read_answer(json.dumps(data))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("All done", Answer(prose="All done")),
        ('"quoted"', Answer(prose="quoted")),
        ("null", Answer()),
        ("", Answer()),
        (None, Answer()),
        ('{"error":"sold out","options":["tea",{"name":"cake"}]}', None),
        ('{"error":{"message":"closed"}}', None),
        ('{"error":true}', None),
    ],
)
def test_an_output_is_read(output: str | None, expected: Answer | None) -> None:
    read = read_answer(output)
    if expected is not None:
        assert read == expected
    elif output is not None and "sold out" in output:
        assert (read.error, read.options) == ("sold out", ("tea", "cake"))
    elif output is not None and "closed" in output:
        assert read.error == "closed"
    else:
        assert read.error == "no reason was given"


@pytest.mark.parametrize(
    ("data", "total"),
    [
        ({"total": 21.5}, "$21.50"),
        ({"cart": {"total": "19.00", "currency": "EUR"}}, "€19.00"),
        ({"total": "$7.00"}, "$7.00"),
        ({"order": "2 cokes; total $5.40 with tax"}, "$5.40"),
        ({"count": 3}, None),
        ([1], None),
    ],
)
def test_a_total_is_found(data: JsonValue, total: str | None) -> None:
    assert total_of(answer(data)) == total


def test_a_number_to_keep_is_found() -> None:
    assert number_of(answer({"order_number": "A-17"})) == "A-17"
    assert number_of(answer({"booking": {"reference": 12}})) == "12"
    assert number_of(answer({"code": True})) is None


def test_a_sentence_that_was_brought_along_is_said() -> None:
    assert sentence_of(answer({"said": "Done."})) == "Done."
    assert sentence_of(answer({"message": "it is on its way"})) == "It is on its way."
    assert sentence_of(answer({"message": "ok"})) == ""
    assert sentence_of(read_answer("it rains")) == "It rains."
    assert sentence_of(answer([1])) == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"city": "Paris", "temperature": 18, "conditions": "sunny"},
            "The temperature is 18 and the conditions are sunny.",
        ),
        (
            {
                "lines": [
                    {"item": "coke", "quantity": 2},
                    {"item": "margherita", "size": "large", "quantity": 1},
                ],
                "total": "19.00",
            },
            "You have two cokes and a large margherita. The total is $19.00.",
        ),
        ({"lines": []}, "There is nothing in it yet."),
        (
            {"pizzas": [{"name": "Margherita", "price": 9.5}], "drinks": ["coke", "beer"]},
            "Pizzas: Margherita at $9.50. Drinks: coke and beer.",
        ),
        ({"offers": []}, "There are no offers."),
        ({"results": ["a", "b"]}, "I found a and b."),
        (["a", "b", "c"], "I found a, b and c."),
        ([], "There is nothing."),
        ([{"day": "Monday", "hours": 8}], "I found day Monday and hours 8."),
        ({"order": {"total": 5}}, "The total is $5.00."),
        ({"sky": {"colour": "blue"}}, "Sky: The colour is blue."),
        ({"open": True, "id": 7, "user_id": 8}, "The open is yes."),
        (12, "12."),
        (True, ""),
        ({}, ""),
    ],
)
def test_data_is_said_in_sentences(data: JsonValue, said: str) -> None:
    assert narrated(answer(data), ["Paris"]) == said


def test_long_answers_are_cut() -> None:
    assert len(narrated(read_answer("word " * 500))) <= 401
    assert narrated(answer([str(number) for number in range(30)])).endswith("and 18 more.")
