"""That the texts of pages are found."""

import pytest

from tests.web.page_texts import page_texts, template_texts

pytestmark = pytest.mark.unit


def test_texts_are_found_between_tags_and_in_attributes_that_are_read() -> None:
    page = (
        '<p title="On hover" id="no">Some\n <b>bold</b> words 12</p><i>3:04</i><script>let it = 1;</script>'
    )
    assert page_texts(page) == {"On hover", "Some", "bold", "words 12"}


def test_a_template_says_what_it_does_not_ask_for() -> None:
    assert template_texts('{# no #}<p>{{ word("no") }} yes{% if no %}</p>{% endif %}') == {"yes"}
