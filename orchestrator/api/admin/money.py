"""`/admin/usage` and `/admin/prices`: tokens, and what they cost."""

from decimal import Decimal
from typing import Annotated, Any, Final

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import END_OF_TIME, Body, Listing, Moment, Name, Shown, Since, Until, plain
from orchestrator.api.trail import write_down
from orchestrator.store.prices import delete_price, list_prices, set_price
from orchestrator.store.pricing import Price, TokenKind
from orchestrator.store.usage import Grouping, Usage, usage_by

TAG: Final = ["money"]

Money = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$", examples=["4.00"])]
By = Annotated[Grouping, QueryParameter(description="What it is added up by")]
OneAgent = Annotated[str | None, QueryParameter(description="Only this agent's")]
OneConversation = Annotated[str | None, QueryParameter(description="Only this conversation's")]
Replays = Annotated[bool, QueryParameter(description="Whether replays count, too")]
OneModel = Annotated[str | None, QueryParameter(description="Only this model's")]
From = Annotated[float, QueryParameter(ge=0, le=END_OF_TIME)]


class UsageGroup(Shown):
    """What was used under one heading.

    Attributes:
        group: An agent, a day (UTC), a conversation or a model.
        tokens: By kind.
        cost: US dollars for all that has a price, as decimal text; null where nothing has.
        unpriced: Responses that have no price: the cost is without them.
    """

    group: Annotated[str, Meta(examples=["restaurant"])]
    responses: int
    tokens: dict[str, int]
    cost: Annotated[str | None, Meta(examples=["0.0123"])]
    unpriced: int


class UsageReport(Shown):
    """What was used, by heading and in total."""

    data: list[UsageGroup]
    total: UsageGroup


class PriceEntry(Body):
    """US dollars per million tokens of one modality of one model.

    Attributes:
        cached: For input tokens that were cached.
        valid_from: Seconds since the Unix epoch.
    """

    model: Name
    modality: TokenKind
    input: Money
    cached: Money
    output: Money
    valid_from: Moment


@get("/usage", tags=TAG, summary="Add up tokens and money")
async def show_usage(
    services: NamedDependency[Services],
    by: By = "agent",
    since: Since = None,
    until: Until = None,
    agent: OneAgent = None,
    conversation: OneConversation = None,
    replays: Replays = False,
) -> UsageReport:
    """Add up what responses used, priced as of the moment they were made."""
    only = None if conversation is None else [conversation]
    async with services.database.read() as connection:
        found = await usage_by(
            connection, by, since=since, until=until, agent=agent, conversations=only, replays=replays
        )
    return UsageReport(data=[_group(usage) for usage in found], total=_total(found))


@get("/prices", tags=TAG, summary="List prices")
async def show_prices(services: NamedDependency[Services], model: OneModel = None) -> Listing[PriceEntry]:
    """List every price, by model, then modality, then time."""
    async with services.database.read() as connection:
        found = await list_prices(connection, model=model)
    return Listing(data=[_entry(price) for price in found])


@put("/prices", tags=TAG, summary="Set a price")
async def put_price(
    data: JSONBody[PriceEntry], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> PriceEntry:
    """Add a price, or mend the one of the same model, modality and moment."""
    price = Price(
        model=data.model,
        modality=data.modality,
        input=Decimal(data.input),
        cached=Decimal(data.cached),
        output=Decimal(data.output),
        valid_from=data.valid_from,
    )
    async with services.database.transaction() as connection:
        await set_price(connection, price)
        await write_down(connection, identity, "price.set", data.model, plain(price))
    return data


@delete("/prices", tags=TAG, summary="Remove a price")
async def remove_price(
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    model: FromQuery[str],
    modality: FromQuery[TokenKind],
    valid_from: From,
) -> None:
    """Remove a price. One that ships comes back with the next upgrade: add a later one instead."""
    detail: dict[str, Any] = {"modality": modality, "valid_from": valid_from}
    async with services.database.transaction() as connection:
        await delete_price(connection, model, modality, valid_from)
        await write_down(connection, identity, "price.delete", model, detail)


HANDLERS: Final = (show_usage, show_prices, put_price, remove_price)


def _group(usage: Usage) -> UsageGroup:
    cost = None if usage.cost is None else _money(usage.cost)
    return UsageGroup(
        group=usage.group,
        responses=usage.responses,
        tokens=plain(usage.tokens),
        cost=cost,
        unpriced=usage.unpriced,
    )


def _total(found: list[Usage]) -> UsageGroup:
    costs = [usage.cost for usage in found if usage.cost is not None]
    tokens: dict[str, int] = {}
    for usage in found:
        for kind, count in plain(usage.tokens).items():
            tokens[kind] = tokens.get(kind, 0) + count
    return UsageGroup(
        group="total",
        responses=sum(usage.responses for usage in found),
        tokens=tokens,
        cost=_money(sum(costs, Decimal(0))) if costs else None,
        unpriced=sum(usage.unpriced for usage in found),
    )


def _entry(price: Price) -> PriceEntry:
    return PriceEntry(
        model=price.model,
        modality=price.modality,
        input=_money(price.input),
        cached=_money(price.cached),
        output=_money(price.output),
        valid_from=price.valid_from,
    )


def _money(amount: Decimal) -> str:
    return format(amount, "f")
