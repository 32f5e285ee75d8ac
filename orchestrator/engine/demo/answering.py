"""What the demo brain makes of one utterance, given the question it asked before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.arguments import Filled, fill, in_format, merged
from orchestrator.engine.demo.clauses import Clause, read_clause, says_no, says_yes, without_answer
from orchestrator.engine.demo.grammar import listed
from orchestrator.engine.demo.handoffs import named_transfer, target_name, transfer_for
from orchestrator.engine.demo.intents import ACT
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.memory import adjustment, looked_up, pointing_back, remembered_name
from orchestrator.engine.demo.mentions import mentions
from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.ordering import begun_order
from orchestrator.engine.demo.phrasing import ask_for, capabilities, confirm, offer, unknown_choice
from orchestrator.engine.demo.planning import Step, plan
from orchestrator.engine.demo.renaming import asks_name_again, renamed
from orchestrator.engine.demo.scene import MORE, Outcome, Pending, Scene
from orchestrator.engine.demo.smalltalk import IDENTITY, Talk, small_talk
from orchestrator.engine.demo.texts import is_person, whole_answer
from orchestrator.engine.demo.tools import Slot
from orchestrator.engine.demo.words import Token, stems, tokens

MORE_QUESTIONS: Final = ("Anything else?", "What else would you like?", "What else can I do for you?")
_SURER: Final = 1.0
"""By how much a handoff must be surer than what could be offered here."""
_LONGEST_NAME: Final = 3
_NOT_UNDERSTOOD: Final = "Sorry, I didn't get that."


def answer(text: str, pending: Pending | None, scene: Scene) -> Outcome:
    """Make something of what the caller said.

    Args:
        text: The caller's words.
        pending: The question asked before, if one was.
        scene: What to decide with.
    """
    words = tokens(text)
    if not words:
        return Outcome(greets=True)
    talk = small_talk(words)
    if talk in {Talk.WHO, Talk.HELP, Talk.HOW, Talk.REPEAT}:
        return _about_itself(talk, pending, scene)
    transfer = named_transfer(read_clause(words), scene.transfers) if scene.may_transfer else None
    if transfer is not None and (pending is None or pending.kind != "slot" or transfer.tool.is_transfer):
        return settle([transfer], scene, words)
    if talk is Talk.GOODBYE:
        return _courtesy(talk, scene)
    if pending is not None and pending.kind != "more":
        decided = _answered(words, pending, scene)
        if decided is not None:
            return decided
    finishing = Action.FINISH in read_clause(words).actions
    if talk is not None and not (finishing and talk is Talk.THANKS):
        return _courtesy(talk, scene)
    return _fresh(words, pending, scene)


def settle(
    steps: Sequence[Step], scene: Scene, words: Sequence[Token], remarks: tuple[str, ...] = ()
) -> Outcome:
    """Turn steps into calls, up to the first that has to be asked about.

    Args:
        steps: What is wanted.
        scene: What to decide with.
        words: The caller's words.
        remarks: What to say first.
    """
    calls: list[Step] = []
    said = list(remarks)
    for index, wanted in enumerate(steps):
        step = _of_a_kind(_completed(wanted, scene, words), scene)
        rest = tuple(steps[index + 1 :])
        if step.refused:
            said.append(_left_undone(step))
            continue
        wanted_slots = step.missing or (() if scene.knows_caller else step.unasked)
        if wanted_slots or step.filled.unknown:
            slot = wanted_slots[0] if wanted_slots else step.tool.main
            return Outcome(tuple(calls), tuple(said), Pending("slot", step, slot, rest))
        if step.tool.asks_first:
            return Outcome(tuple(calls), tuple(said), Pending("confirm", step, None, rest))
        calls.append(step)
    return Outcome(tuple(calls), tuple(said), MORE)


def question(pending: Pending | None, scene: Scene, turn: int = 0) -> str:
    """Say what is being asked.

    Args:
        pending: The question.
        scene: What there is to ask about.
        turn: The number of the turn, so that "anything else" does not sound the same each time.
    """
    if pending is None:
        return ""
    step = pending.step
    if step is None:
        taking_orders = any(tool.action is Action.ADD for tool in scene.tools)
        again, ordering, doing = MORE_QUESTIONS
        return again if turn % 2 else ordering if taking_orders else doing
    if pending.kind == "confirm":
        return confirm(step.tool, step.filled.values)
    if pending.kind == "offer":
        return offer(step.tool, step.filled.values, step.filled.said)
    if pending.slot is None:
        return ""
    if step.filled.unknown and pending.slot is step.tool.main:
        return unknown_choice(pending.slot, step.filled.unknown)
    return ask_for(pending.slot, step.tool, step.filled.said)


def _left_undone(step: Step) -> str:
    """Agree not to do something."""
    if step.tool.action in {Action.ADD, Action.CHANGE, None}:
        return "All right, I'll leave that out."
    return f"All right, I won't {step.tool.doing}."


def _completed(step: Step, scene: Scene, words: Sequence[Token]) -> Step:
    """Fill what only the conversation knows."""
    if step.refused:
        return step
    clause = read_clause(words)
    step = pointing_back(step, clause, scene.memory, scene.tools)
    step = looked_up(step, clause, scene.memory)
    return remembered_name(step, scene.earlier)


def _of_a_kind(step: Step, scene: Scene) -> Step:
    """Take words that the tools themselves use for the kind of a thing: "two pizzas" asks which pizza."""
    unknown = step.filled.unknown
    if not unknown or not stems(unknown) <= scene.vocabulary:
        return step
    return replace(step, filled=replace(step.filled, unknown="", said=unknown))


def _about_itself(talk: Talk, pending: Pending | None, scene: Scene) -> Outcome:
    """Answer who it is and what it can do; a question that was open stays open."""
    can = capabilities(scene.all_tools)
    told = {
        Talk.WHO: IDENTITY,
        Talk.HELP: can or "I can only chat a little: I have no tools here.",
        Talk.HOW: "I'm doing fine, thank you.",
        Talk.REPEAT: "Of course." if pending is not None and pending.step is not None else can,
    }[talk]
    asks = pending if pending is not None and pending.step is not None else None
    return Outcome(remarks=(told,) if asks else (told, "What would you like?"), pending=asks)


def _courtesy(talk: Talk, scene: Scene) -> Outcome:
    if talk is Talk.GREETING:
        return Outcome(greets=True)
    if talk is Talk.THANKS:
        return Outcome(remarks=("You're welcome!",), pending=MORE)
    hanging_up = tuple(Step(tool, Filled()) for tool in scene.tools if tool.ends_call and not tool.required)
    return Outcome(hanging_up[:1], remarks=("Goodbye, and thank you for calling.",))


def _answered(words: Sequence[Token], pending: Pending, scene: Scene) -> Outcome | None:
    """Read an utterance as the answer to a question; None when it is something else."""
    step = pending.step
    if step is None:
        return None
    if pending.kind == "slot" and pending.slot is not None:
        return _slot_answered(words, pending, step, pending.slot, scene)
    rest = without_answer(words)
    if says_yes(words):
        more = fill(step.tool, read_clause(rest)) if rest else None
        agreed = (
            replace(step, filled=merged(step.filled, more)) if more is not None and more.explicit else step
        )
        return _agreed(agreed, pending, scene, words)
    planned = plan(words, scene.tools, scene.hints).steps
    wanted = [one for one in planned if not one.filled.unknown]
    if says_no(words):
        return _declined(rest, step, pending, scene)
    if wanted and all(one.tool is step.tool and not one.refused for one in wanted):
        return _insisted(step, wanted[0], pending, scene, words)
    if wanted:
        return None
    more = _said_of(step, words)
    if more.explicit:
        return Outcome(pending=replace(pending, step=replace(step, filled=merged(step.filled, more))))
    under_another_name = renamed(step, words, scene)
    return Outcome(pending=replace(pending, step=under_another_name)) if under_another_name else None


def _declined(rest: Sequence[Token], step: Step, pending: Pending, scene: Scene) -> Outcome:
    """A no: to the name that was heard, to the whole, or before another wish."""
    under_another_name = renamed(step, rest, scene)
    if under_another_name is not None:
        return Outcome(remarks=("Sorry.",), pending=replace(pending, step=under_another_name))
    if rest and (steps := plan(rest, scene.tools, scene.hints).steps):
        return settle(steps, scene, rest, ("All right.",))
    if not rest and (again := asks_name_again(step, pending)) is not None:
        return Outcome(remarks=("All right.",), pending=again)
    return Outcome(remarks=("All right, I'll leave that.",), pending=MORE)


def _said_of(step: Step, words: Sequence[Token]) -> Filled:
    """What words add to a step; a name alone is a name."""
    more = fill(step.tool, read_clause(words))
    nameless = [slot for slot in step.tool.slots if is_person(slot) and slot.name not in step.filled.values]
    bare = len([token for token in words if not token.is_mark]) <= _LONGEST_NAME
    if more.explicit or not nameless or not bare or read_clause(words).actions:
        return more
    name = whole_answer(nameless[0], words)
    return (
        replace(more, values={nameless[0].name: name}, explicit=frozenset({nameless[0].name}))
        if name
        else more
    )


def _agreed(step: Step, pending: Pending, scene: Scene, words: Sequence[Token]) -> Outcome:
    """Make the call that was asked about, then settle what else was wanted."""
    if step.missing:
        return Outcome(pending=Pending("slot", step, step.missing[0], pending.rest))
    after = settle(pending.rest, scene, words)
    return Outcome((step, *after.calls), after.remarks, after.pending)


def _insisted(step: Step, again: Step, pending: Pending, scene: Scene, words: Sequence[Token]) -> Outcome:
    """Saying the same wish again is a yes, unless it brings something new."""
    if any(step.filled.values.get(name) != again.filled.values[name] for name in again.filled.explicit):
        return Outcome(pending=replace(pending, step=replace(step, filled=merged(step.filled, again.filled))))
    return _agreed(step, pending, scene, words)


def _slot_answered(
    words: Sequence[Token], pending: Pending, step: Step, slot: Slot, scene: Scene
) -> Outcome | None:
    clause = read_clause(words)
    if says_no(words) and not without_answer(words) and slot.kind != "boolean":
        return Outcome(remarks=("All right, I'll leave that.",), pending=MORE)
    wanted = plan(words, scene.tools, scene.hints).steps
    if _is_another_wish(clause, step, wanted):
        return None
    if slot is step.tool.main and (things := _several_named(step, slot, wanted)):
        return settle([*things, *pending.rest], scene, words)
    value = _value_of(slot, step, words)
    said = fill(step.tool, clause)
    if value is None and slot.choices:
        return _no_such_choice(words, pending, step, slot, scene)
    if value is None:
        return Outcome(remarks=(_NOT_UNDERSTOOD,), pending=pending)
    filled = merged(step.filled, replace(said, values={**said.values, slot.name: value}, unknown=""))
    complete = replace(step, filled=replace(filled, unknown=""))
    return settle([complete, *pending.rest], scene, words)


def _several_named(step: Step, main: Slot, wanted: Sequence[Step]) -> Sequence[Step]:
    """The things of an answer that names more than the one asked for: "a margherita and two cokes".

    What was said before is of the first of them, unless it counted them: "two large pizzas" are one of each.
    """
    if len(wanted) < 2 or main.name not in wanted[0].filled.values:
        return ()
    if any(one.tool is not step.tool or one.refused for one in wanted):
        return ()
    quantity, known = step.tool.quantity, step.filled
    counted = quantity is not None and any(quantity.name in one.filled.explicit for one in wanted)
    if quantity is None or counted or known.values.get(quantity.name) != len(wanted):
        return [_laid_over(known, wanted[0]), *wanted[1:]]
    shared = {name: value for name, value in known.values.items() if name != quantity.name}
    return [_laid_over(replace(known, values=shared), one) for one in wanted]


def _laid_over(known: Filled, step: Step) -> Step:
    """A step with what was said before it; what it could not name stays unknown."""
    return replace(step, filled=replace(merged(known, step.filled), unknown=step.filled.unknown))


def _no_such_choice(
    words: Sequence[Token], pending: Pending, step: Step, slot: Slot, scene: Scene
) -> Outcome:
    """Read an answer that names no choice: it may be something else altogether, or an unknown thing."""
    other = _fresh(words, None, scene)
    understood = other.calls or (other.pending is not None and other.pending.step is not None)
    unknown = (
        other.pending is not None and other.pending.step is not None and other.pending.step.filled.unknown
    )
    if understood and not unknown:
        return other
    if slot is not step.tool.main or not unknown:
        return Outcome(remarks=(_NOT_UNDERSTOOD,), pending=pending)
    named = replace(step.filled, unknown=read_clause(words).text)
    return Outcome(pending=replace(pending, step=replace(step, filled=named)))


def _is_another_wish(clause: Clause, step: Step, wanted: Sequence[Step]) -> bool:
    """Whether the caller wants something else instead of answering."""
    if not (clause.strong or clause.is_question):
        return False
    return any(
        one.tool is not step.tool and one.score >= ACT + 0.5 and not one.filled.unknown for one in wanted
    )


def _value_of(slot: Slot, step: Step, words: Sequence[Token]) -> JsonValue:
    if slot.takes_list and slot.choices:
        return [mention.choice.value for mention in mentions(words, slot)] or None
    if slot.choices:
        return next((mention.choice.value for mention in mentions(words, slot)), None)
    if slot.kind in {"integer", "number"}:
        found = fill(step.tool, read_clause(words)).values.get(slot.name)
        if found is not None:
            return found
        numbers = [number.value for number in quantities(words) if slot.allows(number.value)]
        return (int(numbers[0]) if slot.kind == "integer" else numbers[0]) if numbers else None
    if slot.kind == "boolean":
        return True if says_yes(words) else False if says_no(words) else None
    answer_given = whole_answer(slot, words)
    return in_format(slot, answer_given, step.tool, read_clause(words)) or None


def _fresh(words: Sequence[Token], pending: Pending | None, scene: Scene) -> Outcome:
    """Read an utterance that answers no question of ours."""
    clause = read_clause(words)
    if pending is MORE and says_no(words) and _only_finishing(without_answer(words)):
        return _nothing_more(scene, words)
    begun = begun_order(clause, scene)
    if begun is not None:
        return begun
    changed = adjustment(clause, scene.tools, scene.memory)
    if changed:
        return settle(changed, scene, words)
    planned = plan(words, scene.tools, scene.hints)
    sure = [step for step in planned.steps if not step.filled.unknown]
    transfer = None
    if scene.may_transfer and not sure:
        transfer = transfer_for(clause, scene.transfers, scene.hints, scene.own_words)
    offered = planned.offer.score + _SURER if planned.offer is not None else 0.0
    if transfer is not None and transfer.score > offered:
        return settle([transfer], scene, words)
    if planned.steps:
        return settle(planned.steps, scene, words)
    if planned.offer is not None:
        return Outcome(pending=Pending("offer", planned.offer))
    if clause.actions == frozenset({Action.FINISH}):
        return _nothing_more(scene, words)
    if not without_answer(words):
        return Outcome(remarks=("What would you like?" if says_yes(words) else "All right.",), pending=None)
    return _unsure(scene)


def _only_finishing(words: Sequence[Token]) -> bool:
    """Whether nothing follows a "no" but "that's all"."""
    return not words or read_clause(words).actions == frozenset({Action.FINISH})


def _nothing_more(scene: Scene, words: Sequence[Token]) -> Outcome:
    """Finish what was begun after "that's all", where there is a tool for it; else say goodbye."""
    finishing = next((tool for tool in scene.tools if tool.action is Action.FINISH), None)
    began = any(
        scene.by_name[call.name].action is Action.ADD for call in scene.memory if call.name in scene.by_name
    )
    done = any(
        scene.by_name[call.name].action is Action.FINISH
        for call in scene.memory
        if call.name in scene.by_name
    )
    if finishing is not None and began and not done:
        return settle([Step(finishing, fill(finishing, read_clause(words)))], scene, words)
    return Outcome(remarks=("All right. Thank you, and goodbye!",))


def _unsure(scene: Scene) -> Outcome:
    if not scene.may_transfer:
        return Outcome(greets=True)
    if scene.tools or not scene.transfers:
        return Outcome(remarks=(f"{_NOT_UNDERSTOOD} {capabilities(scene.all_tools)} What would you like?",))
    targets = listed([target_name(tool) for tool in scene.transfers], "or")
    return Outcome(remarks=(f"I'm not sure who can help with that. Shall I connect you with {targets}?",))
