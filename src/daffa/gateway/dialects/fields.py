"""Read a client's body field by field; what nobody asked for is refused by its name. Knows no protocol.

``null`` says nothing. Of a key that is given twice the last counts.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

from daffa.errors import Invalid

from ..conversation import NotCarried

__all__ = ["LARGEST", "UNREADABLE", "Fields", "object_text"]

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What the decoder raises on bytes from outside."""

_decode = msgspec.json.Decoder().decode
LARGEST = 2**53
"""The largest whole number that every JSON reader keeps."""

# Levels of a body beyond which it could be read, but no longer be written inside of another one.
_DEEPEST = 200


class Fields:
    """One object of a body. Each field is taken once, by a method that says what it must be; ``end`` refuses the rest.

    Args:
        value: the object; anything else is ``Invalid``.
        path: where it stands, ``messages[0].content[1]``; empty for the body.
        dialect: the protocols that cannot say what is not taken, as ``NotCarried`` names them.
        left_out: where fields are noted that are lost without harm; one list for a body.
    """

    def __init__(self, value: Any, path: str, dialect: str, left_out: list[str]) -> None:
        if not isinstance(value, dict):
            raise Invalid("invalid_request_field", field=path or "body", expected="an object")
        self.path = path
        self._value: dict[str, Any] = dict(value)
        self._dialect = dialect
        self._left_out = left_out

    @classmethod
    def of(cls, raw: bytes, dialect: str) -> Self:
        """The fields of a body. Raises ``Invalid``."""
        try:
            value = _decode(raw)
        except UNREADABLE as error:
            raise Invalid("invalid_json", reason=str(error)) from error
        if _deep(value):
            raise Invalid("invalid_json", reason=f"nested deeper than {_DEEPEST}")
        return cls(value, "", dialect, [])

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, expected: str) -> Invalid:
        """The error that says what a field should have been."""
        return Invalid("invalid_request_field", field=self.at(name), expected=expected)

    def not_carried(self, name: str) -> NotCarried:
        """The error that says that a field cannot be taken to another protocol."""
        return NotCarried(self.at(name), self._dialect)

    def take(self, name: str) -> Any:
        """A field of any type; None where it is not said."""
        return self._value.pop(name, None)

    def skip(self, *names: str) -> None:
        """Fields that are known otherwise."""
        for name in names:
            self.take(name)

    def note(self, name: str) -> None:
        """Report a field as left out."""
        self._left_out.append(self.at(name))

    def leave(self, *names: str) -> None:
        """Fields that are lost without harm, and reported."""
        for name in names:
            if self.take(name) is not None:
                self.note(name)

    def only(self, name: str, *harmless: Any) -> None:
        """A field that changes nothing at one of these values, and cannot be carried at any other."""
        value = self.take(name)
        if value is not None and value not in harmless:
            raise self.not_carried(name)

    def text(self, name: str) -> str | None:
        """A string."""
        value = self.take(name)
        if value is not None and not isinstance(value, str):
            raise self.wrong(name, "str")
        return value

    def said(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise self.wrong(name, "to be present")
        return value

    def word(self, name: str, known: tuple[str, ...]) -> str | None:
        """A string of the protocol's; one that is not in ``known`` cannot be carried."""
        value = self.text(name)
        if value is not None and value not in known:
            raise self.not_carried(name)
        return value

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise self.wrong(name, "float")
        return value

    def whole(self, name: str, least: int = -LARGEST) -> int | None:
        """A whole number."""
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST):
            raise self.wrong(name, "int" if least < 0 else f"int >= {least}")
        return value

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "bool")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A string or an array of strings; empty where it is not said."""
        value = self.take(name)
        listed = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            raise self.wrong(name, "str | array")
        return tuple(listed)

    def plain(self, name: str) -> dict[str, Any] | None:
        """An object that is carried as it is."""
        value = self.take(name)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(name, "object")
        return value

    def inner(self, name: str) -> Self | None:
        """An object, to be read like this one."""
        value = self.take(name)
        return None if value is None else self.deeper(name, value)

    def deeper(self, name: str, value: Any) -> Self:
        """``value``, which stands at ``name``, to be read like this one."""
        return type(self)(value, self.at(name), self._dialect, self._left_out)

    def rows(self, name: str) -> list[Self]:
        """An array of objects; empty where it is not said."""
        value = self.take(name)
        if value is not None and not isinstance(value, list):
            raise self.wrong(name, "array")
        return [self.deeper(f"{name}[{at}]", each) for at, each in enumerate(value or ())]

    def end(self) -> tuple[str, ...]:
        """What was left out so far. Raises ``NotCarried`` for a field that nobody took."""
        for name, value in self._value.items():
            if value is not None:
                raise self.not_carried(name)
        return tuple(self._left_out)


def object_text(text: str) -> bool:
    """Whether ``text`` is that of a JSON object, as the arguments of a call must be."""
    try:
        return isinstance(_decode(text), dict)
    except UNREADABLE:
        return False


def _deep(value: Any) -> bool:
    """Whether arrays and objects nest deeper than is carried."""
    level = [value]
    for _ in range(_DEEPEST):
        if not level:
            return False
        level = [
            inner
            for holder in level
            if isinstance(holder, (dict, list))
            for inner in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(inner, (dict, list))
        ]
    return bool(level)
