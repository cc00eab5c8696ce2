"""Plain data from JSON or TOML, read field by field. Total: what does not fit is ``Invalid`` with the field's name.

Knows types and limits only; what a question or a law is made of stands in the files that use it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from daffa.errors import Invalid

__all__ = ["choice", "instant", "items", "number", "record", "text", "truth", "wrong"]

K = TypeVar("K", bound=StrEnum)
T = TypeVar("T")

LONGEST, MOST = 200, 1000
LAST_INSTANT = 10**12 - 1


def wrong(field: str, expected: str, got: object) -> NoReturn:
    """Raise ``Invalid`` (``invalid_field``) for ``field``; what was got is shown short."""
    shown = got if isinstance(got, str) else repr(got)
    raise Invalid("invalid_field", field=field, expected=expected, got=shown[:80])


def record(
    data: Any, field: str, required: Collection[str], optional: Collection[str] = (), top: bool = False
) -> Mapping[str, Any]:
    """An object with all of ``required`` and nothing beyond ``optional``: a misspelt name is an error, not a default.

    Errors name what is in it as ``field.name``; as ``name`` alone where it is the ``top``.
    """
    prefix = "" if top else f"{field}."
    if not isinstance(data, Mapping):
        wrong(field, "an object", data)
    for name in data:
        if name not in required and name not in optional:
            wrong(f"{prefix}{name}"[:LONGEST], " | ".join((*required, *optional)), name)
    for name in required:
        if name not in data:
            wrong(f"{prefix}{name}", "a value", "nothing")
    return data


def text(data: Any, field: str, empty: bool = False, longest: int = LONGEST) -> str:
    """A string of 1 to ``longest`` characters that UTF-8 can carry, none of them a control (of none too where ``empty``)."""
    if not isinstance(data, str) or len(data) > longest or not (data.strip() or (empty and not data)):
        wrong(field, f"a text of 1 to {longest} characters", data)
    if not data.isprintable() and any(unicodedata.category(sign) in ("Cc", "Cs") for sign in data):
        wrong(field, "a text without control characters", ascii(data))
    return data


def choice(kind: type[K], data: Any, field: str) -> K:
    """A word of a closed list."""
    try:
        return kind(data)
    except ValueError:
        wrong(field, " | ".join(kind), data)


def items(one: Callable[[Any, str], T], data: Any, field: str) -> frozenset[T]:
    """A list (at most 1000), read item by item with ``one(item, field)``."""
    if not isinstance(data, list | tuple) or len(data) > MOST:
        wrong(field, f"a list of at most {MOST}", data)
    return frozenset(one(item, field) for item in data)


def number(data: Any, field: str, lowest: int, highest: int) -> int:
    """A whole number between both bounds. ``True`` is no number."""
    if type(data) is not int or not lowest <= data <= highest:
        wrong(field, f"{lowest} to {highest}", data)
    return data


def truth(data: Any, field: str) -> bool:
    """``true`` or ``false``, nothing that only looks like it."""
    if type(data) is not bool:
        wrong(field, "true or false", data)
    return data


def instant(data: Any, field: str) -> int:
    """Unix seconds (UTC): a number, a date and time (UTC where it names no zone), or a date, which lasts until its midnight."""
    try:
        seconds = _seconds(data)
    except (ValueError, OverflowError):
        seconds = None
    if type(seconds) is not int or not 0 <= seconds <= LAST_INSTANT:
        wrong(field, "Unix seconds (UTC) or an ISO 8601 date", data)
    return seconds


def _seconds(data: Any) -> Any:
    if isinstance(data, str):
        data = date.fromisoformat(data) if len(data) <= len("2026-01-01") else datetime.fromisoformat(data)
    if isinstance(data, datetime):
        return int((data if data.tzinfo else data.replace(tzinfo=UTC)).timestamp())
    if isinstance(data, date):
        return int((datetime.combine(data, time(), UTC) + timedelta(days=1)).timestamp())
    return data
