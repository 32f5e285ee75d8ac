"""Server-sent events as they are written."""

import pytest

from orchestrator.web.events import event, html_event

pytestmark = pytest.mark.unit


def test_an_event_of_json_is_one_line_and_may_have_a_number() -> None:
    assert event("row", {"html": "a\nb"}) == 'event: row\ndata: {"html":"a\\nb"}\n\n'
    assert event("told", "x.3", number="x.3") == 'id: x.3\nevent: told\ndata: "x.3"\n\n'


def test_a_part_of_a_page_keeps_its_lines() -> None:
    assert html_event("live", "<p>\n  one\n</p>\n") == "event: live\ndata: <p>\ndata:   one\ndata: </p>\n\n"
