"""Whether a sentence is supported by the words that it cites. Pure: text in, verdict out. Knows no model and no library.

In this order, each a reason to withhold: it cites nothing that was retrieved; an address that its passage does not have; a
number or date that its words do not have; a shortened name; a denial added or dropped; another actor; an opposite; too few
of its concepts. What it rests on is the best window of at most three sentences of each passage cited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daffa.language import sentences
from daffa.search import Query

from .checks import denials, gives_orders, missing, numbers_of, swapped, turned_round, unnamed
from .matching import coverage, found_concepts
from .tongues import spoken

__all__ = ["LONGEST", "Span", "Verdict", "check", "without_markers"]

LONGEST = 2000
"""Code points of a sentence that is read: what is longer is none, and would be read for minutes."""

# Share of a claim's concepts, by weight, that its words must have, by how many concepts it has at least: of a short claim
# nearly all, for one word makes it another. Across languages less, since nobody knows every translation. docs/assistant.md has
# what was measured.
_LEAST = ((6, 0.6), (4, 0.75), (0, 0.9))
_LEAST_ACROSS = ((4, 0.45), (0, 0.6))
_WIDEST = 3
_MARKERS = re.compile(
    r"\s*(?:[\[【［(]\s*(?:p|c|doc|source)?\s*\d{1,2}(?:\s*[,;،]\s*(?:p|c)?\s*\d{1,2})*\s*[\]】］)])(?=[\s.,;:!?؟،؛]|$)",
    re.IGNORECASE,
)
# They turn round what stands behind them, so that 60 reads as 06; letters know their direction without.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'»)\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|gov|ma|fr|info|io|example)(?:/\S*)?(?!\w)"
)
_CLAUSES = re.compile(r"\s*[,;:،؛–—]\s+|\s+(?:mais|tandis que|alors que|but|while|whereas|لكن|بينما)\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that may be cited: its ``title`` and heading are read with it, but are no part of what is shown."""

    id: str
    text: str
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: ``reason`` is empty where it is supported, else the first check that failed.

    Attributes:
        reason: ``length cites link number name negation actor opposite order coverage``, or empty.
        supports: by id of a span, the start and end of the words that support it.
        coverage: share of the sentence's concepts that those words have.
    """

    reason: str
    supports: Mapping[str, tuple[int, int]]
    coverage: float

    @property
    def supported(self) -> bool:
        """Whether it may be shown."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class _Window:
    span: Span
    start: int
    end: int
    found: frozenset[int]

    @property
    def text(self) -> str:
        return self.span.text[self.start : self.end]


def without_markers(sentence: str) -> str:
    """A sentence without what models write into it beside words: marks of citations (``[1]``, ``(p2)``), signs of direction."""
    return _MARKERS.sub("", _TURNING.sub("", sentence)).strip()


def check(sentence: str, spans: Sequence[Span], query: Query) -> Verdict:
    """Hold ``sentence`` against the passages that it cites.

    Args:
        sentence: without marks of citations.
        spans: what it cites, of what was retrieved for this asker.
        query: the sentence as the planner reads it.
    """
    if len(sentence) > LONGEST:
        return Verdict("length", {}, 0.0)
    if not spans:
        return Verdict("cites", {}, 0.0)
    if gives_orders(sentence):
        return Verdict("order", {}, 0.0)
    windows = [window for span in spans if (window := _best(sentence, span, query)) is not None]
    if not windows:
        return Verdict("coverage", {}, 0.0)
    # One passage that says it all is better than what several say in pieces.
    verdicts = [_verdict(sentence, [window], query) for window in windows]
    supported = [verdict for verdict in verdicts if verdict.supported]
    if supported:
        return max(supported, key=lambda verdict: verdict.coverage)
    return _verdict(sentence, _needed(sentence, windows), query) if len(windows) > 1 else verdicts[0]


