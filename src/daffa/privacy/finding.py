"""What was found: type, span and confidence, and which of several overlapping finds counts. Knows no text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from enum import StrEnum
from operator import attrgetter

from msgspec import Struct

from daffa.decision import Category

__all__ = ["Finding", "Type", "apart", "categories"]

_START = attrgetter("start")


class Type(StrEnum):
    """What kind of personal data."""

    CIN = "cin"
    RIB = "rib"
    IBAN = "iban"
    ICE = "ice"
    PHONE = "phone"
    EMAIL = "email"


class Finding(Struct, frozen=True, gc=False):
    """One piece of personal data.

    Attributes:
        type: what it is.
        start: offset of its first character (or byte, from ``find_bytes``).
        end: offset after its last.
        confidence: 0 to 1, how surely it is one. Judged from the check, not measured.
        check: what speaks for it: ``mod97`` (control digits), ``mod97_twice`` (both keys of an IBAN), ``prefix``
            (letters of a known issuing office), ``context`` (a word before it names it), ``format`` (its shape alone).
    """

    type: Type
    start: int
    end: int
    confidence: float
    check: str


def categories(findings: Iterable[Finding]) -> frozenset[Category]:
    """What the law looks at in these: each type known today identifies a person."""
    return frozenset({Category.PERSONAL}) if any(True for _ in findings) else frozenset()


def apart(found: list[Finding]) -> tuple[Finding, ...]:
    """The findings that do not overlap, by position: of those that do, the longest stays, then the surest."""
    found.sort(key=_START)
    end = 0
    for each in found:
        if each.start < end:
            return _longest(found)
        end = each.end
    return tuple(found)


def _longest(found: list[Finding]) -> tuple[Finding, ...]:
    starts: list[int] = []
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda each: (each.start - each.end, -each.confidence)):
        place = bisect_left(starts, finding.start)
        if (place == 0 or kept[place - 1].end <= finding.start) and (place == len(kept) or finding.end <= starts[place]):
            starts.insert(place, finding.start)
            kept.insert(place, finding)
    return tuple(kept)
