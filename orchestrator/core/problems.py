"""Problems of declarations: what is wrong, where, and the mend; collected, so that one check tells all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a declaration.

    Attributes:
        where: Dotted name of the class, or of the module that cannot be imported.
        attribute: Dotted path inside it, such as `tools.add_item.quantity`; None for the whole.
        message: What is wrong.
        mend: What to write instead.
        severity: A warning does not keep a package from being loaded.
        file: Source file, where it is known.
        line: Line in that file, from 1.
    """

    where: str
    message: str
    mend: str
    attribute: str | None = None
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.where}.{self.attribute}" if self.attribute else self.where
        source = f" ({self.file}:{self.line})" if self.file and self.line else ""
        return f"{place}: {self.message}. {self.mend}.{source}"


@dataclass(frozen=True, slots=True)
class Findings:
    """Collects the problems of one class.

    Attributes:
        where: Dotted name of the class.
        prefix: Path of the attribute that is looked at now.
        file: Source file of what is looked at, where it is known.
        line: Line in that file.
        problems: What was found so far; shared with every part that `within` makes.
    """

    where: str
    prefix: str = ""
    file: str | None = None
    line: int | None = None
    problems: list[Problem] = field(default_factory=list)

    def within(self, attribute: str, *, file: str | None = None, line: int | None = None) -> "Findings":
        """The same collection, one step deeper in the path."""
        return Findings(
            self.where, self._path(attribute) or "", file or self.file, line or self.line, self.problems
        )

    def error(self, attribute: str | None, message: str, mend: str) -> None:
        """Note what keeps the package from being loaded."""
        self._add(attribute, message, mend, "error")

    def warning(self, attribute: str | None, message: str, mend: str) -> None:
        """Note what works, and is probably not meant."""
        self._add(attribute, message, mend, "warning")

    def _add(self, attribute: str | None, message: str, mend: str, severity: Severity) -> None:
        self.problems.append(
            Problem(
                where=self.where,
                attribute=self._path(attribute),
                message=message,
                mend=mend,
                severity=severity,
                file=self.file,
                line=self.line,
            )
        )

    def _path(self, attribute: str | None) -> str | None:
        return ".".join(part for part in (self.prefix, attribute) if part) or None


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that keep a package from being loaded."""
    return [problem for problem in problems if problem.severity == "error"]
