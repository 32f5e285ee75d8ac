"""Decides a whole response from a conversation: what to call or what to say. Pure, and the same each time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainContext
from orchestrator.engine.demo.answering import MORE_QUESTIONS, answer, question
from orchestrator.engine.demo.arguments import Filled, fill
from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.dialogue import CALLER_SAID, Done, Turn, text_of, turns_of
from orchestrator.engine.demo.doubts import DENIED, asks_back, is_doubtful, without_doubts
from orchestrator.engine.demo.grammar import sentence
from orchestrator.engine.demo.handoffs import desk_name, target_name
from orchestrator.engine.demo.intents import best_match
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.mending import blamed_slot
from orchestrator.engine.demo.outputs import narrated, read_answer
from orchestrator.engine.demo.phrasing import capabilities
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.reports import report, slot_values
from orchestrator.engine.demo.scene import MORE, Outcome, Pending, Scene
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.tools import Tool
from orchestrator.engine.demo.words import spoken, tokens

REMEMBERED_TURNS: Final = 12
"""Turns that are read again for the question that is open."""
MOST_CALLS_IN_A_TURN: Final = 12
_SAY: Final = re.compile(
    r"\b(?:say|greet|tell|read|speak|repeat|respond|reply|answer)\b[^\"\u201c]*[\"\u201c]"
    r"(?P<words>[^\"\u201d]+)[\"\u201d]",
    re.IGNORECASE,
)
_KNOWS_CALLER: Final = re.compile(r"\bcaller(?:'s name is|\s+is called)\b")
_SUMMARISE: Final = re.compile(r"\bsummar(?:ise|ize|y)\b", re.IGNORECASE)
_UNHEARD: Final = "Sorry, I didn't hear that. Please say it once more, or type it."


@dataclass(frozen=True)
class Call:
    """A function to call."""

    name: str
    arguments: JsonObject


@dataclass(frozen=True)
class Reply:
    """A whole response: words, calls, or both."""

    text: str = ""
    calls: tuple[Call, ...] = ()


def decide(context: BrainContext) -> Reply:
    """Decide a response."""
    told = _told(context)
    if told is not None:
        return Reply(told)
    turns = without_doubts(turns_of(context.items, context.confidence))
    scene = _scene(context, turns)
    forced = _forced(context, turns, scene)
    if forced is not None:
        return forced
    reply = _decide_turn(turns, scene, parallel=context.parallel_tool_calls)
    if context.tool_choice == "none" and reply.calls:
        return Reply("I can't do that just now. What else can I do for you?")
    return reply


def _told(context: BrainContext) -> str | None:
    """What the response's own instructions have it say word for word, or sum up."""
    if not context.overridden_instructions:
        return None
    quoted = _SAY.search(context.instructions)
    if quoted is not None:
        return quoted["words"].strip()
    return _summary(context.items) if _SUMMARISE.search(context.instructions) else None


def _summary(items: Sequence[JsonObject]) -> str:
    said = [text_of(item) for item in items if item.get("role") == "user" and text_of(item)]
    return (
        f"{CALLER_SAID}{' '.join(sentence(text) for text in said[-5:])}" if said else "Nothing was said yet."
    )


def _scene(context: BrainContext, turns: Sequence[Turn]) -> Scene:
    tools = tuple(read_tool(declaration) for declaration in context.tools)
    turn = turns[-1] if turns else Turn()
    moved = turn.handed_to is not None or any(not call.failed for call in turn.transfers)
    return Scene(
        tools=tuple(tool for tool in tools if not tool.is_transfer),
        transfers=tuple(tool for tool in tools if tool.is_transfer),
        hints=context.hints,
        agent=context.agent or (spoken(turn.handed_to) if turn.handed_to else None),
        knows_caller=bool(_KNOWS_CALLER.search(context.instructions)),
        may_transfer=not moved,
    )


