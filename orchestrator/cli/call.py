"""One call from a terminal, from the connection to the goodbye."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from orchestrator.cli.address import Address
from orchestrator.cli.agent_names import check_agent
from orchestrator.cli.call_input import given, piped, typed
from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.call_view import CallView
from orchestrator.cli.door_client import DoorClient
from orchestrator.cli.terminal import output, own_command, print_json
from orchestrator.core.errors import OrchestratorError
from orchestrator.core.json_value import JsonObject

Say = Callable[[str], Awaitable[None]]
"""Says a text, in whatever way, and waits for the reply's end."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for.

    Attributes:
        says: What to say; empty to type, or to read a pipe.
        wav: A sound file to say.
        save: Where the agent's sound is kept.
        in_writing: Whether nothing is to be spoken.
        reply_seconds: How long one reply may take.
        as_json: Print events instead of a view of them.
    """

    address: Address
    agent: str | None
    conversation: str | None
    key: str | None
    says: tuple[str, ...]
    reply_seconds: float
    as_json: bool
    wav: Path | None = None
    save: Path | None = None
    in_writing: bool = False

    @property
    def interactive(self) -> bool:
        """Whether somebody types."""
        return not self.says and self.wav is None and sys.stdin.isatty()

    @property
    def spoken(self) -> bool:
        """Whether there is something to be said aloud."""
        return not self.in_writing and (bool(self.says) or self.wav is not None)


def run_call(wanted: Wanted) -> bool:
    """Make the call.

    Returns:
        Whether everything that was said was answered.

    Raises:
        OrchestratorError: Nobody answers, or the service refuses.
    """
    try:
        return asyncio.run(_call(wanted))
    except BaseExceptionGroup as group:
        raise _first(group) from group


async def _call(wanted: Wanted) -> bool:
    await check_agent(wanted.address, wanted.agent, wanted.key)
    view = CallView(output, wanted.agent or "agent")
    show: Callable[[JsonObject], None] = print_json if wanted.as_json else view.show
    async with AsyncExitStack() as stack:
        speech = None
        if wanted.spoken:
            from orchestrator.cli.speech import open_speech  # noqa: PLC0415 - writing needs none of it

            speech = await open_speech(stack, wanted, view, show)
        return await TerminalCall(wanted, view, speech or await _written(stack, wanted, show)).run()


async def _written(
    stack: AsyncExitStack, wanted: Wanted, show: Callable[[JsonObject], None]
) -> tuple[CallTurns, Say]:
    client = DoorClient(wanted.address, agent=wanted.agent, conversation=wanted.conversation, key=wanted.key)
    turns = CallTurns(
        await stack.enter_async_context(client),
        show,
        conversation=wanted.conversation,
        reply_seconds=wanted.reply_seconds,
    )
    return turns, turns.say


class TerminalCall:
    """One call.

    Args:
        wanted: What was asked for.
        view: Where it is shown.
        speech: Its turns, and what says a text in them.
    """

    def __init__(self, wanted: Wanted, view: CallView, speech: tuple[CallTurns, Say]) -> None:
        self._wanted = wanted
        self._view = view
        self._turns, self._say = speech
        self._stopping = False
        self._leaving = False

    async def run(self) -> bool:
        """Talk until there is nothing more to say, or the other side hangs up.

        Returns:
            Whether everything that was said was answered.

        Raises:
            ExceptionGroup: Of `OrchestratorError`: the service refuses, or the call was cut off.
            KeyboardInterrupt: Somebody left by Ctrl-C.
        """
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                reading = group.create_task(self._turns.read())
                with self._interrupts():
                    whole = await self._talk()
                if not self._turns.over.is_set():
                    reading.cancel()
            if self._turns.over.is_set():
                self._turns.check_ending()
        finally:
            self._say_goodbye()
        return whole and self._turns.well

    async def _talk(self) -> bool:
        if not self._wanted.as_json:
            self._header()
        await self._turns.join()
        if self._turns.over.is_set():
            return False
        if self._wanted.conversation is not None and self._turns.agent:
            self._resumed()
        said = 0
        async for text in self._texts():
            if self._turns.over.is_set() or self._stopping:
                return False
            if not self._wanted.interactive and not self._wanted.as_json:
                self._view.caller(text)
            await self._say(text)
            said += 1
        return not self._wanted.says or said == len(self._wanted.says)

    def _texts(self) -> AsyncIterator[str]:
        if self._wanted.wav is not None:
            return given([self._wanted.wav.name])
        if self._wanted.says:
            return given(self._wanted.says)
        return typed(self._turns.over) if self._wanted.interactive else piped()

    @contextmanager
    def _interrupts(self) -> Iterator[None]:
        """Let Ctrl-C stop the reply, and the second one the call."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def interrupted() -> None:
            if self._turns.busy and not self._stopping:
                self._stopping = not self._wanted.interactive
                self._group.create_task(self._turns.stop_reply())
            elif task is not None:
                self._leaving = True
                task.cancel()

        loop.add_signal_handler(signal.SIGINT, interrupted)
        try:
            yield
        except asyncio.CancelledError:
            # Also cancelled by its group when the service refuses: that is no Ctrl-C, and has its own error.
            if not self._leaving or task is None or task.uncancel() > 0:
                raise
            raise KeyboardInterrupt from None
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    # --- around it ----------------------------------------------------------------------------------------

    def _header(self) -> None:
        called = self._wanted.agent or self._wanted.conversation or ""
        output.print()
        output.print(
            Text.assemble(
                ("  calling ", "faint"), (called, "name"), (f"  {self._wanted.address.web}", "faint")
            )
        )
        if self._wanted.interactive:
            hint = "Type and press Enter. Ctrl-C stops a reply; at the prompt it leaves, as does /quit."
            output.print(Text(f"  {hint}", style="faint"))
        output.print()

    def _resumed(self) -> None:
        if not self._wanted.as_json and self._wanted.agent is None:
            self._view.agent = self._turns.agent
            self._view.note(f"{self._turns.agent} is on duty and knows what was said before.")

    def _say_goodbye(self) -> None:
        conversation = self._turns.conversation
        if self._wanted.as_json:
            print_json({"type": "call.left", "conversation_id": conversation, "well": self._turns.well})
            return
        if conversation is None or not self._turns.agent:  # never connected: there may be no such one
            return
        output.print()
        output.print(Text.assemble(("  conversation  ", "faint"), conversation), soft_wrap=True)
        if not self._turns.finished:
            again = f"{own_command()} call --conversation {conversation}{self._elsewhere()}"
            output.print(Text.assemble(("  go on         ", "faint"), again), soft_wrap=True)
        read = f"{own_command()} conversations show {conversation}"
        output.print(Text.assemble(("  read it       ", "faint"), read), soft_wrap=True)
        output.print()

    def _elsewhere(self) -> str:
        web = self._wanted.address.web
        return "" if web == "http://127.0.0.1:8000" else f" --url {web}"


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to tell: one of ours before any other."""
    leaves = list(_leaves(group))
    ours = [leaf for leaf in leaves if isinstance(leaf, OrchestratorError)]
    return (ours or leaves)[0]


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
