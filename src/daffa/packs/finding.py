"""What is wrong with a pack, and where: a finding. Knows no file and no rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from daffa.errors import Invalid

__all__ = ["Finding", "Findings", "Severity", "Spot", "printable"]

_LONGEST = 120


class Severity(StrEnum):
    """An error keeps a pack out; a warning is worth knowing."""

    ERROR = "error"
    WARNING = "warning"


class Spot(NamedTuple):
    """A place in a pack: its file (relative, with ``/``) and the line from 1, or 0 for the file as a whole."""

    file: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        file, line: where; line 1 where it is the file as a whole.
        field: name of the field, row or rule.
        expected, got: in plain words.
        severity: ``error`` or ``warning``.
    """

    file: str
    line: int
    field: str
    expected: str
    got: str
    severity: Severity = Severity.ERROR

    def error(self) -> Invalid:
        """The finding as an error: ``invalid_pack``."""
        return Invalid("invalid_pack", file=self.file, line=self.line, field=self.field, expected=self.expected, got=self.got)


class Findings(list[Finding]):
    """Findings as they come up."""

    def wrong(self, spot: Spot, field: str, expected: str, got: object) -> None:
        """Note an error."""
        self.append(_finding(spot, field, expected, got, Severity.ERROR))

    def doubtful(self, spot: Spot, field: str, expected: str, got: object) -> None:
        """Note a warning."""
        self.append(_finding(spot, field, expected, got, Severity.WARNING))

    @property
    def errors(self) -> list[Finding]:
        """The errors alone, in the order of files and lines."""
        return sorted((one for one in self if one.severity is Severity.ERROR), key=lambda one: (one.file, one.line))


def _finding(spot: Spot, field: str, expected: str, got: object, severity: Severity) -> Finding:
    said = " ".join(printable(str(got)).split())
    shown = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    return Finding(printable(spot.file), max(spot.line, 1), printable(field), printable(expected), shown or "nothing", severity)


def printable(text: str) -> str:
    """``text`` with a space for what a terminal would obey, or could not show."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
