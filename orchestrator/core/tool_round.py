"""The tool calls of one response: started, checked, run, settled, answered; then one next step for all.

Every call is answered exactly once, whatever happens to it. Tools that take a state run one after another
in the order of their calls; the others run side by side. Outputs go to the engine once the response that
made the calls is done, all of them, and then one response is asked for.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from orchestrator.core.commands import CancelTool, Persist, RunTool
from orchestrator.core.definition import ToolSpec
from orchestrator.core.events import Settled, ToolApproved, ToolReturned
from orchestrator.core.items import Item
from orchestrator.core.notices import StateNotice, ToolNotice
from orchestrator.core.records import RevisionRow, SettlementRow, ToolOutcome
from orchestrator.core.tool_calls import Round, ToolCall, failure, parse, run_row

if TYPE_CHECKING:
    from orchestrator.core.context import Context

REPAIRS: Final = 1
"""Rounds of bad arguments that a model may mend; after them it is told to apologise."""

ATTEMPTS: Final = 3
"""Runs of one call, over all the crashes that cut it off: a tool that downs the service stops there."""


# --- beginning --------------------------------------------------------------------------------------------


def add_call(ctx: "Context", call: ToolCall) -> None:
    """Take up a call that the model made."""
    if ctx.round is None:
        ctx.round = Round()
    this = ctx.round
    this.response_done, this.silent = False, False
    this.calls[call.id] = call
    if call.client:
        return
    problems = parse(call)
    if ctx.steps >= ctx.agent.limits.tool_steps:
        _refuse(ctx, call, "tool_limit", "No more tools in this turn. Answer the caller.")
    elif problems:
        _refuse_arguments(ctx, this, call, problems)
    elif call.handoff is None and call.spec is None:
        known = ", ".join(tool.name for tool in ctx.agent.tools) or "none"
        _refuse(ctx, call, "unknown_tool", f"There is no tool {call.item.name!r}. Use one of: {known}.")
    elif call.spec is not None and call.spec.needs_approval:
        await_approval(ctx, call)
    run_next(ctx)


def _refuse(ctx: "Context", call: ToolCall, code: str, message: str) -> None:
    answer(ctx, call, failure(code, message), "failed", code)


def _refuse_arguments(ctx: "Context", this: Round, call: ToolCall, problems: tuple[str, ...]) -> None:
    name = call.item.name or ""
    if name not in this.repaired:
        this.repaired.add(name)
        ctx.repairs[name] = ctx.repairs.get(name, 0) + 1
    if ctx.repairs.get(name, 0) > REPAIRS:
        ctx.steps = max(ctx.steps, ctx.agent.limits.tool_steps - 1)
        mend = "These arguments are wrong again. Do not call this tool now: apologise, and ask the caller."
    else:
        mend = "Nothing was done. Call the tool again with these mended; ask the caller for what is unknown."
    output = failure("invalid_arguments", mend, list(problems))
    call.returned = ToolReturned(call.id, call.attempt, "invalid", output, violations=problems)
    answer(ctx, call, output, "invalid", "invalid_arguments")


def await_approval(ctx: "Context", call: ToolCall) -> None:
    """Let a call wait for an operator."""
    call.stage = "approval"
    ctx.set_timer(f"approval:{call.id}", ctx.timing.approval)
    _tell(ctx, call, "approval")


def response_over(ctx: "Context", *, cancelled: bool) -> None:
    """The response that made the calls will add none; one that was cancelled has none follow it."""
    if ctx.round is None or ctx.round.response_done:
        return
    ctx.round.response_done = True
    if cancelled:
        silence(ctx, leaving=False)


def run_next(ctx: "Context") -> None:
    """Start every queued call whose states are free; an earlier call keeps them until it is answered."""
    held: set[str] = set()
    for call in ctx.round.open_calls if ctx.round else ():
        if call.spec is None:
            continue
        if call.stage == "queued" and held.isdisjoint(call.spec.states):
            _run(ctx, call, call.spec)
        held.update(call.spec.states)


def _run(ctx: "Context", call: ToolCall, spec: ToolSpec) -> None:
    call.stage, call.started_at = "running", ctx.now
    timeout = spec.timeout or ctx.agent.limits.tool_timeout
    states = {name: ctx.state(name) for name in spec.states}
    ctx.keep(run_row(call, "running"))
    _tell(ctx, call, "started")
    ctx.set_timer(f"filler:{call.id}", ctx.timing.filler)
    ctx.set_timer(f"tool:{call.id}", timeout + ctx.timing.tool_grace)
    ctx.do(RunTool(call.id, call.attempt, call.item.agent, spec.name, call.arguments, states, timeout))


# --- ending -----------------------------------------------------------------------------------------------


def returned(ctx: "Context", event: ToolReturned) -> None:
    """A run ended: settle it, which takes a transaction when it has effects."""
    call = find(ctx, event.tool_call_id)
    if call is None or call.stage != "running" or event.attempt != call.attempt:
        return
    call.returned = event
    ctx.clear_timer(f"tool:{call.id}")
    if event.outcome == "completed" and event.effects.any:
        _settle(ctx, call, event)
        return
    if event.outcome == "completed":
        _note_ending(ctx, event)
    answer(ctx, call, event.output, event.outcome, event.error_code)


def _note_ending(ctx: "Context", event: ToolReturned) -> None:
    if event.end_call and ctx.round is not None and not ctx.round.silent:
        ctx.ending = event.end_call


def _settle(ctx: "Context", call: ToolCall, event: ToolReturned) -> None:
    call.stage = "settling"
    output = call.output = _output_item(ctx, call, event.output)
    call.revisions = tuple(
        RevisionRow(
            state=name,
            revision=ctx.timeline.revisions.get(name, 0) + 1,
            value=value,
            item_id=output.id,
            sequence=output.sequence,
            tool_call_id=call.id,
            created_at=ctx.now,
        )
        for name, value in event.effects.states.items()
        if value != ctx.state(name)
    )
    settlement = SettlementRow(
        tool_call_id=call.id,
        output=output,
        run=run_row(call, "completed", finished_at=ctx.now),
        revisions=call.revisions,
        records=event.effects.records,
        statements=event.effects.statements,
    )
    ctx.do(Persist(settlement, confirm=call.id))


def settled(ctx: "Context", event: Settled) -> None:
    """The transaction of a tool's output is committed, or refused."""
    call = find(ctx, event.tool_call_id)
    if call is None or call.stage != "settling" or call.output is None or call.returned is None:
        return
    if event.error is not None:
        answer(ctx, call, failure("effects_refused", event.error), "failed", "effects_refused")
        return
    output = call.output if event.output is None else replace(call.output, output=event.output)
    for revision in call.revisions if event.output is None else ():
        ctx.timeline.states[revision.state] = revision.value
        ctx.timeline.revisions[revision.state] = revision.revision
        ctx.tell(StateNotice(revision.state, revision.revision, revision.value, call.id))
    ctx.item_ids.add(output.id)
    ctx.timeline.put(output)
    _note_ending(ctx, call.returned)
    _answered(ctx, call, output)


