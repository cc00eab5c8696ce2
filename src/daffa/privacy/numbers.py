"""Bank accounts, company identifiers and phone numbers among digits. Knows how they are grouped; knows no bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from .checks import iban, ice, rib
from .finding import Finding, Type
from .pieces import AFTER, BETWEEN, DIGIT, LATIN, digits_end

__all__ = ["PATTERNS", "read"]

PATTERNS = (b"%b(?:%b*%b){8,}%b" % (DIGIT, BETWEEN, DIGIT, AFTER),)
"""Nine digits or more, separated or not."""

_GAP = "[ ./()-]{1,3}"
_RUN = re.compile("[0-9](?:[ ./()-]{0,3}[0-9])*")
_NO_DIGIT = re.compile("[^0-9]+")
_COUNTRY = re.compile(r"ma[ ./()-]{0,3}\Z", re.IGNORECASE)
_FRACTION = re.compile(r"[0-9]\.\Z")
_PLUS = re.compile(r"\+[ (]{0,2}\Z")
_WORD = re.compile(r"(?:t[eé]l|gsm|fax|phone|mobile|portable|num[eé]ro)\Z", re.IGNORECASE)


def _groups(*sizes: int) -> str:
    return _GAP.join(f"[0-9]{{{size}}}" for size in sizes)


def _usual(start: str, *groupings: str) -> re.Pattern[str]:
    """One of the groupings, at any group of a run: a lookahead consumes nothing, so each group is tried as a start."""
    return re.compile(f"(?<![0-9])(?={start}({'|'.join(groupings)})(?![0-9]))")


_IBAN = re.compile(f"[0-9](?:(?:{_GAP})?[0-9]){{25}}(?![0-9])")
_RIB = _usual("", _groups(24), _groups(3, 3, 16, 2), _groups(3, 3, 4, 4, 4, 4, 2), _groups(4, 4, 4, 4, 4, 4))
_ICE = _usual("", _groups(15), _groups(9, 4, 2), _groups(3, 3, 3, 3, 3))
# A decimal point before it makes a fraction, not a phone number. A date with an hour (2-2-4-2) is none either.
_HOME = _usual(
    rf"(?<![0-9]\.)(?=0(?:{_GAP})?[5-8])",
    _groups(10),
    _groups(2, 2, 2, 2, 2),
    _groups(4, 2, 2, 2),
    _groups(4, 3, 3),
    _groups(4, 6),
    _groups(3, 3, 4),
    _groups(4, 2, 4),
    _groups(2, 2, 3, 3),
    _groups(2, 4, 4),
    _groups(2, 8),
    _groups(*[1] * 10),
)
# After a sign of the country any grouping will do. Without one, 212 500 000 000 is an amount.
_REST = f"212(?:{_GAP})?(?:0(?:{_GAP})?)?[5-8](?:(?:{_GAP})?[0-9]){{8}}(?![0-9])"
_AFTER_PLUS = re.compile(_REST)
_ABROAD = re.compile(f"(?<![0-9])(?:00(?:{_GAP})?{_REST}|212[5-8][0-9]{{8}}(?![0-9]))")

_EDGE, _END = f"(?<![{LATIN}])(?<![0-9][.,/-])", f"(?![{LATIN}]|[.,/-][0-9])"
_STUDENT = re.compile(f"{_EDGE}(?:[A-Z][0-9]{{9}}|[0-9]{{9}}[A-Z]){_END}")
_SCHOOL = re.compile(
    "élève|eleve|étudiant|etudiant|student|pupil|bac|scolar|inscri|école|ecole|lycée|collège|تلميذ|طالب|باكالوريا|"
    "بكالوريا|مدرس|تلميدة|مسار|massar|tilmid|tlmid|talib|telmid",
    re.IGNORECASE,
)

# What is looked at before a run: a sign or a name of a country, a word for a phone.
_MARGIN = 12


def read(text: str, ends: list[int], found: list[Finding]) -> None:
    """Add every account, company identifier and phone number in the runs of digits that end at ``ends``; they may overlap."""
    done = len(text)
    for end in reversed(ends):
        # A grouped run is reported at several of its groups: it is read once, whole, from its last.
        if end <= done:
            stop = digits_end(text, end)
            start = done = _start(text, stop)
            number = text[start:stop]
            if number.isdigit():
                _unbroken(text, start, number, found)
            else:
                _grouped(text, start, stop, found)


def _start(text: str, stop: int) -> int:
    """Where the run of digits begins that ends at ``stop``."""
    reach = 64
    while True:
        run = _RUN.match(text[max(stop - reach, 0) : stop][::-1])
        start = stop - run.end() if run else stop - 1
        if start > stop - reach + _MARGIN or reach >= stop:
            return start
        reach *= 4


def _unbroken(text: str, start: int, number: str, found: list[Finding]) -> None:
    """A run without gaps is one number or none: its length says which."""
    size, end = len(number), start + len(number)
    if size == 9 and (text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()):
        _student(text, start, found)
    elif size == 10:
        if number[0] == "0" and number[1] in "5678" and not _FRACTION.search(text, max(start - 2, 0), start):
            _phone(text, start, end, 0.9, found)
    elif size == 24 and rib(number):
        found.append(Finding(Type.RIB, start, end, 0.97, "mod97"))
    elif size == 15 and ice(number):
        found.append(Finding(Type.ICE, start, end, _of_ice(number), "mod97"))
    elif size == 26:
        _account_abroad(text, start, end, found)
    elif 12 <= size <= 15:
        _phones(text, start, end, found)


def _student(text: str, start: int, found: list[Finding]) -> None:
    """Add the code of a student: one letter before nine digits, or behind them."""
    for code in (_STUDENT.match(text, start - 1), _STUDENT.match(text, start)):
        if code:
            near = text[max(start - 60, 0) : start] + text[code.end() : code.end() + 30]
            school = bool(_SCHOOL.search(near))
            found.append(Finding(Type.MASSAR, *code.span(), 0.85 if school else 0.4, "context" if school else "format"))


def _grouped(text: str, start: int, end: int, found: list[Finding]) -> None:
    count = end - start - sum(text.count(sign, start, end) for sign in " ./()-")
    if count >= 26:
        _account_abroad(text, start, end, found)
    if count >= 24:
        for first, last, sure in _controlled(rib, _RIB, text, start, end, count == 24):
            found.append(Finding(Type.RIB, first, last, 0.97 if sure else 0.7, "mod97"))
    if count >= 15:
        for first, last, sure in _controlled(ice, _ICE, text, start, end, count == 15):
            found.append(Finding(Type.ICE, first, last, _of_ice(text[first:last]) if sure else 0.5, "mod97"))
    _phones(text, start, end, found)


def _account_abroad(text: str, start: int, end: int, found: list[Finding]) -> None:
    country = _COUNTRY.search(text, max(start - 5, 0), start)
    number = _IBAN.match(text, start, end) if country else None
    if country and number and iban(_digits(number.group())):
        found.append(Finding(Type.IBAN, country.start(), number.end(), 0.999, "mod97_twice"))


def _controlled(
    true: Callable[[str], bool], usual: re.Pattern[str], text: str, start: int, end: int, whole: bool
) -> list[tuple[int, int, bool]]:
    """Numbers with control digits, and whether the grouping is a usual one; any other counts for a ``whole`` run alone."""
    spans = [(*match.span(1), True) for match in usual.finditer(text, start, end)]
    if whole and not spans:
        spans = [(start, end, False)]
    return [span for span in spans if _one_gap(text[span[0] : span[1]]) and true(_digits(text[span[0] : span[1]]))]


def _of_ice(number: str) -> float:
    # Company identifiers are given out in sequence and are still far below 01...
    return 0.97 if number.startswith("00") else 0.6


def _phones(text: str, start: int, end: int, found: list[Finding]) -> None:
    plus = _PLUS.search(text, max(start - 3, 0), start) if text[start] == "2" else None
    if plus and (match := _AFTER_PLUS.match(text, start, end)):
        found.append(Finding(Type.PHONE, plus.start(), match.end(), 0.97, "format"))
    for match in _ABROAD.finditer(text, start, end) if text.find("212", start, end) >= 0 else ():
        _phone(text, *match.span(), 0.97 if match.group().startswith("0") else 0.7, found)
    for match in _HOME.finditer(text, start, end):
        first, last = match.span(1)
        # The prefix of four may stand apart in its own way: 0537-12 34 56.
        after_prefix = first + 5 if text[first : first + 4].isdigit() else first
        if _one_gap(text[after_prefix:last]):
            _phone(text, first, last, 0.9, found)


def _phone(text: str, start: int, end: int, confidence: float, found: list[Finding]) -> None:
    """Add a phone number; less surely with a Latin letter at one edge, not at all with one at both: a code, a digest."""
    left, right = text[start - 1 : start], text[end : end + 1]
    before = left.isascii() and left.isalpha() and not _WORD.search(text, max(start - _MARGIN, 0), start)
    behind = right.isascii() and right.isalpha()
    if not (before and behind):
        found.append(Finding(Type.PHONE, start, end, 0.5 if before or behind else confidence, "format"))


def _one_gap(number: str) -> bool:
    """Whether the groups of a number stand apart by the same sign throughout."""
    return number.isdigit() or len({gap.strip(" ") for gap in _NO_DIGIT.findall(number)}) == 1


def _digits(number: str) -> str:
    return number if number.isdigit() else _NO_DIGIT.sub("", number)
