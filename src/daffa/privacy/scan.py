"""One pass over the bytes that says where to look closer. Knows no shape and no word: each reader brings its own.

Shapes are expressions over bytes, not characters, so that any bytes may come, UTF-8 or not. They report where a candidate
ends; asking the engine for the start too costs more than looking back from the few ends that there are. Words are literals:
a thousand of them are built in the time of one expression with as many branches, and their ends tell their starts.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from typing import NamedTuple

import hyperscan

__all__ = ["Candidates", "Hit", "Kept", "Scan", "stretches"]

Kept = Callable[[str, bytes, Callable[[], bytes]], bytes]
"""What is kept under a name that was made of given bytes, or what the callable makes; as ``storage.Cache.kept``."""

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
        ends = set(chain.from_iterable(self.ends))
        for hits in self.words:
            if hits:
                ends.update([end for end, _, _ in hits])
        return sorted(ends)

    def within(self, start: int, stop: int) -> Candidates:
        """Those that end behind byte ``start``, up to ``stop``."""
        return Candidates(
            [ends and ends[bisect_right(ends, start) : bisect_right(ends, stop)] for ends in self.ends],
            [hits and hits[bisect_left(hits, (start + 1,)) : bisect_left(hits, (stop + 1,))] for hits in self.words],
        )


_Pass = Callable[[bytes], Candidates]
_Databases = tuple[hyperscan.Database | None, hyperscan.Database | None]
_Expressions = Sequence[tuple[bytes, int]]


class Scan:
    """The shapes of all readers as one automaton and their words as another, built when first needed (some 0.15 s), once.

    ``shapes`` holds the expressions of each reader, ``words`` for each reader of words the spellings of each of its words;
    ``name`` is what the automata are kept under.
    """

    def __init__(self, name: str, shapes: Sequence[Sequence[bytes]], words: Sequence[Sequence[Iterable[bytes]]]) -> None:
        self._name = name
        self._shapes = [(shape, reader) for reader, each in enumerate(shapes) for shape in each]
        spelt: dict[bytes, list[tuple[int, int, int]]] = {}
        for reader, each in enumerate(words):
            for word, spellings in enumerate(each):
                for spelled in spellings:
                    spelt.setdefault(spelled, []).append((reader, len(spelled.decode()), word))
        self._spelled = dict(sorted(spelt.items()))  # in one order in every process: what is kept is named after them
        self._readers = len(shapes), len(words)
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._databases: _Databases | None = None

    @property
    def built(self) -> bool:
        """Whether the automata are there yet."""
        return self._databases is not None

    def build(self, kept: Kept | None = None) -> None:
        """Have the automata there, once: those of an earlier process where ``kept`` has them, else built now."""
        self._built(kept)

    def _built(self, kept: Kept | None = None) -> _Databases:
        with self._lock:
            if self._databases is None:
                of_shapes = _made(f"{self._name}-shapes", self._shapes, hyperscan.HS_FLAG_DOTALL, kept, literal=False)
                every = [(spelled, number) for number, spelled in enumerate(self._spelled)]
                of_words = _made(f"{self._name}-words", every, hyperscan.HS_FLAG_CASELESS, kept, literal=True)
                self._databases = of_shapes, of_words
            return self._databases

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
        shapes, words = (_scan_of(database) for database in self._built())
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


def _made(name: str, expressions: _Expressions, flags: int, kept: Kept | None, *, literal: bool) -> hyperscan.Database | None:
    """The automaton of ``expressions``; none of none, for the engine takes none."""
    if not expressions:
        return None
    if kept is not None:
        # The engine looks at its version and at the processor once more when it loads one.
        made_of = repr((version("hyperscan"), platform.machine(), flags, literal, expressions)).encode()
        content = kept(name, made_of, lambda: hyperscan.dumpb(_compiled(expressions, flags, literal=literal)))
        with contextlib.suppress(hyperscan.error):
            return hyperscan.loadb(content, hyperscan.HS_MODE_BLOCK)
    return _compiled(expressions, flags, literal=literal)


def _compiled(expressions: _Expressions, flags: int, *, literal: bool) -> hyperscan.Database:
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
    ends: list[tuple[int, int]] = []
    shapes(data, match_event_handler=_note, context=ends)
    hits: list[tuple[int, int]] = []
    words(data, match_event_handler=_note, context=hits)
    found = Candidates([[] for _ in range(readers[0])], [[] for _ in range(readers[1])])
    for reader, end in ends:
        found.ends[reader].append(end)
    for spelling, end in hits:
        for reader, size, word in spelled[spelling]:
            found.words[reader].append((end, size, word))
    return found


def _note(number: int, _start: int, end: int, _flags: int, seen: list[tuple[int, int]]) -> None:
    seen.append((number, end))
