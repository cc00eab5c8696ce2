"""Plain text: its lines, which may be folded anywhere. Knows nothing of sections."""

from __future__ import annotations

import re

from .parsed import Block, Parsed

__all__ = ["read_text"]

_PAGE_NUMBER = re.compile(r"[-–—]\s*[0-9٠-٩]{1,4}\s*[-–—]")


def read_text(text: str) -> Parsed:
    """The lines of ``text``; an empty block stands where a blank line does. A page number between dashes is no line."""
    lines = [line.strip() for line in text.splitlines()]
    return Parsed(blocks=[Block(line) for line in lines if not _PAGE_NUMBER.fullmatch(line)], flat=True)
