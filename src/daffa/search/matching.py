"""Which words of a passage answer which part of a question. Knows no index: it reads the passage that was found."""

from __future__ import annotations

from dataclasses import dataclass

from .analyser import tokens
from .passage import Because, Query

__all__ = ["Match", "matched"]


@dataclass(frozen=True, slots=True)
class Match:
    """``text[start:end]`` answers ``query.concepts[concept]``."""

    concept: int
    start: int
    end: int
    because: Because


def matched(query: Query, text: str, language: str = "") -> list[Match]:
    """The words of ``text`` that stand for a concept of ``query``, in their order. ``language``: of the text, BCP 47."""
    reasons = {term.text: term.because for term in reversed(query.terms) if term.field == "stem"}
    concepts: dict[str, list[int]] = {}
    for place, concept in enumerate(query.concepts):
        for stem in concept.stems:
            concepts.setdefault(stem, []).append(place)
    return [
        Match(place, token.start, token.end, reasons.get(token.term, _by_itself(query, place, text[token.start : token.end])))
        for token in tokens(text, language)
        for place in concepts.get(token.term, ())
    ]


def _by_itself(query: Query, place: int, found: str) -> Because:
    return Because(query.concepts[place].asked, found, "word")
