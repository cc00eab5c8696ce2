"""What a question gives a tool: its numbers, dates and words, by the tool's own schema. Pure; guesses nothing.

A number goes to the field whose unit or name stands beside it; a lone number to the lone field that must have one. What a
question says and no argument took is told by ``unused``: a value that leaves it out is not the answer.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from .checks import Number, month_of, numbers_of
from .wording import Phrases, Word, bare_forms, key_of, load, words_of

__all__ = ["Means", "choices_of", "missing_fields", "read_arguments", "read_date", "said_alone", "title_of", "unused"]

_NUMERIC = ("integer", "number")
_BESIDE = 4  # words between a number and the name of what it is
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)", re.ASCII)
_WITH_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?:er)?\s+([^\W\d_]+)\s+(\d{4})(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_FRACTION = re.compile(r"\d+/\d+")
_MOST_DIGITS = 15  # of a number that is told to a tool
_EMPTY_WORDS = 3
_JOINS = ("", "et", "و", "and", "w", "u")

Means = Callable[[str, Sequence[str]], bool]
"""Whether a question speaks of a word, which is one of several that may be chosen; all in English."""


def read_arguments(schema: Mapping[str, Any], question: str, means: Means) -> dict[str, Any]:
    """The arguments that ``question`` gives; ``means`` says whether it speaks of an option (in English) of several."""
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
        elif field.get("type") == "boolean" and _so(field, question):
            given[name] = True
    numeric = {name: field for name, field in fields.items() if _numeric(field)}
    given |= _numbers(numeric, schema.get("required", ()), question, dated=day is not None)
    return given


def unused(schema: Mapping[str, Any], given: Mapping[str, Any], question: str, year: int = 0) -> list[str]:
    """What ``question`` counts and ``given`` has not, in its own words: «2 enfants», «femme».

    Numbers (no date or number of a text, and no year unless the answer is for another ``year``), and what a field counts where
    no number stands with it.
    """
    figures = _figures(given)
    numbers = [number for number in numbers_of(question) if _value(number) is not None or _is_fraction(number, question)]
    left: list[tuple[int, int]] = []
    for number in numbers:
        negative = _is_negative(number, question)
        fitting = None if negative else next((figure for figure in figures if _reads(number, figure)), None)
        if fitting is not None:
            figures.remove(fitting)
        elif not _in_date(number, question) and not _names_something(number, question, year):
            left.append((number.start - negative, _end_of(number, question)))
    for name, field in schema.get("properties", {}).items():
        left += _uncounted(field, given.get(name), numbers, question)
    return list(dict.fromkeys(question[start:end].strip() for start, end in sorted(left)))


def missing_fields(schema: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The fields that a tool must have and was not given."""
    return [name for name in schema.get("required", ()) if name not in given]


def said_alone(schema: Mapping[str, Any], given: Mapping[str, Any], question: str, means: Means) -> dict[str, Any]:
    """``given`` without what nobody but the question may choose and it does not: a month's pay or a year's."""
    fields = schema.get("properties", {})
    return {
        name: value
        for name, value in given.items()
        if not _all_known(fields.get(name, {})) or value == _option(fields[name], question, means)
    }


def choices_of(schema: Mapping[str, Any], field: str, *languages: str) -> list[str]:
    """How the words that a field may be are said in the first of ``languages`` that says them; as they are where none does."""
    options = [str(option) for option in schema.get("properties", {}).get(field, {}).get("enum", ())]
    known = [load("fields")["choices"].get(option, {}) for option in options]
    return [
        next((said[language] for language in languages if language in said), option)
        for option, said in zip(options, known, strict=True)
    ]


def _all_known(field: Mapping[str, Any]) -> bool:
    options = field.get("enum", ())
    return bool(options) and all(option in _option_words() for option in options)


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


