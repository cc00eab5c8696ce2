"""A page for a terminal of 80 columns: fold, indent, colour, and keep two directions of writing apart. Knows no content.

A line of a page that runs from right to left opens with a right-to-left mark, so that a terminal which knows
bidirectional text lays out the whole line that way. Where it does not, the columns still stand one below the other.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence

__all__ = ["WIDTH", "Page", "bold", "dim", "fold", "isolate", "tone", "width"]

WIDTH = 80
_INDENT = 2
_OPEN, _CLOSE, _RIGHT_TO_LEFT = "\u2068", "\u2069", "\u200f"
_CODES = {"good": "32", "bad": "31", "plain": "36"}
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
# French sets a space before these signs and inside its quotation marks: a line must not end there.
_BREAK = re.compile("(?<!«) +(?![:;!?»](?: |$))")


def bold(text: str) -> str:
    """``text``, bold where the terminal can."""
    return _wrap(text, "1")


def dim(text: str) -> str:
    """``text``, faint where the terminal can."""
    return _wrap(text, "2")


def tone(text: str, kind: str) -> str:
    """``text`` in the colour of ``good``, ``bad`` or ``plain``; the words carry the meaning without it."""
    return _wrap(text, _CODES[kind])


def isolate(text: str) -> str:
    """``text`` as an island in a line of the other direction."""
    return f"{_OPEN}{text}{_CLOSE}"


def width(text: str) -> int:
    """Columns that ``text`` takes: marks, direction signs and colours take none, wide characters two."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in _COLOUR.sub("", text)
    )


def fold(text: str, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` columns, cut at plain spaces; a longer word stands alone."""
    lines = [""]
    for word in _BREAK.split(text.strip(" ")):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return _whole_isolates(lines)


class Page:
    """Writes to standard output, line by line. ``margin`` is the column where the value of a named fact begins."""

    def __init__(self, *, right_to_left: bool = False, margin: int = _INDENT) -> None:
        self._mark = _RIGHT_TO_LEFT if right_to_left else ""
        self._margin = margin

    def line(self, text: str = "") -> None:
        """One line."""
        sys.stdout.write(f"{self._mark}{text}\n" if text else "\n")
        sys.stdout.flush()

    def heading(self, title: str) -> None:
        """A title with a line to the other margin, after an empty line."""
        self.line()
        self.line(f"{bold(title)} {dim('─' * max(0, WIDTH - width(title) - 1))}")

    def paragraph(self, text: str, indent: int = _INDENT, lead: str = "") -> None:
        """``text``, folded; ``lead`` stands before its first line, in the indent."""
        for number, line in enumerate(fold(text, WIDTH - indent)):
            before = lead if number == 0 else ""
            self.line(f"{before}{' ' * (indent - width(before))}{line}")

    def fact(self, name: str, value: str) -> None:
        """A named value, folded beside its name."""
        self._beside(name, fold(value, WIDTH - self._margin))

    def rows(self, name: str, rows: Sequence[tuple[str, str]]) -> None:
        """A named list of heads, each with its text beside it."""
        wide = max(width(head) for head, _ in rows)
        self._beside(name, [f"{head}{' ' * (wide - width(head))}  {text}" for head, text in rows])

    def verbatim(self, text: str) -> None:
        """Lines as they are, from left to right, faint, each cut at the margin."""
        for line in text.splitlines():
            room = WIDTH - 2 * _INDENT
            shown = line if len(line) <= room else f"{line[: room - 1]}…"
            sys.stdout.write(f"{' ' * 2 * _INDENT}{dim(shown)}".rstrip(" ") + "\n" if shown else "\n")

    def _beside(self, name: str, lines: Sequence[str]) -> None:
        gap = " " * (self._margin - _INDENT - width(name))
        for number, line in enumerate(lines):
            before = f"{' ' * _INDENT}{dim(name)}{gap}" if number == 0 else " " * self._margin
            self.line(before + line)


def _whole_isolates(lines: list[str]) -> list[str]:
    """An isolate that was cut ends with its line and begins again with the next: a terminal orders each line alone."""
    whole, depth = [], 0
    for line in lines:
        before, depth = depth, depth + line.count(_OPEN) - line.count(_CLOSE)
        whole.append(_OPEN * before + line + _CLOSE * depth)
    return whole


def _wrap(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if text and sys.stdout.isatty() and "NO_COLOR" not in os.environ else text
