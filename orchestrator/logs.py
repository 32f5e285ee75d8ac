"""Log lines: for people on a terminal or for machines, one format for ours and everybody else's.

No line carries what a caller said. Our own lines hold ids, names and figures. An exception is shown by its
type and its place, without its message, which may quote a caller; libraries that log what passes through them
are heard from warnings on, whatever the level.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

QUIET: Final = (
    "aioice",
    "aiortc",
    "alembic",
    "asyncio",
    "httpcore",
    "httpx",
    "psycopg",
    "saq",
    "sqlalchemy",
    "uvicorn",
    "websockets",
)
"""Libraries whose lower levels are of no interest to an operator, or hold frames and statements."""


def configure_logs(
    level: LogLevel = "info", log_format: LogFormat = "console", *, stream: TextIO | None = None
) -> None:
    """Set up logging of the whole process; the last call counts.

    Args:
        level: The least severe line that is kept.
        log_format: `console` for people, `json` for one object a line.
        stream: Where lines go, None for the standard error output.
    """
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt=_time_format(log_format), utc=log_format == "json"),
        _exception_without_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _name_of_library],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(log_format, target),
            ],
        )
    )
    _install(handler, _number(level))


def _install(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.get_name() == __name__]:
        root.removeHandler(old)
    handler.set_name(__name__)
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _number(level: LogLevel) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _time_format(log_format: LogFormat) -> str:
    return "iso" if log_format == "json" else "%H:%M:%S"


def _renderer(log_format: LogFormat, stream: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    # The stock columns pad the event to 30 letters; times and ids line up all the same.
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=28, pad_level=False)


def _name_of_library(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord | None = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    return event


def _exception_without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the type of an exception and its place where its whole text would stand."""
    found = _exception(event.pop("exc_info", None))
    if found is not None:
        event["error"] = type(found).__name__
        event["place"] = _place(found.__traceback__)
    return event


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, tuple):
        given = given[1]
    elif given is True:
        given = sys.exc_info()[1]
    return given if isinstance(given, BaseException) else None


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-3:]
    return " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
