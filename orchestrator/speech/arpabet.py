"""How a word is pronounced, from espeak-ng's IPA to the ARPAbet that the recogniser's model was trained on.

Source: the phone set of the CMU Pronouncing Dictionary (39 sounds, without stress).
"""

# ruff: noqa: RUF001 - IPA is written with letters that look like others

import re
import unicodedata
from typing import Final

_SOUNDS: Final = {
    "a": ["AA"], "aɪ": ["AY"], "aʊ": ["AW"], "b": ["B"], "d": ["D"], "dʒ": ["JH"], "e": ["EH"], "eɪ": ["EY"],
    "f": ["F"], "h": ["HH"], "i": ["IY"], "iə": ["IY", "AH"], "j": ["Y"], "k": ["K"], "l": ["L"], "m": ["M"],
    "n": ["N"], "o": ["OW"], "oʊ": ["OW"], "oɪ": ["OY"], "p": ["P"], "s": ["S"], "t": ["T"], "tʃ": ["CH"],
    "u": ["UW"], "v": ["V"], "w": ["W"], "x": ["K"], "z": ["Z"], "æ": ["AE"], "ð": ["DH"], "ŋ": ["NG"],
    "ɐ": ["AH"], "ɑ": ["AA"], "ɑɹ": ["AA", "R"], "ɒ": ["AA"], "ɔ": ["AO"], "ɔɪ": ["OY"], "ɔɹ": ["AO", "R"],
    "oɹ": ["AO", "R"], "ə": ["AH"], "əl": ["AH", "L"], "ən": ["AH", "N"], "əm": ["AH", "M"], "ɚ": ["ER"],
    "ɛ": ["EH"], "ɛɹ": ["EH", "R"], "ɜ": ["ER"], "ɜɹ": ["ER"], "ɡ": ["G"], "g": ["G"], "ɪ": ["IH"],
    "ɪɹ": ["IH", "R"], "ɪə": ["IH", "AH"], "ɫ": ["L"], "ɬ": ["L"], "ɲ": ["N", "Y"], "ɹ": ["R"], "r": ["R"],
    "ɾ": ["T"], "ʁ": ["R"], "ʃ": ["SH"], "ʊ": ["UH"], "ʊɹ": ["UH", "R"], "ʌ": ["AH"], "ʒ": ["ZH"], "ʔ": [],
    "θ": ["TH"], "ɨ": ["IH"], "ᵻ": ["IH"], "y": ["UW"], "ø": ["ER"], "œ": ["ER"], "c": ["K"], "ç": ["SH"],
    "ʋ": ["V"], "β": ["B"], "ɣ": ["G"], "ts": ["T", "S"], "dz": ["D", "Z"],
}  # fmt: skip
_LONGEST: Final = max(map(len, _SOUNDS))
_MARKS: Final = re.compile(r"[ˈˌːˑ_\s‿'()-]|[\u0300-\u036f]")
_SWITCH: Final = re.compile(r"\([a-z-]+\)")


def arpabet(ipa: str) -> list[str] | None:
    """The sounds of a word.

    Args:
        ipa: As espeak-ng writes it, with `_` between sounds or without.

    Returns:
        ARPAbet phones without stress; None where the IPA has a sound that English does not, or no sound.
    """
    ipa = _SWITCH.sub("", ipa)  # "(en)" marks that a word was taken from another language
    phones: list[str] = []
    for group in unicodedata.normalize("NFD", ipa).split("_"):
        sounds = _MARKS.sub("", group)
        while sounds:
            length = next((n for n in range(_LONGEST, 0, -1) if sounds[:n] in _SOUNDS), 0)
            if not length:
                return None
            phones += _SOUNDS[sounds[:length]]
            sounds = sounds[length:]
    return phones or None
