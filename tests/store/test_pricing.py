from decimal import Decimal
from typing import Any

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.store.pricing import Price, PriceList, TokenKind, Tokens, cost_of, tokens_of

pytestmark = pytest.mark.unit


def price(modality: TokenKind, went_in: str, cached: str, out: str, **changes: Any) -> Price:
    fields: dict[str, Any] = {
        "model": "gpt-realtime",
        "modality": modality,
        "input": Decimal(went_in),
        "cached": Decimal(cached),
        "output": Decimal(out),
        "valid_from": 0.0,
    }
    return Price(**(fields | changes))


TEXT = price("text", "4", "0.40", "16")
AUDIO = price("audio", "32", "0.40", "64")
IMAGE = price("image", "5", "0.50", "0")
ALL: dict[TokenKind, Price] = {"text": TEXT, "audio": AUDIO, "image": IMAGE}

WHOLE: JsonObject = {
    "total_tokens": 900,
    "input_tokens": 700,
    "output_tokens": 200,
    "input_token_details": {
        "text_tokens": 400,
        "audio_tokens": 200,
        "image_tokens": 100,
        "cached_tokens": 300,
        "cached_tokens_details": {"text_tokens": 250, "audio_tokens": 40, "image_tokens": 10},
    },
    "output_token_details": {"text_tokens": 50, "audio_tokens": 150},
}


def test_a_whole_usage_is_sorted_by_kind() -> None:
    assert tokens_of(WHOLE) == Tokens(
        input_text=400,
        input_audio=200,
        input_image=100,
        cached_text=250,
        cached_audio=40,
        cached_image=10,
        output_text=50,
        output_audio=150,
    )
    assert tokens_of(WHOLE).total == 900


def test_the_cost_follows_the_formula_of_the_protocol_reference() -> None:
    dollars = (
        (400 - 250) * Decimal(4) + 250 * Decimal("0.40") + 50 * Decimal(16)
        + (200 - 40) * Decimal(32) + 40 * Decimal("0.40") + 150 * Decimal(64)
        + (100 - 10) * Decimal(5) + 10 * Decimal("0.50")
    ) / 1_000_000  # fmt: skip
    assert cost_of(tokens_of(WHOLE), ALL) == dollars == Decimal("0.016691")


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (None, Tokens()),
        ({}, Tokens()),
        ({"input_tokens": None, "input_token_details": None, "output_token_details": []}, Tokens()),
        ({"input_tokens": 10, "output_tokens": 5}, Tokens(input_text=10, output_text=5)),
        (
            {"input_tokens": 10, "input_token_details": {"text_tokens": None, "audio_tokens": 4}},
            Tokens(input_text=6, input_audio=4),
        ),
        (
            {"input_token_details": {"text_tokens": 10, "audio_tokens": 10, "cached_tokens": 13}},
            Tokens(input_text=10, input_audio=10, cached_text=10, cached_audio=3),
        ),
        (
            {"input_token_details": {"text_tokens": 5, "image_tokens": 9, "cached_tokens": 99}},
            Tokens(input_text=5, input_image=9, cached_text=5, cached_image=9),
        ),
        (
            {
                "input_token_details": {
                    "text_tokens": 5,
                    "audio_tokens": 5,
                    "cached_tokens": 6,
                    "cached_tokens_details": {"audio_tokens": 2, "text_tokens": 90},
                }
            },
            Tokens(input_text=5, input_audio=5, cached_text=5, cached_audio=2),
        ),
        ({"output_tokens": 9, "output_token_details": {"audio_tokens": 9}}, Tokens(output_audio=9)),
        (
            {"output_token_details": {"audio_tokens": 9, "text_tokens": 1}},
            Tokens(output_text=1, output_audio=9),
        ),
        ({"input_tokens": "10", "output_tokens": True}, Tokens()),
        ({"input_tokens": -5, "output_tokens": 2.9}, Tokens(output_text=2)),
        ({"input_tokens": 10**30}, Tokens(input_text=10**12)),
    ],
)
def test_parts_of_a_usage_may_be_missing_or_strange(usage: JsonObject | None, tokens: Tokens) -> None:
    assert tokens_of(usage) == tokens


def test_a_kind_of_tokens_without_a_price_has_no_cost_unless_there_are_none_of_it() -> None:
    assert cost_of(Tokens(input_text=1, output_audio=1), {"text": TEXT}) is None
    assert cost_of(Tokens(input_image=1), {"text": TEXT, "audio": AUDIO}) is None
    assert cost_of(Tokens(input_text=1_000_000), {"text": TEXT}) == Decimal(4)
    assert cost_of(Tokens(), {}) == 0


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("gpt-realtime", "gpt-realtime"),
        ("gpt-realtime-2025-08-28", "gpt-realtime"),
        ("gpt-realtime-2", "gpt-realtime-2"),
        ("gpt-realtime-2026-01-01", "gpt-realtime-2026-01-01"),
    ],
)
def test_a_snapshot_costs_what_its_model_costs_unless_it_is_listed(model: str, listed: str) -> None:
    prices = PriceList([TEXT, price("text", "1", "1", "1", model="gpt-realtime-2026-01-01")])
    assert prices.priced_as(model) == listed


def test_prices_are_those_of_the_moment_for_each_kind() -> None:
    later = price("text", "8", "1", "32", valid_from=100.0)
    prices = PriceList([later, TEXT, AUDIO])
    assert prices.at("gpt-realtime", 99.9) == {"text": TEXT, "audio": AUDIO}
    assert prices.at("gpt-realtime", 100.0) == {"text": later, "audio": AUDIO}
    assert prices.at("gpt-realtime", -1.0) == {}
    assert prices.models == ["gpt-realtime"]


def test_the_cost_of_a_response_is_none_where_its_model_has_no_price() -> None:
    prices = PriceList([TEXT])
    usage: JsonObject = {"input_tokens": 500_000}
    assert prices.cost("gpt-realtime-2025-08-28", usage, 1.0) == Decimal(2)
    assert prices.cost("gpt-realtime", None, 1.0) == 0
    assert prices.cost("gpt-realtime", usage, -1.0) is None
    assert prices.cost("another", usage, 1.0) is None
    assert prices.cost(None, usage, 1.0) is None
