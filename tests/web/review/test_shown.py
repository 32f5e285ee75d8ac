"""How places and lengths are written."""

import pytest

from orchestrator.web.review.latency import Reply, Stage
from orchestrator.web.review.rows import LinkRow
from orchestrator.web.review.shown import (
    REVIEW_FILTERS,
    across,
    amount,
    in_seconds,
    leads_to,
    length_of_time,
    line_marks,
    line_place,
    note_link,
    place,
    share,
    stages,
    stages_in_words,
)
from tests.web.review.sample_call import START

pytestmark = pytest.mark.unit


def test_places_and_lengths_are_words() -> None:
    assert (place(67_449), length_of_time(2_140)) == ("1:07.4", "2.1 s")


def test_places_and_lengths_are_written_as_the_language_writes_them() -> None:
    assert (place(67_449, "de"), length_of_time(2_140, "de")) == ("1:07,4", "2,1 s")
    assert "0:01,5</time>" in line_place(row(), "de")
    assert 'href="?t=1.5#item-x" data-seek="1500"' in line_place(row(), "de")


@pytest.mark.parametrize(("text", "german"), [("12.50", "12,50"), ("-3.00", "-3,00"), ("v1.20", "v1.20")])
def test_an_amount_is_written_as_the_language_writes_it(text: str, german: str) -> None:
    assert (amount(text), amount(text, "de")) == (text, german)


def test_a_link_to_a_note_and_stages_are_named_in_the_language() -> None:
    assert note_link("x", "de").endswith(">Notiz</a>")
    assert stages(REPLY, 1_000, language="de").count("<title>Redeende: 200 ms</title>") == 1
    assert 'class="stage stage-turn-end"' in stages(REPLY, 1_000, language="de")
    assert stages_in_words(REPLY, "de") == "Redeende 200 ms, Denken 300 ms, Wiedergabe 500 ms"


@pytest.mark.parametrize(("ms", "text"), [(0, "0"), (12_000, "12"), (12_345, "12.345"), (100, "0.1")])
def test_an_address_has_seconds(ms: int, text: str) -> None:
    assert in_seconds(ms) == text


@pytest.mark.parametrize(
    ("ms", "whole", "text"), [(1, 8, "12.500%"), (9, 8, "100.000%"), (-1, 8, "0.000%"), (1, 0, "0.000%")]
)
def test_a_share_stays_within_the_whole(ms: int, whole: int, text: str) -> None:
    assert share(ms, whole) == text


def test_a_place_has_the_wall_clock_on_hover() -> None:
    time = '<time datetime="2025-11-20T12:00:00.000+00:00" title="2025-11-20 12:00:00 UTC" data-time="place">'
    assert f"{time}0:01.5</time>" in line_place(row())


def test_a_link_to_a_place_has_it_for_readers_with_and_without_scripts() -> None:
    assert leads_to(12_345) == 'href="?t=12.345" data-seek="12345"'


def test_a_stretch_of_time_is_drawn_across_the_whole() -> None:
    assert across(250, 750, 1_000) == 'x="25.000%" width="50.000%"'
    assert across(900, 1_900, 1_000) == 'x="90.000%" width="100.000%"'


def test_the_element_of_a_row_has_its_name_its_looks_and_its_place() -> None:
    marks = line_marks(row())
    assert marks.startswith('id="item-x" class="line line-link hue-')
    assert marks.endswith('" data-at="1500" data-end="1500"')
    assert "in-progress" in line_marks(row(live=True))


def test_the_place_of_a_row_links_to_it() -> None:
    place = line_place(row())
    assert place.startswith('<a class="at" href="?t=1.5#item-x" data-seek="1500"><time ')
    assert place.endswith("</time></a>")


def test_names_of_outside_stay_names() -> None:
    key = 'item-"><b>'
    assert 'id="item-&quot;&gt;&lt;b&gt;"' in line_marks(row(key=key))
    assert "#item-%22%3E%3Cb%3E" in line_place(row(key=key))
    assert note_link('"><b>').startswith(
        '<a class="quiet-link note-link" href="?note=%22%3E%3Cb%3E#write-note"'
    )
    assert note_link('"><b>').endswith(' data-note="&quot;&gt;&lt;b&gt;">Note</a>')


def test_the_stages_of_a_reply_are_drawn_and_told() -> None:
    assert stages(REPLY, 1_000) == (
        '<rect class="stage stage-turn-end" height="100%" x="0.000%" width="20.000%">'
        "<title>turn end: 200 ms</title></rect>"
        '<rect class="stage stage-think" height="100%" x="20.000%" width="30.000%">'
        "<title>think: 300 ms</title></rect>"
        '<rect class="stage stage-playout" height="100%" x="50.000%" width="50.000%">'
        "<title>playout: 500 ms</title></rect>"
    )
    assert stages_in_words(REPLY) == "turn end 200 ms, think 300 ms, playout 500 ms"


def test_a_bar_of_the_wait_ends_where_the_reply_is_heard() -> None:
    assert stages(REPLY, 500, until_heard=True).count("<rect") == 2


def test_templates_know_them_by_their_names() -> None:
    assert set(REVIEW_FILTERS) == {
        "place",
        "length_of_time",
        "amount",
        "in_seconds",
        "share",
        "leads_to",
        "across",
        "line_marks",
        "line_place",
        "note_link",
        "stages",
        "stages_in_words",
    }


def row(*, key: str = "item-x", live: bool = False) -> LinkRow:
    return LinkRow(
        key=key, sequence=1, at_ms=1_500, end_ms=1_500, at=START, agent="triage", live=live, purpose="call"
    )


REPLY = Reply(
    id="resp_1",
    item_id="x",
    agent="triage",
    from_ms=2_000,
    until_ms=3_000,
    wait_ms=500,
    answers=True,
    stages=(
        Stage(name="turn end", from_ms=2_000, until_ms=2_200),
        Stage(name="think", from_ms=2_200, until_ms=2_500),
        Stage(name="playout", from_ms=2_500, until_ms=3_000),
    ),
    status="completed",
    interrupted=False,
)
