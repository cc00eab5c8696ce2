"""What a tool of a pack is written with: ``Tool``, ``At``, ``asked``. Loaded in the sandbox; knows no file and no process."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import msgspec

from daffa.errors import Invalid

from .parameters import Parameters
from .result import Result, Used, Value

__all__ = ["At", "Tool", "asked", "described"]


T = TypeVar("T")


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A pure function over what is asked and a day.

    Attributes:
        name: ``a-z 0-9 _``.
        title: what it computes, in fr, ar and en.
        input: a ``msgspec.Struct`` of what it is asked; no field named ``day``.
        run: ``run(question, at) -> Result``.
        cues: by language, words by which a question asks for it.
    """

    name: str
    title: dict[str, str]
    input: type[Any]
    run: Callable[[Any, At], Result]
    cues: dict[str, tuple[str, ...]] = {}


def asked(fr: str, ar: str, en: str, *, words: Sequence[str] = (), **limits: Any) -> msgspec.Meta:
    """What a field of a tool's input is called in each language, with limits as of ``msgspec.Meta``.

    ``words``: of any language, by which people say it otherwise: what a number counts («enfants», «دراري»), or that it is so.
    """
    extra: dict[str, Any] = {"x-title": {"fr": fr, "ar": ar, "en": en}}
    if words:
        extra["x-words"] = list(words)
    return msgspec.Meta(description=en, extra_json_schema=extra, **limits)


class At:
    """The day and the language of a question, and the figures of that day; notes each figure that is taken."""

    def __init__(self, parameters: Parameters, day: datetime.date, language: str) -> None:
        self.day = day
        self.language = language
        self._parameters = parameters
        self._used: dict[tuple[str, str], Used] = {}

    def value(self, name: str) -> Value:
        """The figure ``name`` as it is written. Raises ``Invalid`` (``parameter_not_valid``) outside its span."""
        return self.on(name, self.day)

    def on(self, name: str, day: datetime.date) -> Value:
        """The same, on another day."""
        held = self._parameters.on(name, day)
        parameter = self._parameters[name]
        since = str(held.since)
        self._used[name, since] = Used(
            name=name,
            value=held.value,
            since=since,
            reference=held.reference,
            title=self.say(**parameter.title),
            unit=parameter.unit,
            source=held.source,
            url=held.url,
        )
        return held.value

    def number(self, name: str) -> float:
        """The figure ``name``, which is a number."""
        return _kind(self.value(name), float, name)

    def rows(self, name: str) -> list[list[float]]:
        """The figure ``name``, which is a list of lists of numbers."""
        return [_kind(row, list, name) for row in _kind(self.value(name), list, name)]

    def table(self, name: str) -> dict[str, float]:
        """The figure ``name``, which is a table of numbers."""
        return _kind(self.value(name), dict, name)

    def say(self, fr: str, ar: str, en: str = "", zgh: str = "") -> str:
        """The words of the asker's language; French where they have none."""
        return {"fr": fr, "ar": ar, "en": en, "zgh": zgh}.get(self.language) or fr

    def result(self, value: float | str | Sequence[str], unit: str, steps: Sequence[str], warning: str = "") -> Result:
        """The answer, with every figure that was taken on the way."""
        return Result(
            value=value if isinstance(value, (int, float, str)) else list(value),
            unit=unit,
            steps=list(steps),
            used=list(self._used.values()),
            valid_on=str(self.day),
            warning=warning,
        )

    def refuse(self, field: str, expected: str, got: object) -> NoReturn:
        """End the call: what was given cannot be answered."""
        raise Invalid("invalid_field", field=field, expected=expected, got=str(got))


def _kind(value: Any, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"the parameter {name} is no {kind.__name__}")
    return value


def described(tool: Tool) -> Mapping[str, Any]:
    """The tool for whoever chooses and calls one: name, title, cues, and the JSON Schema of its arguments."""
    whole = msgspec.json.schema(tool.input)
    parts = dict(whole.get("$defs", {}))
    schema = dict(parts.pop(whole["$ref"].rpartition("/")[2])) if "$ref" in whole else whole
    for word in ("title", "description"):
        schema.pop(word, None)
    schema["properties"] = {
        **schema.get("properties", {}),
        "day": {"type": "string", "format": "date", "description": "the day asked about; today if it is not given"},
    }
    schema["additionalProperties"] = False
    if parts:
        schema["$defs"] = parts
    return {"name": tool.name, "title": tool.title, "cues": tool.cues, "schema": schema}
