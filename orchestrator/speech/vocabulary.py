"""What an agent's callers are likely to say, from its tools and hints: phrases for the recogniser.

A hint such as "two large margherita pizzas please" names values of the tools' schemas. Each such value stands
for all values of its kind, so that one hint covers the whole menu.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.definition import AgentSpec
from orchestrator.core.json_value import JsonValue
from orchestrator.speech.everyday import ANSWERS, NAME_ANSWERS, NAMES, NUMBERS, PHRASES, SLOTS
from orchestrator.speech.protocol import Phrase, Vocabulary
from orchestrator.speech.questions import Answer

HINT_WEIGHT: Final = 3.0
VALUE_WEIGHT: Final = 2.0
EVERYDAY_WEIGHT: Final = 0.5
ANSWER_WEIGHT: Final = 5.0
DESCRIPTION_WEIGHT: Final = 0.05
MOST_VARIANTS: Final = 400
"""Phrases that one hint may become; more kinds of values than that are sampled evenly."""

ASKED_SHARE: Final = 1.0
"""Weight of the answers to an open question, together, relative to that of everything else."""

_ASKED: Final[Mapping[Answer, tuple[str, ...]]] = {"yes or no": ANSWERS, "name": NAME_ANSWERS}
_FRAMES: Final = (
    "{}", "{} please", "a {}", "a {} please", "the {}", "the {} please", "and a {}", "and the {}", "and {}",
    "with {}", "no {}", "{number} {}", "and {number} {}", "{number} {} please", "i would like a {}",
    "i'd like the {}", "can i have a {}", "i'll have the {}", "add a {}", "remove the {}",
)  # fmt: skip
_WORDS: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|\{[a-z]*\}")
_FIGURES: Final = re.compile(r"\d+|\D+")
_TENS: Final = ("", "", *NUMBERS[19:])


@dataclass(frozen=True, slots=True)
class ToolText:
    """What a tool says about itself: its name, description and JSON Schema of arguments."""

    name: str
    description: str
    parameters: JsonValue


def vocabulary_for(agent: AgentSpec) -> Vocabulary:
    """What callers are likely to say while this agent is on duty."""
    tools = [ToolText(tool.name, tool.description, tool.parameters) for tool in agent.tools]
    tools += [ToolText(edge.function, edge.description, edge.parameters) for edge in agent.handoffs]
    return build_vocabulary(tools, [hint for hints in agent.hints.values() for hint in hints])


def build_vocabulary(
    tools: Iterable[ToolText], hints: Iterable[str], language: str = "en", wanted: Answer = "anything"
) -> Vocabulary:
    """Phrases from tools and hints, everyday phrases among them.

    Args:
        tools: Tools and handoffs.
        hints: Example phrases; values of the tools' enumerations in them stand for all of their kind.
        language: BCP 47 tag.
        wanted: What the question asks for that is open.
    """
    tools = list(tools)
    kinds = list(dict.fromkeys(kind for tool in tools for kind in _kinds(tool.parameters)))
    weights: dict[str, float] = {}
    for phrase in _all_phrases(tools, kinds, hints):
        weights[phrase.text] = weights.get(phrase.text, 0.0) + phrase.weight
    for phrase in _asked_for(wanted, sum(weights.values())):
        weights[phrase.text] = weights.get(phrase.text, 0.0) + phrase.weight
    phrases = tuple(Phrase(text, weight) for text, weight in weights.items() if text)
    terms = tuple(dict.fromkeys(value for kind in kinds for value in kind))
    return Vocabulary(phrases, terms, language)


def spoken_words(text: str) -> list[str]:
    """The words of a text as they are said and as a dictionary spells them: lower case, figures in words."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    plain = plain.lower().replace("\u2019", "'").replace("&", " and ").replace("_", " ")
    return [word for found in _WORDS.findall(plain) for word in _in_words(found)]


def _all_phrases(
    tools: Sequence[ToolText], kinds: Sequence[tuple[str, ...]], hints: Iterable[str]
) -> Iterator[Phrase]:
    for text in ANSWERS:
        yield Phrase(text, ANSWER_WEIGHT)
    for text in PHRASES:
        yield from _filled(text.split(), SLOTS, EVERYDAY_WEIGHT)
    for hint in hints:
        words, slots = _generalised(spoken_words(hint), kinds)
        yield from _filled(words, slots, HINT_WEIGHT)
    for kind in kinds:
        values = tuple(form for value in kind for form in (value, _plural(value)))
        for frame in _FRAMES:
            slots = {"": values, "number": NUMBERS[:12]}
            yield from _filled(frame.split(), slots, VALUE_WEIGHT / len(_FRAMES) * len(kind))
    for tool in tools:
        for text in (tool.name, tool.description):
            yield Phrase(" ".join(spoken_words(text)[:30]), DESCRIPTION_WEIGHT)


