"""Days of the calendar and the numbers that stand for them: since 1970-01-01, which is 0. Knows no clock and no document."""

from __future__ import annotations

import datetime

__all__ = ["date_of", "day_of", "today_in"]

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day_of(date: datetime.date) -> int:
    """The number of a day; negative before 1970."""
    return date.toordinal() - _EPOCH


def date_of(day: int) -> datetime.date:
    """The day of a number. Raises ``ValueError`` outside of the years 1 to 9999."""
    return datetime.date.fromordinal(day + _EPOCH)


def today_in(zone: datetime.tzinfo, now: float) -> datetime.date:
    """Which day an instant (Unix seconds) lies in, where clocks show the time of ``zone``."""
    return datetime.datetime.fromtimestamp(now, zone).date()
