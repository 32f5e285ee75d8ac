"""Personal data taken out of what is stored and shown: card numbers, telephone numbers, mail addresses. Pure.

Two rules, for two kinds of things:

- What people say is redacted before it is stored. Each place that was taken out is marked in the item.
- What tools work with (arguments, outputs, states) is stored as it is, for a tool that was cut off by a crash
  is run again with it; it is redacted wherever it is shown.

Numbers are found as figures, with any spaces and dashes, and as spoken: "four one one one …".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import phonenumbers

from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import HandoffRow, ItemRow, Record

Kind = Literal["card", "phone", "email", "pattern", "field"]

KINDS: Final = ("cards", "phones", "emails")
"""What may be asked for by name."""

MARK: Final = "redacted"
"""Where an item's `data` tells its spans: `[{part, start, end, kind}]`, in the text as it is stored."""

_EMAIL: Final = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_FIGURES: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_DIGITS: Final = {
    word: str(value)
    for value, words in enumerate(
        ("zero|oh|o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split("|")
}
_SPOKEN: Final = re.compile(
    rf"\b(?:{'|'.join(_DIGITS)})(?:[\s,.-]{{1,3}}(?:{'|'.join(_DIGITS)}))+\b", re.IGNORECASE
)
_SPOKEN_PHONE: Final = range(7, 16)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text, and what is there."""

    start: int
    end: int
    kind: Kind

    @property
    def stand_in(self) -> str:
        """What is written in its place."""
        return f"[{self.kind}]"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its personal data.

    Attributes:
        text: With stand-ins such as `[card]`.
        spans: Where they are, in `text`.
        taken: The places that they stand for, in the text as it was.
    """

    text: str
    spans: tuple[Span, ...]
    taken: tuple[Span, ...]

    def offset(self, original: int) -> int:
        """Where a place of the original text is now; inside of what was taken out, before its stand-in."""
        shift = 0
        for now, before in zip(self.spans, self.taken, strict=True):
            if original >= before.end:
                shift = now.end - before.end
            elif original > before.start:
                return now.start
            else:
                break
        return original + shift


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is to be taken out.

    Attributes:
        kinds: Of `KINDS`.
        fields: Names of JSON fields whose values are personal, whatever they look like.
        pattern: Taken out too, where given.
        region: Where callers' telephone numbers without a country code belong: `US`.
    """

    kinds: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    region: str = "US"

    @property
    def does_anything(self) -> bool:
        """Whether anything would be taken out."""
        return bool(self.kinds or self.fields or self.pattern)

    def text(self, text: str) -> Redacted:
        """Take personal data out of a text."""
        taken = tuple(_apart(sorted(self._found(text))))
        pieces, spans, at, length = [], [], 0, 0
        for span in taken:
            kept = text[at : span.start]
            length += len(kept)
            spans.append(Span(length, length + len(span.stand_in), span.kind))
            pieces += [kept, span.stand_in]
            at, length = span.end, length + len(span.stand_in)
        return Redacted("".join([*pieces, text[at:]]), tuple(spans), taken)

    def record(self, record: Record) -> Record:
        """Take personal data out of what is about to be stored."""
        if isinstance(record, ItemRow):
            return ItemRow(self.item(record.item))
        if isinstance(record, HandoffRow):
            reason = self.text(record.reason).text
            return replace(record, reason=reason, payload=self.object(record.payload))
        return record

    def item(self, item: Item) -> Item:
        """Take personal data out of what was said; items of tools stay as they are."""
        if item.is_marker:
            return replace(item, data=self.object(item.data))
        if item.kind != "message" or not (self.kinds or self.pattern):
            return item
        parts, marks = list[Part](), list[JsonValue]()
        heard = item.heard
        for number, part in enumerate(item.content):
            redacted = self.text(part.text)
            parts.append(replace(part, text=redacted.text))
            marks += [
                {"part": number, "start": span.start, "end": span.end, "kind": span.kind}
                for span in redacted.spans
            ]
        if heard is not None:
            heard = self._heard(item.text, heard)
        if not marks:
            return item if heard == item.heard else replace(item, heard=heard)
        return replace(item, content=tuple(parts), heard=heard, data={**item.data, MARK: marks})

    def value(self, value: JsonValue, name: str = "") -> JsonValue:
        """Take personal data out of a JSON value, by the names of its fields and in its texts.

        Args:
            value: Of a tool's arguments, of a state.
            name: Of the field that holds it.
        """
        if name in self.fields and value not in (None, "", [], {}):
            return "[field]"
        if isinstance(value, str):
            return self.text(value).text
        if isinstance(value, list):
            return [self.value(each, name) for each in value]
        if isinstance(value, dict):
            return {key: self.value(each, key) for key, each in value.items()}
        return value

    def object(self, value: Mapping[str, JsonValue]) -> JsonObject:
        """Take personal data out of a JSON object."""
        return {key: self.value(each, key) for key, each in value.items()}

    def _heard(self, text: str, heard: str) -> str:
        """The heard prefix of a text that loses some of its places: a prefix still."""
        if not text.startswith(heard):
            return self.text(heard).text
        redacted = self.text(text)
        return redacted.text[: redacted.offset(len(heard))]

    def _found(self, text: str) -> Iterator[Span]:
        if "emails" in self.kinds:
            yield from (Span(*match.span(), "email") for match in _EMAIL.finditer(text))
        if "cards" in self.kinds:
            yield from (
                Span(*match.span(), "card") for match in _FIGURES.finditer(text) if _is_card(match[0])
            )
        if "phones" in self.kinds:
            for phone in phonenumbers.PhoneNumberMatcher(text, self.region):
                yield Span(phone.start, phone.end, "phone")
        for match in _SPOKEN.finditer(text):
            digits = "".join(_DIGITS[word.lower()] for word in re.findall(r"[A-Za-z]+", match[0]))
            if "cards" in self.kinds and _is_card(digits):
                yield Span(*match.span(), "card")
            elif "phones" in self.kinds and len(digits) in _SPOKEN_PHONE:
                yield Span(*match.span(), "phone")
        if self.pattern is not None:
            yield from (Span(*match.span(), "pattern") for match in self.pattern.finditer(text) if match[0])


def _apart(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans without overlaps: the one that begins first wins, of two the longer."""
    end = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start >= end:
            yield span
            end = span.end


def _is_card(written: str) -> bool:
    """Whether figures are the number of a payment card: 13 to 19 of them, and their check digit is right.

    ISO/IEC 7812-1, annex B.
    """
    digits = [int(character) for character in written if character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
