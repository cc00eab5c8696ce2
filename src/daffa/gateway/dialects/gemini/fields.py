"""Read a Gemini body field by field, as Google reads it; what nobody took is refused by its name. Knows no meaning.

Google reads each name in two spellings (``systemInstruction``, ``system_instruction``), a single object where an array is
meant, and whole numbers written as text or with ``.0`` (JSON mapping of Protocol Buffers). So does this. ``null`` says nothing.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

from daffa.errors import Invalid

from ..fields import LARGEST, UNREADABLE
from ..fields import Fields as AnyFields

__all__ = ["COUNTING_NAME", "NAME", "UNREADABLE", "Fields", "camel", "resource"]

NAME = "gemini"
"""The protocol of everything under ``/v1beta/models``."""

COUNTING_NAME = "gemini_count"
"""The part of it that counts tokens."""

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


class Fields(AnyFields):
    """The fields of one object, by their camelCase names; ``AnyFields`` says the rest."""

    def __init__(self, value: Any, path: str, dialect: str, left_out: list[str]) -> None:
        super().__init__(value, path, dialect, left_out)
        spelled, self._value = self._value, {}
        for name, item in spelled.items():
            if camel(name) in self._value:
                # Which of the two Google would read is written nowhere: nobody may be shown another than the other.
                raise self.wrong(name, f"to be said once, as {camel(name)}")
            self._value[camel(name)] = item

    @classmethod
    def of(cls, raw: bytes, dialect: str = f"≠ {NAME}") -> Self:
        """The fields of a body, however deep it nests: its bytes may pass as they are. Raises ``Invalid``."""
        try:
            return cls(_decode(raw), "", dialect, [])
        except UNREADABLE as error:
            raise Invalid("invalid_json", reason=str(error)) from error

    @property
    def untaken(self) -> frozenset[str]:
        """The fields that say something and that nobody took so far."""
        return frozenset(name for name, value in self._value.items() if value is not None)

    def whole(self, name: str, least: int = -LARGEST) -> int | None:
        """A whole number, however it is written."""
        value = self._value.get(name)
        if isinstance(value, str) and len(value) < 20 and value.removeprefix("-").isdecimal():
            self._value[name] = int(value)
        if isinstance(value, float) and value.is_integer():
            self._value[name] = int(value)
        return super().whole(name, least)

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings; empty where it is not said."""
        if isinstance(self._value.get(name), str):
            raise self.wrong(name, "an array of strings")
        return super().texts(name)

    def rows(self, name: str) -> list[Self]:
        """An array of objects; one object stands for an array of one."""
        if isinstance(self._value.get(name), dict):
            return [self.deeper(name, self.take(name))]
        return super().rows(name)
