"""Plates of vehicles: digits, a letter, the number of a prefecture; WW; the older forms by context. Knows no register.

Right-to-left extraction turns the three parts round (6-أ-12345).
"""

from __future__ import annotations

import re

from .finding import Finding, Type
from .pieces import BETWEEN, DIGIT, HAS_DIGIT, LATIN, any_of, in_text, spellings
from .scan import Hit, stretches

__all__ = ["PATTERNS", "WORDS", "read"]

_ARABIC, _LATIN_LETTERS = "أابتجحدهويطش", "ABDEHTWJMPabdehtwjmp"
_WORDS = (
    "immatricul",
    "matricule",
    "plaque",
    "plaka",
    "blaka",
    "véhicule",
    "voiture",
    "tomobil",
    "siyara",
    "سيارة",
    "مركبة",
    "ترقيم",
    "لوحة",
    "طوموبيل",
    "طونوبيل",
    "license plate",
    "registration plate",
)
WORDS = tuple(spellings(word) for word in _WORDS)
_SIGN = b"(?:%b|[|_]|\xd9\x80)" % BETWEEN
PATTERNS = (
    # Signs without end, though a plate has few: with a number of times each, the automaton is three times as dear.
    b"%b%b*(?:%b|[%b])%b*%b" % (DIGIT, _SIGN, any_of(_ARABIC), _LATIN_LETTERS.encode(), _SIGN, DIGIT),
    b"(?i)(?:\\A|[^a-z])ww%b{0,9}%b|%b%b{0,9}ww" % (BETWEEN, DIGIT, DIGIT, BETWEEN),
)
"""Digits around one letter; WW beside digits."""

_GAP = "[ |_./ـ-]"
# From the right or from the left; the parts tell which.
_PLATE = re.compile(
    rf"(?P<first>[0-9](?<![{LATIN}/][0-9])(?<![0-9][.,][0-9])[0-9]{{0,4}})(?P<left>{_GAP}{{0,3}})"
    rf"(?P<letter>[{_ARABIC}{_LATIN_LETTERS}])ـ?(?P<right>{_GAP}{{0,3}})(?P<last>[0-9]{{1,5}})(?![{LATIN}]|[./,-][0-9])"
)
_WW = re.compile(
    rf"(?<![{LATIN}])(?:ww[ -]{{0,2}}[0-9]{{3,6}}|[0-9]{{3,6}}[ -]{{0,2}}ww|w[ -]?18[ -]{{1,3}}[0-9]{{3,6}})"
    rf"(?![{LATIN}]|[./-][0-9])",
    re.IGNORECASE,
)
# Before 2000, and vehicles of the state: only beside a word that says so.
_OLD = re.compile(
    rf"(?<![{LATIN}/-])(?:[0-9]{{3,5}}[ ]?[-/][ ]?[0-9]{{1,2}}[ ]?[-/][ ]?[0-9]{{1,2}}|(?:[MJ]|CD|[جشم])[ -]?[0-9]{{4,6}})"
    rf"(?![{LATIN}]|[/-][0-9])"
)
_YEAR_FIRST = re.compile(r"(?:19|20)[0-9]{2}\D")
_WORD = re.compile(in_text(_WORDS), re.IGNORECASE)
_BEFORE, _BEHIND = 64, 24
_LAST_PREFECTURE = 89


def read(text: str, ends: list[int], hits: list[Hit], found: list[Finding]) -> None:
    """Add every plate of ``text`` at one of ``ends``, and the older ones near a word."""
    for start, stop in stretches(ends, 24, 16, len(text)) if ends else ():
        for match in _PLATE.finditer(text, start, stop):
            sure, check = _of_plate(match, bool(hits) and _named(text, *match.span()))
            if sure:
                found.append(Finding(Type.PLATE, *match.span(), sure, check))
        for match in _WW.finditer(text, start, stop):
            named = bool(hits) and _named(text, *match.span())
            found.append(Finding(Type.PLATE, *match.span(), 0.95 if named else 0.8, _check(named)))
    for start, stop in stretches([end for end, _, _ in hits], 2 * _BEHIND, _BEFORE + _BEHIND, len(text)) if hits else ():
        if HAS_DIGIT(text, start, stop):
            found.extend(
                Finding(Type.PLATE, *match.span(), 0.75, "context")
                for match in _OLD.finditer(text, start, stop)
                if not _YEAR_FIRST.match(match.group()) and _named(text, *match.span())
            )


def _of_plate(match: re.Match[str], named: bool) -> tuple[float, str]:
    """How surely three parts are a plate: by the prefecture, the signs between the parts, and a word near it."""
    first, last, letter = match["first"], match["last"], match["letter"]
    mirrored = len(last) > 2
    serial, code = (last, first) if mirrored else (first, last)
    if len(code) > 2:
        return 0.0, ""
    gaps = match["left"], match["right"]
    if not 1 <= int(code) <= _LAST_PREFECTURE or int(serial) == 0:
        return 0.0, ""
    if named:
        return 0.97, "context"
    signs = {gap.strip(" ")[:1] for gap in gaps}
    drawn = len(signs) == 1 and signs <= {"-", "|", "/", "ـ"}
    if letter.isascii():
        # 12345-A-6 stands alone; with spaces it could be an amount (de 1000 A 50), glued a code.
        return (0.85 if drawn and not mirrored and letter.isupper() and len(serial) >= 3 else 0.3), "format"
    if drawn:
        return (0.9 if len(serial) >= 3 else 0.6), "format"
    return (0.6 if len(serial) == 5 and letter != "و" else 0.3), "format"


def _named(text: str, start: int, end: int) -> bool:
    return bool(_WORD.search(text, max(start - _BEFORE, 0), start) or _WORD.search(text, end, end + _BEHIND))


def _check(named: bool) -> str:
    return "context" if named else "format"
