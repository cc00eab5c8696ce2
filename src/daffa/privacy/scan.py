"""One pass over the bytes that says where to look closer. Knows no shape and no word: each reader brings its own.

Shapes are expressions over bytes, not characters, so that any bytes may come, UTF-8 or not. They report where a candidate
ends; asking the engine for the start too costs more than looking back from the few ends that there are. Words are literals:
a thousand of them are built in the time of one expression with as many branches, and their ends tell their starts.
"""

from __future__ import annotations

import functools
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import hyperscan

__all__ = ["Candidates", "Hit", "Scan", "stretches"]


Hit = tuple[int, ...]
"""Where a word of a reader ends, its characters, and its place in the reader's list."""


class Candidates(NamedTuple):
    """Where to look closer.

    Attributes:
        ends: for each reader the byte offsets just after its shapes, ascending; one may come twice.
        words: for each reader of words its hits, ascending by their ends; they may overlap.
    """

    ends: list[list[int]]
    words: list[list[Hit]]

    def every(self) -> list[int]:
        """All ends, ascending, each once."""
        return sorted({*chain(*self.ends), *(end for end, _, _ in chain(*self.words))})

    def within(self, start: int, stop: int) -> Candidates:
        """Those that end behind byte ``start``, up to ``stop``."""
        return Candidates(
            [ends and ends[bisect_right(ends, start) : bisect_right(ends, stop)] for ends in self.ends],
            [hits and hits[bisect_left(hits, (start + 1,)) : bisect_left(hits, (stop + 1,))] for hits in self.words],
        )


_Pass = Callable[[bytes], Candidates]


class Scan:
    """The shapes of all readers as one automaton and their words as another, built when first needed (some 0.15 s), once.

    ``shapes`` holds the expressions of each reader, ``words`` for each reader of words the spellings of each of its words.
    """

    def __init__(self, shapes: Sequence[Sequence[bytes]], words: Sequence[Sequence[Iterable[bytes]]]) -> None:
        self._shapes = [(shape, reader) for reader, each in enumerate(shapes) for shape in each]
        self._spelled: dict[bytes, list[tuple[int, int, int]]] = {}
        for reader, each in enumerate(words):
            for word, spellings in enumerate(each):
                for spelled in spellings:
                    self._spelled.setdefault(spelled, []).append((reader, len(spelled.decode()), word))
        self._readers = len(shapes), len(words)
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._databases: tuple[hyperscan.Database | None, hyperscan.Database | None] | None = None

    @property
    def built(self) -> bool:
        """Whether the automata are there yet."""
        return self._databases is not None

    def candidates(self, data: bytes) -> Candidates:
        """Where ``data`` has a shape or a word of a reader."""
        one_pass: _Pass
        try:
            one_pass = self._of_thread.one_pass
        except AttributeError:
            one_pass = self._of_thread.one_pass = self._new_pass()
        return one_pass(data)

    def _new_pass(self) -> _Pass:
        """The scan for one thread: a scratch used by two threads at once is an error of the engine."""
        with self._lock:
            if self._databases is None:
                of_shapes = _compiled(self._shapes, hyperscan.HS_FLAG_DOTALL, literal=False)
                every = [(spelled, number) for number, spelled in enumerate(self._spelled)]
                self._databases = of_shapes, _compiled(every, hyperscan.HS_FLAG_CASELESS, literal=True)
        shapes, words = (_scan_of(database) for database in self._databases)
        return functools.partial(_one_pass, shapes, words, list(self._spelled.values()), self._readers)


def stretches(ends: Sequence[int], before: int, after: int, size: int) -> list[tuple[int, int]]:
    """Spans from ``before`` before to ``after`` behind each end, joined where they overlap; of bytes or of characters.

    So the work stays linear where one candidate follows another.
    """
    spans = []
    start, stop = max(ends[0] - before, 0), ends[0]
    for end in ends:
        if end - before > stop + after:
            spans.append((start, stop + after))
            start = end - before
        stop = end
    spans.append((start, min(stop + after, size)))
    return spans


def _compiled(expressions: Sequence[tuple[bytes, int]], flags: int, *, literal: bool) -> hyperscan.Database | None:
    if not expressions:
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[expression for expression, _ in expressions],
        ids=[number for _, number in expressions],
        flags=[flags] * len(expressions),
        literal=literal,
    )
    return database


def _scan_of(database: hyperscan.Database | None) -> Callable[..., None]:
    return functools.partial(database.scan, scratch=hyperscan.Scratch(database)) if database is not None else _nothing


def _nothing(_data: bytes, **_told: object) -> None:
    """The scan for no expressions at all: the engine takes none."""


def _one_pass(
    shapes: Callable[..., None],
    words: Callable[..., None],
    spelled: list[list[tuple[int, int, int]]],
    readers: tuple[int, int],
    data: bytes,
) -> Candidates:
    found = Candidates([[] for _ in range(readers[0])], [[] for _ in range(readers[1])])
    shapes(data, match_event_handler=_note_shape, context=found.ends)
    hits: list[tuple[int, int]] = []
    words(data, match_event_handler=_note_word, context=hits)
    for spelling, end in hits:
        for reader, size, word in spelled[spelling]:
            found.words[reader].append((end, size, word))
    return found


def _note_shape(reader: int, _start: int, end: int, _flags: int, ends: list[list[int]]) -> None:
    ends[reader].append(end)


def _note_word(spelling: int, _start: int, end: int, _flags: int, hits: list[tuple[int, int]]) -> None:
    hits.append((spelling, end))
