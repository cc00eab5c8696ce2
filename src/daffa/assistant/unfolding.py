"""The JSON of a model's answer while it comes: each sentence as soon as its object is whole. Pure; shows and checks nothing.

Where a value ends is found here, each character looked at once; what it says msgspec reads, which takes no JSON that is none.
From the first fault on nothing more is read.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, NamedTuple

import msgspec

__all__ = ["LONGEST", "Row", "Unfolding"]

LONGEST = 40_000
"""Characters of an answer that are read: a model is allowed some 6,000."""

_STATUSES = ("answered", "partial", "not_covered")
_MOST_ROWS = 12
# A fence of Markdown, where a model without a grammar wrote one.
_FENCES = ("```json", "```")
_SIGNS = re.compile(r'["\\{}\[\]]')
_AFTER_PLAIN = re.compile(r"[\s,\]}]")

_Reading = Generator[None, None, Any]
"""Yields where it needs more text."""


class Row(NamedTuple):
    """A sentence as the model wrote it, and what it cites."""

    text: str
    cites: list[str]


class _Fault(Exception):
    """It is no such JSON."""


class Unfolding:
    """One answer; ``feed`` it the text in any pieces.

    Attributes:
        status: ``answered``, ``partial`` or ``not_covered``, as it was said last; empty before, and for any other word.
        whole: the object is closed; what follows it is not read.
        broken: it is no such JSON, or goes on for too long.
    """

    def __init__(self) -> None:
        self.status = ""
        self.whole = False
        self.broken = False
        self._text, self._at = "", 0
        self._rows: list[Row] = []
        self._many = 0
        self._reading = self._answer()

    def feed(self, piece: str) -> list[Row]:
        """The sentences that are whole now; none once it says that nothing is covered."""
        if not self.whole and not self.broken:
            self._text += piece
            try:
                self._go_on()
            except StopIteration:
                self.whole = True
            except _Fault:
                self.broken = True
        rows, self._rows = self._rows, []
        return rows

    def _go_on(self) -> None:
        if len(self._text) > LONGEST:
            raise _Fault
        next(self._reading)

    def _answer(self) -> _Reading:
        """The object, field by field."""
        yield from self._opening()
        if (yield from self._sign()) == "}":
            return
        while True:
            key = yield from self._named()
            if key == "sentences" and (yield from self._sign()) == "[":
                yield from self._sentences()
            else:
                value = yield from self._value()
                if key == "status":
                    self.status = value if value in _STATUSES else ""
            if (yield from self._one_of(",}")) == "}":
                return

    def _opening(self) -> _Reading:
        """The brace, behind a fence or none."""
        yield from self._sign()
        if self._text[self._at] == "`":
            while any(fence.startswith(self._text[self._at :]) for fence in _FENCES):
                yield
            self._at += next((len(fence) for fence in _FENCES if self._text.startswith(fence, self._at)), 0)
        yield from self._one_of("{")

    def _named(self) -> _Reading:
        if (yield from self._sign()) != '"':
            raise _Fault
        key = yield from self._value()
        yield from self._one_of(":")
        return key

    def _sentences(self) -> _Reading:
        self._at += 1
        if (yield from self._sign()) == "]":
            self._at += 1
            return
        while True:
            row = yield from self._value()
            if isinstance(row, dict):
                self._keep(row)
            if (yield from self._one_of(",]")) == "]":
                return

    def _keep(self, row: dict[str, Any]) -> None:
        text, cites = row.get("text"), row.get("cites")
        if isinstance(text, str) and text.strip() and self._many < _MOST_ROWS and self.status != "not_covered":
            self._many += 1
            self._rows.append(Row(text.strip(), [str(cite) for cite in cites] if isinstance(cites, list) else []))

    def _sign(self) -> _Reading:
        """The next character that is no blank, once it is there; it is not taken."""
        while not (rest := self._text[self._at : self._at + 1]) or rest.isspace():
            if rest:
                self._at += 1
            else:
                yield
        return rest

    def _one_of(self, signs: str) -> _Reading:
        """Take the next character, which must be one of ``signs``."""
        sign = yield from self._sign()
        if sign not in signs:
            raise _Fault
        self._at += 1
        return sign

    def _value(self) -> _Reading:
        """Take the next value, once all of it is there."""
        first = yield from self._sign()
        begin = self._at
        yield from self._to_the_end() if first in '"{[' else self._to_a_sign()
        try:
            return msgspec.json.decode(self._text[begin : self._at])
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise _Fault from error

    def _to_a_sign(self) -> _Reading:
        """The end of what is neither text nor list nor object: a number may go on with every character."""
        while (found := _AFTER_PLAIN.search(self._text, self._at)) is None:
            self._at = len(self._text)
            yield
        self._at = found.start()

    def _to_the_end(self) -> _Reading:
        """The end of a text, a list or an object."""
        depth, within = 0, False
        while True:
            while (sign := _SIGNS.search(self._text, self._at)) is None:
                self._at = len(self._text)
                yield
            self._at = sign.end()
            if within and sign[0] == "\\":
                while self._at == len(self._text):
                    yield
                self._at += 1  # whatever it is, it ends nothing
            elif sign[0] == '"':
                within = not within
            elif not within and sign[0] != "\\":
                depth += 1 if sign[0] in "{[" else -1
            if depth <= 0 and not within:
                return
