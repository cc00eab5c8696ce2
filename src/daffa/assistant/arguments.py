"""What a question gives a tool: its numbers, dates and words, by the tool's own schema. Pure; guesses nothing.

A number goes to the field whose unit or name stands beside it; a lone number to the lone field that must have one.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from .checks import Number, month_of, numbers_of
from .wording import Phrases, bare_forms, key_of, load, words_of

__all__ = ["missing_fields", "read_arguments", "read_date", "title_of"]

_NUMERIC = ("integer", "number")
_BESIDE = 4  # words between a number and the name of what it is
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)", re.ASCII)
_WITH_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?:er)?\s+([^\W\d_]+)\s+(\d{4})(?!\d)")
_EMPTY_WORDS = 3
_JOINS = ("", "et", "و", "and", "w", "u")


def read_arguments(schema: Mapping[str, Any], question: str, means: Callable[[str], bool]) -> dict[str, Any]:
    """The arguments that ``question`` gives; ``means`` says whether it speaks of a word (of an option, in English)."""
    fields: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    given: dict[str, Any] = {}
    day = read_date(question)
    dates = [name for name, field in fields.items() if field.get("format") == "date" and name != "day"]
    if day is not None and len(dates) == 1:
        given[dates[0]] = day.isoformat()
    for name, field in fields.items():
        chosen = _option(field, question, means)
        if chosen is not None:
            given[name] = chosen
    numeric = {name: field for name, field in fields.items() if _numeric(field)}
    given |= _numbers(numeric, schema.get("required", ()), question, dated=day is not None)
    return given


def missing_fields(schema: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The fields that a tool must have and was not given."""
    return [name for name in schema.get("required", ()) if name not in given]


def title_of(schema: Mapping[str, Any], field: str, language: str) -> str:
    """What a field is called."""
    described = schema.get("properties", {}).get(field, {})
    titles = described.get("x-title", {})
    return str(titles.get(language) or titles.get("fr") or described.get("description") or field)


def read_date(text: str) -> datetime.date | None:
    """The date that ``text`` has, in figures or with the name of its month; None where it has none or several."""
    found = {date for date in _dates(text) if date is not None}
    return found.pop() if len(found) == 1 else None


def _dates(text: str) -> Iterable[datetime.date | None]:
    yield from (_date(year, month, day) for year, month, day in _ISO.findall(text))
    yield from (_date(year, month, day) for day, month, year in _DAY_FIRST.findall(text))
    for day, name, year in _WITH_MONTH.findall(text):
        month = month_of(name)
        if month:
            yield _date(year, month, day)


def _date(year: str, month: str | int, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _numeric(field: Mapping[str, Any]) -> bool:
    return field.get("type") in _NUMERIC or (field.get("type") == "array" and field.get("items", {}).get("type") in _NUMERIC)


@cache
def _option_words() -> dict[str, Phrases]:
    return {option: Phrases(phrases) for option, phrases in load("fields")["options"].items()}


def _option(field: Mapping[str, Any], question: str, means: Callable[[str], bool]) -> str | None:
    """The word of a closed list that a question names; None where it names none or several."""
    keys = key_of(question)
    words = _option_words()
    named = [
        option
        for option in field.get("enum", ())
        if isinstance(option, str)
        and (words[option].any(keys) if option in words else key_of(option) in keys.split() or means(option.replace("_", " ")))
    ]
    return named[0] if len(named) == 1 else None


@cache
def _field_units() -> dict[str, str]:
    return {key_of(word): unit for unit, words in load("fields")["units"].items() for word in words}


def _unit_of(field: Mapping[str, Any]) -> str:
    """The unit that a field's own name says."""
    units = _field_units()
    for title in field.get("x-title", {}).values():
        for word in words_of(title):
            unit = next((units[form] for form in bare_forms(word.key) if form in units), "")
            if unit:
                return unit
    return ""


def _numbers(fields: Mapping[str, Mapping[str, Any]], required: Iterable[str], question: str, *, dated: bool) -> dict[str, Any]:
    """Which number goes to which field."""
    left = [number for number in _joined(numbers_of(question), question) if _value(number) is not None]
    if dated:
        left = [number for number in left if not _in_date(number, question)]
    given: dict[str, Any] = {}
    for name, field in fields.items():
        unit = _unit_of(field)
        fitting = [number for number in left if number.unit == unit] if unit else []
        fitting = fitting or [number for number in left if (not unit or not number.unit) and _beside(number, field, question)]
        if fitting and field.get("type") == "array":
            given[name] = [_as(field["items"], number) for number in fitting]
            left = [number for number in left if number not in fitting]
        elif fitting:
            given[name] = _as(field, fitting[0])
            left.remove(fitting[0])
    wanting = [name for name in required if name in fields and name not in given]
    if len(wanting) == 1 and len(left) == 1 and _may(fields[wanting[0]], left[0]):
        given[wanting[0]] = _as(fields[wanting[0]], left[0])
    return given


def _may(field: Mapping[str, Any], number: Number) -> bool:
    unit = _unit_of(field)
    return not number.unit or not unit or unit == number.unit


def _joined(numbers: list[Number], text: str) -> list[Number]:
    """Numbers of a row have the unit of the last one («8 et 5 ans»), or that which is said before it («âgés de 8 et 5»)."""
    found = [number if number.unit else number._replace(unit=_said_before(number, text)) for number in numbers]
    for place in range(1, len(found)):
        between = key_of(text[found[place - 1].end : found[place].start])
        if not found[place].unit and between in _JOINS and _said_before(found[place - 1], text):
            found[place] = found[place]._replace(unit=found[place - 1].unit)
    for place in range(len(found) - 2, -1, -1):
        between = key_of(text[found[place].end : found[place + 1].start])
        if not found[place].unit and found[place + 1].unit and between in _JOINS:
            found[place] = found[place]._replace(unit=found[place + 1].unit)
    return found


def _said_before(number: Number, text: str) -> str:
    """The unit that a word before a number says: «âgés de 8», «أعمارهم 8»."""
    before = [word for word in words_of(text) if word.end <= number.start][-2:]
    return next((_field_units()[form] for word in before for form in bare_forms(word.key) if form in _field_units()), "")


def _in_date(number: Number, text: str) -> bool:
    return any(
        found.start() <= number.start < found.end()
        for pattern in (_ISO, _DAY_FIRST, _WITH_MONTH)
        for found in pattern.finditer(text)
    )


def _value(number: Number) -> float | None:
    """The one plain value of a number; None where it is a date, a month or the number of a law."""
    plain = [reading for reading in number.readings if re.fullmatch(r"\d+(?:\.\d+)?", reading)]
    return max(map(float, plain)) if plain else None


def _as(field: Mapping[str, Any], number: Number) -> float | int:
    value = _value(number) or 0.0
    return int(value) if field.get("type") == "integer" or value == int(value) else value


def _beside(number: Number, field: Mapping[str, Any], question: str) -> bool:
    """Whether a word of a field's name stands near a number."""
    names = {
        form
        for title in field.get("x-title", {}).values()
        for word in words_of(title)
        if len(word.key) > _EMPTY_WORDS or word.key >= "ء"
        for form in bare_forms(word.key)
        if len(form) >= _EMPTY_WORDS
    }
    words = words_of(question)
    behind = [word for word in words if word.start >= number.end][:2]
    before = [word for word in words if word.end <= number.start][-_BESIDE:]
    return any(
        form in names or f"{form}s" in names or form.removesuffix("s") in names
        for word in (*behind, *before)
        for form in bare_forms(word.key)
    )
