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
from daffa.search import Query

from .checks import places_of, proper
from .evidence import FEATURES, Candidate, candidates
from .matching import found_concepts
from .tongues import reads, spoken
from .wording import key_of, load

__all__ = ["Extract", "Weights", "choose", "evidence_of", "extract", "shipped", "sure"]

_MOST = 5
_DOCUMENTS = 2
_USUAL = 30.0  # score of a passage that answers a question of five words


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts.

    Attributes:
        sentence: by feature, what it adds to a sentence's score.
        sure: of being answered at all: ``constant``, ``score`` (of the best sentence), ``passage`` (of the best passage, by the
            index), ``lacking`` (weight of the concepts that the best sentence and its heading lack), ``within`` (how many its
            passage has), ``concepts`` (how many were asked for), ``unnamed`` (names that its passage lacks),
            ``french``, ``english`` (of the question: each language has glossaries of its own richness).
        threshold: how sure one must be, 0 to 1.
        old: taken off a sentence that is not in force.
        more: share of the best score that a further sentence must have.
    """

    sentence: Mapping[str, float]
    sure: Mapping[str, float]
    threshold: float
    old: float
    more: float


@cache
def shipped() -> Weights:
    """Those that come with Daffa."""
    data = load("weights")
    return Weights(data["sentence"], data["sure"], data["threshold"], data["old"], data["more"])


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
    """The best sentences, at most five of at most two documents, the best first; none where nobody can be sure enough."""
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
    total = sum(concept.weight for concept in query.concepts)
    texts = [_whole(passages[number]) for number in best.places]
    found = frozenset[int]().union(
        *(found_concepts(query, text, passages[number].language) for number, text in zip(best.places, texts, strict=True))
    )
    return {
        "constant": 1.0,
        "score": _score(best, weights) / 5,
        "passage": max(scores, default=0.0) / _USUAL,
        "lacking": total * (1 - best.coverage),
        "within": float(len(found)),
        "concepts": len(query.concepts) / 3,
        "unnamed": float(_unnamed(query, found, texts)),
        "french": float(spoken(query.language) == "fr"),
        "english": float(spoken(query.language) == "en"),
    }


def _whole(held: Held) -> str:
    return f"{held.title}\n{held.heading}\n{held.work}\n{held.text}"


def _unnamed(query: Query, found: frozenset[int], texts: Sequence[str]) -> int:
    """How many names, years and states of the question stand nowhere in the texts, in any wording known."""
    given = " ".join(texts)
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
    """The best ones of two documents, each nearly as good as the first."""
    least = _score(ranked[0], weights) * weights.more
    chosen: list[Candidate] = []
    documents: set[tuple[str, str]] = set()
    for candidate in ranked:
        if _score(candidate, weights) < least:
            break
        held = passages[min(candidate.places)]
        document = (held.collection, held.document.rpartition(".")[0] or held.document)
        if document not in documents and len(documents) == _DOCUMENTS:
            continue
        chosen.append(candidate)
        documents.add(document)
        if len(chosen) == _MOST:
            break
    return chosen


def _shown(candidate: Candidate, passages: Sequence[Held], language: str) -> Extract:
    """The version in the asker's language, else the first one."""
    number = min(candidate.places, key=lambda place: (not reads(language, passages[place].language), place))
    return Extract(number, *candidate.places[number], candidate.coverage)
