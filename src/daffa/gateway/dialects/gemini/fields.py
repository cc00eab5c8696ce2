"""Read a Gemini body field by field, as Google reads it; what nobody took is refused by its name. Knows no meaning.

Google reads each name in two spellings (``systemInstruction``, ``system_instruction``), a single object where an array is
meant, and whole numbers written as text or with ``.0`` (JSON mapping of Protocol Buffers). So does this. ``null`` says nothing.
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

import msgspec

from daffa.errors import Invalid

from ...conversation import NotCarried

__all__ = ["COUNTING_NAME", "NAME", "UNREADABLE", "Fields", "camel", "resource"]

NAME = "gemini"
"""The protocol of everything under ``/v1beta/models``."""

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What the decoder raises on bytes from outside."""

COUNTING_NAME = "gemini_count"
"""The part of it that counts tokens."""

Kind = TypeVar("Kind")

_OTHERS = f"≠ {NAME}"
_LARGEST = 2**53
_decode = msgspec.json.Decoder().decode


def camel(name: str) -> str:
    """A field's name as Google writes it in JSON."""
    if "_" not in name:
        return name
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def resource(model: str) -> str:
    """The name of a model as Google's paths have it."""
    return model if "/" in model else f"models/{model}"


class Fields:
    """The fields of one object, by their camelCase names. Each is taken once; ``end`` refuses the rest.

    Args:
        value: the object; anything else is ``Invalid``.
        path: where it stands, such as ``contents[0].parts[1]``; empty for the body.
        left_out: where fields are noted that are lost without harm; one list for a body.
    """

    __slots__ = ("_left_out", "_said", "path")

    def __init__(self, value: Any, path: str, left_out: list[str]) -> None:
        if not isinstance(value, dict):
            raise Invalid("invalid_request_field", field=path or "body", expected="an object")
        self.path = path
        self._left_out = left_out
        self._said: dict[str, Any] = {}
        for spelled, item in value.items():
            name = camel(spelled)
            if name in self._said:
                # Which of the two Google would read is written nowhere: nobody may be shown another than the other.
                raise self.wrong(spelled, f"to be said once, as {name}")
            self._said[name] = item

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """The fields of a body. Raises ``Invalid``."""
        try:
            return cls(_decode(raw), "", [])
        except UNREADABLE as error:
            raise Invalid("invalid_json", reason=str(error)) from error

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, expected: str) -> Invalid:
        """The error that says what a field should have been."""
        return Invalid("invalid_request_field", field=self.at(name), expected=expected)

    def not_carried(self, name: str) -> NotCarried:
        """The error that says that a field cannot be taken to another protocol."""
        return NotCarried(self.at(name), _OTHERS)

    @property
    def untaken(self) -> frozenset[str]:
        """The fields that say something and that nobody took so far."""
        return frozenset(name for name, value in self._said.items() if value is not None)

    def take(self, name: str) -> Any:
        """A field of any type; None where it is not said."""
        return self._said.pop(name, None)

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
        return self._of(name, str, "a string")

    def said(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise self.wrong(name, "to be present")
        return value

    def flag(self, name: str) -> bool | None:
        """True or false."""
        return self._of(name, bool, "true or false")

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise self.wrong(name, "a number")
        return value

    def whole(self, name: str, least: int = -_LARGEST) -> int | None:
        """A whole number, however it is written."""
        value = self.take(name)
        if isinstance(value, str) and len(value) < 20 and value.removeprefix("-").isdecimal():
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST):
            raise self.wrong(name, "a whole number" if least < 0 else f"a whole number of at least {least}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings; empty where it is not said."""
        value = self._of(name, list, "an array of strings") or []
        if not all(isinstance(text, str) for text in value):
            raise self.wrong(name, "an array of strings")
        return tuple(value)

    def plain(self, name: str) -> dict[str, Any] | None:
        """An object that is carried as it is."""
        return self._of(name, dict, "an object")

    def inner(self, name: str) -> Self | None:
        """An object, to be read like this one."""
        value = self.take(name)
        return None if value is None else self.deeper(name, value)

    def deeper(self, name: str, value: Any) -> Self:
        """``value``, which stands at ``name``, to be read like this one."""
        return type(self)(value, self.at(name), self._left_out)

    def rows(self, name: str) -> list[Self]:
        """An array of objects; one object stands for an array of one."""
        value = self.take(name)
        if isinstance(value, dict):
            return [self.deeper(name, value)]
        if value is not None and not isinstance(value, list):
            raise self.wrong(name, "an array of objects")
        return [self.deeper(f"{name}[{at}]", each) for at, each in enumerate(value or ())]

    def end(self) -> tuple[str, ...]:
        """What was left out so far. Raises ``NotCarried`` for a field that nobody took."""
        for name, value in self._said.items():
            if value is not None:
                raise self.not_carried(name)
        return tuple(self._left_out)

    def _of(self, name: str, kind: type[Kind], expected: str) -> Kind | None:
        value = self.take(name)
        if value is not None and not isinstance(value, kind):
            raise self.wrong(name, expected)
        return value
