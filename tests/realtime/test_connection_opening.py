"""How a session comes to be, or does not."""

import asyncio
from typing import Any

import pytest

from orchestrator.core.engine_events import (
    SessionFailed,
    SessionReady,
)
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.failures import Failure
from tests.realtime.recorded_session import Peer, Recorded, played

pytestmark = pytest.mark.unit

BUSY = Failure("engine_lost", "busy", retryable=True, transient=True)


def test_a_session_is_ready_once_its_configuration_is_confirmed() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        configuration = await peer.accept(expires_at=4000)
        assert configuration["session"]["instructions"] == "Take the order."
        await recorded.next_event()
        recorded.session.close("enough")

    recorded = played(script)
    assert recorded.events == [SessionReady(1, 4000.0, {"id": "sess_1"})]
    assert recorded.session.is_over


@pytest.mark.parametrize("expires_at", [None, 0, True, "soon"])
def test_a_session_that_names_no_end_ends_when_the_dialect_says(expires_at: Any) -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept(expires_at=expires_at)
        await recorded.next_event()
        recorded.session.close()

    assert played(script).events == [SessionReady(1, 1000.0 + 3600.0, {"id": "sess_1"})]


def test_an_engine_without_a_limit_names_no_end() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await recorded.next_event()
        recorded.session.close()

    endpoint = EngineEndpoint(kind="embedded", url="ws://127.0.0.1:1")
    assert played(script, endpoint=endpoint).events == [SessionReady(1, None, {"id": "sess_1"})]


def test_a_refused_configuration_fails_the_session_for_good_with_the_engines_code() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        refused = await peer.receive()
        error = {
            "code": "invalid_value",
            "message": "No such voice, sk-secret.",
            "event_id": refused["event_id"],
        }
        await peer.send(type="error", error=error)

    assert played(script).events == [
        SessionFailed(1, "invalid_value", "No such voice, ***.", retryable=False)
    ]


def test_an_error_that_names_no_event_answers_the_configuration_until_it_is_confirmed() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.send(type="error", error={"code": "model_gone", "message": "m"})

    assert played(script).events == [SessionFailed(1, "model_gone", "m", retryable=False)]


def test_a_fault_of_the_engine_while_configuring_is_worth_another_session() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.send(type="error", error={"type": "server_error", "message": "m"})

    assert played(script).events == [SessionFailed(1, "server_error", "m", retryable=True)]


def test_a_silent_engine_is_given_up_at_the_deadline() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        failed: Any = await recorded.next_event()
        assert asyncio.get_running_loop().time() == 10
        assert (failed.code, failed.retryable) == ("engine_timeout", True)

    assert len(played(script).events) == 1


def test_a_handshake_is_repeated_with_growing_pauses_while_failures_pass() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await peer.accept()
        await recorded.next_event()
        recorded.session.close()

    recorded = played(script, dial_failures=(BUSY,) * 6)
    assert [round(moment, 3) for moment in recorded.dialled_at] == [0, 0.1, 0.3, 0.7, 1.5, 3.1, 5.1]
    assert isinstance(recorded.events[0], SessionReady)


def test_handshakes_end_before_the_deadline_with_the_last_reason() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await recorded.next_event()
        assert asyncio.get_running_loop().time() < 10

    assert played(script, dial_failures=(BUSY,) * 99).events == [SessionFailed(1, "engine_lost", "busy")]


def test_a_refusal_that_will_not_pass_is_not_repeated() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await recorded.next_event()

    recorded = played(script, dial_failures=(Failure("invalid_api_key", "no", retryable=False),))
    assert recorded.events == [SessionFailed(1, "invalid_api_key", "no", retryable=False)]
    assert len(recorded.dialled_at) == 1


def test_a_handshake_that_never_ends_is_given_up_at_the_deadline() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        assert (await recorded.next_event()).code == "engine_timeout"  # type: ignore[union-attr]

    played(script, dial_seconds=1e9)


def test_a_session_closed_while_it_connects_ends_at_once_and_says_nothing() -> None:
    async def script(peer: Peer, recorded: Recorded) -> None:
        await asyncio.sleep(1)
        recorded.session.close()

    recorded = played(script, dial_seconds=1e9, seconds=2)
    assert recorded.events == []
