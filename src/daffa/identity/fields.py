"""What a field may hold: each function returns the value as it is kept, or raises ``Invalid`` naming the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NoReturn

from daffa.decision import STATES, Label
from daffa.errors import Invalid

from .role import Role

__all__ = ["floor", "instant", "is_id", "name", "region", "roles", "slug"]

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REGION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_LONGEST_NAME, _LONGEST_FLOOR = 200, 1000
_LAST_INSTANT = 253_402_300_799  # the end of the year 9999, the last that dates can be written with


def is_id(value: Any) -> bool:
    """Whether ``value`` could be the id of anything here."""
    return isinstance(value, str) and _SLUG.fullmatch(value) is not None


def slug(field: str, value: Any) -> str:
    """An id: 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end."""
    if not is_id(value):
        _refuse(field, "1 to 63 lower-case letters a-z, digits and hyphens, no hyphen at either end", value)
    return str(value)


def name(field: str, value: Any) -> str:
    """A name in any script, NFC, without surrounding blanks: 1 to 200 characters that can be seen."""
    kept = unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else ""
    if not (kept.isprintable() and 1 <= len(kept) <= _LONGEST_NAME):
        _refuse(field, f"1 to {_LONGEST_NAME} printable characters", value)
    return kept


def region(field: str, value: Any) -> str:
    """An ISO 3166-2 code, or ``""``."""
    match = _REGION.fullmatch(value) if isinstance(value, str) else None
    if value != "" and not (match and match[1] in STATES):
        _refuse(field, "an ISO 3166-2 code such as MA-04, or nothing", value)
    return str(value)


def floor(field: str, value: Any) -> str:
    """The text of a floor, once it is known to read as a label."""
    if not (isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_FLOOR):
        _refuse(field, f"a label of at most {_LONGEST_FLOOR} printable characters", value)
    Label.parse(value)
    return value.strip()


def roles(field: str, values: Any) -> frozenset[Role]:
    """A set of roles, given as roles or as their names."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        _refuse(field, "a list of roles", values)
    known = {str(role): role for role in Role}
    given = list(values)
    for value in given:
        if not isinstance(value, str) or value not in known:
            _refuse(field, " | ".join(known), value)
    return frozenset(known[value] for value in given)


def instant(field: str, value: Any, after: float) -> int | None:
    """An instant (Unix seconds, UTC) later than ``after``, or ``None``."""
    if value is not None and not (type(value) is int and after < value <= _LAST_INSTANT):
        _refuse(field, f"whole Unix seconds (UTC) after {int(after)}", value)
    return value


def _refuse(field: str, expected: str, value: Any) -> NoReturn:
    # repr() escapes what cannot be seen or encoded, so that the error can be shown and logged anywhere.
    raise Invalid("invalid_field", field=field, expected=expected, got=repr(value)[:80])
