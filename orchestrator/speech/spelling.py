"""Figures in words, for voices that read signs literally ("dollar twelve point five zero").

Remote voices do this themselves, and better.
"""

import re
from typing import Final

from orchestrator.speech.spoken import Spoken

_CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
}
_MONEY: Final = re.compile(r"([$€£])\s?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d\d))?(?![\d]|[.,]\d)")
_PHONE: Final = re.compile(r"(?<![\d-])(?:\+?\d{1,3}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\d-])")
_RANGE: Final = re.compile(r"(?<=\d)\s?[\u2013\u2014]\s?(?=\d)|(?<=\d) - (?=\d)")
_TIMES: Final = re.compile(r"(?<=\d)\s?[x\xd7]\s?(?=\d)")
_AND: Final = re.compile(r"(?<=\s)&(?=\s)")


def spell_out(spoken: Spoken) -> Spoken:
    """Money, telephone numbers and ranges as a person would say them, in English."""
    spoken = spoken.replace(_MONEY, _money)
    spoken = spoken.replace(_PHONE, lambda match: " ".join(re.findall(r"\d", match.group())))
    spoken = spoken.replace(_RANGE, lambda _: " to ")
    spoken = spoken.replace(_TIMES, lambda _: " by ")
    return spoken.replace(_AND, lambda _: "and")


def _money(match: re.Match[str]) -> str:
    one, many, small_one, small_many = _CURRENCIES[match.group(1)]
    units = int(match.group(2).replace(",", ""))
    hundredths = int(match.group(3) or 0)
    small = f"{hundredths} {small_one if hundredths == 1 else small_many}"
    if not hundredths:
        return f"{units} {one if units == 1 else many}"
    return small if not units else f"{units} {one if units == 1 else many} and {small}"
