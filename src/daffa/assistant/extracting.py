"""Which sentences of the passages answer a question, word for word. Pure; knows no model. The figures are measured: docs/assistant.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from daffa.language import sentences
from daffa.library import Held
from daffa.search import Query, matched, tokens

from .checks import gives_orders, numbers_of
from .matching import found_concepts
from .tongues import reads
from .wording import Phrases, key_of, load

__all__ = ["Extract", "Weights", "extract"]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts for an extract, in shares of a question's concepts.

    Attributes:
        threshold: least share of the concepts that an answer covers; under it the question is not covered.
        title: what a concept counts that stands in the title or heading alone.
        around: what it counts where it stands elsewhere in the passage.
        own: added for a sentence in the asker's language.
        number: added for a sentence with a number where one is asked for.
        rank: added for the first passage, falling to nothing at the last.
        heading: added for a heading that says nothing but what was asked, in part for one that says more.
        close: the same, of the sentence.
        first: added for the first sentence of its passage.
        old: taken off for a text that is not in force.
        more: share of the best score that a further sentence must have.
    """

    threshold: float = 0.55
    title: float = 0.8
    around: float = 0.4
    own: float = 0.15
    number: float = 0.1
    rank: float = 0.06
    heading: float = 0.2
    close: float = 0.1
    first: float = 0.04
    old: float = 0.2
    more: float = 0.8


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of a passage: its number among those given, where it stands, its share of the question, its score."""

    passage: int
    start: int
    end: int
    coverage: float
    score: float


@dataclass(frozen=True, slots=True)
class _Question:
    query: Query
    language: str
    asks_number: bool
    weights: Weights


_MOST = 3
_DOCUMENTS = 2


def extract(query: Query, passages: Sequence[Held], language: str, old: frozenset[int], weights: Weights) -> list[Extract]:
    """The best one to three sentences, of at most two documents, in the order of their worth; none where too little is covered."""
    question = _Question(query, language, _asks_number(query.text), weights)
    candidates = [
        each
        for number, held in enumerate(passages)
        for each in _of_passage(question, number, held, 1 - number / len(passages), is_old=number in old)
    ]
    candidates.sort(key=lambda each: (-each.score, each.passage, each.start))
    if not candidates or candidates[0].coverage < weights.threshold:
        return []
    return _chosen(candidates, passages, weights)


def _of_passage(question: _Question, number: int, held: Held, rank: float, *, is_old: bool) -> Iterator[Extract]:
    query, weights = question.query, question.weights
    titled = found_concepts(query, f"{held.title}\n{held.heading}", held.language)
    whole = found_concepts(query, held.text, held.language)
    bonus = weights.rank * rank + weights.heading * _closeness(query, held.heading or held.title, held.language)
    bonus += weights.own if reads(question.language, held.language) else 0.0
    bonus -= weights.old if is_old else 0.0
    for place, (start, end) in enumerate(sentences(held.text)):
        text = held.text[start:end]
        own = found_concepts(query, text, held.language)
        if not own or gives_orders(text):
            continue
        share = _share(query, own, titled, whole, weights)
        score = share + bonus + weights.close * _closeness(query, text, held.language)
        score += weights.number if question.asks_number and numbers_of(text) else 0.0
        score += weights.first if place == 0 else 0.0
        yield Extract(number, start, end, share, score)


def _closeness(query: Query, text: str, language: str) -> float:
    """The share of a text's own words that were asked for."""
    many = len(tokens(text, language))
    asked = len({match.start for match in matched(query, text, language)})
    return asked / many if many else 0.0


def _share(query: Query, own: frozenset[int], titled: frozenset[int], whole: frozenset[int], weights: Weights) -> float:
    """The share of the question's concepts that a sentence covers, with what its title and its passage add."""
    total = covered = 0.0
    for number, concept in enumerate(query.concepts):
        total += concept.weight
        if number in own:
            covered += concept.weight
        elif number in titled:
            covered += concept.weight * weights.title
        elif number in whole:
            covered += concept.weight * weights.around
    return covered / total if total else 0.0


def _chosen(candidates: Sequence[Extract], passages: Sequence[Held], weights: Weights) -> list[Extract]:
    """The best, then those that are nearly as good and say something else."""
    best = candidates[0]
    chosen, documents = [best], {_document(passages[best.passage])}
    said = {key_of(passages[best.passage].text[best.start : best.end])}
    for each in candidates[1:]:
        held = passages[each.passage]
        key = key_of(held.text[each.start : each.end])
        if len(chosen) == _MOST or each.score < best.score * weights.more:
            break
        if held.language != passages[best.passage].language or key in said:
            continue
        if _document(held) not in documents and len(documents) == _DOCUMENTS:
            continue
        chosen.append(each)
        documents.add(_document(held))
        said.add(key)
    return chosen


def _document(held: Held) -> tuple[str, str]:
    return held.collection, held.document


@cache
def _number_words() -> Phrases:
    return Phrases(load("asking")["number"])


def _asks_number(question: str) -> bool:
    """Whether a number or a date is asked for: how much, how long, when, at which rate."""
    return _number_words().any(key_of(question))
