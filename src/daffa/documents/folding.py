"""Lines of a page as paragraphs: folded lines joined, words that a line's end broke made whole, headings of laws found.

Knows lines of text, and no format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from daffa.language import sentences

from .articles import ARTICLE_LEVEL, ENDED, articled, mark, number_of
from .formats import NOTE, Block

__all__ = ["unfold"]

_BROKEN = re.compile(r"([^\W\d_]{2,})[-\u2010]\Z")
_GOES_ON = re.compile(r"(?:[a-zà-öø-ÿœ]{2,}|[àay])(?![\w)°.])")
"""A line that begins with a small word, and not with ``a)``, goes on with a sentence."""
_BROKEN_NUMBER = re.compile(r"[0-9]-\Z")
_HEAD = re.compile(r"[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KEEPS = frozenset(
    "sous non vice ex mi demi semi celui celle ceux celles lui elle elles eux nous vous moi toi soi là ci peut est avant après"
    " arrière contre entre quasi haut bas grand grande au ayant ayants chef procès rendez sage long court moyen plus mieux dit"
    " dite porte garde compte".split()
)
_LONGEST_WORD = 80
_TITLE = re.compile(r"[^.;؛]{1,120}")
_CUT = 35
"""A heading at least this long, followed by a small letter, goes on in the next line."""
_QUOTED = 10
"""Articles of another law that a note may quote in a row."""
_NOTE_MARK = re.compile(r"(\d{1,3})\s*[-–—.)]?\s*(?=\D)")


def unfold(lines: Iterable[Block]) -> list[Block]:
    """Paragraphs and headings out of ``lines``. An empty line ends a paragraph; notes follow the one that they interrupt."""
    return _Unfolding(list(lines)).blocks()


class _Unfolding:
    def __init__(self, lines: list[Block]) -> None:
        self._lines = lines
        self._counts = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
        self._chapters = articled(line.text for line in lines)
        self._blocks: list[Block] = []
        self._open: list[str] = []
        self._notes: list[str] = []

    def blocks(self) -> list[Block]:
        at = 0
        while at < len(self._lines):
            at += self._line(at)
        self._end()
        return _without_quoted(self._blocks)

    def _line(self, at: int) -> int:
        """Take the line at ``at``; how many were taken."""
        text, level = self._lines[at].text, self._lines[at].level
        if level == NOTE:
            self._notes.append(text)
            return 1
        if not text:
            self._end()
            return 1
        following = self._following(at)
        found = mark(text, self._open[-1] if self._open else "", following, chapters=self._chapters)
        if found is not None:
            self._end()
            titled = not found.number and self._titles(text, following)
            self._blocks.append(Block(f"{found.heading} {following}" if titled else found.heading, found.level))
            if found.rest:
                self._open.append(found.rest)
            return 2 if titled else 1
        if level > 0:
            return self._heading(at)
        self._open.append(text)
        return 1

    def _heading(self, at: int) -> int:
        """A heading in large letters, which may take several lines."""
        self._end()
        level, end = self._lines[at].level, at + 1
        while end < len(self._lines) and self._lines[end].level == level and mark(self._lines[end].text) is None:
            end += 1
        self._blocks.append(Block(" ".join(line.text for line in self._lines[at:end]), level))
        return end - at

    def _following(self, at: int) -> str:
        line = self._lines[at + 1] if at + 1 < len(self._lines) else None
        return line.text if line is not None and line.level != NOTE else ""

    def _titles(self, line: str, following: str) -> bool:
        """Whether the line after ``CHAPITRE PREMIER`` is its title, or the rest of a title that a line's end cut."""
        if not _TITLE.fullmatch(following) or mark(following, chapters=self._chapters) is not None:
            return False
        return len(line.split()) <= 3 or (len(line) >= _CUT and following[0].islower())

    def _end(self) -> None:
        if self._open:
            self._blocks.append(Block(self._joined(self._open)))
            self._open = []
        if self._notes:
            lines = [_NOTE_MARK.sub(r"[\1] ", line, count=1) if _NOTE_MARK.match(line) else line for line in self._notes]
            self._blocks.append(Block(self._joined(lines)))
            self._notes = []

    def _joined(self, lines: list[str]) -> str:
        parts = [lines[0]]
        for before, line in pairwise(lines):
            broken = _BROKEN.search(before[-_LONGEST_WORD:])
            head = _HEAD.match(line) if broken else None
            if broken and head:
                parts[-1] = parts[-1][:-1]
                parts += (self._hyphen(broken[1].lower(), head[0]), line)
            elif _GOES_ON.match(line) and not ENDED.search(before[-_LONGEST_WORD:]):
                parts += (" ", line)
            elif line[0].isdigit() and _BROKEN_NUMBER.search(before[-_LONGEST_WORD:]):
                parts.append(line)
            else:
                parts += ("\n", line)
        return _unfolded("".join(parts))

    def _hyphen(self, left: str, right: str) -> str:
        """The hyphen of a compound, or nothing where a line's end broke a word: as the text has it elsewhere, else by rule."""
        whole, compound = self._counts[left + right], self._counts[f"{left}-{right}"]
        if whole != compound:
            return "-" if compound > whole else ""
        return "-" if left in _KEEPS else ""


def _unfolded(text: str) -> str:
    """A line a sentence, where a line began with one; else the sentences of a line after each other."""
    parts: list[str] = []
    read = 0
    for start, stop in sentences(text):
        if parts:
            parts.append("\n" if "\n" in text[read:start] else text[read:start])
        parts.append(text[start:stop].replace("\n", " "))
        read = stop
    return "".join(parts)


def _without_quoted(blocks: list[Block]) -> list[Block]:
    """Articles of another law that a note quotes are text: 5, 34, 36, 6 holds two of them, since 6 follows 5."""
    places = [at for at, block in enumerate(blocks) if block.level == ARTICLE_LEVEL]
    numbers = [_whole(number_of(blocks[at].text)) for at in places]
    at = 0
    while at < len(places):
        following = numbers[at] + 1
        ahead = numbers[at + 1 : at + 2 + _QUOTED]
        quoted = ahead.index(following) if following in ahead else 0
        for jump in range(at + 1, at + 1 + quoted):
            if numbers[jump] > following:
                blocks[places[jump]] = Block(blocks[places[jump]].text)
        at += quoted + 1
    return blocks


def _whole(number: str) -> int:
    head = re.match("[0-9]+", number)
    return int(head[0]) if head else 0
