"""What is indexed, what is asked, and what is found. Knows no engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Because", "Concept", "Found", "Hit", "Index", "Passage", "Query", "Scope", "Term", "Vector", "VectorIndex"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage to be found.

    Attributes:
        id: unique in its collection.
        collection, document: what it is part of; ``document`` is unique in its collection.
        text, title: what it says, and the heading that it stands under.
        language: BCP 47 with script; empty lets the analyser look at each word.
        number: of the article that it is; else empty.
        work: name of the law or document that ``number`` counts in.
        valid_from, valid_to: days since 1970-01-01 on which it is valid, both included; 0: open.
        revision: of its document, another one each time that its text may be another: which text a vector stands for.
    """

    id: str
    collection: str
    document: str
    text: str
    title: str = ""
    language: str = ""
    number: str = ""
    work: str = ""
    valid_from: int = 0
    valid_to: int = 0
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where may be looked: the filter stands inside the query, so that nothing outside leaves a trace.

    Attributes:
        collections: ids; none of them: nothing is found.
        day: days since 1970-01-01 on which a passage must be valid; ``None``: whenever.
        languages: of passages, BCP 47 with script; empty: all.
    """

    collections: frozenset[str]
    day: int | None = None
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Because:
    """Why a term is looked for: ``found`` stands for the word ``asked``.

    ``by`` is ``word`` (itself), ``stem`` (a form of it), ``glossary``, ``translation`` (the learned table), ``arabizi``,
    ``kind`` (of question: a penalty, a time limit, ...), ``number`` or ``name``.
    """

    asked: str
    found: str
    by: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a query: in which field of the index, how much it weighs, and why it is there."""

    field: str
    text: str
    weight: float
    because: Because


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that was asked for, in every wording known: the stems that stand for it, and how telling it is (0 to 1)."""

    asked: str
    stems: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index is asked it.

    Attributes:
        text: as it was asked.
        language: BCP 47 with script, as given or identified.
        terms: for the index.
        concepts: for whoever weighs what was found.
        vector: what an embedding model made of it, of any length; empty: it is looked for by its words alone.
    """

    text: str
    language: str
    terms: tuple[Term, ...]
    concepts: tuple[Concept, ...]
    vector: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; a higher score is better, within one query only.

    ``language`` and ``number`` (as one term) are those of the passage, ``terms`` those of its field ``stem``, joined by spaces;
    empty where its vector alone has found it.
    """

    collection: str
    document: str
    id: str
    score: float
    language: str = ""
    number: str = ""
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The best first, and the version of the index that said so."""

    hits: tuple[Hit, ...]
    version: str


class Index(Protocol):
    """What passages are kept in to be found again. One writer; what a call put is found when it has returned.

    The statistics that scores are made of are those of the scope: what is outside changes no score and no version.
    """

    async def put(self, passages: Sequence[Passage]) -> None:
        """Add documents, each with all its passages: they take the place of whatever was there of these documents."""
        ...

    async def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """Take out documents, or a whole collection: nothing of them is left on the disk when this returns."""
        ...

    async def search(self, query: Query, scope: Scope, k: int) -> Found:
        """The best ``k`` passages within ``scope``."""
        ...

    async def version(self, scope: Scope | None = None) -> str:
        """Names the analyser and what is in the index within ``scope``; changes with every change there."""
        ...

    async def marks(self) -> Mapping[str, str]:
        """Each collection that is in the index, with a mark ``EPOCH-COUNTER``.

        The counter grows with every change; another epoch says that the index of the collection was begun anew.
        """
        ...

    async def close(self) -> None:
        """Let go of the index."""
        ...


@dataclass(frozen=True, slots=True)
class Vector:
    """What an embedding model made of one passage: ``revision`` says of which text."""

    passage: str
    document: str
    revision: str
    language: str
    valid_from: int
    valid_to: int
    values: Sequence[float]


class VectorIndex(Index, Protocol):
    """An ``Index`` that keeps a vector beside a passage, where there is one, and fuses both orders by rank.

    A passage without a vector is found by its words. Vectors of another model, or of another length, are never compared.
    """

    async def lacking(self, collection: str, revisions: Mapping[str, str], length: int) -> list[str]:
        """Which passages (id -> revision) have no vector of their text, by this model and of ``length``; 0: of any."""
        ...

    async def keep(self, collection: str, vectors: Sequence[Vector]) -> None:
        """Keep vectors of one length beside passages that are there, in the place of those that these had."""
        ...
