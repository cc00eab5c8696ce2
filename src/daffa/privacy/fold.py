"""The many writings of one character made one: digits, letters, separators, invisible marks. Knows no identifier.

``Window`` is a stretch of bytes read for searching: folded, without marks, with the way back to byte offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_left

__all__ = ["DIGITS", "MARKS", "SEPARATORS", "Window"]


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
_ODD = re.compile("[" + re.escape(MARKS + "".join(chr(point) for point in _TABLE if point > 0x7F)) + "]")
_MARK = re.compile(f"[{MARKS}]+")


class Window:
    """Bytes ``start`` to ``end`` of ``data`` as searchable text.

    Attributes:
        text: decoded and folded, without marks. Bytes that are no UTF-8 stay as lone surrogates.
    """

    __slots__ = ("_kept", "_measured", "_piece", "_raw", "_start", "text")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self._piece = piece
        self._start = start
        self._kept: list[int] | None = None
        self._raw = ""
        if piece.isascii():
            self.text = piece.decode("ascii")
            return
        self._measured = (0, start)
        self._raw = text = piece.decode("utf-8", "surrogateescape")
        if _ODD.search(text):
            text = text.translate(_TABLE)
            if _MARK.search(text):
                self._kept = [place for place, character in enumerate(text) if character not in MARKS]
                text = _MARK.sub("", text)
        self.text = text

    def digits_end(self, offset: int) -> int:
        """The place in ``text`` behind the last digit before byte ``offset`` of the whole data; there must be one."""
        place = offset - self._start
        if self._raw:
            place = len(self._piece[:place].decode("utf-8", "surrogateescape"))
            if self._kept is not None:
                place = bisect_left(self._kept, place)
        while not "0" <= self.text[place - 1] <= "9":
            place -= 1
        return place

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Byte offsets, in the whole data, of ``text[start:end]`` (not empty); marks at its edges are left out."""
        if not self._raw:
            return self._start + start, self._start + end
        if self._kept is not None:
            start, end = self._kept[start], self._kept[end - 1] + 1
        first = self._offset(start)
        return first, self._offset(end)

    def _offset(self, place: int) -> int:
        """The byte offset of a character of the raw text. Spans mostly ascend: only what is new is measured."""
        seen, offset = self._measured if self._measured[0] <= place else (0, self._start)
        offset += len(self._raw[seen:place].encode("utf-8", "surrogateescape"))
        self._measured = place, offset
        return offset
