"""Text in columns of a terminal: how wide it shows, where it breaks, how it is padded. Knows nothing of laws or languages.

Arabic vowel signs and bidirectional controls take no column; a line that is broken inside an isolate
(Unicode FSI ... PDI) closes it and opens it again on the next, for a terminal lays out each line alone.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["ISOLATE", "RELEASE", "isolated", "pad", "width", "wrap"]

ISOLATE, RELEASE = "\u2068", "\u2069"
# French sets a space before these signs and inside its quotation marks: no line ends there. The stand-in is a private sign,
# since every kind of space is a place to break.
_HELD = re.compile("(?<=«) | (?=[:;!?»](?:\\s|$))")
_STAND_IN = "\ue000"
_OPENING = {ISOLATE, "\u2067", "\u2066"}


def width(text: str) -> int:
    """The columns that ``text`` takes: 0 for marks and controls, 2 for wide signs, else 1."""
    return sum(_width(sign) for sign in text)


def pad(text: str, columns: int, right: bool = False) -> str:
    """``text`` filled with spaces to ``columns``, at its end, or before it where it stands ``right``."""
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def isolated(text: str) -> str:
    """``text`` shielded from the direction of what surrounds it."""
    return f"{ISOLATE}{text}{RELEASE}"


def wrap(text: str, columns: int) -> list[str]:
    """``text`` as lines of at most ``columns``, broken at spaces, inside a word only where it is longer than a line.

    A sign of punctuation stays on the line of its word.
    """
    lines, line = [], ""
    for word in _HELD.sub(_STAND_IN, text).split():
        for piece in _pieces(word, columns):
            joined = f"{line} {piece}" if line else piece
            if width(joined) <= columns:
                line = joined
            else:
                lines.append(line)
                line = piece
    lines = [*lines, line] if line else lines
    return _balanced([whole.replace(_STAND_IN, " ") for whole in lines])


def _pieces(word: str, columns: int) -> list[str]:
    pieces, piece = [], ""
    for sign in word:
        if width(piece + sign) > columns:
            pieces.append(piece)
            piece = ""
        piece += sign
    return [*pieces, piece]


def _balanced(lines: list[str]) -> list[str]:
    """The lines, each with its isolates closed at its end and opened again at the start of the next."""
    balanced, open_ones = [], ""
    for line in lines:
        full, stack = open_ones + line, ""
        for sign in full:
            if sign in _OPENING:
                stack += sign
            elif sign == RELEASE:
                stack = stack[:-1]
        balanced.append(full + RELEASE * len(stack))
        open_ones = stack
    return balanced


def _width(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
