"""How much of a query a text answers, and what a reader is shown of that. Pure; which word answers what, ``search`` says."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from daffa.search import Match, Query, matched

from .outcome import Because

__all__ = ["because_of", "coverage", "found_concepts", "spans_of"]


def found_concepts(query: Query, text: str, language: str = "") -> frozenset[int]:
    """The numbers of the concepts that ``text`` answers."""
    return frozenset(match.concept for match in matched(query, text, language))


def coverage(query: Query, found: Collection[int]) -> float:
    """How much of ``query`` the concepts ``found`` are, by weight: 0 to 1; 0 for a query that asks nothing."""
    whole = sum(concept.weight for concept in query.concepts)
    return sum(query.concepts[number].weight for number in found) / whole if whole else 0.0


def spans_of(matches: Iterable[Match]) -> list[tuple[int, int]]:
    """The places of the matches, each once."""
    return sorted({(match.start, match.end) for match in matches})


def because_of(matches: Iterable[Match], text: str) -> list[Because]:
    """For the matches in other words than the question's: what was asked, what was found, and who says that it is one."""
    pairs: dict[tuple[str, str], Because] = {}
    for match in matches:
        if match.because.by not in ("word", "stem"):
            found = text[match.start : match.end]
            pairs.setdefault((match.because.asked, found), Because(match.because.asked, found, match.because.by))
    return list(pairs.values())
