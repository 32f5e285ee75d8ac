import pytest

from orchestrator.store.conversations import ConversationFilter
from orchestrator.web.conversations.asked import Asked, read_asked
from orchestrator.web.wording import WORDINGS

pytestmark = pytest.mark.unit

DAY = 86400.0
WHOLE = {
    "q": "two & two",
    "agent": "desk",
    "outcome": "idle",
    "from": "2026-11-26",
    "to": "2026-11-27",
    "error": "tool",
    "slow": "2.5",
    "label": "refund",
    "verdict": "good",
}


def test_an_address_asks_and_is_written_back_without_what_is_not_given() -> None:
    asked = read_asked({**WHOLE, "after": "cursor", "other": "x"})
    assert asked.address() == (
        "/conversations?q=two+%26+two&agent=desk&outcome=idle&from=2026-11-26&to=2026-11-27"
        "&error=tool&slow=2.5&label=refund&verdict=good"
    )
    assert read_asked({"q": " ", "agent": ""}).address() == "/conversations"
    assert Asked(agent="desk").address("abc") == "/conversations?agent=desk&after=abc"
    assert Asked().address("abc") == "/conversations?after=abc"
    assert Asked().is_empty


def test_days_include_the_last_and_seconds_are_given_to_the_store_in_milliseconds() -> None:
    wanted = read_asked(WHOLE).filter()
    assert wanted.created_from is not None
    assert wanted.created_before is not None
    assert wanted.created_before - wanted.created_from == 2 * DAY
    assert (wanted.slower_than_ms, wanted.tool_error, wanted.status, wanted.text) == (
        2500,
        True,
        "idle",
        "two & two",
    )


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ConversationFilter()),
        ({"outcome": "agent"}, ConversationFilter(ended_by="agent")),
        ({"outcome": "live"}, ConversationFilter(status="live")),
        ({"error": "any"}, ConversationFilter(has_error=True)),
        ({"error": "none"}, ConversationFilter(has_error=False)),
    ],
)
def test_words_of_the_address_are_what_the_store_knows(
    parameters: dict[str, str], expected: ConversationFilter
) -> None:
    assert read_asked(parameters).filter() == expected


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"outcome": "lost"}, "outcome"),
        ({"error": "bad"}, "error"),
        ({"from": "yesterday"}, "since"),
        ({"from": "1969-12-31"}, "since"),
        ({"to": "9999-12-31"}, "until"),
        ({"slow": "fast"}, "slow"),
        ({"slow": "nan"}, "slow"),
        ({"slow": "-1"}, "slow"),
        ({"slow": "1e300"}, "slow"),
    ],
)
def test_a_value_that_cannot_be_understood_is_told_and_does_not_matter(
    parameters: dict[str, str], field: str
) -> None:
    asked = read_asked(parameters)
    assert list(asked.problems(WORDINGS["en"])) == [field]
    assert asked.filter() == ConversationFilter()


def test_what_cannot_be_understood_is_told_in_the_language_of_the_page() -> None:
    problems = read_asked({"outcome": "lost", "slow": "much"}).problems(WORDINGS["de"])
    assert problems == {
        "outcome": "Wählen Sie eines von: live, idle, agent, operator.",
        "slow": "Schreiben Sie Sekunden, etwa 2.5.",
    }


def test_what_no_database_can_hold_is_taken_out() -> None:
    assert read_asked({"q": "two\0 three\n"}).q == "two three"
    assert len(read_asked({"q": "x" * 1000}).q) == 300