def _decide_turn(turns: Sequence[Turn], scene: Scene, *, parallel: bool) -> Reply:
    if not turns or not any(turn.texts or turn.unheard for turn in turns):
        return _opening(turns[-1] if turns else Turn(), scene, parallel=parallel)
    turn, index = turns[-1], len(turns) - 1
    if turn.unheard and not turn.texts and turn.last == "caller":
        return Reply(_UNHEARD)
    if turn.denied:
        return Reply(DENIED)
    pending = _pending_before(turns, index, scene)
    now = _scene_at(turns, index, scene)
    outcome = answer(" . ".join(turn.texts), pending, now)
    made = [*turn.calls, *(call for call in turn.transfers if call.name in scene.by_name)]
    if turn.last == "reply":
        return Reply(_once_more(turn, outcome, now, index))
    if made:
        return _after_calls(turn, made, outcome, now, index, parallel=parallel)
    if outcome.calls and is_doubtful(turn):
        return Reply(asks_back(turn))
    return _begin(outcome, now, index, parallel=parallel)


def _once_more(turn: Turn, outcome: Outcome, scene: Scene, index: int) -> str:
    """Everything was answered already; somebody who was away is asked the open question again."""
    if not turn.came_back:
        return question(MORE, scene, index)
    finished = any(
        scene.by_name[call.name].action is Action.FINISH for call in turn.calls if call.name in scene.by_name
    )
    asked = question(MORE if finished else outcome.pending or MORE, scene, index)
    return f"Welcome back. {asked}"


def _opening(turn: Turn, scene: Scene, *, parallel: bool) -> Reply:
    """Nobody has said anything yet: greet, or act on what the agent before passed on."""
    if turn.reason and CALLER_SAID in turn.reason and not turn.replies and not turn.calls:
        said = turn.reason.partition(CALLER_SAID)[2].strip(" ]")
        return _begin(answer(said, None, scene), scene, 0, parallel=parallel)
    if turn.calls:
        return _after_calls(turn, turn.calls, Outcome(), scene, 0, parallel=parallel)
    return Reply(_greeting(scene))


def _greeting(scene: Scene) -> str:
    """Greet as the agent on duty."""
    name = desk_name(scene.agent) if scene.agent else ""
    who = f"Hello, this is {_with_the(name)}." if name else "Hello!"
    if scene.agent and not name:
        return f"{who} {capabilities(scene.tools)} How can I help you?"
    ordering = any(tool.action is Action.ADD for tool in scene.tools)
    return f"{who} {'What would you like?' if ordering else 'How can I help you?'}"


def _with_the(agent: str) -> str:
    return f"the {agent}" if agent.islower() else agent


def _begin(outcome: Outcome, scene: Scene, index: int, *, parallel: bool) -> Reply:
    """Answer fresh words: call, or say and ask."""
    if outcome.calls:
        calls = _as_calls(outcome.calls)
        return Reply(calls=calls if parallel else calls[:1])
    if outcome.greets:
        return Reply(_greeting(scene))
    asked = question(outcome.pending, scene, index)
    return Reply(" ".join(part for part in (*outcome.remarks, asked) if part))


def _after_calls(
    turn: Turn, made: Sequence[Done], outcome: Outcome, scene: Scene, index: int, *, parallel: bool
) -> Reply:
    """The tools have answered: make the calls that are left, else say what came of them."""
    wanted = _as_calls(outcome.calls)
    left = wanted[len(made) :] if not parallel and not any(call.failed for call in made) else ()
    if left and len(made) < MOST_CALLS_IN_A_TURN:
        return Reply(calls=left[:1])
    handed = [call for call in turn.transfers if not call.failed]
    if handed and not turn.calls:
        return Reply(_connecting(handed[-1], scene))
    named = {
        done.tool_call_id: step.filled.said
        for done, step in zip(turn.calls, outcome.calls, strict=False)
        if done.name == step.tool.name
    }
    if any(scene.by_name[call.name].ends_call for call in made if call.name in scene.by_name):
        return Reply(" ".join(outcome.remarks) or "Goodbye.")
    told, failed = report(made, scene.by_name, named)
    ending = "" if failed else question(_after(made, outcome, scene), scene, index)
    return Reply(" ".join(part for part in (told, *outcome.remarks, ending) if part) or "That is done.")


