"""What a format's reader gives back: headings, paragraphs and rows in reading order. Knows no format."""

from __future__ import annotations

import msgspec

__all__ = ["MOST_CHARACTERS", "NOTE", "Block", "Parsed"]

MOST_CHARACTERS = 10_000_000
"""Code points of text that a document may have: some 3,000 dense pages."""
NOTE = -1
"""The level of a line of a note at the foot of a page, which the text above it goes on after."""


class Block(msgspec.Struct, frozen=True, array_like=True):
    """A paragraph, a row of a table, an item of a list; a heading where ``level`` is 1 (outermost) or more; see ``NOTE``."""

    text: str
    level: int = 0


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its format holds it.

    Attributes:
        title: as the file says of itself; else empty.
        blocks: in reading order.
        pages: of a format that has pages; else 0.
        flat: whether headings are not marked as such, and lines are folded where the page ends (a PDF, a plain text).
    """

    title: str = ""
    blocks: list[Block] = []
    pages: int = 0
    flat: bool = False
