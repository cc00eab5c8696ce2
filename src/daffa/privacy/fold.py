"""The many writings of one character made one: digits, letters, separators, invisible marks. Knows no identifier.

``Page`` is a stretch of bytes read for searching: folded, without marks, with the way there and back.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

__all__ = ["DIGITS", "MARKS", "SEPARATORS", "Page"]


def _spelled(first: int, count: int) -> str:
    """The ``count`` characters from code point ``first`` on."""
    return "".join(map(chr, range(first, first + count)))


_WIDE = _spelled(0xFF21, 26) + _spelled(0xFF41, 26)
_ASCII_LETTERS = _spelled(0x41, 26) + _spelled(0x61, 26)
_SPACES = " \u00a0" + _spelled(0x2000, 11) + "\u202f\u205f\u3000"
_DASHES = "-" + _spelled(0x2010, 4) + "\u2212\uff0d"

DIGITS = _spelled(0x30, 10) + _spelled(0x660, 10) + _spelled(0x6F0, 10) + _spelled(0xFF10, 10)
"""Western, Arabic-Indic, Eastern Arabic-Indic and fullwidth digits."""
SEPARATORS = _SPACES + _DASHES + "./()\uff0e\uff0f\uff08\uff09"
"""What stands between groups of digits. No line end and no tab: these separate fields."""
MARKS = "\u00ad\u061c" + _spelled(0x200B, 5) + _spelled(0x202A, 5) + _spelled(0x2060, 10) + "\ufeff"
"""What nobody sees: soft hyphen, zero-width characters, bidirectional marks."""

_FOLDED = "0123456789" * 4 + _ASCII_LETTERS + " " * len(_SPACES) + "-" * len(_DASHES) + "./()+@"
_TABLE = str.maketrans(DIGITS + _WIDE + _SPACES + _DASHES + "\uff0e\uff0f\uff08\uff09\uff0b\uff20", _FOLDED)
_ODD_CLASS = "[" + re.escape(MARKS + "".join(chr(point) for point in _TABLE if point > 0x7F)) + "]"
# One and then others: the engine skips to a class, and not to a repeated one.
_ODD = re.compile(f"{_ODD_CLASS}{_ODD_CLASS}*")
_MARK = re.compile(f"[{MARKS}]")


class Page:
    """Bytes ``start`` to ``end`` of ``data`` as searchable text.

    Attributes:
        text: decoded and folded, without marks; what is no UTF-8 reads as question marks.
        start: the byte of the whole data with which it begins.
    """

    __slots__ = ("_bytes", "_cuts", "_marks", "_plain", "_raw", "start", "text")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.start = start = _begin(data, start)
        self._bytes = data[start : _begin(data, end)]
        self._plain = self._bytes.isascii()
        self._marks: list[int] = []
        self._cuts: list[int] = []
        try:
            self._raw = self.text = text = self._bytes.decode()
        except UnicodeDecodeError:
            # A question mark for each byte: all others stay where they are.
            self._bytes = self._bytes.decode("utf-8", "surrogateescape").encode("utf-8", "replace")
            self._raw = self.text = text = self._bytes.decode()
        if self._plain:
            return
        self.text, odd = _ODD.subn(_folded, text)
        if odd and _MARK.search(text):
            self._marks = [mark.start() for mark in _MARK.finditer(text)]
            self._cuts = [place - gone for gone, place in enumerate(self._marks)]
            self.text = _MARK.sub("", self.text)

    def places(self, offsets: Iterable[int]) -> dict[int, int]:
        """The places in ``text`` of ascending bytes of the whole data; of one inside a character, that of the character."""
        if self._plain:
            return {offset: offset - self.start for offset in offsets}
        found = {}
        data, seen, place = self._bytes, 0, 0
        for offset in offsets:
            here = offset - self.start
            if here < len(data) and data[here] & 0xC0 == 0x80:
                here = _begin(data, here)
            place += len(data[seen:here].decode())
            seen = here
            found[offset] = place - bisect_left(self._marks, place) if self._marks else place
        return found

    def points(self, spans: list[tuple[int, int]], before: int) -> list[tuple[int, int]]:
        """The code points of spans of ``text``, not empty, without marks at their edges; ``before`` stand before the page."""
        if not before and not self._marks:
            return spans
        return [(before + self._with_marks(start), before + self._with_marks(end - 1) + 1) for start, end in spans]

    def _with_marks(self, place: int) -> int:
        return place + bisect_right(self._cuts, place)

    def offsets(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The bytes of the whole data of spans that ascend and do not overlap, as ``points`` gives their code points."""
        if self._plain:
            return [(self.start + start, self.start + end) for start, end in spans] if self.start else spans
        found = []
        seen, offset = 0, self.start
        for start, end in self.points(spans, 0):
            first = offset + len(self._raw[seen:start].encode())
            offset = first + len(self._raw[start:end].encode())
            seen = end
            found.append((first, offset))
        return found


def _begin(data: bytes, offset: int) -> int:
    """Where the character begins that byte ``offset`` is part of."""
    first = offset
    while first > offset - 4 and 0 < first < len(data) and data[first] & 0xC0 == 0x80:
        first -= 1
    return first


def _folded(odd: re.Match[str]) -> str:
    return odd.group().translate(_TABLE)
