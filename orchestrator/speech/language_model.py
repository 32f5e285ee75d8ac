"""A small language model from example phrases, in the ARPA format that recognisers read.

Trigrams with interpolated absolute discounting: what the phrases say is likely, their words in another order
are less so, and everyday words outside them are possible. Pure.

Source: the format as described by SRI's `ngram-format(5)`; discounting after Ney, Essen and Kneser (1994).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Gram: TypeAlias = tuple[str, ...]
WeightedPhrase: TypeAlias = tuple[Sequence[str], float]

BEGIN: Final = "<s>"
END: Final = "</s>"
_NEVER: Final = -99.0


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How much probability goes to what was not seen.

    Attributes:
        everyday: Share of single words that comes from the everyday words.
        pairs, triples: Share of a seen pair's and triple's count that is given away, 0 to 1.
    """

    everyday: float = 0.1
    pairs: float = 0.3
    triples: float = 0.3


@dataclass(frozen=True, slots=True)
class _Order:
    """Probabilities of one length of gram, and what each context leaves to shorter ones."""

    probability: dict[Gram, float]
    left: dict[Gram, float]


def build_arpa(
    phrases: Iterable[WeightedPhrase], everyday: Mapping[str, float], smoothing: Smoothing | None = None
) -> str:
    """Build the model.

    Args:
        phrases: Words of each phrase, and how likely it is in proportion to the others.
        everyday: Words outside the phrases, and how likely each is in proportion to the others.
        smoothing: How much goes to what was not seen.

    Returns:
        The model's text. Its words are those of `phrases` and `everyday`.
    """
    smoothing = smoothing or Smoothing()
    counts = _count(phrases)
    single = _single(counts[1], everyday, smoothing.everyday)
    pairs = _discounted(counts[2], smoothing.pairs, lambda gram: single[gram[0]])

    def pair(gram: Gram) -> float:
        seen = pairs.probability.get(gram)
        return pairs.left.get(gram[:1], 1.0) * single[gram[1]] if seen is None else seen

    triples = _discounted(counts[3], smoothing.triples, pair)
    return _written(single, pairs, triples)


def _count(phrases: Iterable[WeightedPhrase]) -> dict[int, dict[Gram, float]]:
    counts: dict[int, dict[Gram, float]] = {size: defaultdict(float) for size in (1, 2, 3)}
    for words, weight in phrases:
        sentence = (BEGIN, *words, END)
        for size in (1, 2, 3):
            for end in range(max(2, size), len(sentence) + 1):
                counts[size][sentence[end - size : end]] += weight
    return counts


def _single(counts: Mapping[Gram, float], everyday: Mapping[str, float], share: float) -> dict[str, float]:
    seen, usual = sum(counts.values()), sum(everyday.values())
    share = 1.0 if not seen else share if usual else 0.0
    single: dict[str, float] = {END: 0.0}
    for (word,), count in counts.items():
        single[word] = (1 - share) * count / seen
    for word, weight in everyday.items():
        single[word] = single.get(word, 0.0) + share * weight / usual
    return single


def _discounted(counts: Mapping[Gram, float], discount: float, shorter: Callable[[Gram], float]) -> _Order:
    totals: dict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        totals[gram[:-1]] += count
    left = dict.fromkeys(totals, discount)
    probability = {
        gram: (1 - discount) * count / totals[gram[:-1]] + discount * shorter(gram[1:])
        for gram, count in counts.items()
    }
    return _Order(probability, left)


def _written(single: Mapping[str, float], pairs: _Order, triples: _Order) -> str:
    lines = ["\\data\\", f"ngram 1={len(single) + 1}"]
    lines += [f"ngram 2={len(pairs.probability)}", f"ngram 3={len(triples.probability)}"]
    lines += ["", "\\1-grams:", f"{_NEVER} {BEGIN} {_log(pairs.left.get((BEGIN,), 1.0))}"]
    for word in sorted(single):
        lines.append(f"{_log(single[word])} {word} {_log(pairs.left.get((word,), 1.0))}")
    lines += ["", "\\2-grams:"]
    for gram in sorted(pairs.probability):
        left = triples.left.get(gram, 1.0)
        lines.append(f"{_log(pairs.probability[gram])} {' '.join(gram)} {_log(left)}")
    lines += ["", "\\3-grams:"]
    lines += [f"{_log(triples.probability[gram])} {' '.join(gram)}" for gram in sorted(triples.probability)]
    return "\n".join([*lines, "", "\\end\\", ""])


def _log(probability: float) -> str:
    return f"{math.log10(probability):.4f}" if probability > 0 else f"{_NEVER}"
