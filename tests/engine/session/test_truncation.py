import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.session.truncation import Window, fit, window_of
from tests.engine.session_probe import user_message

pytestmark = pytest.mark.unit

# Each of these items is seven tokens: four words and a frame of three.
ITEMS = [user_message(f"one two three {digit}", id=f"item_{digit}") for digit in range(5)]


@pytest.mark.parametrize(
    ("truncation", "window"),
    [
        ("auto", Window(1000, 1000)),
        ("disabled", Window(1000, 1000, may_drop=False)),
        ({"type": "retention_ratio", "retention_ratio": 0.8}, Window(1000, 800)),
        (
            {"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": {"post_instructions": 100}},
            Window(100, 50),
        ),
    ],
)
def test_the_sessions_truncation_becomes_a_window(truncation: JsonValue, window: Window) -> None:
    assert window_of(truncation, 1000) == window


def test_what_fits_stays_whole() -> None:
    assert fit(ITEMS, Window(35, 35)) == tuple(ITEMS)


def test_the_oldest_items_are_dropped() -> None:
    assert fit(ITEMS, Window(34, 34)) == tuple(ITEMS[1:])
    assert fit(ITEMS, Window(34, 15)) == tuple(ITEMS[3:])


def test_the_newest_item_always_stays() -> None:
    assert fit(ITEMS, Window(1, 1)) == (ITEMS[-1],)


def test_nothing_is_dropped_where_it_may_not_be() -> None:
    assert fit(ITEMS, Window(34, 34, may_drop=False)) is None