def answer(
    ctx: "Context", call: ToolCall, output: str, outcome: ToolOutcome, code: str | None = None
) -> None:
    """Answer a call that changed nothing."""
    call.returned = call.returned or ToolReturned(call.id, call.attempt, outcome, output, error_code=code)
    row = run_row(call, outcome, finished_at=ctx.now, error_code=code, error=output if code else None)
    ctx.keep(row)
    _answered(ctx, call, ctx.put(_output_item(ctx, call, output)), outcome)


def _answered(ctx: "Context", call: ToolCall, output: Item, outcome: ToolOutcome = "completed") -> None:
    call.output, call.stage = output, "answered"
    for timer in ("filler", "approval", "tool"):
        ctx.clear_timer(f"{timer}:{call.id}")
    _tell(ctx, call, "ended", outcome)
    run_next(ctx)


def answered_by_client(ctx: "Context", call: ToolCall, output: Item) -> None:
    """The client answered one of its own tools; the item is stored already."""
    call.returned = ToolReturned(call.id, call.attempt, "completed", output.output or "")
    ctx.keep(run_row(call, "completed", finished_at=ctx.now))
    call.output, call.stage = output, "answered"


def approved(ctx: "Context", event: ToolApproved) -> None:
    """An operator let a tool run, or declined it."""
    call = find(ctx, event.tool_call_id)
    if call is None or call.stage != "approval":
        return
    ctx.clear_timer(f"approval:{call.id}")
    if event.approve:
        call.stage = "queued"
        run_next(ctx)
        return
    reason = event.reason or "It was not approved."
    answer(ctx, call, failure("declined", reason), "declined", "declined")


