"""A request's JSON, taken apart field by field: what nobody takes is refused by name. Knows no field of the protocol.

``null`` counts as not said.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from daffa.errors import Invalid

from ...conversation import NotCarried
from ..fields import UNREADABLE

__all__ = ["DEEPEST", "OTHERS", "UNREADABLE", "Fields", "decoded", "invalid"]

Kind = TypeVar("Kind")

OTHERS = "≠ anthropic"
"""The protocols that cannot say what this one alone can."""

DEEPEST = 3
"""Levels of blocks in blocks that are looked into: a document in a tool's result has two."""

_NAMES: dict[Any, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_decode = msgspec.json.Decoder().decode


class Fields:
    """One object of a request. Raises ``Invalid`` where ``value`` is none.

    Args:
        value: as decoded.
        path: where it stands, such as ``messages[2].content[0]``; empty for the body.
    """

    __slots__ = ("_left", "path")

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise _expected(path or "body", "an object")
        self._left: dict[str, Any] = {name: inner for name, inner in value.items() if inner is not None}
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str, kind: type[Kind]) -> Kind | None:
        """A field, ``None`` where it was not said. Raises ``Invalid`` where it is no ``kind``."""
        value = self._left.pop(name, None)
        if value is None or _is(value, kind):
            return value  # type: ignore[no-any-return]
        raise _expected(self.at(name), _NAMES[kind])

    def need(self, name: str, kind: type[Kind]) -> Kind:
        """A field that must be there. Raises ``Invalid``."""
        value = self.take(name, kind)
        if value is None:
            raise _expected(self.at(name), "to be present")
        return value

    def any(self, name: str) -> Any:
        """A field of any kind, ``None`` where it was not said."""
        return self._left.pop(name, None)

    def inner(self, name: str) -> Fields | None:
        """A field that is an object itself."""
        return Fields(value, self.at(name)) if (value := self.any(name)) is not None else None

    def rows(self, name: str) -> list[Fields]:
        """A field that is a list of objects; empty where it was not said."""
        rows: list[Any] = self.take(name, list) or []
        return [Fields(row, f"{self.at(name)}[{index}]") for index, row in enumerate(rows)]

    def leave(self, *names: str) -> list[str]:
        """Those of ``names`` that were said, by path: known, and without harm to the answer."""
        return [self.at(name) for name in names if self._left.pop(name, None) is not None]

    def refuse(self, name: str) -> NotCarried:
        """The error about a field that nothing but this protocol can say."""
        return NotCarried(self.at(name), OTHERS)

    def done(self) -> None:
        """All that can be taken was taken. Raises ``NotCarried`` naming the first field that is left."""
        for name in self._left:
            raise self.refuse(name[:80])


def decoded(raw: bytes) -> Any:
    """``raw`` as JSON; of a key that is given twice the last counts. Raises ``Invalid``."""
    try:
        return _decode(raw)
    except UNREADABLE as error:
        raise Invalid("invalid_json", reason=str(error)) from error


def invalid(error: msgspec.ValidationError) -> Invalid:
    """What msgspec says, «Expected `int`, got `str` - at `$.a[0].b`», as an error of ours."""
    said, _, path = str(error).partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if "missing required field" in said:
        missing = said.split("`")[1]
        return _expected(f"{field}.{missing}" if field else missing, "to be present")
    return _expected(field or "body", said.removeprefix("Expected ").replace("`", ""))


def _expected(field: str, expected: str) -> Invalid:
    return Invalid("invalid_request_field", field=field, expected=expected)


def _is(value: Any, kind: Any) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
