"""Dated figures with their legal source: what a figure is on a day. Knows no tool and no clock."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from daffa.errors import Invalid, NotFound

from .result import Value

__all__ = ["Dated", "Parameter", "Parameters", "faults"]

_DAY = datetime.timedelta(days=1)


class Dated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """A value from its first day ``since`` to its last, ``until``; without one, to the day before the next, or open."""

    since: datetime.date
    until: datetime.date | None = None
    value: Value
    reference: str
    source: str
    url: str = ""


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"values": "value"}):
    """A figure of the law: its name, unit, title by language, and its values in the order of their days."""

    name: str
    unit: str
    title: dict[str, str]
    values: tuple[Dated, ...]


def faults(parameter: Parameter) -> Iterator[tuple[int, str, str, str]]:
    """What keeps the figure from having exactly one value on each of its days: number of the value, field, expected, got."""
    if not parameter.values:
        yield 0, "value", "at least one", "none"
    for number, value in enumerate(parameter.values):
        if value.until is not None and value.until < value.since:
            yield number, "until", f"{value.since} or later", str(value.until)
        if not all(math.isfinite(one) for one in _numbers(value.value)):
            yield number, "value", "finite numbers", str(value.value)
    for number, (before, after) in enumerate(zip(parameter.values, parameter.values[1:], strict=False), 1):
        if after.since <= before.since:
            yield number, "from", f"later than {before.since}", str(after.since)
        elif before.until is not None and after.since - before.until != _DAY:
            yield number, "from", f"the day after {before.until}", str(after.since)


class Parameters(Mapping[str, Parameter]):
    """The figures of a pack, by name."""

    def __init__(self, parameters: Iterable[Parameter] = ()) -> None:
        """Raises ``Invalid`` where a figure has no value on one of its days, or two."""
        given = tuple(parameters)
        for parameter in given:
            for _, field, expected, got in faults(parameter):
                raise Invalid("invalid_field", field=f"{parameter.name}.{field}", expected=expected, got=got)
        self._by_name = MappingProxyType({parameter.name: parameter for parameter in given})

    def __getitem__(self, name: str) -> Parameter:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def on(self, name: str, day: datetime.date) -> Dated:
        """The value of ``name`` on ``day``.

        Raises ``NotFound`` (``unknown_parameter``), and ``Invalid`` (``parameter_not_valid``, with the known span) for a
        day before its first value or after its last: no figure stands for another year than its own.
        """
        if name not in self._by_name:
            raise NotFound("unknown_parameter", name=name, known=", ".join(sorted(self._by_name)))
        values = self._by_name[name].values
        held = next((value for value in reversed(values) if value.since <= day), None)
        if held is None or (held.until is not None and day > held.until):
            last = values[-1].until
            raise Invalid(
                "parameter_not_valid",
                name=name,
                day=str(day),
                first=str(values[0].since),
                last="…" if last is None else str(last),
            )
        return held


def _numbers(value: Value) -> Iterator[float]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        for one in value:
            yield from one if isinstance(one, list) else (one,)
    else:
        yield value
