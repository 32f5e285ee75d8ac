"""The prices that ship with this version: data, put into the table `prices` by an upgrade."""

from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from orchestrator.store.tables import Price

FILE: Final = Path(__file__).parent / "data" / "prices.json"


class ListedPrice(msgspec.Struct, forbid_unknown_fields=True):
    """US dollars per million tokens of one modality."""

    input: Decimal
    cached: Decimal
    output: Decimal


class ListedModels(msgspec.Struct, forbid_unknown_fields=True):
    """Models of one price, by modality."""

    models: list[str]
    valid_from: datetime
    prices: dict[str, ListedPrice]


@cache
def listed() -> list[ListedModels]:
    """What the data file says."""
    return msgspec.json.decode(FILE.read_bytes(), type=list[ListedModels])


def seed(connection: Connection) -> None:
    """Add the prices that are missing. Those an operator has changed stay as they are."""
    rows = [
        {"model": model, "modality": modality, "valid_from": entry.valid_from} | msgspec.structs.asdict(price)
        for entry in listed()
        for model in entry.models
        for modality, price in entry.prices.items()
    ]
    connection.execute(insert(Price).on_conflict_do_nothing(), rows)
