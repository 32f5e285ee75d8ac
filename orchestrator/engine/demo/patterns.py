"""How names, places, times, messages and queries stand in a sentence; all match lower-case text."""

import re
from typing import Final

_NUMBERS: Final = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|a|an"
# What ends a name or a place: a mark, a preposition, the next thing said.
_END: Final = (
    r"(?= [,.;:!?](?: |$)| (?:and|please|thanks|at|on|for|in|to|with|by|but|saying|that|about|if|i|we|he|she|"
    r"tomorrow|today|tonight)\b|$)"
)
_WORD: Final = r"[^\W\d_][\w'-]*"
_NAME: Final = rf"(?P<value>(?!(?:{_NUMBERS})\b){_WORD}(?: (?!(?:and|please|thanks)\b){_WORD}){{0,2}}?)"
_NO_NAME: Final = (
    "done|ready|fine|sure|hungry|thirsty|sorry|late|not|here|looking|calling|good|ok|okay|just|so|very|in|at|on|from|"
    "going|having|trying|interested|afraid|happy|allergic|vegetarian|vegan|the|my|your|it|that|for|new|old|all"
)
SPEAKER: Final = re.compile(
    r"(?:\b(?:my|the|your|under the|in the|customer|first) name(?: is| of|)|\bname(?: is| of|)|\bcall me"
    rf"|\bunder(?! the)|\bthis is|\bi am|\bit is for) (?!(?:{_NO_NAME})\b){_NAME}{_END}"
)
FOR_SOMEBODY: Final = re.compile(
    rf"\bfor (?!(?:the|my|me|us|you|now|today|tomorrow|tonight|pickup|delivery)\b){_NAME}{_END}"
)
ADDRESSEE: Final = (
    re.compile(
        rf"\b(?:send|write|leave|give) (?!(?:a|the|it|this)\b)(?P<value>{_WORD}) "
        r"(?:a|the) (?:\w+ )?(?:message|note|text)\b"
    ),
    re.compile(
        rf"\b(?:message|mail|letter|note|text|call|it|this) (?:to|for) (?:my |the )?(?P<value>{_WORD})\b"
    ),
    re.compile(
        r"\b(?:tell|text|message|call|phone|ring|dial|email|mail|ask|notify|let|remind) "
        r"(?!(?:me|us|that|to|a|an|the|about|him|her|them|you|my|for|message|saying|know|is|and)\b)"
        rf"(?P<value>{_WORD})\b"
    ),
    re.compile(rf"\bto (?!(?:the|a|an|my|me|us|be|say)\b)(?P<value>{_WORD})\b"),
)
_DAYS: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_ORDINAL: Final = r"\d{1,2}(?: (?:st|nd|rd|th))?"
_HOURS: Final = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PART: Final = "(?:morning|afternoon|evening|night)"
DAY: Final = re.compile(
    rf"\b(?:today|tomorrow|tonight|(?:next |this )?(?:{_DAYS}|weekend)|next (?:week|month)"
    rf"|(?:the )?{_ORDINAL}(?: of)? (?:{_MONTHS})|(?:{_MONTHS}) {_ORDINAL}|\d{{4}}-\d\d-\d\d)\b"
)
TIME: Final = re.compile(
    rf"\b(?:noon|midnight|half past {_HOURS}|quarter (?:past|to) {_HOURS}"
    rf"|{_HOURS}(?: (?:thirty|fifteen|o clock|oclock))? (?:am|pm|in the {_PART})"
    rf"|\d{{1,2}}:\d\d(?: (?:am|pm))?|(?<=at ){_HOURS}(?: (?:thirty|fifteen|o clock|oclock))?"
    rf"|(?<=around ){_HOURS}|(?<=by ){_HOURS})\b"
)
WHEN: Final = re.compile(rf"(?:{DAY.pattern})(?: {_PART})?(?: at)?(?: {TIME.pattern})?")
EMAIL: Final = re.compile(r"\S+@\S+\.\S+")
CODE: Final = re.compile(r"(?<![\w.:])(?:[a-z]{1,4}-?)?\d[\w-]*(?![.:]\d)")
PHONE: Final = re.compile(r"\+?\d[\d ()-]{5,}\d")
_NO_PLACE: Final = (
    rf"(?!(?:(?:the )?{_PART}|{_NUMBERS}|my|it|me|us|now|general|case|fact|total|advance|{_DAYS})\b)"
)
_PLACES: Final = (
    (frozenset({"origin", "from", "departure", "source"}), "from"),
    (frozenset({"destination", "to", "target"}), "to"),
    (
        frozenset({"city", "location", "place", "country", "town", "region", "where"}),
        "in|at|for|near|around",
    ),
    (frozenset({"address", "street"}), "to|at"),
)
PLACES: Final = tuple(
    (
        names,
        re.compile(rf"\b(?:{prepositions}) (?:the )?(?P<value>{_NO_PLACE}{_WORD}(?: {_WORD}){{0,3}}?){_END}"),
    )
    for names, prepositions in _PLACES
)
WRITTEN: Final = re.compile(
    r"(?:\b(?:saying(?: that)?|that says|message is(?: that)?|message that|note that"
    r"|let (?:the )?\w+ know(?: that)?"
    r"|(?:tell|text|message|email|notify|inform) (?:the )?(?!me\b|us\b|that\b)\w+(?: that| :)?|say that|say"
    r"|remind me (?:to|about|of)|reminder to|task to) |: )(?P<value>.+)$"
)
ASKED_FOR: Final = re.compile(
    r"\b(?:look up|look for|search for|search the \w+ for|search|find out about|find out|find me|find|google"
    r"|what is|what are|who is|who was|tell me about|information on|info on|where is|define"
    r"|play me|play|listen to|hear|about) (?P<value>.+?)(?: please)?(?: [.!?])?$"
)


def labelled(label: str) -> re.Pattern[str]:
    """A value that is named by its label: "the subject is lunch".

    Args:
        label: The slot's name as it is said.
    """
    return re.compile(rf"\b{re.escape(label)} (?:is|of|to|as|should be|will be) (?P<value>[^,.;!?]+?){_END}")
