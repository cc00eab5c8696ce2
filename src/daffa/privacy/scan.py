"""One pass over the bytes that says where to look closer. Knows the shapes of candidates, not whether they are true.

Patterns are over bytes, not characters, so that any bytes may come, UTF-8 or not. They report where a candidate
ends; asking the engine for the start too costs more than looking back from the few ends that there are.
"""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from collections.abc import Callable

import hyperscan

from .fold import DIGITS, MARKS, SEPARATORS

__all__ = ["candidates", "stretches"]

# Candidates: nine digits or more, separated or not; five or six digits together; an at sign.
_NUMBER, _CARD, _AT = 0, 1, 2


def _any_of(characters: str) -> bytes:
    """A byte expression for one of ``characters``, by their common first bytes, which keeps the automaton small."""
    last: dict[bytes, bytes] = defaultdict(bytes)
    for encoded in sorted(character.encode() for character in characters):
        last[encoded[:-1]] += b"\\x%02x" % encoded[-1]
    return b"(?:" + b"|".join(b"%b[%b]" % (_escaped(first), ends) for first, ends in last.items()) + b")"


def _escaped(data: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in data)


_DIGIT = _any_of(DIGITS)
_MARK = _any_of(MARKS)
# What follows the last digit. Bytes that may begin another digit count where the next byte denies it.
_AFTER = rb"(?:[^0-9\xd9\xdb\xef]|\xd9[^\xa0-\xa9]|\xdb[^\xb0-\xb9]|\xef[^\xbc]|\xef\xbc[^\x90-\x99]|\z)"
_PATTERNS = {
    _NUMBER: b"%b(?:%b*%b){8,}%b" % (_DIGIT, _any_of(SEPARATORS + MARKS), _DIGIT, _AFTER),
    _CARD: b"(?:\\A|[^0-9])%b(?:%b*%b){4,5}%b" % (_DIGIT, _MARK, _DIGIT, _AFTER),
    _AT: _any_of("@\uff20"),
}

_Ends = tuple[list[int], list[int], list[int]]
_Pass = Callable[[bytes, _Ends], None]

_lock = threading.Lock()
_of_thread = threading.local()


def candidates(data: bytes) -> _Ends:
    """The byte offsets just after each candidate, ascending: numbers, cards, at signs."""
    ends: _Ends = ([], [], [])
    try:
        one_pass = _of_thread.one_pass
    except AttributeError:
        one_pass = _of_thread.one_pass = _new_pass()
    one_pass(data, ends)
    return ends


def stretches(ends: list[int], before: int, after: int, size: int) -> list[tuple[int, int]]:
    """Spans from ``before`` bytes before to ``after`` bytes behind each end, joined where they overlap.

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


def _new_pass() -> _Pass:
    """The scan for one thread: a scratch used by two threads at once is an error of the engine."""
    with _lock:
        database = _database()
    return functools.partial(_scan, database.scan, hyperscan.Scratch(database))


@functools.cache
def _database() -> hyperscan.Database:
    """Built once a process, in about 30 ms, when first needed."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_DOTALL] * len(_PATTERNS)
    database.compile(expressions=list(_PATTERNS.values()), ids=list(_PATTERNS), flags=flags)
    return database


def _scan(scan: Callable[..., None], scratch: hyperscan.Scratch, data: bytes, ends: _Ends) -> None:
    scan(data, match_event_handler=_note, context=ends, scratch=scratch)


def _note(kind: int, _start: int, end: int, _flags: int, ends: _Ends) -> None:
    ends[kind].append(end)
