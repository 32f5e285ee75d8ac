import pytest

from orchestrator.core.commands import SessionConfig
from orchestrator.core.records import SessionRow
from orchestrator.core.session import Inference, Request, Session
from orchestrator.core.transitions import Link

pytestmark = pytest.mark.unit


def session() -> Session:
    config = SessionConfig(
        agent="triage", engine=None, model=None, instructions="", voice=None, modality="text"
    )
    row = SessionRow(
        epoch=1,
        agent="triage",
        purpose="start",
        modality="text",
        engine="",
        model=None,
        voice=None,
        opened_at=0.0,
    )
    return Session(1, config, "start", row)


def test_names_are_translated_both_ways_where_they_differ() -> None:
    link = session()
    link.known["item_1"], link.names["item_x"] = "item_x", "item_1"
    assert (link.ours("item_1"), link.theirs("item_x")) == ("item_x", "item_1")
    assert (link.ours("item_2"), link.theirs("item_2")) == ("item_2", "item_2")


def test_a_session_is_busy_once_a_response_was_asked_for() -> None:
    link = session()
    assert not link.busy
    link.requested = Request()
    assert link.busy


def test_a_session_is_busy_while_a_response_is_in_progress() -> None:
    link = session()
    link.response = Inference("resp_1", row=None)  # type: ignore[arg-type]
    assert link.busy


def test_a_session_takes_part_until_it_is_replaced() -> None:
    link = session()
    assert link.open
    link.link = Link.LIVE
    assert link.open
    link.link = Link.DRAINING
    assert not link.open
