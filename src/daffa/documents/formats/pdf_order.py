"""The order in which an Arabic line is read, where a PDF keeps the one in which it is drawn. Knows places of letters, no font.

Programs write Arabic into a PDF as they draw it, often from left to right, and pdfium turns some of it around and some not.
Where each letter stands on the page says which is which: Arabic goes to the left, Latin words and numbers to the right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["ARABIC", "Letter", "ordered"]

ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_MARK = re.compile("[\u064b-\u065f\u0670\u0640]")
_MIRRORED = str.maketrans("()[]{}«»<>", ")(][}{»«><")
_OPENING, _CLOSING = "([{«<", ")]}»>"


class Letter(NamedTuple):
    """A character and how far from the left edge of the page it stands."""

    sign: str
    place: float


_Token = list[Letter]


def ordered(line: str, place: Callable[[int], float]) -> str:
    """``line`` as it is read; ``place`` gives where its n-th character stands. A line with more Latin than Arabic is left alone."""
    arabic = len(ARABIC.findall(line))
    if arabic < 2 or sum(sign.isalpha() for sign in line) > 2 * arabic:
        return line
    tokens = [
        [Letter(line[at], place(at)) for at in range(*word.span())]
        for word in re.finditer(r"\S+", line)
    ]  # fmt: skip
    tokens = [_turned(token) for token in tokens]
    heads = [token[0].place for token in tokens if _is_arabic(token)]
    if _rises(heads):
        tokens.reverse()
        tokens = [token for run in _runs(tokens) for token in (run if _is_arabic(run[0]) else reversed(run))]
    return " ".join("".join(letter.sign for letter in token) for run in _runs(tokens) for token in _edges(list(run)))


def _is_arabic(token: _Token) -> bool:
    return any(ARABIC.match(letter.sign) for letter in token)


def _rises(places: Sequence[float]) -> bool:
    """Whether more of the steps go to the right than to the left."""
    steps = [after - before for before, after in zip(places, places[1:], strict=False) if after != before]
    return sum(step > 0 for step in steps) > len(steps) / 2


def _turned(token: _Token) -> _Token:
    """The token with each of its Arabic stretches from right to left."""
    turned: _Token = []
    stretch: _Token = []
    for letter in [*token, Letter("", 0.0)]:
        if letter.sign and (ARABIC.match(letter.sign) or _MARK.match(letter.sign)):
            stretch.append(letter)
            continue
        places = [each.place for each in stretch if not _MARK.match(each.sign)]
        turned += reversed(stretch) if _rises(places) else stretch
        stretch = []
        if letter.sign:
            turned.append(letter)
    return turned


def _runs(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """Neighbours of one direction together: Arabic tokens, and tokens without an Arabic letter."""
    runs: list[list[_Token]] = []
    for token in tokens:
        if runs and _is_arabic(runs[-1][0]) == _is_arabic(token):
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _edges(run: list[_Token]) -> list[_Token]:
    """A Latin run with its outer signs where they are read: what stands to the left of it comes after it."""
    if _is_arabic(run[0]) or not any(letter.sign.isalnum() for token in run for letter in token):
        return run
    first, last = run[0], run[-1]
    head = next((at for at, letter in enumerate(first) if letter.sign.isalnum()), 0)
    tail = next((at for at, letter in enumerate(reversed(last)) if letter.sign.isalnum()), 0)
    before, after = first[:head], last[len(last) - tail :]
    if before and before[-1].place >= first[head].place:
        before, head = [], 0
    if after and after[0].place <= last[-tail - 1].place:
        after, tail = [], 0
    run[-1] = last[: len(last) - tail]
    run[0] = run[0][head:]
    run[0] = [_facing(letter, _CLOSING) for letter in reversed(after)] + run[0]
    run[-1] = run[-1] + [_facing(letter, _OPENING) for letter in reversed(before)]
    return run


def _facing(letter: Letter, wrong: str) -> Letter:
    """A bracket turned to the words that it encloses."""
    return Letter(letter.sign.translate(_MIRRORED), letter.place) if letter.sign in wrong else letter
