"""Log lines: their formats, and what is kept out of them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from orchestrator.logs import QUIET, configure_logs

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_for_machines_is_one_object_with_a_time_in_utc(stream: io.StringIO) -> None:
    configure_logs("info", "json", stream=stream)
    structlog.get_logger("x").info("call joined", conversation_id="conv_1")
    [line] = lines(stream)
    assert line["event"] == "call joined"
    assert line["conversation_id"] == "conv_1"
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")


def test_a_line_for_people_has_no_colour_where_nobody_looks(stream: io.StringIO) -> None:
    configure_logs(stream=stream)
    structlog.get_logger("x").warning("calls did not end in time", calls=2)
    assert "[warning]" in stream.getvalue()
    assert "calls=2" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_less_severe_lines_are_left_out(stream: io.StringIO) -> None:
    configure_logs("warning", "json", stream=stream)
    structlog.get_logger("x").info("nothing")
    logging.getLogger("orchestrator.x").info("nothing")
    logging.getLogger("orchestrator.x").error("something")
    assert [line["event"] for line in lines(stream)] == ["something"]


def test_lines_of_libraries_have_the_same_format_and_name_the_library(stream: io.StringIO) -> None:
    configure_logs("info", "json", stream=stream)
    logging.getLogger("aiortc.rtc").warning("packet of %s bytes", 12)
    [line] = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("packet of 12 bytes", "aiortc.rtc", "warning")


@pytest.mark.parametrize("name", QUIET)
def test_libraries_that_log_what_passes_through_them_are_quiet_at_every_level(
    name: str, stream: io.StringIO
) -> None:
    configure_logs("debug", "json", stream=stream)
    logging.getLogger(f"{name}.part").debug("< TEXT 'my parrot is called Xylophon'")
    logging.getLogger(f"{name}.part").info("statement")
    assert stream.getvalue() == ""


def test_an_exception_is_told_by_type_and_place_without_its_words(stream: io.StringIO) -> None:
    configure_logs("info", "json", stream=stream)
    try:
        int("the caller said Xylophon")
    except ValueError as error:
        structlog.get_logger("x").exception("crashed")
        logging.getLogger("library").exception("failed")
        structlog.get_logger("x").error("told", exc_info=error)
    assert "Xylophon" not in stream.getvalue()
    assert [line["error"] for line in lines(stream)] == ["ValueError"] * 3
    assert all("test_logs.py" in str(line["place"]) for line in lines(stream))


def test_the_last_configuration_counts(stream: io.StringIO) -> None:
    configure_logs("info", "json", stream=io.StringIO())
    configure_logs("info", "json", stream=stream)
    structlog.get_logger("x").info("once")
    assert len(lines(stream)) == 1
