"""The sentences that say most of a document: by what is frequent in it and not everywhere, by place, by heading; none twice.

Pure: a document in, spans out. Knows no model.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from daffa.documents import Document, Section
from daffa.language import sentences
from daffa.search import tokens

from ..wording import Phrases, key_of

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
_ANAPHORIC = 0.6
"""What is left of the worth of a sentence that points to those before it."""
_LONG, _TOO_LONG = 350, 0.8
_ARTICLES = 5
"""From as many numbered sections on, a document is a law: what comes before its first article promulgates it."""
_ITEM = re.compile(r"[-–•*]|\(?\w{1,3}\s?[-–).°]\s|[a-zà-öø-ÿ]")
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
    like, near = [0.0] * len(found), [0] * len(found)
    left = set(range(len(found)))
    while left and len(taken) < most:
        best = max(left, key=lambda at: (worth[at] * (1 - _LIKE * like[at]) / (1 + _NEAR * near[at]), -at))
        left.remove(best)
        taken.append(best)
        for at in left:  # what a sentence still says beside those taken: less, the more its terms are theirs
            like[at] = max(like[at], _likeness(found[at].terms, found[best].terms))
            near[at] += found[at].section == found[best].section
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
            if _NOTE.match(text) or _ITEM.match(text) or _OPEN.search(text) or text.count(" | ") > 1 or text.isupper():
                continue
            seen.add(text)
            yield _Candidate(start, end, number, order, terms)
            order += 1


def _worths(document: Document, found: list[_Candidate]) -> list[float]:
    spread = Counter(term for candidate in found for term in candidate.terms)
    weight = {term: math.sqrt(count) * math.log(1 + len(found) / count) for term, count in spread.items()}
    title = _terms(document.title, document)
    headings = [title | _terms(section.heading, document) for section in document.sections]
    lead = _lead(document.sections)
    return [_worth(document, candidate, weight, headings[candidate.section], lead) for candidate in found]


def _terms(text: str, document: Document) -> frozenset[str]:
    return frozenset(token.term for token in tokens(text, document.language))


def _worth(document: Document, candidate: _Candidate, weight: dict[str, float], headed: frozenset[str], lead: int) -> float:
    weights = sorted((weight[term] * (_HEADED if term in headed else 1.0) for term in candidate.terms), reverse=True)
    worth = sum(weights[:_ENOUGH]) / _ENOUGH
    worth *= {0: _FIRST, 1: _SECOND}.get(candidate.order, 1.0)
    worth *= _LEAD if candidate.section == lead else 1.0
    text = document.text[candidate.start : candidate.end]
    worth *= _ANAPHORIC if _points_back(text) else 1.0
    worth *= _TOO_LONG if len(text) > _LONG else 1.0
    return worth * (_FIGURES if any(map(str.isdigit, text)) else 1.0)


def _lead(sections: tuple[Section, ...]) -> int:
    """The section that a document opens with: of a law its first article, else the first that has a text."""
    numbered = [at for at, section in enumerate(sections) if section.number]
    if len(numbered) >= _ARTICLES:
        return numbered[0]
    return next((at for at, section in enumerate(sections) if section.end - section.start > _SHORTEST), 0)


def _points_back(text: str) -> bool:
    begins, names = _words()
    keys = key_of(text)
    return any(first == 0 for first, _ in begins.find(keys)) or names.any(keys)


@cache
def _words() -> tuple[Phrases, Phrases]:
    data = tomllib.loads((Path(__file__).parent / "points.toml").read_text(encoding="utf-8"))
    return Phrases(data["begins"]), Phrases(data["names"])


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other))