def _asked_for(wanted: Answer, others: float) -> Iterator[Phrase]:
    """Answers to an open question; `others` is the weight of everything else together."""
    frames = _ASKED.get(wanted, ())
    for frame in frames:
        yield from _filled(frame.split(), SLOTS, ASKED_SHARE * others / len(frames))


def _kinds(schema: JsonValue) -> Iterator[tuple[str, ...]]:
    """Every enumeration of texts in a schema, as spoken words."""
    if isinstance(schema, list):
        for part in schema:
            yield from _kinds(part)
    elif isinstance(schema, dict):
        values = schema.get("enum")
        if isinstance(values, list):
            spoken = [" ".join(spoken_words(value)) for value in values if isinstance(value, str)]
            if spoken := [value for value in spoken if value]:
                yield tuple(dict.fromkeys(spoken))
        for key, part in schema.items():
            if key != "enum":
                yield from _kinds(part)


def _generalised(
    words: Sequence[str], kinds: Sequence[tuple[str, ...]]
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """A phrase with its values replaced by names of slots, and what may stand in each."""
    slots: dict[str, tuple[str, ...]] = {"number": NUMBERS[:12], "name": NAMES}
    forms = [
        (tuple((_plural(value) if many else value).split()), at, many)
        for at, kind in enumerate(kinds)
        for value in kind
        for many in (False, True)
    ]
    forms.sort(key=lambda form: -len(form[0]))
    found: list[str] = []
    at = 0
    while at < len(words):
        for value, kind, many in forms:
            if tuple(words[at : at + len(value)]) == value:
                name = f"{'many' if many else 'one'}{kind}"
                slots[name] = tuple(map(_plural, kinds[kind])) if many else kinds[kind]
                found.append(f"{{{name}}}")
                at += len(value)
                break
        else:
            found.append(_slot_of(words[at]))
            at += 1
    return found, slots


def _slot_of(word: str) -> str:
    """A number stands for other numbers, and a caller's name for other names."""
    return "{number}" if word in NUMBERS[:12] else "{name}" if word in NAMES else word


def _filled(words: Sequence[str], slots: Mapping[str, Sequence[str]], weight: float) -> Iterator[Phrase]:
    """Every way to fill a phrase's slots, or an even sample of them; they share the weight."""
    choices = [slots[word[1:-1]] if word.startswith("{") else (word,) for word in words]
    total = math.prod(map(len, choices))
    wanted = min(total, MOST_VARIANTS)
    stride = _stride(total)
    for at in range(wanted):
        way, rest = [], at * stride % total
        for choice in choices:
            rest, index = divmod(rest, len(choice))
            way.append(choice[index])
        yield Phrase(" ".join(way), weight / wanted)


def _stride(total: int) -> int:
    """A step that visits all of `total` places before it repeats one, and the first few far apart."""
    stride = max(1, round(total * 0.618))
    while math.gcd(stride, total) > 1:
        stride += 1
    return stride


def _plural(value: str) -> str:
    """The plural of the last word, good enough to be heard."""
    if value.endswith(("s", "x", "z", "ch", "sh")):
        return value + "es" if not value.endswith("s") or value.endswith("ss") else value
    return value[:-1] + "ies" if value.endswith("y") and value[-2:-1] not in "aeiou" else value + "s"


def _in_words(word: str) -> list[str]:
    """Figures up to 99 in words; longer ones figure by figure."""
    if not word.isdecimal():
        parts = _FIGURES.findall(word)
        return [said for part in parts for said in _in_words(part)] if len(parts) > 1 else [word]
    number = int(word)
    if 0 < number <= 20:
        return [NUMBERS[number - 1]]
    if 20 < number < 100:
        return [_TENS[number // 10], *_in_words(str(number % 10))] if number % 10 else [_TENS[number // 10]]
    return ["zero" if figure == "0" else NUMBERS[int(figure) - 1] for figure in word]
