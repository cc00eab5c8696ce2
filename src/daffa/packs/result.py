"""What a tool of a pack answers: a value, how it was worked out, and the law that each figure comes from. Knows no tool."""

from __future__ import annotations

import msgspec

__all__ = ["Result", "Used"]


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A dated parameter that a result rests on: its name, its value, since when (ISO date), and its legal source."""

    name: str
    value: float | list[float] | dict[str, float]
    since: str
    reference: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a tool.

    Attributes:
        value, unit: what was asked for; a date is written ISO 8601 with the unit ``date``.
        steps: how it was worked out, a sentence a step, each with its figures, in the language asked for.
        used: the parameters that it rests on.
        valid_on: the day (ISO date) for which it holds.
        warning: what the asker must know besides; empty where nothing.
    """

    value: float | str | list[str]
    unit: str
    steps: list[str]
    used: list[Used]
    valid_on: str
    warning: str = ""