def _verdict(sentence: str, kept: Sequence[_Window], query: Query) -> Verdict:
    """What these windows together say of it."""
    found = frozenset[int]().union(*(window.found for window in kept))
    titled = found.union(*(found_concepts(query, window.span.title, window.span.language) for window in kept))
    share = coverage(query, titled)
    across = all(spoken(window.span.language) != spoken(query.language) for window in kept)
    least = next(share for many, share in (_LEAST_ACROSS if across else _LEAST) if len(query.concepts) >= many)
    reason = _reason(sentence, kept, query) or ("coverage" if share < least else "")
    return Verdict(reason, {window.span.id: (window.start, window.end) for window in kept}, share)


def _reason(sentence: str, windows: Sequence[_Window], query: Query) -> str:
    given = "\n".join(window.text for window in windows)
    titled = "\n".join(f"{window.span.title}\n{window.text}" for window in windows)
    if any(address.rstrip(".,;") not in given for address in _ADDRESS.findall(sentence)):
        return "link"
    if missing(numbers_of(_ADDRESS.sub(" ", sentence)), numbers_of(titled)):
        return "number"
    if unnamed(sentence, titled):
        return "name"
    if _denied_otherwise(sentence, windows, query):
        return "negation"
    if swapped(sentence, given, titled):
        return "actor"
    return "opposite" if turned_round(sentence, given) else ""


def _best(sentence: str, span: Span, query: Query) -> _Window | None:
    """At most three sentences in a row that have the numbers of ``sentence`` and most of its concepts; the fewest that do.

    The best alone: to let any window of a passage bear a claim out was tried, and let one in seven false ones through.
    """
    places = [place for place in sentences(span.text) if not gives_orders(span.text[place[0] : place[1]])]
    found = [found_concepts(query, span.text[start:end], span.language) for start, end in places]
    numbers = [numbers_of(span.text[start:end]) for start, end in places]
    claimed, titled = numbers_of(_ADDRESS.sub(" ", sentence)), numbers_of(span.title)
    title = found_concepts(query, span.title, span.language)
    best: tuple[tuple[float, float, int], _Window] | None = None
    for first in range(len(places)):
        for last in range(first, min(first + _WIDEST, len(places))):
            has = frozenset[int]().union(*found[first : last + 1])
            given = [*titled, *(number for listed in numbers[first : last + 1] for number in listed)]
            rank = (-len(missing(claimed, given)), round(coverage(query, has | title), 6), first - last)
            if best is None or rank > best[0]:
                best = (rank, _Window(span, places[first][0], places[last][1], has))
    return best[1] if best else None


def _needed(sentence: str, windows: list[_Window]) -> list[_Window]:
    """The windows that bring a concept or a number which those before them do not have; the strongest first."""
    claimed = numbers_of(sentence)
    kept: list[_Window] = []
    found: frozenset[int] = frozenset()
    for window in sorted(windows, key=lambda window: -len(window.found)):
        text = "\n".join(each.text for each in kept)
        brings = window.found - found or len(missing(claimed, numbers_of(text))) > len(
            missing(claimed, numbers_of(f"{text}\n{window.text}"))
        )
        if not kept or brings:
            kept.append(window)
            found |= window.found
    return kept


def _denied_otherwise(sentence: str, windows: Sequence[_Window], query: Query) -> bool:
    """Whether a clause of ``sentence`` denies what the clause that it rests on affirms, or the other way round."""
    given = [
        clause
        for window in windows
        for place in sentences(window.text)
        for clause in _clauses(window.text[place[0] : place[1]])
    ]
    language = windows[0].span.language
    rests = [(clause, found_concepts(query, clause, language)) for clause in given]
    for clause in _clauses(sentence):
        own = found_concepts(query, clause)
        scored = [(coverage(query, found & own), text) for text, found in rests]
        top = max((score for score, _ in scored), default=0.0)
        if not top:
            continue
        odd = denials(clause) % 2
        if all(denials(text) % 2 != odd for score, text in scored if score >= top):
            return True
    return False


def _clauses(text: str) -> list[str]:
    """The clauses of a sentence; one of fewer than three words goes with the one before it."""
    clauses: list[str] = []
    for piece in _CLAUSES.split(text):
        if clauses and (len(piece.split()) < 3 or len(clauses[-1].split()) < 3):
            clauses[-1] += f", {piece}"
        else:
            clauses.append(piece)
    return clauses
