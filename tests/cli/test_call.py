"""A call from a terminal, against a connection whose events the test feeds."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest

from orchestrator.cli.address import Address
from orchestrator.cli.call import TerminalCall, Wanted
from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.call_view import CallView
from orchestrator.cli.terminal import output
from orchestrator.core.errors import OrchestratorError
from orchestrator.core.json_value import JsonObject
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

WANTED: Final = Wanted(
    Address.parse("http://127.0.0.1:8000"),
    agent=None,
    conversation="conv_none",
    key=None,
    says=("hello",),
    reply_seconds=PATIENCE,
    as_json=False,
    in_writing=True,
)


class Stuck:
    """Stands for a connection on which a message is still being sent when the service does something.

    Args:
        then: What happens once somebody sends.
        greets: Whether the session is there before.
    """

    def __init__(self, then: Callable[[], None], *, greets: bool = False) -> None:
        self.close_code = 1000
        self._then = then
        self._greets = greets
        self._sending = asyncio.Event()

    async def send(self, _name: str, /, **_fields: object) -> None:
        self._sending.set()
        await asyncio.Event().wait()

    async def events(self) -> AsyncIterator[JsonObject]:
        if self._greets:
            yield {"type": "session.created", "session": {"model": "triage"}}
        await self._sending.wait()
        self._then()
        await asyncio.Event().wait()


def refuse() -> None:
    raise OrchestratorError("There is no conversation conv_none.")


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


async def call(connection: Stuck) -> bool:
    turns = CallTurns(connection, lambda _event: None, conversation="conv_none", reply_seconds=PATIENCE)
    async with asyncio.timeout(PATIENCE):
        return await TerminalCall(WANTED, CallView(output, "agent"), (turns, turns.say)).run()


async def test_a_refusal_while_something_is_being_sent_is_told_and_is_no_ctrl_c() -> None:
    with pytest.raises(ExceptionGroup) as told:
        await call(Stuck(refuse))
    assert told.group_contains(OrchestratorError, match="no conversation conv_none")


async def test_a_conversation_that_was_never_connected_is_not_offered_to_be_gone_on_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ExceptionGroup):
        await call(Stuck(refuse))
    assert "go on" not in capsys.readouterr().out


async def test_ctrl_c_while_something_is_being_sent_cancels_the_call() -> None:
    with pytest.raises(KeyboardInterrupt):
        await call(Stuck(press_ctrl_c, greets=True))
