"""Numbers and dates in any wording: digits of every script, words, months, units. Pure; knows no sentence's meaning.

A number may be read in more than one way ("1.500", "09.08"): each way is kept, and two numbers are equal where they share one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from daffa.language import convert_digits

from ..wording import Word, bare_forms, key_of, load, words_of

__all__ = ["Number", "carried", "missing", "month_of", "numbers_of"]

_DIGITS = re.compile(r"\d+(?:[\s\u00a0\u202f.,٬٫’'](?=\d{3}(?!\d))\d{3})+(?:[.,٫]\d+)?(?!\d)|\d+(?:[./٫,:-]\d+)*", re.ASCII)
_GROUPS = re.compile(r"[\s\u00a0\u202f.,٬’']")
_YEAR = re.compile(r"(?:1[89]|20|21|14)\d\d")
_LETTERS = re.compile(r"[a-zA-ZÀ-ÿ]+")
_LETTER_BEFORE = re.compile(r"[a-zA-ZÀ-ÿ]$")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"[ \u00a0\u202f]?k(?![^\W_])", re.IGNORECASE)
_MOST_DIGITS = 30  # what is longer is a code, and counts nothing
_SHORT_UNITS = frozenset("mm cm m km kg g t l ha h dh dhs mad eur m2 m3 er ere eme e nd rd th st k".split())
_ONE = frozenset(map(key_of, ("un", "une", "one", "واحد", "واحدة")))  # alone it is an article, or nothing
_NEAR = 2  # words between a number and its unit: «10 premiers jours»


class Number(NamedTuple):
    """A number of a text: every way in which it can be read, its unit where one stands beside it, and its place."""

    readings: frozenset[str]
    unit: str
    start: int
    end: int


class _Tables(NamedTuple):
    values: dict[str, int]
    scales: dict[str, int]
    months: dict[str, int]
    units: dict[str, str]
    joins: frozenset[str]


@cache
def _tables() -> _Tables:
    data = load("numbers")
    values: dict[str, int] = {}
    scales: dict[str, int] = {}
    for script in ("latin", "arabic"):
        values |= {key_of(word): value for word, value in data[script]["values"].items()}
        scales |= {key_of(word): value for word, value in data[script]["scale"].items()}
    months = {key_of(word): int(month) for month, names in data["months"].items() for word in names}
    units = {key_of(word): unit for unit, names in data["units"].items() for word in names}
    return _Tables(values, scales, months, units, frozenset(map(key_of, data["joins"])))


def numbers_of(text: str) -> list[Number]:
    """Every number of ``text``, in order: in digits, in words, and months that stand beside a number."""
    plain = convert_digits(text)
    words = words_of(plain)
    digits = [
        _thousands(Number(_readings(found[0]), "", *found.span()), plain)
        for found in _DIGITS.finditer(plain)
        if not _in_word(plain, *found.span())
    ]
    numbers = _scaled(sorted([*digits, *_spelled(words)], key=lambda number: number.start), plain)
    starts = [word.start for word in words]
    return [number._replace(unit=_unit(number, words, starts, plain)) for number in numbers] + _months(words, numbers)


def _in_word(text: str, start: int, end: int) -> bool:
    """Whether digits are letters of an Arabizi word («3la», «ch7al»), not a number, be it with its unit («5mm»)."""
    behind = _LETTERS.match(text, end)
    if behind and key_of(behind[0]) not in _tables().units and behind[0].lower() not in _SHORT_UNITS:
        return True
    return bool(_LETTER_BEFORE.search(text[max(start - 1, 0) : start]))


def _thousands(number: Number, text: str) -> Number:
    """«120k» is 120 000."""
    behind = _THOUSANDS.match(text, number.end)
    plain = list(filter(_counts, number.readings))
    if not behind or not plain:
        return number
    return Number(frozenset(_times(reading, 1000) for reading in plain), "", number.start, behind.end())


def _counts(reading: str) -> bool:
    return len(reading) <= _MOST_DIGITS and bool(_PLAIN.fullmatch(reading))


def _times(reading: str, scale: int) -> str:
    return f"{(Decimal(reading) * scale).normalize():f}" if "." in reading else str(int(reading) * scale)


def _scaled(numbers: list[Number], text: str) -> list[Number]:
    """«3 millions» and «100 ألف» are one number."""
    scales, found = _tables().scales, list[Number]()
    for number in numbers:
        before = found[-1] if found else None
        scale = next((scales[form] for form in bare_forms(key_of(text[number.start : number.end])) if form in scales), 0)
        plain = next(filter(_counts, before.readings), "") if before else ""
        if before and scale and plain and not text[before.end : number.start].strip(" \u00a0\u202f"):
            found[-1] = Number(frozenset({_times(plain, scale)}), "", before.start, number.end)
        else:
            found.append(number)
    return found


def _readings(digits: str) -> frozenset[str]:
    """Every way to read what is written in digits."""
    readings = set()
    parts = re.split(r"[./٫,:-]", digits)
    if len(parts) == 1 or (_GROUPS.search(digits) and all(len(part) == 3 for part in _GROUPS.split(digits)[1:])):
        readings.add(_plain("".join(filter(str.isdigit, digits))))
    grouped = re.fullmatch(r"(\d+(?:[\s\u00a0\u202f.,٬’']\d{3})*)[.,٫](\d+)", digits)
    if grouped and (len(parts) == 2 or _GROUPS.search(grouped[1])) and ":" not in digits:
        fraction = grouped[2].rstrip("0")
        whole = _plain("".join(filter(str.isdigit, grouped[1])))
        readings.add(f"{whole}.{fraction}" if fraction else whole)
    if len(parts) > 1 and all(part.isdigit() for part in parts):
        readings.add("-".join(part.lstrip("0") or "0" for part in parts))
    return frozenset(readings or {digits})


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _spelled(words: Sequence[Word]) -> list[Number]:
    """Numbers written as words: runs of values and scales, joined by «et» or «و»."""
    tables = _tables()
    numbers: list[Number] = []
    run: list[tuple[int, bool]] = []
    start = end = 0

    def close() -> None:
        if run:
            numbers.append(Number(frozenset({str(_worth(run))}), "", start, end))
            run.clear()

    for place, word in enumerate(words):
        value = _value(word.key, tables)
        if value is not None:
            start = start if run else word.start
            run.append(value)
            end = word.end
        elif run and word.key in _ONE:
            run.append((1, False))
            end = word.end
        elif not (
            run
            and word.key in tables.joins
            and place + 1 < len(words)
            and (_value(words[place + 1].key, tables) or words[place + 1].key in _ONE)
        ):
            close()
    close()
    return numbers


def _value(key: str, tables: _Tables) -> tuple[int, bool] | None:
    for form in bare_forms(key):
        if form in tables.values:
            return tables.values[form], False
        if form in tables.scales:
            return tables.scales[form], True
    return None


def _worth(run: Iterable[tuple[int, bool]]) -> int:
    """What a run of number words is together: 4 × 20 + 10, 3 × 100 + 25, 2 × 1000."""
    total, part = 0, 0
    for value, scales in run:
        if scales and value >= 1000:
            total, part = total + (part or 1) * value, 0
        elif scales:
            part = (part or 1) * value
        elif part == 4 and value == 20:
            part = 80
        else:
            part += value
    return total + part


def _unit(number: Number, words: Sequence[Word], starts: Sequence[int], text: str) -> str:
    """The unit beside a number: behind it, or in the same word where the dual is the number."""
    if text[number.end : number.end + 2].lstrip("\u00a0\u202f ").startswith(("%", "٪")):
        return "percent"
    units = _tables().units
    first, after = bisect_left(starts, number.start), bisect_left(starts, number.end)
    inside, behind = words[first:after], words[after : after + _NEAR + 1]
    for word in [*inside, *behind]:
        if word.start >= number.end and any(sign in text[number.end : word.start] for sign in ".;،,()\n"):
            return ""
        for form in bare_forms(word.key):
            if form in units:
                return units[form]
    pair = " ".join(word.key for word in behind[:2])
    return units.get(pair, "")


def _months(words: Sequence[Word], numbers: Sequence[Number]) -> list[Number]:
    """Names of months that stand beside a number."""
    months, found = _tables().months, []
    starts = [number.start for number in numbers]
    for word in words:
        month = next((months[form] for form in bare_forms(word.key) if form in months), None)
        if month is None:
            continue
        place = bisect_left(starts, word.start)
        around = numbers[max(place - 2, 0) : place + 2]
        if any(0 <= word.start - number.end <= 4 or 0 <= number.start - word.end <= 2 for number in around):
            found.append(Number(frozenset({f"month {month}"}), "", word.start, word.end))
    return found


def month_of(name: str) -> int:
    """The number of a month by its name; 0 where it is none."""
    return next((_tables().months[form] for form in bare_forms(key_of(name)) if form in _tables().months), 0)


def missing(claimed: Iterable[Number], given: Sequence[Number]) -> list[Number]:
    """Those of ``claimed`` that are not among ``given`` with the same unit."""
    return [number for number in claimed if not carried(number, given)]


def carried(number: Number, given: Sequence[Number]) -> bool:
    """Whether ``given`` has the same number, and no other unit with it."""
    same = [other for other in given if _equal(number.readings, other.readings)]
    return any(not number.unit or not other.unit or number.unit == other.unit for other in same)


def _equal(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) or bool(one & _parts_of_date(other))


def _parts_of_date(readings: frozenset[str]) -> frozenset[str]:
    """A date written in digits has its year, month and day in it."""
    for reading in readings:
        parts = reading.split("-")
        if len(parts) == 3 and any(_YEAR.fullmatch(part) for part in (parts[0], parts[2])):
            return frozenset({*parts, f"month {parts[1]}", "-".join(reversed(parts))})
    return frozenset()
