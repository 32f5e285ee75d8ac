"""How values come into pages."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError
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
    with pytest.raises(UndefinedError):
        shown("{{ nobody }}")


def test_an_environment_that_does_not_escape_is_left_alone() -> None:
    assert PageEnvironment(autoescape=False).from_string("{{ text }}").render(text="<b>") == "<b>"
