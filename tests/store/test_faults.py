import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from orchestrator.core.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    SettingsError,
    StoreUnavailableError,
)
from orchestrator.store.faults import describe, is_away, is_refused, origin, state_of, translate

pytestmark = pytest.mark.unit


def server_error(sqlstate: str, **fields: str) -> BaseException:
    error: BaseException = asyncpg.PostgresError.new({"C": sqlstate, "M": "a caller's words", **fields})
    return error


AWAY = ["08006", "40001", "40P01", "53300", "55P03", "57014", "57P01", "58030", "25006"]
REFUSED = ["21000", "22P02", "22P05", "23505", "54000"]


@pytest.mark.parametrize("sqlstate", AWAY)
def test_errors_about_the_server_mean_that_it_is_away(sqlstate: str) -> None:
    error = server_error(sqlstate)
    assert is_away(error)
    assert not is_refused(error)
    assert isinstance(translate(error), StoreUnavailableError)


@pytest.mark.parametrize("sqlstate", REFUSED)
def test_errors_about_the_row_mean_that_it_is_refused(sqlstate: str) -> None:
    error = server_error(sqlstate)
    assert is_refused(error)
    assert not is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        PoolTimeoutError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.InvalidCachedStatementError("cached plan must not change result type"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_the_connection_mean_that_the_store_is_away(error: BaseException) -> None:
    assert is_away(error)


def test_values_that_the_driver_cannot_send_are_refused() -> None:
    for error in (asyncpg.DataError("out of range"), UnicodeEncodeError("utf-8", "x", 0, 1, "no")):
        assert is_refused(error)
        assert not is_away(error)
        assert isinstance(translate(error), InvalidRequestError)


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("23505", ConflictError),
        ("23503", NotFoundError),
        ("22021", InvalidRequestError),
        ("28P01", SettingsError),
        ("3D000", SettingsError),
    ],
)
def test_errors_become_ours(sqlstate: str, kind: type[Exception]) -> None:
    assert isinstance(translate(server_error(sqlstate)), kind)


def test_an_error_in_our_own_statement_stays_what_it_is() -> None:
    assert translate(server_error("42P01")) is None
    assert translate(KeyError("ours")) is None


def test_the_description_names_places_and_no_value() -> None:
    error = server_error("23505", t="items", n="pk_items", D="Key (id)=(a caller's words) exists.")
    assert describe(error) == "UniqueViolationError 23505 on items, pk_items"
    assert "caller" not in str(translate(error))


def test_the_drivers_error_is_found_inside_its_wrapping() -> None:
    inner = server_error("57P01")
    wrapped = DBAPIError("SELECT 1", None, Exception("wrapped"))
    wrapped.__cause__ = Exception("translated")
    wrapped.__cause__.__cause__ = inner
    assert origin(wrapped) is inner
    assert state_of(wrapped) == "57P01"


def test_what_sqlalchemy_wraps_without_a_cause_is_found_too() -> None:
    inner = OSError("gone")
    assert origin(DBAPIError("SELECT 1", None, inner)) is inner
    assert state_of(inner) == ""