# --- stopping ---------------------------------------------------------------------------------------------


def interrupt(ctx: "Context") -> None:
    """The caller interrupts: stop the tools that say so."""
    for call in ctx.round.calls.values() if ctx.round else ():
        if call.stage == "running" and call.spec is not None and call.spec.cancel_on_interrupt:
            ctx.do(CancelTool(call.id))


def silence(ctx: "Context", *, leaving: bool) -> None:
    """No response is to follow this round, and what has not begun does not begin.

    Args:
        leaving: The caller is gone: nothing waits for people any more.
    """
    if ctx.round is None:
        return
    ctx.round.silent = True
    reason = "The caller has left." if leaving else "The caller cancelled."
    interrupt(ctx)
    # The last first: whoever waits for the states of a call that is answered here is answered before it.
    for call in reversed(ctx.round.open_calls):
        staged = ctx.switch is not None and ctx.switch.call is call
        if call.stage in {"queued", "approval"} and not (call.client or (staged and not leaving)):
            answer(ctx, call, failure("cancelled", reason), "cancelled", "cancelled")
    if leaving:
        ctx.round.response_done = True
        abandon_client_calls(ctx, reason)


def give_up(ctx: "Context", tool_call_id: str) -> None:
    """A run that outlived its own deadline is answered for it."""
    call = find(ctx, tool_call_id)
    if call is not None and call.stage == "running":
        ctx.do(CancelTool(call.id))
        answer(ctx, call, failure("timed_out", "The tool did not answer in time."), "timed_out", "timed_out")


def abandon_client_calls(ctx: "Context", reason: str) -> None:
    """Answer the calls that a client left open; should it answer after all, its answer replaces this."""
    for call in ctx.round.open_calls if ctx.round else ():
        if call.client:
            answer(ctx, call, failure("abandoned", reason), "cancelled", "abandoned")


# --- parts ------------------------------------------------------------------------------------------------


def find(ctx: "Context", tool_call_id: str) -> ToolCall | None:
    """The open call of this id."""
    return ctx.round.calls.get(tool_call_id) if ctx.round else None


def _output_item(ctx: "Context", call: ToolCall, output: str) -> Item:
    return ctx.stamp(
        Item(
            id=ctx.new_id("item"),
            kind="function_call_output",
            agent=call.item.agent,
            tool_call_id=call.id,
            name=call.item.name,
            output=output,
            origin="service",
        )
    )


def _tell(
    ctx: "Context",
    call: ToolCall,
    stage: Literal["started", "approval", "ended"],
    outcome: ToolOutcome | Literal[""] = "",
) -> None:
    notice = ToolNotice(
        stage,
        call.id,
        call.item.name or "",
        call.item.agent,
        call.item.arguments or "{}",
        outcome=outcome,
        output=(call.output.output or "") if call.output and stage == "ended" else "",
        seconds=ctx.now - call.started_at if stage == "ended" and call.started_at else 0.0,
    )
    ctx.tell(notice)
