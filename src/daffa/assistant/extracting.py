"""Which sentences of the passages answer a question, word for word. Pure; knows no model.

Each sentence is scored by what speaks for it; the best are taken where enough speaks for the best one. The weights were
learned on one half of the packs' questions (``evaluation``); docs/assistant.md has the figures of both halves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from daffa.library import Held
from daffa.search import Query, tokens

from .checks import places_of, proper
from .evidence import FEATURES, Candidate, candidates
from .matching import found_concepts, fulfilled, ways_of
from .tongues import reads, spoken
from .wording import key_of, load

__all__ = ["Extract", "Weights", "choose", "evidence_of", "extract", "shipped", "sure"]

_MOST = 4
_DOCUMENTS = 2
_ARABIC = frozenset({"ar-Arab", "ary-Arab"})
_USUAL = 30.0  # score of a passage that answers a question of five words


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts.

    Attributes:
        sentence: by feature, what it adds to a sentence's score.
        sure: of being answered at all: ``constant``, ``score`` (of the best sentence), ``passage`` (of the best passage, by the
            index), ``unnamed`` (names that its passage lacks); of how many concepts were asked for, each as a square root:
            ``said`` (its passage says them), ``elsewhere`` (only others do), ``nowhere`` (no passage does); ``french``,
            ``english``, ``arabic`` (letters, Darija too), ``arabizi`` (of the question: glossaries are not alike in each).
        threshold: how sure one must be, 0 to 1.
        old: taken off a sentence that is not in force.
        more: share of the best score that a further sentence must have which answers a concept that those before it do not.
        near: share that any other must have.
    """

    sentence: Mapping[str, float]
    sure: Mapping[str, float]
    threshold: float
    old: float
    more: float
    near: float


@cache
def shipped() -> Weights:
    """Those that come with Daffa."""
    data = load("weights")
    return Weights(data["sentence"], data["sure"], data["threshold"], data["old"], data["more"], data["near"])


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of a passage: its number among those given, where it stands, and the share of the question that it covers."""

    passage: int
    start: int
    end: int
    coverage: float


def extract(
    query: Query, passages: Sequence[Held], scores: Sequence[float], language: str, old: frozenset[int], weights: Weights
) -> list[Extract]:
    """The best sentences, at most four of at most two documents, the best first; none where nobody can be sure enough."""
    found = candidates(query, passages, scores)
    ranked = choose(found, old, weights)
    if not ranked or sure(query, ranked[0], passages, scores, weights) < weights.threshold:
        return []
    return [_shown(candidate, passages, language) for candidate in _few(ranked, passages, weights)]


def choose(found: Sequence[Candidate], old: frozenset[int], weights: Weights) -> list[Candidate]:
    """All candidates, the best first; those of a text that is not in force after their equals."""

    def worth(candidate: Candidate) -> float:
        return _score(candidate, weights) - (weights.old if old.issuperset(candidate.places) else 0.0)

    return sorted(found, key=worth, reverse=True)


def _score(candidate: Candidate, weights: Weights) -> float:
    return sum(weights.sentence[name] * value for name, value in zip(FEATURES, candidate.features, strict=True))


def evidence_of(
    query: Query, best: Candidate, passages: Sequence[Held], scores: Sequence[float], weights: Weights
) -> dict[str, float]:
    """What speaks for the question being answered at all, and against it."""
    ways = ways_of(query)
    terms = [frozenset(token.term for token in tokens(_whole(held), held.language)) for held in passages]
    here = frozenset[str]().union(*(terms[number] for number in best.places))
    said = sum(fulfilled(ways, here))
    anywhere = sum(map(max, zip(*(fulfilled(ways, each) for each in terms), strict=True)))
    return {
        "constant": 1.0,
        "score": _score(best, weights) / 5,
        "passage": max(scores, default=0.0) / _USUAL,
        "said": math.sqrt(said),
        "elsewhere": math.sqrt(max(anywhere - said, 0.0)),
        "nowhere": math.sqrt(max(len(ways) - anywhere, 0.0)),
        "unnamed": float(_unnamed(query, best, passages)),
        "french": float(spoken(query.language) == "fr"),
        "english": float(spoken(query.language) == "en"),
        "arabic": float(query.language in _ARABIC),
        "arabizi": float(query.language == "ary-Latn"),
    }


def _whole(held: Held) -> str:
    return f"{held.title}\n{held.heading}\n{held.work}\n{held.text}"


def _unnamed(query: Query, best: Candidate, passages: Sequence[Held]) -> int:
    """How many names, years and states of the question stand nowhere in a sentence's passage, in any wording known."""
    texts = {number: _whole(passages[number]) for number in best.places}
    found = frozenset[int]().union(*(found_concepts(query, text, passages[number].language) for number, text in texts.items()))
    given = " ".join(texts.values())
    places = len(set(places_of(query.text)) - set(places_of(given)))
    keys = set(key_of(given).split())
    known = {word for number in found for word in key_of(query.concepts[number].asked).split()}
    names = {name for name in proper(query.text) if not set(key_of(name).split()) & (keys | known)}
    return places + len({name for name in names if not places_of(name)})


def sure(query: Query, best: Candidate, passages: Sequence[Held], scores: Sequence[float], weights: Weights) -> float:
    """How sure it is that the passages answer the question: 0 to 1."""
    said = sum(weights.sure[name] * value for name, value in evidence_of(query, best, passages, scores, weights).items())
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, said))))


def _few(ranked: Sequence[Candidate], passages: Sequence[Held], weights: Weights) -> list[Candidate]:
    """The best one, and further ones of two documents: nearly as good, or good and about what those before do not answer."""
    best = _score(ranked[0], weights)
    chosen: list[Candidate] = []
    documents: set[tuple[str, str]] = set()
    answered: set[int] = set()
    for candidate in ranked:
        share = _score(candidate, weights) / best if best > 0 else 0.0
        if chosen and share < (weights.near if candidate.concepts <= answered else weights.more):
            continue
        held = passages[min(candidate.places)]
        document = (held.collection, held.document.rpartition(".")[0] or held.document)
        if document not in documents and len(documents) == _DOCUMENTS:
            continue
        chosen.append(candidate)
        documents.add(document)
        answered |= candidate.concepts
        if len(chosen) == _MOST:
            break
    return chosen


def _shown(candidate: Candidate, passages: Sequence[Held], language: str) -> Extract:
    """The version in the asker's language, else the first one."""
    number = min(candidate.places, key=lambda place: (not reads(language, passages[place].language), place))
    return Extract(number, *candidate.places[number], candidate.coverage)
