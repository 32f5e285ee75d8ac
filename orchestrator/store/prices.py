"""The price table: read, added to, mended."""

from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.store import tables
from orchestrator.store.pricing import Price, PriceList, TokenKind
from orchestrator.store.reading import seconds

PRICES: Final = select(
    tables.Price.model,
    tables.Price.modality,
    tables.Price.input,
    tables.Price.cached,
    tables.Price.output,
    seconds(tables.Price.valid_from).label("valid_from"),
).order_by(tables.Price.model, tables.Price.modality, tables.Price.valid_from)
"""Made once: it takes as long to make as to ask."""


async def load_prices(connection: AsyncConnection) -> PriceList:
    """Every price, ready to reckon with."""
    return PriceList(await list_prices(connection))


async def list_prices(connection: AsyncConnection, *, model: str | None = None) -> list[Price]:
    """Prices by model, then modality, then time.

    Args:
        connection: For reading.
        model: Only those of this one, or all.
    """
    query = PRICES if model is None else PRICES.where(tables.Price.model == model)
    return [Price(**found) for found in (await connection.execute(query)).mappings()]


async def set_price(connection: AsyncConnection, price: Price) -> None:
    """Add a price, or mend the one of the same model, modality and moment."""
    values = asdict(price) | {"valid_from": func.to_timestamp(price.valid_from)}
    made = insert(tables.Price).values(**values)
    changes = {"input": price.input, "cached": price.cached, "output": price.output}
    keys = ["model", "modality", "valid_from"]
    await connection.execute(made.on_conflict_do_update(index_elements=keys, set_=changes))


async def delete_price(
    connection: AsyncConnection, model: str, modality: TokenKind, valid_from: float
) -> None:
    """Remove a price. One that ships comes back with the next upgrade: add a later one instead.

    Raises:
        NotFoundError: There is none of this model, modality and moment.
    """
    row = tables.Price
    gone = delete(row).where(
        row.model == model,
        row.modality == modality,
        row.valid_from == func.to_timestamp(valid_from),
    )
    if (await connection.execute(gone)).rowcount == 0:
        raise NotFoundError(f"{model} has no price for {modality} from then on.", param="valid_from")
