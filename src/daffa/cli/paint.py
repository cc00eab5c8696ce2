"""Text for a terminal of 80 columns: fold, indent, colour, and isolate what runs the other way. Knows no content."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

__all__ = ["WIDTH", "bold", "columns", "dim", "fact", "fold", "isolate", "rule", "say", "tone", "width"]

WIDTH = 80
_OPEN, _CLOSE = "\u2068", "\u2069"
_CODES = {"good": "32", "bad": "31", "plain": "36"}


def say(text: str = "") -> None:
    """One line to standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


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
    """Columns that ``text`` takes: marks and direction signs take none, wide characters two."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fold(text: str, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` columns, cut at spaces; a longer word stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return _whole_isolates(lines)


def _whole_isolates(lines: list[str]) -> list[str]:
    """An isolate that was cut ends with its line and begins again with the next: a terminal orders each line alone."""
    whole, depth = [], 0
    for line in lines:
        before, depth = depth, depth + line.count(_OPEN) - line.count(_CLOSE)
        whole.append(_OPEN * before + line + _CLOSE * depth)
    return whole


def rule(title: str) -> str:
    """A heading with a line to the right margin."""
    return bold(title) + " " + dim("─" * max(0, WIDTH - width(title) - 1))


def fact(name: str, value: str, *, right_to_left: bool = False, margin: int = 11) -> list[str]:
    """A named value, folded beside its name; in Arabic, where columns do not line up, after it."""
    if right_to_left:
        first, *rest = fold(f"{name}: {value}", WIDTH - 2)
        return [f"  {first}", *(f"    {line}" for line in rest)]
    first, *rest = fold(value, WIDTH - margin - 3)
    return [f"  {dim(name)}{' ' * (margin - width(name))} {first}", *(f"  {' ' * margin} {line}" for line in rest)]


def columns(name: str, head: str, items: list[str], more: str, *, right_to_left: bool = False) -> list[str]:
    """A row of a named list: ``head``, then ``items``, one below the other where they do not fit."""
    if right_to_left:
        told = "، ".join(isolate(item) for item in items) + more
        lead = [f"  {name}:"] if name else []
        return [*lead, *(f"    {line}" for line in fold(f"{isolate(head)} {told}", WIDTH - 4))]
    first, *rest = fold(", ".join(items) + more, WIDTH - 28)
    gap = " " * max(1, 11 - _visible(head))
    return [f"  {dim(name)}{' ' * (11 - width(name))} {head}{gap} {first}", *(f"{' ' * 26}{line}" for line in rest)]


def _visible(text: str) -> int:
    return width(re.sub("\x1b\\[[0-9;]*m", "", text))


def _wrap(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text
