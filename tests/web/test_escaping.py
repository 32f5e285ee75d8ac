"""How values come into pages."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from orchestrator.web.escaping import PageEnvironment, escaped

pytestmark = pytest.mark.unit

PAGES = PageEnvironment(autoescape=True, undefined=StrictUndefined)


def shown(source: str, **context: Any) -> str:
    return PAGES.from_string(source).render(context)


@given(st.text())
def test_words_of_outside_are_words_and_nothing_else(text: str) -> None:
    told = shown("{{ text }}", text=text)
    assert not set(told) & set("<>\"'")
    assert html.unescape(told) == html.unescape(escape(text))


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.integers()))
def test_any_other_value_is_what_jinja_makes_of_it(value: object) -> None:
    assert escaped(value) == escape(value)


class Row:
    """Something with an attribute."""

    kind = "a"


class Bold(str):
    """Text that is no plain `str`."""

    __slots__ = ()


def test_a_text_of_another_class_is_escaped_too() -> None:
    assert shown("{{ text }}", text=Bold("<b>")) == "&lt;b&gt;"


def test_what_is_markup_already_stays_as_it_is() -> None:
    assert shown("{{ mark }}{{ mark | safe }}", mark=Markup("<i>&amp;</i>")) == "<i>&amp;</i><i>&amp;</i>"
    assert shown("{% macro row(text) %}<b>{{ text }}</b>{% endmacro %}{{ row('<') }}") == "<b>&lt;</b>"


def test_attributes_cannot_be_left() -> None:
    assert shown('<a title="{{ text }}">', text='" onclick="') == '<a title="&quot; onclick=&quot;">'


def test_a_name_that_nobody_gave_is_an_error() -> None:
    for source in ("{{ nobody }}", "{{ nobody.name }}", "{{ nobody() }}", "{{ nobody('x') }}"):
        with pytest.raises(UndefinedError):
            shown(source)


def test_a_dot_is_an_attribute_or_an_entry() -> None:
    assert shown("{{ row.kind }} {{ told.kind }}", row=Row(), told={"kind": "b"}) == "a b"


def test_in_a_template_of_a_conversation_a_dot_is_an_attribute_and_brackets_are_an_entry() -> None:
    sources = {
        "review/good.html": "{{ row.kind }} {{ told['kind'] }} {{ ('a' if yes else 'b').upper() }}",
        "review/bad.html": "{{ told.kind }}",
    }
    pages = PageEnvironment(autoescape=True, undefined=StrictUndefined, loader=DictLoader(sources))
    told = {"kind": "b"}
    assert pages.get_template("review/good.html").render(row=Row(), told=told, yes=True) == "a b A"
    with pytest.raises(AttributeError):
        pages.get_template("review/bad.html").render(told=told)


def test_what_a_template_calls_is_told_what_it_is_given() -> None:
    told = {"join": lambda *words, end="": "-".join(words) + end, "more": ["c"], "named": {"end": "!"}}
    assert shown("{{ join('a', 'b') }} {{ join() }}|{{ join('a', end='.') }}", **told) == "a-b |a."
    assert shown("{{ join('a', *more) }} {{ join('a', **named) }}", **told) == "a-c a!"


def test_a_macro_may_call_what_it_is_given_the_body_of() -> None:
    framed = "{% macro framed(name) %}<p>{{ name }}: {{ caller() }}</p>{% endmacro %}"
    assert shown(framed + "{% call framed('<') %}{{ word }}{% endcall %}", word="&") == "<p>&lt;: &amp;</p>"
    assert shown(
        framed + "{% for a in [1, 2] %}{% call framed(a) %}{{ loop.index }}{% endcall %}{% endfor %}"
    ) == ("<p>1: 1</p><p>2: 2</p>")


def test_an_environment_that_does_not_escape_is_left_alone() -> None:
    assert PageEnvironment(autoescape=False).from_string("{{ text }}").render(text="<b>") == "<b>"


def test_what_a_loop_makes_stays_in_its_place() -> None:
    loop = "{% for a in rows %}{{ a }}{% for b in a %}<{{ b }}>{% endfor %};{% else %}none{% endfor %}"
    assert shown(f"[{loop}]", rows=["ab", "&"]) == "[ab<a><b>;&amp;<&amp;>;]"
    assert shown(f"[{loop}]", rows=[]) == "[none]"
    assert shown("{% for a in rows if a %}{{ loop.index }}{{ loop.last }}{% endfor %}.", rows=[1, 0, 1]) == (
        "1False2True."
    )


def test_a_loop_may_hold_blocks_and_parts_of_pages() -> None:
    parts = {
        "base": "{% for a in rows %}({% block row scoped %}{% endblock %}){% endfor %}!",
        "part": "{% for b in 'xy' %}{{ b }}{{ a }}{% endfor %}",
        "page": "{% extends 'base' %}{% block row %}{% include 'part' %}{% endblock %}",
    }
    pages = PageEnvironment(autoescape=True, undefined=StrictUndefined, loader=DictLoader(parts))
    assert pages.get_template("page").render(rows=[1, 2]) == "(x1y1)(x2y2)!"
