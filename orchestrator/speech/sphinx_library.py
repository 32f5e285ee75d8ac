"""pocketsphinx's dictionary, models and decoders. Runs in the recogniser's worker process only.

The settings were found by measuring: wide beams, and a strong language model for a small vocabulary.
"""

import re
import tempfile
from pathlib import Path
from typing import Any, Final

from pocketsphinx import Decoder, NGramModel, get_model_path  # type: ignore[import-untyped]

from orchestrator.speech.language_model import build_arpa

EVERYDAY_WORDS: Final = 2000
SETTINGS: Final = {
    "lw": 9,
    "topn": 8,
    "beam": 1e-80,
    "wbeam": 1e-60,
    "pbeam": 1e-80,
    "maxhmmpf": -1,
    "remove_noise": False,
    "loglevel": "FATAL",
}
_IDLE_DECODERS: Final = 4
_NUMBERED: Final = re.compile(r"\(\d+\)")


class Library:
    """Dictionary, everyday words, learnt vocabularies and idle decoders."""

    def __init__(self) -> None:
        self._pronunciations = _read_dictionary()
        self._everyday = _everyday_words(self._pronunciations)
        self._learnt: dict[str, tuple[str, str]] = {}
        self._idle: dict[str, list[Any]] = {}

    def learn(self, key: str, phrases: list[tuple[str, float]], more: dict[str, str]) -> list[str]:
        """Build a vocabulary's model and dictionary; answers the words that nothing tells how to say."""
        for word, sounds in more.items():
            self._pronunciations.setdefault(word, [(word, sounds)])
        split = [(text.split(), weight) for text, weight in phrases]
        missing = sorted({word for words, _ in split for word in words if word not in self._pronunciations})
        known = [entry for entry in split if all(word in self._pronunciations for word in entry[0])]
        vocabulary = set(self._everyday).union(*(words for words, _ in known))
        self._learnt[key] = (build_arpa(known, self._everyday), self._dictionary_of(vocabulary))
        self._idle.pop(key, None)
        return missing

    def take(self, key: str) -> Any:
        """A decoder for a vocabulary; give it back."""
        if idle := self._idle.get(key):
            return idle.pop()
        # The library reads files only; this process may be killed at any time, so none are left lying about.
        with tempfile.TemporaryDirectory(prefix="orchestrator-recogniser-") as folder:
            model, dictionary = Path(folder, "model.arpa"), Path(folder, "words.dict")
            model.write_text(self._learnt[key][0], "utf-8")
            dictionary.write_text(self._learnt[key][1], "utf-8")
            return Decoder(lm=str(model), dict=str(dictionary), **SETTINGS)

    def give_back(self, key: str, decoder: Any) -> None:
        """Keep a decoder for the next call, unless enough are kept."""
        idle = self._idle.setdefault(key, [])
        if len(idle) < _IDLE_DECODERS:
            idle.append(decoder)

    def _dictionary_of(self, vocabulary: set[str]) -> str:
        entries = (entry for word in sorted(vocabulary) for entry in self._pronunciations[word])
        return "".join(f"{name} {sounds}\n" for name, sounds in entries)


def _read_dictionary() -> dict[str, list[tuple[str, str]]]:
    """Words of the CMU dictionary, each with all its numbered pronunciations."""
    words: dict[str, list[tuple[str, str]]] = {}
    with Path(get_model_path("en-us/cmudict-en-us.dict")).open(encoding="utf-8") as lines:
        for line in lines:
            name, _, sounds = line.strip().partition(" ")
            words.setdefault(plain(name), []).append((name, sounds))
    return words


def _everyday_words(known: dict[str, list[tuple[str, str]]]) -> dict[str, float]:
    """The commonest words of the general model, with their probabilities."""
    model = NGramModel.readfile(get_model_path("en-us/en-us.lm.bin"))
    plain = (word for word in known if re.fullmatch(r"[a-z][a-z']*", word))
    ranked = sorted(((model.prob([word]), word) for word in plain), reverse=True)[:EVERYDAY_WORDS]
    return {word: 1.0001**exponent for exponent, word in ranked}  # the library counts in powers of 1.0001


def plain(word: str) -> str:
    """A word, or words, without the numbers of other pronunciations."""
    return _NUMBERED.sub("", word)
