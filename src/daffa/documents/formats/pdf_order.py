"""The order in which an Arabic line is read, out of where each letter stands on the page. Knows places of letters, no font.

Programs write Arabic into a PDF as they draw it, and pdfium turns some of it around and some not. What is drawn is sure: the
Unicode bidirectional algorithm put it there, and this takes it back. Where two texts are drawn alike, the likelier is taken:
a number after a Latin word belongs to it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["ARABIC", "Letter", "in_order"]

ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_MARK = re.compile("[\u064b-\u065f\u0670]")
_GAP_BETWEEN, _GAP_SIGN, _GAP_INSIDE = 0.04, 0.1, 0.25
"""Of the tallest letter: what is wider is a blank between letters of two words, beside a sign, and between letters of one word.
pdfium's words hold the right letters in any order, and sometimes a neighbour's sign; a letter's box may be too narrow."""
_OPENS = re.compile(r"(?:(?<=\s)|\A)[)\]}»](?=[^\s.,،؛;:])")
_CLOSES = re.compile(r"(?<=\S)[(\[{«](?=[\s.,،؛;:]|\Z)")
_MIRRORED = str.maketrans("()[]{}«»", ")(][}{»«")
# Of a line drawn from left to right: Arabic letters, a Latin run, a number, anything else.
_PIECE = re.compile(r"L(?:[LNCO ]*[LN])?|N(?:[NC]*N)?|.", re.DOTALL)
_ARABIC_RUN = re.compile(r"R(?:[RNCO ]*R)?")


class Letter(NamedTuple):
    """A character that is no blank: its edges in points from the left edge of the page, its height, its word for pdfium."""

    sign: str
    left: float
    right: float
    height: float
    word: int


def in_order(letters: list[Letter], *, leftward: bool) -> str:
    """A line as it is read. ``leftward``: whether its page reads from right to left."""
    drawn = _with_blanks(sorted(letters, key=lambda letter: (letter.right, letter.left)))
    kinds = "".join(map(_kind, drawn))
    if not leftward:
        return _rightward(drawn, kinds)
    text = "".join(reversed([drawn[piece.start() : piece.end()] for piece in _PIECE.finditer(kinds)]))
    for turned in (_OPENS, _CLOSES):  # some files keep the sign that is drawn, some the one that is meant
        text = turned.sub(lambda bracket: bracket[0].translate(_MIRRORED), text)
    return text


def _rightward(drawn: str, kinds: str) -> str:
    """A line of French with Arabic words in it: they alone are turned."""
    parts: list[str] = []
    read = 0
    for run in _ARABIC_RUN.finditer(kinds):
        pieces = [drawn[run.start() + piece.start() : run.start() + piece.end()] for piece in _PIECE.finditer(run[0])]
        parts += (drawn[read : run.start()], *reversed(pieces))
        read = run.end()
    return "".join((*parts, drawn[read:]))


def _with_blanks(letters: list[Letter]) -> str:
    """The letters as they are drawn, from left to right, with a blank where there is a gap."""
    parts: list[str] = []
    tallest = max((letter.height for letter in letters), default=0.0)
    edge = letters[0].left if letters else 0.0
    for at, letter in enumerate(letters):
        if letter.left - edge > tallest * _gap(letters[at - 1], letter):
            parts.append(" ")
        parts.append(letter.sign)
        edge = max(edge, letter.right)
    return "".join(parts)


def _gap(before: Letter, after: Letter) -> float:
    if not (before.sign.isalnum() and after.sign.isalnum()):
        return _GAP_SIGN
    return _GAP_INSIDE if before.word == after.word else _GAP_BETWEEN


def _kind(sign: str) -> str:
    if ARABIC.match(sign) or _MARK.match(sign):
        return "R"
    if sign.isdigit():
        return "N"
    if sign.isalpha():
        return "L"
    return sign if sign == " " else "C" if sign in ".,:/٫٬" else "O"
