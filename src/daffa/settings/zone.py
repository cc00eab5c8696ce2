"""Where a house is, as clocks and calendars know it. Asked for alone too: where the keys that other settings name may lack."""

from __future__ import annotations

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from .file import Mistake, decode, text_of

__all__ = ["read_time_zone", "zone_of"]


def read_time_zone(data: Path) -> datetime.tzinfo:
    """The time zone of the house in ``data``. Raises ``Invalid`` (``invalid_settings``), ``OSError``; see ``read_settings``."""
    path, text = data / "daffa.toml", ""
    try:
        text = text_of(path.read_bytes()) if path.exists() else ""
        return zone_of(decode(text).time_zone)
    except Mistake as error:
        raise error.of(str(path), text) from error


def zone_of(name: str) -> datetime.tzinfo:
    """The zone of that name. UTC needs no table of zones. Raises ``Mistake``."""
    try:
        return datetime.UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # no zone; no name; a folder of zones
        raise Mistake(("time_zone",), "the name of a zone in the tz database, such as UTC or Asia/Tokyo", name) from error
