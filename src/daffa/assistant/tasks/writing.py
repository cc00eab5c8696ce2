"""Dates and amounts: read as people write them, written as French, Arabic and English do. Pure; knows no letter."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from daffa.language import convert_digits

from ..checks import month_of

__all__ = ["Amount", "amounts_in", "dates_in", "read_amount", "read_date", "write_amount", "write_date"]

_EARLIEST, _LATEST = 1850, 2200
_DATE = re.compile(
    r"(?<![\w/.-])(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})\s?[-/.]\s?(?P<month2>\d{1,2})\s?[-/.]\s?(?P<year2>\d{4})"
    r"|(?:(?P<day3>\d{1,2})(?:er|st|nd|rd|th)?|(?P<first>فاتح))\s+(?P<name>[^\W\d_]{3,12})\.?,?\s+(?P<year3>\d{4}))(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f.,٬’']\d{3})+(?:[.,٫]\d{1,2})?|\d+(?:[.,٫]\d{1,2})?"
_AMOUNT = re.compile(rf"(?<![\w.,/-])(?P<number>{_NUMBER})(?!\d|[.,/-]\d)")


class Amount(NamedTuple):
    """A number and what it counts, as it was written; ``unit`` may be empty."""

    value: Decimal
    unit: str


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "writing.toml").read_text(encoding="utf-8"))


@cache
def _unit() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, _data()["currency"]["words"]), key=len, reverse=True))
    return re.compile(rf"[ \u00a0\u202f]?(?P<unit>{words})(?!\w)", re.IGNORECASE)


def dates_in(text: str) -> Iterator[tuple[int, int, datetime.date]]:
    """Where dates stand in ``text``, and which they are: ``2026-03-05``, ``05/03/2026``, ``5 mars 2026``, ``5 مارس 2026``."""
    for found in _DATE.finditer(convert_digits(text)):
        date = _date(found)
        if date is not None:
            yield found.start(), found.end(), date


def read_date(text: str) -> datetime.date | None:
    """The date that ``text`` is, and nothing else."""
    text = text.strip()
    return next((date for start, end, date in dates_in(text) if end - start == len(text)), None)


def write_date(date: datetime.date, language: str) -> str:
    """``5 mars 2026``, ``1er mars 2026``, ``5 مارس 2026``, ``5 March 2026``."""
    data = _data()[language]
    day = data["first"] if date.day == 1 else str(date.day)
    return f"{day} {data['months'][date.month - 1]} {date.year}"


def _date(found: re.Match[str]) -> datetime.date | None:
    parts = found.groupdict()
    year = int(parts["year"] or parts["year2"] or parts["year3"])
    month = month_of(parts["name"]) if parts["name"] else int(parts["month"] or parts["month2"])
    day = 1 if parts["first"] else int(parts["day"] or parts["day2"] or parts["day3"])
    try:
        return datetime.date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None


def amounts_in(text: str) -> Iterator[tuple[int, int, Amount]]:
    """Where amounts of money stand in ``text``: a number before a currency."""
    plain = convert_digits(text)
    for found in _AMOUNT.finditer(plain):
        unit = _unit().match(plain, found.end())
        if unit:
            yield found.start(), unit.end(), Amount(_value(found["number"]), unit["unit"])


def read_amount(text: str) -> Amount | None:
    """The amount that ``text`` is, with its currency or without."""
    plain = convert_digits(text.strip())
    found = _AMOUNT.match(plain)
    if found is None:
        return None
    unit = _unit().match(plain, found.end())
    end = unit.end() if unit else found.end()
    return Amount(_value(found["number"]), unit["unit"] if unit else "") if end == len(plain) else None


def write_amount(amount: Amount, language: str) -> str:
    """``1 500,50 dirhams``; the currency as it was written."""
    data = _data()[language]
    whole, _, part = f"{amount.value:.2f}".partition(".")
    groups = f"{int(whole):,}".replace(",", data["group"])
    number = groups if part == "00" else f"{groups}{data['point']}{part}"
    return f"{number}\u00a0{amount.unit}" if amount.unit else number


def _value(written: str) -> Decimal:
    """The number; a sign before three digits groups, before one or two it is the point."""
    part = re.search(r"[.,٫](\d{1,2})\Z", written)
    whole = written[: part.start()] if part else written
    return Decimal("".join(filter(str.isdigit, whole)) + (f".{part[1]}" if part else ""))
