"""Sentences of templates, put in when they are compiled."""

from typing import Any

import pytest
from jinja2 import DictLoader

from orchestrator.web.translating import TranslatedEnvironment
from orchestrator.web.wording import Wording

pytestmark = pytest.mark.unit


class Counted(Wording):
    """German that counts how often it is asked for a sentence."""

    asked = 0

    def __call__(self, english: str, *values: object) -> str:
        self.asked += 1
        return super().__call__(english, *values)


def made(template: str, word: Wording | None = None, **context: Any) -> str:
    word = word or Wording("de")
    loader = DictLoader({"page": template, "macros": '{% macro call() %}{{ word("Call") }}{% endmacro %}'})
    return TranslatedEnvironment(word, loader=loader, autoescape=True).get_template("page").render(context)


def test_a_sentence_comes_in_the_language_of_the_environment() -> None:
    assert made('<b title="{{ word("Mute") }}">{{ word("Call") }}</b>') == '<b title="Stumm">Anrufen</b>'
    assert made('{{ word("Call") }}', Wording()) == "Call"


def test_a_macro_that_is_imported_speaks_it_too() -> None:
    assert made('{% from "macros" import call %}{{ call() }}') == "Anrufen"


def test_a_sentence_is_chosen_and_filled_as_any_text() -> None:
    template = '{{ word("Call") if first else word("Hang up") }}, {{ word("Role: {}").format(role) }}'
    assert made(template, first=False, role="<admin>") == "Auflegen, Rolle: &lt;admin&gt;"


def test_a_sentence_is_looked_up_once_however_often_it_is_shown() -> None:
    word = Counted("de")
    assert made('{% for _ in range(9) %}{{ word("Call") }} {% endfor %}', word) == "Anrufen " * 9
    assert word.asked == 1


def test_a_sentence_with_gaps_is_looked_up_once_and_filled_each_time() -> None:
    word = Counted("de")
    template = '{% for role in roles %}{{ word("Role: {}", role) }} {% endfor %}'
    assert made(template, word, roles=["a", "<b>"]) == "Rolle: a Rolle: &lt;b&gt; "
    assert word.asked == 1


def test_values_may_come_as_a_list() -> None:
    assert made('{{ word("Role: {}", *some) }}', some=["<b>"]) == "Rolle: &lt;b&gt;"
    assert made("{{ word(name, *some) }}", name="Role: {}", some=["a"]) == "Rolle: a"
    assert made("{{ word(name, *some) }}", name="Call", some=[]) == "Anrufen"


def test_a_sentence_with_more_gaps_than_values_is_an_error() -> None:
    with pytest.raises(IndexError):
        made('{{ word("{} in {} s", 1) }}')


def test_a_sentence_may_stand_in_the_gap_of_another() -> None:
    assert made('{{ word("Role: {}", word("You")) }}') == "Rolle: Sie"


def test_a_sentence_that_a_page_names_is_looked_up_as_it_is_made() -> None:
    assert made("{{ word(name) }}", name="Call") == "Anrufen"


def test_a_sentence_is_escaped_where_it_stands() -> None:
    assert made("{{ word('<Call> & \"go\"') }}") == "&lt;Call&gt; &amp; &#34;go&#34;"
