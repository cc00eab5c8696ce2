"""What a tool of a pack answers: a value, how it was worked out, and the law that each figure comes from. Knows no tool."""

from __future__ import annotations

import msgspec

__all__ = ["Result", "Used", "Value"]

Value = float | list[float | list[float]] | dict[str, float]
"""What a dated figure is: a number, a list of numbers or of rows of numbers, a table of numbers by name."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A dated figure that a result rests on.

    Attributes:
        name, title, unit: of the parameter; the title in the language asked for.
        value: on that day.
        since: its first day (ISO date).
        reference: the article; ``source``: id of the pack's source; ``url``: where it can be read, or empty.
    """

    name: str
    value: Value
    since: str
    reference: str
    title: str = ""
    unit: str = ""
    source: str = ""
    url: str = ""


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