def _option(field: Mapping[str, Any], question: str, means: Means) -> str | None:
    """The word of a closed list that a question names; None where it names none or several."""
    keys = f" {key_of(question)} "
    words = _option_words()
    options = [option for option in field.get("enum", ()) if isinstance(option, str)]
    named = [option for option in options if option not in words and f" {key_of(option.replace('_', ' '))} " in keys]
    if named:  # «sandy loam» names neither sand nor loam
        return max(named, key=len)
    plain = [option.replace("_", " ") for option in options]
    named = [
        option
        for option, word in zip(options, plain, strict=True)
        if (words[option].any(keys.strip()) if option in words else means(word, plain))
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


def _so(field: Mapping[str, Any], question: str) -> bool:
    """Whether the words of a field that is true or false stand in a question, and nothing that denies before them."""
    words = key_of(question).split()
    bare = [word.removeprefix("و") for word in words]  # «وباهم ميت»
    phrases, denies = Phrases(field.get("x-words", ())), _apart()["denies"]
    found = [first for keys in (words, bare) for first, _ in phrases.find(" ".join(keys))]
    return bool(found) and not any(denies & set(words[max(first - 2, 0) : first]) for first in found)


@cache
def _apart() -> dict[str, frozenset[str]]:
    data = load("fields")
    tables = {**data["apart"], **data["one"]}
    return {name: frozenset(map(key_of, words)) for name, words in tables.items()}


def _figures(given: Mapping[str, Any]) -> list[float]:
    """The numbers of arguments, and how many each list has."""
    found: list[float] = []
    for value in given.values():
        found += [float(len(value))] if isinstance(value, list) else []
        parts = value if isinstance(value, list) else [value]
        found += [float(part) for part in parts if isinstance(part, (int, float)) and not isinstance(part, bool)]
    return found


def _reads(number: Number, figure: float) -> bool:
    return any(float(reading) == figure for reading in number.readings if _PLAIN.fullmatch(reading))


def _is_fraction(number: Number, text: str) -> bool:
    """Whether a number is written as «3/4», which no tool is told."""
    return bool(_FRACTION.fullmatch(text[number.start : number.end]))


def _is_negative(number: Number, text: str) -> bool:
    """Whether a number is below zero: «-5», not «3-5», nor an item of a list."""
    return text[max(number.start - 2, 0) : number.start] in (" -", " −", "\u00a0-", "\u00a0−")


def _names_something(number: Number, text: str, year: int) -> bool:
    """Whether a number is a year that the answer is for, or that of an article or a law."""
    before = [word.key for word in words_of(text) if word.end <= number.start][-1:]
    if _apart()["numbering"] & set(before):
        return True
    years = [reading for reading in number.readings if _YEAR.fullmatch(reading)]
    return bool(years) and not number.unit and (not year or str(year) in years)


def _end_of(number: Number, text: str) -> int:
    """The end of a number with the word behind it, unless something parts them."""
    behind = next((word for word in words_of(text) if word.start >= number.end), None)
    return behind.end if behind and not text[number.end : behind.start].strip(" \u00a0\u202f%") else number.end


def _counted(field: Mapping[str, Any], question: str) -> list[Word]:
    """Where a question says what a field counts."""
    names = frozenset(map(key_of, field.get("x-words", ())))
    return [word for word in words_of(question) if names.intersection(bare_forms(word.key))]


def _uncounted(field: Mapping[str, Any], value: object, numbers: list[Number], text: str) -> list[tuple[int, int]]:
    """The words for what a field counts that no number stands with: the field does not know how many they are."""
    if not _numeric(field):
        return []
    words = words_of(text)
    counted = _counted(field, text)
    beside = [word for word in counted if any(_near(number, word, words) for number in numbers if not number.unit)]
    left = [word for word in counted if word not in beside]
    if not beside and len(left) == 1 and value == 1:
        return []
    return [(word.start, word.end) for word in left]


def _near(number: Number, word: Word, words: list[Word]) -> bool:
    between = [each for each in words if number.end <= each.start < word.start]
    return number.start <= word.start < number.end or (word.start >= number.end and len(between) <= 1)


def _one(field: Mapping[str, Any], question: str) -> bool:
    """Whether a question speaks of one of what a field counts: «un enfant», «ولد واحد»."""
    words, counted = words_of(question), _counted(field, question)
    if len(counted) != 1:
        return False
    place = words.index(counted[0])
    before, behind = words[max(place - 1, 0) : place], words[place + 1 : place + 2]
    apart = _apart()
    return any(word.key in apart["before"] for word in before) or any(word.key in apart["behind"] for word in behind)


def _numbers(fields: Mapping[str, Mapping[str, Any]], required: Iterable[str], question: str, *, dated: bool) -> dict[str, Any]:
    """Which number goes to which field."""
    left = [number for number in _joined(numbers_of(question), question) if _value(number) is not None]
    left = [number for number in left if not _is_negative(number, question)]
    if dated:
        left = [number for number in left if not _in_date(number, question)]
    given: dict[str, Any] = {}
    for name, field in fields.items():
        unit = _unit_of(field)
        fitting = [number for number in left if number.unit == unit] if unit else []
        fitting.sort(key=lambda number: not _beside(number, field, question))
        fitting = fitting or [number for number in left if (not unit or not number.unit) and _beside(number, field, question)]
        fitting = _counting(field, left, question) or fitting
        if fitting and field.get("type") == "array":
            given[name] = [_as(field["items"], number) for number in fitting]
            left = [number for number in left if number not in fitting]
        elif fitting:
            given[name] = _as(field, fitting[0])
            left.remove(fitting[0])
        elif field.get("type") == "integer" and _one(field, question):
            given[name] = 1
    wanting = [name for name in required if name in fields and name not in given]
    left = [number for number in left if not _names_something(number, question, 0)]
    if len(wanting) == 1 and len(left) == 1 and _may(fields[wanting[0]], left[0]):
        given[wanting[0]] = _as(fields[wanting[0]], left[0])
    return given


def _counting(field: Mapping[str, Any], numbers: list[Number], question: str) -> list[Number]:
    """The numbers that stand before the words for what a field counts."""
    words = words_of(question)
    counted = _counted(field, question)
    return [number for number in numbers if not number.unit and any(_near(number, word, words) for word in counted)]


def _may(field: Mapping[str, Any], number: Number) -> bool:
    unit = _unit_of(field)
    return not number.unit or not unit or unit == number.unit


def _joined(numbers: list[Number], text: str) -> list[Number]:
    """Numbers of a row have the unit of the last one («8 et 5 ans»), or that which is said before it («âgés de 8 et 5»)."""
    said = [_said_before(number, numbers, text) for number in numbers]
    found = [number if number.unit else number._replace(unit=unit) for number, unit in zip(numbers, said, strict=True)]
    for place in range(1, len(found)):
        between = key_of(text[found[place - 1].end : found[place].start])
        if not found[place].unit and between in _JOINS and said[place - 1]:
            said[place] = said[place - 1]
            found[place] = found[place]._replace(unit=said[place])
    for place in range(len(found) - 2, -1, -1):
        between = key_of(text[found[place].end : found[place + 1].start])
        if not found[place].unit and found[place + 1].unit and between in _JOINS:
            found[place] = found[place]._replace(unit=found[place + 1].unit)
    return found


def _said_before(number: Number, numbers: Sequence[Number], text: str) -> str:
    """The unit that a word before a number says: «âgés de 8», «أعمارهم 8»; not that of another number («9 dirhams et 8»)."""
    since = max((other.end for other in numbers if other.end <= number.start and other.unit), default=0)
    words = words_of(text)
    taken = next((word.end for word in words if since and word.start >= since), 0)
    before = [word for word in words if taken <= word.start and word.end <= number.start][-2:]
    return next((_field_units()[form] for word in before for form in bare_forms(word.key) if form in _field_units()), "")


def _in_date(number: Number, text: str) -> bool:
    return any(
        found.start() <= number.start < found.end()
        for pattern in (_ISO, _DAY_FIRST, _WITH_MONTH)
        for found in pattern.finditer(text)
    )


def _value(number: Number) -> float | None:
    """The one plain value of a number; None where it is a date, a month, the number of a law or too long for a figure."""
    plain = [reading for reading in number.readings if len(reading) <= _MOST_DIGITS and _PLAIN.fullmatch(reading)]
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
