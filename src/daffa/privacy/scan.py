"""One pass over the bytes that says where to look closer. Knows no shape and no word: each reader brings its own.

Shapes are expressions over bytes, not characters, so that any bytes may come, UTF-8 or not. They report where a candidate
ends; asking the engine for the start too costs more than looking back from the few ends that there are. Each spelling of a word
is an expression too: a thousand without branches are built in the time of one with as many, and their ends tell their starts.
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

from .pieces import escaped

__all__ = ["Candidates", "Hit", "Kept", "Scan", "stretches"]

Kept = Callable[[str, bytes, Callable[[], bytes]], bytes]
"""What is kept under a name that was made of given bytes, or what the callable makes; as ``storage.Cache.kept``."""

Hit = tuple[int, ...]
"""Where a word of a reader ends, its characters, and its place in the reader's list."""


class Candidates(NamedTuple):
    """Where to look closer. Shared between callers: nobody writes in it.

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
_Expressions = Sequence[tuple[bytes, int, int]]


class Scan:
    """The shapes and the words of all readers as one automaton, built when first needed (some 0.2 s), once.

    ``shapes`` holds the expressions of each reader, ``words`` for each reader of words the spellings of each of its words;
    ``name`` is what the automaton is kept under. ``nothing`` is what ``candidates`` gives where there is nothing, itself.
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
        self._database: hyperscan.Database | None = None
        self.nothing = self._none_yet()

    @property
    def built(self) -> bool:
        """Whether the automaton is there yet."""
        return self._database is not None

    def build(self, kept: Kept | None = None) -> None:
        """Have the automaton there, once: that of an earlier process where ``kept`` has it, else built now."""
        self._built(kept)

    def _built(self, kept: Kept | None = None) -> hyperscan.Database:
        with self._lock:
            if self._database is None:
                of_shapes = [(shape, reader, hyperscan.HS_FLAG_DOTALL) for shape, reader in self._shapes]
                spelled = enumerate(self._spelled, self._readers[0])
                of_words = [(escaped(each), number, hyperscan.HS_FLAG_CASELESS) for number, each in spelled]
                self._database = _made(self._name, of_shapes + of_words, kept)
            return self._database

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
        database = self._built()
        scan = functools.partial(database.scan, scratch=hyperscan.Scratch(database))
        return functools.partial(self._one_pass, scan, self._readers[0], list(self._spelled.values()))

    def _one_pass(
        self, scan: Callable[..., None], readers: int, spelled: list[list[tuple[int, int, int]]], data: bytes
    ) -> Candidates:
        seen: list[tuple[int, int]] = []
        scan(data, match_event_handler=_note, context=seen)
        if not seen:
            return self.nothing
        found = self._none_yet()
        for number, end in seen:
            if number < readers:
                found.ends[number].append(end)
            else:
                for reader, size, word in spelled[number - readers]:
                    found.words[reader].append((end, size, word))
        return found

    def _none_yet(self) -> Candidates:
        return Candidates([[] for _ in range(self._readers[0])], [[] for _ in range(self._readers[1])])


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


def _made(name: str, expressions: _Expressions, kept: Kept | None) -> hyperscan.Database:
    """The automaton of ``expressions``."""
    if kept is not None:
        # The engine looks at its version and at the processor once more when it loads one.
        made_of = repr((version("hyperscan"), platform.machine(), expressions)).encode()
        content = kept(name, made_of, lambda: hyperscan.dumpb(_compiled(expressions)))
        with contextlib.suppress(hyperscan.error):
            return hyperscan.loadb(content, hyperscan.HS_MODE_BLOCK)
    return _compiled(expressions)


def _compiled(expressions: _Expressions) -> hyperscan.Database:
    written, numbers, flags = zip(*expressions, strict=True)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=written, ids=numbers, flags=flags)
    return database


def _note(number: int, _start: int, end: int, _flags: int, seen: list[tuple[int, int]]) -> None:
    seen.append((number, end))
