"""Tokens and money, by agent, day, conversation or model: raw usage and the price table, joined when read.

Postgres sorts the tokens of each response by kind, as `pricing.tokens_of` does, and adds up those of one
price; what they cost is reckoned here, in decimals.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import Row, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.prices import load_prices
from orchestrator.store.pricing import MOST, PriceList, Tokens, cost_of

Grouping = Literal["agent", "day", "conversation", "model"]

GROUPS: Final[dict[Grouping, str]] = {
    "agent": "r.agent",
    "day": "to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "conversation": "r.conversation_id",
    "model": "coalesce(r.model, '')",
}
CONDITIONS: Final = {
    "since": "r.created_at >= to_timestamp(:since)",
    "until": "r.created_at < to_timestamp(:until)",
    "agent": "r.agent = :agent",
    "ids": "r.conversation_id = ANY(:ids)",
}
"""Each is part of the statement only where it is asked for, so that an index can be used for it."""

COUNTED: Final = " AND r.conversation_id NOT IN (SELECT id FROM conversations WHERE replay_of IS NOT NULL)"

KINDS: Final = tuple(field.name for field in fields(Tokens))


def _count(part: str, name: str) -> str:
    """A number in a part of the raw usage; 0 where there is none, or something else."""
    place = f"{part} -> '{name}'"
    number = f"trunc(least(greatest(({place})::numeric, 0), {MOST}))::bigint"
    return f"CASE WHEN jsonb_typeof({place}) = 'number' THEN {number} ELSE 0 END"


USED: Final = f"""
WITH counted AS MATERIALIZED (
    SELECT %s AS word, r.model, r.created_at,
        CASE WHEN r.model = ANY(:known) THEN r.model
             ELSE regexp_replace(r.model, '-\\d{{4}}-\\d{{2}}-\\d{{2}}$', '') END AS listed,
        {_count("r.usage", "input_tokens")} AS all_in,
        {_count("d.went_in", "text_tokens")} AS text_in,
        {_count("d.went_in", "audio_tokens")} AS input_audio,
        {_count("d.went_in", "image_tokens")} AS input_image,
        {_count("d.went_in", "cached_tokens")} AS all_cached,
        {_count("d.cached", "text_tokens")} AS text_cached,
        {_count("d.cached", "audio_tokens")} AS audio_cached,
        {_count("d.cached", "image_tokens")} AS image_cached,
        {_count("r.usage", "output_tokens")} AS all_out,
        {_count("d.came_out", "text_tokens")} AS text_out,
        {_count("d.came_out", "audio_tokens")} AS output_audio
    FROM responses AS r, LATERAL (
        SELECT r.usage -> 'input_token_details' AS went_in, r.usage -> 'output_token_details' AS came_out,
            r.usage -> 'input_token_details' -> 'cached_tokens_details' AS cached OFFSET 0
    ) AS d
    WHERE r.usage IS NOT NULL %s
), whole AS (
    SELECT *, text_in + greatest(all_in - text_in - input_audio - input_image, 0) AS input_text,
        text_out + greatest(all_out - text_out - output_audio, 0) AS output_text
    FROM counted
), known AS (
    SELECT *, least(text_cached, input_text) AS ct, least(audio_cached, input_audio) AS ca,
        least(image_cached, input_image) AS ci FROM whole
), one AS (
    SELECT *, ct + least(greatest(all_cached - ct - ca - ci, 0), input_text - ct) AS cached_text FROM known
), two AS (
    SELECT *, ca + least(greatest(all_cached - cached_text - ca - ci, 0), input_audio - ca) AS cached_audio
    FROM one
), three AS (
    SELECT *, ci + least(greatest(all_cached - cached_text - cached_audio - ci, 0), input_image - ci)
        AS cached_image
    FROM two
), periods AS (
    SELECT model, valid_from, lead(valid_from) OVER (PARTITION BY model ORDER BY valid_from) AS until
    FROM (SELECT DISTINCT model, valid_from FROM prices) AS starts
)
SELECT t.word, t.model, extract(epoch FROM p.valid_from)::double precision AS since, count(*) AS responses,
    {", ".join(f"sum(t.{kind})::bigint AS {kind}" for kind in KINDS)}
FROM three AS t
LEFT JOIN periods AS p ON p.model = t.listed AND t.created_at >= p.valid_from
    AND (p.until IS NULL OR t.created_at < p.until)
GROUP BY t.word, t.model, p.valid_from,
    t.input_text + t.output_text > 0, t.input_audio + t.output_audio > 0, t.input_image > 0
ORDER BY t.word, t.model, p.valid_from
"""  # noqa: S608 - no value is part of it, only names of fields
"""Grouped also by the kinds of tokens there are: a response that has a kind without a price has no cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used under one heading.

    Attributes:
        group: An agent, a day (`2026-11-20`, UTC), a conversation, or a model (empty where it is not known).
        responses: Those that reported a usage.
        tokens: By kind.
        cost: US dollars for all that has a price; None where nothing has.
        unpriced: Responses whose model, or a kind of whose tokens, has no price: the cost is without them.
    """

    group: str
    responses: int
    tokens: Tokens
    cost: Decimal | None
    unpriced: int


async def usage_by(
    connection: AsyncConnection,
    grouping: Grouping,
    *,
    since: float | None = None,
    until: float | None = None,
    agent: str | None = None,
    conversations: Sequence[str] | None = None,
    replays: bool = False,
) -> list[Usage]:
    """Add up what was used.

    Args:
        connection: For reading.
        grouping: By what.
        since, until: Of the responses, in seconds since the Unix epoch; until is not part of it.
        agent: Only this one's, or all.
        conversations: Only these, or all.
        replays: Whether replays count, too; those that are named do in any case.
    """
    prices = await load_prices(connection)
    ids = None if conversations is None else list(conversations)
    asked = {"since": since, "until": until, "agent": agent, "ids": ids}
    given = {name: value for name, value in asked.items() if value is not None}
    statement = _statement(grouping, given, replays=replays)
    rows = (await connection.execute(statement, given | {"known": prices.models})).all()
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.word, []).append(row)
    return [_added(group, parts, prices) for group, parts in groups.items()]


def _statement(grouping: Grouping, given: Collection[str], *, replays: bool) -> TextClause:
    conditions = "".join(f" AND {CONDITIONS[name]}" for name in given)
    if not replays and "ids" not in given:
        conditions += COUNTED
    lists = [bindparam(name, type_=ARRAY(TEXT)) for name in ("known", "ids") if name in {"known", *given}]
    return text(USED % (GROUPS[grouping], conditions)).bindparams(*lists)


def _added(group: str, parts: Sequence[Row[Any]], prices: PriceList) -> Usage:
    costs = [(_cost(part, prices), part.responses) for part in parts]
    priced = [cost for cost, _ in costs if cost is not None]
    return Usage(
        group=group,
        responses=sum(part.responses for part in parts),
        tokens=Tokens(**{kind: sum(getattr(part, kind) for part in parts) for kind in KINDS}),
        cost=sum(priced, Decimal(0)) if priced else None,
        unpriced=sum(responses for cost, responses in costs if cost is None),
    )


def _cost(part: Row[Any], prices: PriceList) -> Decimal | None:
    if part.since is None:
        return None
    tokens = Tokens(**{kind: getattr(part, kind) for kind in KINDS})
    return cost_of(tokens, prices.at(part.model, part.since))
