"""From a question to a query: its words, what they are called elsewhere, what is asked for. Knows no index and no passage.

Every term says why it is there (``Because``), so that whoever shows a passage can show what made it match.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from daffa.language import arabizi_candidates, identify

from .analyser import terms
from .cues import article, kinds
from .glossary import Glossary, Told
from .kept import Kept
from .lattice import Lattice
from .passage import Because, Concept, Query, Term
from .reading import Word, read
from .tables import Tables, shipped

__all__ = ["Planner", "Weights"]

_LONGEST = 2000
"""Code points of a question that are read; nobody asks more, and the rest would only blur the query."""
_MOST_TERMS = 400
_MOST_WORDS = 48
"""Of a text longer than a question the most telling words are taken."""
_LONGEST_QUESTION = 30
"""Words; a longer text is no question: an article that it names is not what it asks for."""
_MOST_TRANSLATIONS = 5
_LEAST_TRANSLATION = 0.05
_LEAST_CONCEPT = 0.1
_SHORTEST_FRENCH = 4
_SHORTEST_ARABIC = 3
_CLITICS = frozenset("بلفكودن")


@dataclass(frozen=True, slots=True)
class Weights:
    """What each ingredient of a query weighs; 0 leaves it out. Chosen on the questions ``dev`` of ``bench/retrieval``.

    Attributes:
        to_arabic, to_french: of a learned translation, by its share.
        arabizi: of Arabic terms for a word of Darija in Latin letters, by their shares; ``latin``: of the word as it stands.
        glossary: of each wording of a line; ``told``: of the words that brought a line in, and of their translations.
        kind: of the words that answer a kind of question, in each language one half.
        number, name: of an article's number and its law's name; ``beside_number``: of all else where there is a number.
    """

    to_arabic: float = 0.9
    to_french: float = 1.0
    arabizi: float = 0.75
    latin: float = 0.9
    glossary: float = 0.5
    told: float = 0.5
    kind: float = 0.65
    number: float = 3.0
    name: float = 1.0
    beside_number: float = 0.1


_Alternative = tuple[str, float, str]
"""A term that may stand for a word, its weight, and by what."""


@dataclass
class _Gathered:
    """Terms by field and text: the weights of what came in twice are added up, the heavier reason is kept."""

    found: dict[tuple[str, str], tuple[float, float, Because]] = field(default_factory=dict)

    def add(self, name: str, term: str, weight: float, because: Because) -> None:
        if weight <= 0 or not term:
            return
        total, heaviest, why = self.found.get((name, term), (0.0, 0.0, because))
        self.found[name, term] = (total + weight, max(heaviest, weight), because if weight > heaviest else why)

    def terms(self) -> tuple[Term, ...]:
        heaviest = sorted(self.found.items(), key=lambda item: -item[1][0])[:_MOST_TERMS]
        return tuple(Term(name, text, weight, why) for (name, text), (weight, _, why) in heaviest)


class Planner:
    """Plans questions by one glossary, the learned tables, and the names of laws and documents.

    Args:
        glossary: everyday words; ``everyday()`` merged with those of packs.
        tables: what was learned of words; by default what comes with Daffa.
        works: a glossary of the names by which laws and documents are called; its lines are looked for in ``work``.
        weights: for measuring; the default is what was chosen.
        kept: keeps for the next process what takes long to read.
    """

    def __init__(
        self,
        glossary: Glossary,
        tables: Tables | None = None,
        works: Glossary | None = None,
        weights: Weights | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._glossary = glossary
        self._kept = kept
        self._tables = tables if tables is not None else shipped()
        self._works = works or Glossary()
        self._weights = weights or Weights()
        self._lattice = Lattice(self._tables.counts)
        self._warm = False

    def warm(self) -> None:
        """Build what the first question would otherwise wait for: the phrases of the glossary, the tables, the lattice."""
        self._glossary.warm(self._kept)
        self.plan("chno khassni l la carte", "ary-Latn")
        self._warm = True

    async def ready(self) -> None:
        """Wait, beside the event loop, until the first question need not."""
        if not self._warm:
            await asyncio.to_thread(self.warm)

    def plan(self, text: str, language: str = "") -> Query:
        """The query of any ``text``. ``language``: BCP 47 with script; identified where it is empty."""
        asked = text[:_LONGEST]
        language = language or identify(asked).language
        words = read(asked, language)
        told = self._glossary.told(words) if self._weights.glossary else []
        gathered = _Gathered()
        alternatives = {place: self._alternatives(words[place]) for place in self._telling_places(words)}
        explained = {place for one in told for place in range(one.first, one.last)}
        for place, found in alternatives.items():
            share = self._weights.told if place in explained else 1.0
            self._add_word(gathered, words[place], found, share)
        for one in told:
            self._add_told(gathered, words, one, _share(one, told))
        cued = len(words) <= _LONGEST_QUESTION
        if cued:
            self._add_kinds(gathered, asked, language)
        terms = self._by_number(gathered, asked, words) if cued else gathered.terms()
        return Query(text, language, terms, tuple(self._concepts(words, alternatives, told)))

    def _telling_places(self, words: list[Word]) -> list[int]:
        """Where the words are that are looked for: all but stop words; of a long text those that tell most."""
        first = {word.text: place for place, word in reversed(list(enumerate(words))) if not word.stop}
        rarest = sorted(first.values(), key=lambda place: -self._telling([words[place].term]))
        return sorted(rarest[:_MOST_WORDS])

    def _alternatives(self, word: Word) -> list[_Alternative]:
        """Terms beside its own that may stand for ``word``: term, weight, by what."""
        weights = self._weights
        found = list(self._translated(word.term))
        if not word.arabizi and word.term and not self._tables.known(word.term):
            for form in self._known_forms(word):
                found += [(form, 1.0, "stem"), *self._translated(form)]
        if word.arabizi and weights.arabizi:
            found += [(term, weights.latin, "word") for term in self._without_article(word.text)]
            for term, share in self._arabic(word.text):
                found.append((term, share * weights.arabizi, "arabizi"))
                found += [(to, share * weight, by) for to, weight, by in self._translated(term)]
        return found

    def _translated(self, term: str) -> Iterator[_Alternative]:
        """What may stand for ``term`` in the other language."""
        weight = self._weights.to_arabic if term.isascii() else self._weights.to_french
        best = sorted(self._tables.translated(term).items(), key=lambda pair: -pair[1])[:_MOST_TRANSLATIONS]
        return ((to, share * weight, "translation") for to, share in best if share >= _LEAST_TRANSLATION and weight)

    def _known_forms(self, word: Word) -> list[str]:
        """Terms that an unknown word of Darija may be, which writes together what standard Arabic writes apart."""
        forms = {form for form in word.forms if form != word.term} | {form[1:] for form in word.forms if form[:1] in _CLITICS}
        return sorted(form for form in forms if len(form) >= _SHORTEST_ARABIC and self._tables.known(form))

    def _without_article(self, word: str) -> list[str]:
        """A French word inside Darija, which has taken the article of Darija: "lcompte"."""
        bare = word[1:] if word[:1] in "lL" and len(word) > _SHORTEST_FRENCH else ""
        return [term for term in terms(bare)[:1] if self._tables.known(term)]

    def _arabic(self, word: str) -> list[tuple[str, float]]:
        """Arabic terms for an Arabizi word, by both ways: as it is read, and as terms of its consonants."""
        shares: dict[str, float] = {}
        for term, share in self._lattice.candidates(word):
            shares[term] = shares.get(term, 0.0) + share / 2
        for candidate in arabizi_candidates(word[:40], 5):
            for term in terms(candidate.text)[:1]:
                if self._tables.known(term):
                    shares[term] = shares.get(term, 0.0) + candidate.score / 2
        return sorted(shares.items(), key=lambda pair: -pair[1])[:_MOST_TRANSLATIONS]

    def _add_word(self, gathered: _Gathered, word: Word, found: Iterable[_Alternative], share: float) -> None:
        weights = self._weights
        own = share * (weights.latin * self._tables.known(word.term) if word.arabizi else 1.0)
        because = Because(word.text, word.text, "word")
        gathered.add("stem", word.term, own, because)
        for term, weight, by in found:
            gathered.add("stem", term, weight * share, Because(word.text, term, by))

    def _add_told(self, gathered: _Gathered, question: list[Word], told: Told, share: float) -> None:
        asked = _asked(question, told)
        by = "glossary" if told.sure else "stem"
        for wording in told.entry.searched:
            found = _terms(wording)
            for term in found:
                weight = self._weights.glossary * share / len(found) ** 0.5
                gathered.add("stem", term, weight, Because(asked, wording, by))

    def _add_kinds(self, gathered: _Gathered, text: str, language: str) -> None:
        if not self._weights.kind:
            return
        for phrase, kind in kinds(text, language):
            for term in kind.terms:
                gathered.add("stem", term, self._weights.kind / 2, Because(phrase, kind.name, "kind"))

    def _by_number(self, gathered: _Gathered, text: str, question: list[Word]) -> tuple[Term, ...]:
        """All terms; where an article is asked for by number, that number and the name of the law before all others."""
        found = article(text) if self._weights.number else None
        if not found:
            return gathered.terms()
        anchors = _Gathered()
        anchors.add("number", found[1], self._weights.number, Because(found[0], found[1], "number"))
        for told in self._works.told(question):
            names = {term: wording for column in ("fr", "ar") for term, wording in _wordings(told, column).items()}
            for term, wording in names.items():
                anchors.add("work", term, self._weights.name, Because(_asked(question, told), wording, "name"))
        share = self._weights.beside_number
        rest = (Term(term.field, term.text, term.weight * share, term.because) for term in gathered.terms())
        return (*anchors.terms(), *rest)

    def _concepts(
        self, words: list[Word], alternatives: Mapping[int, list[_Alternative]], told: list[Told]
    ) -> Iterator[Concept]:
        """One for each word, and one for each phrase of the glossary in place of its words; what was guessed says nothing."""
        told = [one for one in told if one.sure]
        phrases = {place: (one.first, one.last) for one in told for place in range(one.first, one.last)}
        groups = dict.fromkeys(phrases.get(place, (place, place + 1)) for place in alternatives)
        for first, last in groups:
            places = [place for place in range(first, last) if place in alternatives]
            stems = {words[place].term for place in places if words[place].term}
            for place in places:
                stems.update(term for term, weight, _ in alternatives[place] if weight >= _LEAST_CONCEPT)
            for one in told:
                if first <= one.first and one.last <= last:
                    stems.update(term for column in ("fr", "ar") for term in _wordings(one, column))
            yield Concept(" ".join(word.text for word in words[first:last]), frozenset(stems), self._telling(stems))

    def _telling(self, stems: Iterable[str]) -> float:
        known = [self._tables.rarity(stem) for stem in stems if self._tables.known(stem)]
        return min(known, default=1.0)


def _asked(question: list[Word], told: Told) -> str:
    return " ".join(word.text for word in question[told.first : told.last])


def _share(told: Told, all_told: Iterable[Told]) -> float:
    """Of the weight of a line: lines that one word brings in have no more together than the surest of them alone."""
    fits = [other.fit for other in all_told if other.first < told.last and told.first < other.last]
    return told.fit * max(fits) / sum(fits)


def _wordings(told: Told, column: str) -> dict[str, str]:
    """The terms of one side of a line, each with the wording that it is of."""
    return {term: wording for wording in told.entry.wordings[column] for term in _terms(wording)}


@lru_cache(maxsize=1 << 13)
def _terms(wording: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms(wording)))
