"""Times of day as people say them, as hours and minutes."""

import re
from typing import Final

_HOUR_WORDS: Final = "one two three four five six seven eight nine ten eleven twelve"
_HOURS: Final = {word: hour for hour, word in enumerate(_HOUR_WORDS.split(), start=1)}
_HOUR: Final = rf"(?P<hour>\d{{1,2}}|{'|'.join(_HOURS)})"
_RELATIVE: Final = re.compile(rf"(?P<part>half past|quarter past|quarter to) {_HOUR}")
_PLAIN: Final = re.compile(rf"{_HOUR}(?::(?P<minute>\d\d)| (?P<word>thirty|fifteen|o ?clock))?")
_MINUTES: Final = {"half past": 30, "quarter past": 15, "quarter to": -15, "thirty": 30, "fifteen": 15}


def clock_time(said: str, *, evening: bool) -> str | None:
    """Write a time as `19:30`; None when it is none.

    Args:
        said: Such as "half past seven" or "7:30 pm".
        evening: Whether an hour without am or pm is meant after noon.
    """
    text = said.lower()
    if "noon" in text or "midnight" in text:
        return "12:00" if "noon" in text else "00:00"
    relative = _RELATIVE.search(text)
    found = relative or _PLAIN.search(text)
    if found is None:
        return None
    hour = _HOURS.get(found["hour"]) or int(found["hour"])
    if relative is not None:
        minute = _MINUTES[relative["part"]]
    else:
        minute = int(found["minute"] or 0) or _MINUTES.get(found["word"] or "", 0)
    total = _in_half(hour, text, evening=evening) * 60 + minute
    return f"{total // 60 % 24:02}:{total % 60:02}"


def _in_half(hour: int, text: str, *, evening: bool) -> int:
    """The hour of 24 that an hour of 12 is."""
    if re.search(r"\bam\b|morning", text):
        return hour % 12
    after_noon = bool(re.search(r"\bpm\b|afternoon|evening|night", text))
    return hour + 12 if hour < 12 and (after_noon or evening) else hour
