"""Checks of the `format` keyword, as lenient as the types that will read the values.

Dates and times are checked by pydantic, which reads them later, with one difference to RFC 3339: an offset
may be missing, since callers speak local time.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import AnyUrl, TypeAdapter, ValidationError

FORMATS: Final = FormatChecker(formats=())
"""Checks those formats that have a check in the standard library, and those below."""

FORMATS.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)


def _reads_as(kind: type) -> Callable[[object], bool]:
    adapter: TypeAdapter[object] = TypeAdapter(kind)

    def check(value: object) -> bool:
        # Pydantic also reads bare numbers as Unix times; in a date or a time they are a mistake.
        if not isinstance(value, str) or value.replace(".", "").isdigit():
            return not isinstance(value, str)
        try:
            adapter.validate_python(value)
        except ValidationError:
            return False
        return True

    return check


for _name, _kind in {
    "date": date,
    "time": time,
    "date-time": datetime,
    "duration": timedelta,
    "uri": AnyUrl,
}.items():
    FORMATS.checks(_name)(_reads_as(_kind))