def _after(made: Sequence[Done], outcome: Outcome, scene: Scene) -> Pending | None:
    """What to ask after a report; nothing once something was finished."""
    finished = [
        call
        for call in made
        if call.name in scene.by_name and scene.by_name[call.name].action is Action.FINISH
    ]
    if finished and (outcome.pending is None or outcome.pending.step is None):
        return None
    return outcome.pending or MORE


def _connecting(call: Done, scene: Scene) -> str:
    answered = narrated(read_answer(call.output)) if not (call.output or "").startswith("{") else ""
    return answered or f"I'm connecting you with {target_name(scene.by_name[call.name])}."


def _as_calls(steps: Sequence[Step]) -> tuple[Call, ...]:
    """Write steps as calls; a tool that takes a list of things is called once, with all of them."""
    calls: list[Call] = []
    lists: dict[str, list[JsonValue]] = {}
    for step in steps:
        tool, arguments = step.tool, step.arguments
        if tool.list_slot is None:
            calls.append(Call(tool.name, arguments))
        elif tool.name in lists:
            lists[tool.name].append(arguments)
        else:
            lists[tool.name] = [arguments]
            calls.append(Call(tool.name, {tool.list_slot: lists[tool.name]}))
    return tuple(calls[:MOST_CALLS_IN_A_TURN])


def _pending_before(
    turns: Sequence[Turn], index: int, scene: Scene, depth: int = REMEMBERED_TURNS
) -> Pending | None:
    """The question that was open when the caller spoke, by reading the turns before it again.

    Only a question that was really asked counts: one that the caller interrupted is none, and nobody else's
    question is taken for the permission to do something.
    """
    turn = turns[index - 1] if index else Turn()
    reply = turn.replies[-1].rstrip() if turn.replies else ""
    if not turn.texts or not reply.endswith("?") or not depth:
        return None
    if reply.endswith(MORE_QUESTIONS):
        return MORE
    before = _pending_before(turns, index - 1, scene, depth - 1)
    then = _scene_at(turns, index - 1, scene)
    outcome = answer(" . ".join(turn.texts), before, then)
    if any(call.failed for call in turn.calls):
        return _reopened(turn, then)
    pending = outcome.pending
    permits = pending is not None and pending.kind in {"confirm", "offer"}
    return None if permits and question(pending, then, index - 1) not in reply else pending


def _reopened(turn: Turn, scene: Scene) -> Pending | None:
    """After a failed call the slot at fault is in question, so that the caller may give another value."""
    for done in reversed(turn.calls):
        tool = scene.by_name.get(done.name)
        if not done.failed or tool is None:
            continue
        values = slot_values(tool, done.arguments)
        slot = blamed_slot(tool, values, read_answer(done.output))
        if slot is None:
            return None
        kept = {name: value for name, value in values.items() if name != slot.name}
        return Pending("slot", Step(tool, Filled(values=kept)), slot)
    return None


def _scene_at(turns: Sequence[Turn], index: int, scene: Scene) -> Scene:
    """The scene as it was when the caller said what stands in that turn."""
    memory = [call for turn in turns[:index] for call in turn.calls if not call.failed]
    earlier = [text for turn in turns[:index] for text in turn.texts]
    last = index == len(turns) - 1
    return replace(scene, memory=memory, earlier=earlier, may_transfer=scene.may_transfer if last else True)


def _forced(context: BrainContext, turns: Sequence[Turn], scene: Scene) -> Reply | None:
    """A response that must call: the named function, or the best one."""
    choice = context.tool_choice
    if isinstance(choice, dict):
        tools = [tool for tool in scene.all_tools if tool.name == choice.get("name")]
    elif choice == "required":
        tools = list(scene.all_tools)
    else:
        return None
    said = read_clause(tokens(" . ".join(turns[-1].texts))) if turns and turns[-1].texts else None
    reply = _decide_turn(turns, scene, parallel=context.parallel_tool_calls)
    names: Mapping[str, Tool] = {tool.name: tool for tool in tools}
    if reply.calls and all(call.name in names for call in reply.calls):
        return reply
    if not tools:
        return None
    match = best_match(said, tools, scene.hints) if said is not None else None
    tool = match.tool if match is not None else tools[0]
    step = Step(tool, fill(tool, said)) if said is not None else None
    return Reply(calls=(Call(tool.name, step.arguments if step is not None else {}),))
