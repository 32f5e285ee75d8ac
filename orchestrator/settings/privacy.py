"""What of a conversation is kept, and for how long."""

import re
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field

from orchestrator.core.redaction import KINDS, Redaction
from orchestrator.settings.group import SettingsGroup


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def _kinds(value: str) -> str:
    if unknown := [word for word in _words(value) if word not in KINDS]:
        raise ValueError(f"must list some of {', '.join(KINDS)}, and {unknown[0]} is none of them")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"must be a regular expression ({error})") from None
    return value


def _region(value: str) -> str:
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country's two letters, such as US or DE")
    return value.upper()


class PrivacySettings(SettingsGroup):
    """What of a conversation is kept, and for how long."""

    redact: Annotated[str, AfterValidator(_kinds)] | None = Field(
        None,
        description="What is taken out of conversations, some of `cards,phones,emails`: out of what is said "
        "before it is stored, out of what tools work with where it is shown. Unset: nothing.",
    )

    redact_fields: str | None = Field(
        None,
        description="Names of JSON fields, with commas between them, whose values in tools' arguments, "
        "outputs and states are not shown, such as `phone,address`.",
    )

    redact_pattern: Annotated[str, AfterValidator(_pattern)] | None = Field(
        None, description="A regular expression of what is taken out as well, such as `MEMBER-[0-9]+`."
    )

    redact_region: Annotated[str, AfterValidator(_region)] = Field(
        "US", description="Country of telephone numbers that are said without a country's code."
    )

    retention_days: int | None = Field(
        None,
        ge=1,
        description="Days after its last call that a conversation is kept; then `orchestrator jobs` erases "
        "it with everything that belongs to it. Unset: for ever.",
    )

    recordings: str | None = Field(
        None,
        description="Where recordings are kept: a folder, or object storage such as `s3://bucket/prefix`. "
        "Unset: `recordings` in the data folder.",
    )

    recording_days: int | None = Field(
        None,
        ge=1,
        description="Days that recordings are kept; then `orchestrator jobs` erases them. Unset: as long as "
        "their conversation.",
    )

    @property
    def redaction(self) -> Redaction:
        """What these settings take out."""
        return Redaction(
            kinds=frozenset(_words(self.redact or "")),
            fields=frozenset(_words(self.redact_fields or "")),
            pattern=re.compile(self.redact_pattern) if self.redact_pattern else None,
            region=self.redact_region,
        )
