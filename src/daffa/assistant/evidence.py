"""What speaks for each sentence of the passages as an answer, in numbers. Pure; weighs nothing.

The versions of one text in several languages (``name.fr``, ``name.ar``) speak together: what matches the question in one
speaks for the same sentence of all. Two passages are versions only where they have as many sentences, with the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from daffa.language import sentences
from daffa.library import Held
from daffa.search import Match, Query, matched, tokens

from .checks import gives_orders, numbers_of
from .matching import Way, fulfilled, ways_of
from .versions import families_of
from .wording import Phrases, key_of, load

__all__ = ["FEATURES", "Candidate", "candidates"]

FEATURES = (
    "own", "told", "title", "around", "score", "rank", "heading", "close", "first", "time", "money", "share", "grams",
    "heading_grams", "whole",
)  # fmt: skip
"""In the order in which a candidate has them, each 0 to 1:

- ``own``: share of the question's concepts, by weight, in the sentence; ``told``: the same without guesses of a learned table;
- ``title``: those in its heading or title alone; ``around``: those elsewhere in its passage alone;
- ``score``, ``rank``: of its passage, the best is 1;
- ``heading``, ``close``: share of the heading's, the sentence's own words that were asked for;
- ``first``: it begins its passage;
- ``time``, ``money``, ``share``: it has such a figure, and one was asked for;
- ``grams``, ``heading_grams``: share of the question's, the heading's runs of four letters that both have;
- ``whole``: share of the concepts, each alike, that sentence and heading say in all words of some wording.
"""

_UNITS = {
    "time": frozenset({"day", "week", "month", "year", "hour"}),
    "money": frozenset({"money"}),
    "share": frozenset({"percent"}),
}
_SURE = frozenset({"word", "stem", "glossary", "number", "name"})
_GRAM = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence: ``places`` are its versions, by number of passage; ``features`` the best of theirs.

    ``concepts`` are the numbers of those that it answers itself or by its heading, ``coverage`` their share by weight.
    """

    places: Mapping[int, tuple[int, int]]
    features: tuple[float, ...]
    concepts: frozenset[int]
    coverage: float


@dataclass(slots=True)
class _Group:
    """Sentences that say the same in several languages."""

    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    features: list[tuple[float, ...]] = field(default_factory=list)
    concepts: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Question:
    query: Query
    weights: tuple[float, ...]
    wanted: Mapping[str, bool]
    grams: frozenset[str]
    ways: Sequence[Sequence[Way]]


def candidates(query: Query, passages: Sequence[Held], scores: Sequence[float]) -> list[Candidate]:
    """Every sentence that answers a concept itself or by its heading, and gives no orders to its reader."""
    question = _question(query)
    families = families_of(passages)
    best = {family: max(scores[number] for number in range(len(passages)) if families[number] == family) for family in families}
    order = sorted(best, key=lambda family: -best[family])
    top = max(scores, default=0.0)
    groups: dict[tuple[int, int], _Group] = {}
    for number, held in enumerate(passages):
        family = families[number]
        standing = (best[family] / top if top > 0 else 0.0, 1 / (order.index(family) + 1))
        for place, (span, features, concepts) in enumerate(_of_passage(question, held, standing)):
            if features is not None:
                group = groups.setdefault((family, place), _Group())
                group.places[number] = span
                group.features.append(features)
                group.concepts |= concepts
    return [_together(group) for group in groups.values()]


def _together(group: _Group) -> Candidate:
    features = tuple(map(max, zip(*group.features, strict=True)))
    at = FEATURES.index
    share = min(1.0, features[at("own")] + features[at("title")])
    return Candidate(group.places, features, frozenset(group.concepts), share)


@cache
def _wanted() -> dict[str, Phrases]:
    return {kind: Phrases(load("asking")[kind]) for kind in _UNITS}


@cache
def _empty() -> frozenset[str]:
    return frozenset(map(key_of, load("asking")["empty"]))


def _question(query: Query) -> _Question:
    keys = key_of(query.text)
    weights = tuple(0.0 if key_of(concept.asked) in _empty() else concept.weight for concept in query.concepts)
    return _Question(
        query, weights, {kind: phrases.any(keys) for kind, phrases in _wanted().items()}, _grams(keys), ways_of(query)
    )


def _grams(keys: str) -> frozenset[str]:
    """Runs of four letters, within words and over their edges."""
    runs = (keys[place : place + _GRAM] for place in range(len(keys) - _GRAM + 1))
    return frozenset(run for run in runs if " " not in run[1:-1])


def _of_passage(
    question: _Question, held: Held, standing: tuple[float, float]
) -> list[tuple[tuple[int, int], tuple[float, ...] | None, set[int]]]:
    heading = f"{held.title}\n{held.heading}"
    titled = {match.concept for match in matched(question.query, heading, held.language)}
    close = _closeness(question.query, held.heading or held.title, held.language)
    grams = _grams(key_of(held.heading))
    matches = matched(question.query, held.text, held.language)
    whole = {match.concept for match in matches}
    words = tokens(held.text, held.language)
    above = {token.term for token in tokens(heading, held.language)}
    of_heading = len(grams & question.grams) / len(grams) if grams else 0.0
    found = []
    for place, (start, end) in enumerate(sentences(held.text)):
        own = [match for match in matches if start <= match.start < end]
        terms = [token.term for token in words if start <= token.start < end]
        text = held.text[start:end]
        features = None
        if (own or titled) and not gives_orders(text):
            features = (
                *_shares(question, own, titled, whole),
                *standing,
                close,
                len({match.start for match in own}) / max(len(terms), 1),
                float(place == 0),
                *_figures(question, text),
                len(_grams(key_of(text)) & question.grams) / max(len(question.grams), 1),
                of_heading,
                sum(fulfilled(question.ways, above.union(terms))) / max(len(question.ways), 1),
            )
        found.append(((start, end), features, titled | {match.concept for match in own}))
    return found


def _closeness(query: Query, text: str, language: str) -> float:
    """The share of a text's own words that were asked for."""
    many = len(tokens(text, language))
    return len({match.start for match in matched(query, text, language)}) / many if many else 0.0


def _shares(question: _Question, own: Sequence[Match], titled: set[int], whole: set[int]) -> tuple[float, float, float, float]:
    total = sum(question.weights) or 1.0
    here = {match.concept for match in own}
    told = {match.concept for match in own if match.because.by in _SURE}
    groups = (here, told, titled - here, whole - here - titled)
    own_share, told_share, title, around = (sum(question.weights[number] for number in group) / total for group in groups)
    return own_share, told_share, title, around


def _figures(question: _Question, text: str) -> tuple[float, ...]:
    if not any(question.wanted.values()):
        return (0.0,) * len(_UNITS)
    units = {number.unit for number in numbers_of(text)}
    return tuple(float(question.wanted[kind] and bool(units & known)) for kind, known in _UNITS.items())
