"""Which day it is where the house is, for commands that ask no house. Knows settings."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

from daffa.library import today_in

__all__ = ["today"]


def today(data: Path) -> datetime.date:
    """Today in the time zone of the house whose folder is ``data``. Raises ``Invalid`` for settings that do not hold."""
    from daffa.settings import read_time_zone

    return today_in(read_time_zone(data), time.time())
