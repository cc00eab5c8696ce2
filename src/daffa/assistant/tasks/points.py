"""The sentences that say most of a document: by what is frequent in it and not everywhere, by place, by heading; none twice.

Pure: a document in, spans out. Knows no model.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from daffa.documents import Document, Section
from daffa.language import sentences
from daffa.search import tokens

__all__ = ["Point", "points"]

_SHORTEST, _LONGEST = 25, 600
_FEWEST_TERMS = 4
_HEADED = 1.5
"""How much more a term weighs that stands in the title, or in the heading above the sentence."""
_FIRST, _SECOND, _LEAD = 1.25, 1.1, 1.15
_FIGURES = 1.1
_LIKE = 0.7
"""How much of its worth a sentence loses that is like one taken before."""
_NEAR = 0.15
_ENOUGH = 8
"""Terms of a sentence that count: more would favour the longest."""
_NOTE = re.compile(r"\[\d{1,3}\]\s")
_OPEN = re.compile(r"[:،,]\s*\Z")


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence worth saying: where it stands, and what it is worth."""

    start: int
    end: int
    worth: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    section: int
    order: int
    terms: frozenset[str]


def points(document: Document, most: int) -> list[Point]:
    """At most ``most`` sentences of ``document``, in its order. The same document always gives the same."""
    found = list(_candidates(document))
    if not found:
        return []
    worth = _worths(document, found)
    taken: list[int] = []
    left = set(range(len(found)))
    while left and len(taken) < most:
        best = max(left, key=lambda at: (_marginal(found, worth, taken, at), -at))
        left.remove(best)
        taken.append(best)
    return [Point(found[at].start, found[at].end, round(worth[at], 4)) for at in sorted(taken)]


def _candidates(document: Document) -> Iterator[_Candidate]:
    seen: set[str] = set()
    for number, section in enumerate(document.sections):
        order = 0
        for first, last in sentences(document.text[section.start : section.end]):
            start, end = section.start + first, section.start + last
            text = document.text[start:end]
            terms = frozenset(token.term for token in tokens(text, document.language))
            if not _SHORTEST <= len(text) <= _LONGEST or len(terms) < _FEWEST_TERMS or text in seen:
                continue
            if _NOTE.match(text) or _OPEN.search(text) or text.count(" | ") > 1:
                continue
            seen.add(text)
            yield _Candidate(start, end, number, order, terms)
            order += 1


def _worths(document: Document, found: list[_Candidate]) -> list[float]:
    spread = Counter(term for candidate in found for term in candidate.terms)
    weight = {term: (1 + math.log(count)) * math.log(1 + len(found) / count) for term, count in spread.items()}
    title = _terms(document.title, document)
    headings = [title | _terms(section.heading, document) for section in document.sections]
    return [_worth(document, candidate, weight, headings[candidate.section]) for candidate in found]


def _terms(text: str, document: Document) -> frozenset[str]:
    return frozenset(token.term for token in tokens(text, document.language))


def _worth(document: Document, candidate: _Candidate, weight: dict[str, float], headed: frozenset[str]) -> float:
    weights = sorted((weight[term] * (_HEADED if term in headed else 1.0) for term in candidate.terms), reverse=True)
    worth = sum(weights[:_ENOUGH]) / _ENOUGH
    worth *= {0: _FIRST, 1: _SECOND}.get(candidate.order, 1.0)
    worth *= _LEAD if candidate.section == _first_with_text(document.sections) else 1.0
    return worth * (_FIGURES if any(map(str.isdigit, document.text[candidate.start : candidate.end])) else 1.0)


def _first_with_text(sections: tuple[Section, ...]) -> int:
    return next((at for at, section in enumerate(sections) if section.end - section.start > _SHORTEST), 0)


def _marginal(found: list[_Candidate], worth: list[float], taken: list[int], at: int) -> float:
    """What a sentence still says beside those taken: less, the more its terms are theirs, and a little less in one section."""
    like = max((_likeness(found[at].terms, found[other].terms) for other in taken), default=0.0)
    near = sum(found[other].section == found[at].section for other in taken)
    return worth[at] * (1 - _LIKE * like) / (1 + _NEAR * near)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other))
