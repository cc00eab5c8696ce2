"""The common words of ``common_words.txt``, as pairs of spellings. Knows no rule."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["Entry", "common_words"]

_FILE = Path(__file__).with_name("common_words.txt")

Entry = tuple[tuple[str, ...], tuple[str, ...]]
"""Arabic spellings and Latin spellings of one word."""


@cache
def common_words() -> tuple[Entry, ...]:
    """The words of the file, read once."""
    lines = (line.split(":") for line in _FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return tuple((tuple(arabic.strip().split("|")), tuple(latin.split())) for arabic, latin in lines)
