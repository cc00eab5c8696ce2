"""Days and months of UTC, and the span that somebody asks about. Pure: knows no clock, log or page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from daffa.errors import Invalid

__all__ = ["ALWAYS", "Period", "day_of", "month_of"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of UTC, from ``first`` to ``last``, both counted; ``""`` where it is open on that side."""

    first: str = ""
    last: str = ""

    @classmethod
    def read(cls, first: str, last: str) -> Period:
        """The period between two days, each as ``2026-11-30`` or empty. Raises ``Invalid`` (``invalid_field``)."""
        for field, text in (("from", first), ("to", last)):
            if text:
                _date(field, text)
        if first and last and first > last:
            raise Invalid("invalid_field", field="to", expected=f"a day not before {first}", got=last)
        return cls(first, last)

    @property
    def since(self) -> float | None:
        """Its first second (Unix seconds)."""
        return _midnight(date.fromisoformat(self.first)) if self.first else None

    @property
    def until(self) -> float | None:
        """The first second after it (Unix seconds)."""
        if not self.last or self.last == date.max.isoformat():
            return None
        return _midnight(date.fromisoformat(self.last) + timedelta(days=1))


ALWAYS = Period()
"""Everything that was ever recorded."""


def day_of(seconds: float) -> str:
    """The day of a time in Unix seconds, ``2026-11-30``."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def month_of(seconds: float) -> str:
    """Its month, ``2026-11``."""
    return day_of(seconds)[:7]


def _date(field: str, text: str) -> date:
    expected = "a day such as 2026-11-30"
    if not _DAY.fullmatch(text):
        raise Invalid("invalid_field", field=field, expected=expected, got=text[:40])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("invalid_field", field=field, expected=expected, got=text) from None


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
