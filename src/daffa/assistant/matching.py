"""How much of a query a text answers, and what a reader is shown of that. Pure; which word answers what, ``search`` says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet

from daffa.search import Match, Query, matched, tokens

from .outcome import Because

__all__ = ["Way", "because_of", "coverage", "found_concepts", "fulfilled", "spans_of", "ways_of"]


def found_concepts(query: Query, text: str, language: str = "") -> frozenset[int]:
    """The numbers of the concepts that ``text`` answers."""
    return frozenset(match.concept for match in matched(query, text, language))


def coverage(query: Query, found: Collection[int]) -> float:
    """How much of ``query`` the concepts ``found`` are, by weight: 0 to 1; 0 for a query that asks nothing."""
    whole = sum(concept.weight for concept in query.concepts)
    return sum(query.concepts[number].weight for number in found) / whole if whole else 0.0


Way = tuple[frozenset[str], ...]
"""A wording of a concept: for each of its words the terms that stand for it."""


def ways_of(query: Query) -> list[list[Way]]:
    """For each concept the wordings known of it, the question's own first.

    One word of a wording of several («permis» of «permis de conduire», «legal» of «legal minimum wage») does not yet say it.
    """
    told: dict[str, dict[str, None]] = {}
    slots: dict[str, set[str]] = {}
    for term in query.terms:
        if term.field != "stem":
            continue
        if term.because.by == "glossary":
            told.setdefault(term.because.asked, {})[term.because.found] = None
        else:
            slots.setdefault(term.because.asked, set()).add(term.text)
    found: list[list[Way]] = []
    for concept in query.concepts:
        own = tuple(frozenset(slots[word]) & concept.stems for word in concept.asked.split() if word in slots)
        ways = [tuple(slot for slot in own if slot)]
        ways += [_way(wording) for wording in told.get(concept.asked, ())]
        known = frozenset[str]().union(*(slot for way in ways for slot in way))
        if " " not in concept.asked:
            ways += [(frozenset({stem}),) for stem in concept.stems - known]
        found.append([way for way in ways if way])
    return found


def _way(wording: str) -> Way:
    return tuple(frozenset({token.term}) for token in tokens(wording))


def fulfilled(ways: Sequence[Sequence[Way]], terms: AbstractSet[str]) -> list[float]:
    """How much of each concept a text with these ``terms`` says: the share of the words of the wording that is nearest."""
    return [max((sum(bool(slot & terms) for slot in way) / len(way) for way in each), default=0.0) for each in ways]


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
