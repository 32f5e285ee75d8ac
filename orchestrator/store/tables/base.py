"""The declarative base: how Python types become Postgres types, and how constraints are named."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeAlias

from sqlalchemy import ARRAY, DateTime, ForeignKey, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Json: TypeAlias = dict[str, Any]
"""A JSON object in a row. SQLAlchemy resolves annotations and cannot follow the core's recursive alias."""

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a predictable name: a later migration can drop it by that name."""


class Base(DeclarativeBase):
    """Base of every table of ours."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        Decimal: Numeric(),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        str: Text(),
    }


def conversation_key(*, primary: bool = True) -> Any:
    """A column that names a conversation and goes with it when it is erased.

    Args:
        primary: Whether it leads the primary key; otherwise it has an index of its own.
    """
    reference = ForeignKey("conversations.id", ondelete="CASCADE")
    return mapped_column(reference, primary_key=primary, index=not primary)
