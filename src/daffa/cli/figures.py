"""Figures for people: numbers, shares, money, bars of characters, tables of 80 columns. Knows no log and no command.

In a table that is read from right to left every cell is an island of its own direction, so that each number stays whole.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.policy import Bundle, LawFiles

from .paint import WIDTH, Page, bold, dim, isolate, width
from .reach import Call

__all__ = [
    "Names",
    "Table",
    "amount",
    "apart",
    "bar",
    "change",
    "count",
    "day_range",
    "out_of",
    "print_json",
    "reader_options",
    "share",
]

_GROUPS = {"fr": "\u202f", "ar": ",", "en": ","}
_POINTS = {"fr": ",", "ar": ".", "en": "."}
_SCALES = ((10_000_000_000, 1_000_000_000, "billion"), (10_000_000, 1_000_000, "million"))
_FULL, _EMPTY = "█", "░"


class Names:
    """What the law in force calls its states, purposes and rules, in one language."""

    def __init__(self, call: Call, language: str) -> None:
        self._law = Bundle.of(LawFiles.of(call("GET", "/api/law/text", None)["files"]))
        self._language = language

    def of(self, kind: str, word: str) -> str:
        """The words for a value (``state``, ``purpose``, ``level``, ``categories``); the value itself where there are none."""
        if own := self._law.names.get((kind, word)):
            return own[self._language]
        code = f"law_{kind}_{word}"
        return sentences.say(code, self._language) if code in sentences.catalogue() else apart(word, self._language)

    def rule(self, name: str) -> str:
        """The sentence of a rule; its id where the law has it no more."""
        said = (rule.say(self._language) for rule in self._law.rules if rule.id == name)
        return next(said, apart(name, self._language))


class Table:
    """Rows under heads. The first column holds names and takes what the others leave; ``widths`` are those of the others.

    A column of ``bars`` (its number, counted from 0) is filled from its start; all others stand at its end.
    """

    def __init__(self, page: Page, language: str, widths: Sequence[int], bars: Sequence[int] = ()) -> None:
        self._page = page
        self._language = language
        self._widths = widths
        self._bars = bars
        self._first = WIDTH - sum(widths)

    def heads(self, title: str, *heads: str) -> None:
        """The title of the section and the names of its columns, over a line."""
        self._page.line()
        self._page.line(self._cells(title, heads, bold, dim))
        self._page.line(dim("─" * WIDTH))

    def row(self, name: str, *cells: str) -> None:
        """One row; a name that is too long is cut."""
        self._page.line(self._cells(name, cells, str, str))

    def _cells(
        self, name: str, cells: Sequence[str], paint_name: Callable[[str], str], paint_cell: Callable[[str], str]
    ) -> str:
        name = _clipped(name, self._first - 1)
        line = paint_name(apart(name, self._language)) + " " * (self._first - width(name))
        for number, (cell, room) in enumerate(zip(cells, self._widths, strict=True)):
            space = " " * (room - width(cell))
            line += paint_cell(cell) + space if number in self._bars else space + paint_cell(apart(cell, self._language))
        return line.rstrip(" ")


def bar(part: float, room: int) -> str:
    """A bar of ``room`` signs, filled to ``part`` (0 to 1); what is more than nothing is never shown as nothing."""
    full = min(room, max(round(part * room), 1 if part > 0 else 0))
    return _FULL * full + _EMPTY * (room - full)


def share(part: float, language: str) -> str:
    """A part of the whole as a percentage; a little is not nothing, and nearly all is not all."""
    percent = "\u00a0%" if language == "fr" else "%"
    if 0 < part < 0.005:
        return f"<1{percent}"
    if 0.995 <= part < 1:
        return f">99{percent}"
    return f"{part * 100:.0f}{percent}"


def change(before: float, after: float, language: str) -> str:
    """How much more ``after`` is than ``before``, in percent; a dash where there was nothing before."""
    if not before:
        return "–"
    percent = "\u00a0%" if language == "fr" else "%"
    return apart(f"{(after / before - 1) * 100:+.0f}{percent}", language)


def apart(text: str, language: str) -> str:
    """``text`` as an island where the line around it runs from right to left."""
    return isolate(text) if language == "ar" and text else text


def count(number: int, language: str) -> str:
    """A whole number as people of the language write it, in millions or billions where it is long."""
    for least, unit, word in _SCALES:
        if abs(number) >= least:
            return sentences.say(f"figure_{word}", language, number=_decimal(number / unit, 1, language))
    return _decimal(number, 0, language)


def amount(money: float, language: str) -> str:
    """A sum of money without its currency: as many decimals as a small sum needs."""
    if money >= 10_000_000:
        return count(round(money), language)
    if money >= 1 or money == 0:
        return _decimal(money, 0 if money >= 100_000 else 2, language)
    if money < 0.000001:
        return "<" + _decimal(0.000001, 6, language)
    return _decimal(money, 6 if money < 0.01 else 4, language)


def out_of(part: int, whole: int) -> float:
    """``part`` of ``whole``, 0 to 1; nothing of nothing is nothing."""
    return part / whole if whole else 0.0


def day_range(answer: dict[str, Any], language: str) -> str:
    """The period of an answer in words."""
    code = {(True, True): "between", (True, False): "since", (False, True): "until", (False, False): "always"}
    first, last = answer["from"], answer["to"]
    return sentences.say(f"period_{code[bool(first), bool(last)]}", language, first=first, last=last)


def print_json(rows: Iterable[Any]) -> None:
    """One JSON object a line."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def reader_options(parser: argparse.ArgumentParser) -> None:
    """The options of a command that reads with somebody's key and may speak to a program."""
    parser.add_argument("--json", action="store_true", help="JSON instead of a page")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="your own key (else DAFFA_KEY, else the administrator's)")


def _clipped(text: str, room: int) -> str:
    """``text`` in at most ``room`` columns, its end shown as cut."""
    if width(text) <= room:
        return text
    while width(text) > room - 1:
        text = text[:-1]
    return text + "…"


def _decimal(number: float, decimals: int, language: str) -> str:
    signs = {",": _GROUPS[language], ".": _POINTS[language]}
    return "".join(signs.get(sign, sign) for sign in f"{number:,.{decimals}f}")
