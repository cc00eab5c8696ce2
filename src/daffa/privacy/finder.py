"""Find personal data in text or bytes: one pass for candidates, then a close look at each. Knows no policy.

A reader is a module with ``PATTERNS`` (expressions over bytes, for the one pass) and ``read(text, ends, found)``, which looks
closely where the pass says that one of them ends. A reader of words has ``WORDS`` as well (of each its spellings, which are
looked for wherever they stand) and ``read(text, ends, hits, found)``. Readers know no bytes: they get a page of text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from . import addresses, births, cards, emails, named, networks, numbers, persons, plates
from .finding import LIKELY, Finding, apart
from .fold import Page
from .scan import Candidates, Scan, stretches

__all__ = ["anybody", "find", "find_bytes", "scan"]

_OF_WORDS = (plates, named, births, persons)
_OF_SHAPES = (numbers, cards, emails, networks, addresses)
_READERS = (*_OF_WORDS, *_OF_SHAPES)
# Places of the readers of shapes, the one that takes the least time for a find before the others.
_QUICK_FIRST = tuple(_READERS.index(reader) for reader in (emails, networks, cards, numbers, addresses))
_Span = tuple[int, int]
_Read = Callable[[list[Finding]], None]
# Bytes that a reader may look at before and behind a candidate: the parts of an address, the longest e-mail address.
_AROUND = 384
scan = Scan("persons", [reader.PATTERNS for reader in _READERS], [reader.WORDS for reader in _OF_WORDS])


def find(text: str, *, least: float = LIKELY) -> tuple[Finding, ...]:
    """The personal data in ``text``, in order, without overlap; offsets in code points. Linear in the length.

    Leaves out what is less sure than ``least``.
    """
    # A question mark for each lone surrogate: all others stay where they are.
    data = text.encode("utf-8", "replace")
    found: list[Finding] = []
    seen = points = 0
    for page, likely, spans in _likely(data, least):
        points += len(data[seen : page.start].decode())
        seen = page.start
        found += _moved(likely, spans, page.points(spans, points))
    return tuple(found)


def find_bytes(data: bytes, *, least: float = LIKELY) -> tuple[Finding, ...]:
    r"""The personal data in ``data`` (UTF-8; other bytes are passed over), in order, without overlap; offsets in bytes.

    Reads what is written: escapes (``\n`` or ``\u00a0`` in JSON, ``%40`` in addresses) must be undone before.
    """
    found: list[Finding] = []
    for page, likely, spans in _likely(data, least):
        found += _moved(likely, spans, page.offsets(spans))
    return tuple(found)


def anybody(data: bytes, *, least: float = LIKELY) -> bool:
    """Whether ``find_bytes`` finds anything in ``data``. Stops at the first; the shapes, quickly read, come first."""
    candidates = scan.candidates(data)
    for start, stop in _pages(candidates, len(data)):
        page = Page(data, start, stop)
        if _on_page(page, candidates.within(start, stop) if stop - start < len(data) else candidates, least):
            return True
    return False


class _Found(Exception):
    """Ends a search for the first finding."""


class _First(list[Finding]):
    """A list of findings that wants one, as sure as ``least``: then it has enough."""

    def __init__(self, least: float) -> None:
        self._least = least

    def append(self, finding: Finding) -> None:
        if finding.confidence >= self._least:
            raise _Found

    def extend(self, findings: Iterable[Finding]) -> None:
        for each in findings:
            self.append(each)


def _on_page(page: Page, candidates: Candidates, least: float) -> bool:
    """Whether a reader finds anything on a page: those of shapes first, the quickest and surest before the others."""
    for number in _QUICK_FIRST:
        if ends := candidates.ends[number]:
            places = page.places(ends)
            found: list[Finding] = []
            _READERS[number].read(page.text, [places[end] for end in ends], found)
            for each in found:
                if each.confidence >= least:
                    return True
    if not (any(candidates.words) or any(candidates.ends[: len(_OF_WORDS)])):
        return False
    try:
        for read in _reads_of_words(page, candidates, page.places(candidates.every())):
            read(_First(least))
    except _Found:
        return True
    return False


def _likely(data: bytes, least: float) -> Iterator[tuple[Page, tuple[Finding, ...], list[_Span]]]:
    """What is found, page by page, without overlap, at places of the page; and these places."""
    candidates = scan.candidates(data)
    for start, stop in _pages(candidates, len(data)):
        page = Page(data, start, stop)
        every = _of_page(page, candidates.within(start, stop) if stop - start < len(data) else candidates)
        if likely := apart([each for each in every if each.confidence >= least]):
            yield page, likely, [(each.start, each.end) for each in likely]


def _moved(found: tuple[Finding, ...], spans: list[_Span], others: list[_Span]) -> Iterable[Finding]:
    """The findings at ``others`` instead of ``spans``."""
    if others is spans:
        return found
    return [Finding(each.type, *span, each.confidence, each.check) for each, span in zip(found, others, strict=True)]


def _pages(candidates: Candidates, size: int) -> list[tuple[int, int]]:
    """What must be read: all of a short text, of a long one what lies around its candidates."""
    if candidates is scan.nothing:
        return []
    return [(0, size)] if size <= 4 * _AROUND else stretches(candidates.every(), _AROUND, _AROUND, size)


def _of_page(page: Page, candidates: Candidates) -> list[Finding]:
    """What all readers find on a page; it may overlap."""
    found: list[Finding] = []
    for read in _reads(page, candidates):
        read(found)
    return found


def _reads(page: Page, candidates: Candidates) -> Iterator[_Read]:
    """What each reader has to look at on a page, where the pass left it anything."""
    places = page.places(candidates.every())
    yield from _reads_of_words(page, candidates, places)
    yield from _reads_of_shapes(page, candidates, places)


def _reads_of_words(page: Page, candidates: Candidates, places: dict[int, int]) -> Iterator[_Read]:
    for of_words, ends, hits in zip(_OF_WORDS, candidates.ends, candidates.words, strict=False):
        if ends or hits:
            at = [(places[end], size, word) for end, size, word in hits]
            yield partial(of_words.read, page.text, [places[end] for end in ends], at)


def _reads_of_shapes(page: Page, candidates: Candidates, places: dict[int, int]) -> Iterator[_Read]:
    for of_shapes, ends in zip(_OF_SHAPES, candidates.ends[len(_OF_WORDS) :], strict=True):
        if ends:
            yield partial(of_shapes.read, page.text, [places[end] for end in ends])
