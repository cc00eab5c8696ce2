"""What was found: type, span and confidence, and which of several overlapping finds counts. Knows no text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from enum import StrEnum
from operator import attrgetter

from msgspec import Struct

from daffa.decision import Category

__all__ = ["LIKELY", "Finding", "Type", "apart", "categories"]

LIKELY = 0.5
"""How sure a finding must be to count, unless the caller says otherwise. ``docs/privacy.md`` shows what it was chosen by."""

_START = attrgetter("start")


class Type(StrEnum):
    """What kind of personal data."""

    CIN = "cin"
    RIB = "rib"
    IBAN = "iban"
    ICE = "ice"
    PHONE = "phone"
    CNSS = "cnss"
    IF = "if"
    RC = "rc"
    MASSAR = "massar"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"
    PLATE = "plate"
    EMAIL = "email"
    IP = "ip"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    PERSON = "person"


class Finding(Struct, frozen=True, gc=False):
    """One piece of personal data.

    Attributes:
        type: what it is.
        start: offset of its first character (or byte, from ``find_bytes``).
        end: offset after its last.
        confidence: 0 to 1, how surely it is one; a constant of the check. ``docs/privacy.md`` says what was measured.
        check: what speaks for it: ``mod97`` (control digits), ``mod97_twice`` (both keys of an IBAN), ``prefix``
            (letters of a known issuing office), ``context`` (a word near it names it), ``court`` (the same, and the town
            of a court), ``parts`` (parts of an address that stand together), ``format`` (its shape alone); of a name also
            ``title``, ``given_name`` and ``particle``.
    """

    type: Type
    start: int
    end: int
    confidence: float
    check: str


def categories(findings: Iterable[Finding]) -> frozenset[Category]:
    """What the law looks at in these: each type points at a person, or may (a sole trader's ICE, IF, RC)."""
    return frozenset({Category.PERSONAL}) if any(True for _ in findings) else frozenset()


def apart(found: list[Finding]) -> tuple[Finding, ...]:
    """The findings that do not overlap, by position: of those that do, the longest stays, then the surest."""
    if len(found) < 2:
        return tuple(found)
    found.sort(key=_START)
    kept: list[Finding] = []
    chain: list[Finding] = []
    end = 0
    for each in found:
        if each.start >= end and chain:
            kept += chain if len(chain) == 1 else _longest(chain)
            chain = []
        chain.append(each)
        end = max(end, each.end)
    kept += chain if len(chain) == 1 else _longest(chain)
    return tuple(kept)


def _longest(chain: list[Finding]) -> list[Finding]:
    """The same for findings each of which overlaps another."""
    starts: list[int] = []
    kept: list[Finding] = []
    for finding in sorted(chain, key=lambda each: (each.start - each.end, -each.confidence)):
        place = bisect_left(starts, finding.start)
        if (place == 0 or kept[place - 1].end <= finding.start) and (place == len(kept) or finding.end <= starts[place]):
            starts.insert(place, finding.start)
            kept.insert(place, finding)
    return kept
