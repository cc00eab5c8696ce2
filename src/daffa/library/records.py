"""What the library keeps: collections, documents and their passages. Knows no database and no index."""

from __future__ import annotations

from dataclasses import dataclass

from daffa.decision import NEUTRAL, Label
from daffa.documents import Document

__all__ = ["VISITORS", "Collection", "Held", "NewDocument", "Results", "Shelved"]

VISITORS = "-"
"""Who is of no organisation: of everybody's collections they see those without any label. No organisation is called so."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents of one organisation under one floor.

    Attributes:
        id: what requests name it by.
        organisation: whose it is; empty: everybody's.
        title: for people.
        floor: no passage of it carries less.
        created: Unix seconds.
        documents: how many it has.
    """

    id: str
    organisation: str
    title: str
    floor: Label
    created: float
    documents: int = 0


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be kept: ``id`` is unique in its collection; an older one of the same id is replaced.

    ``label`` is joined to the collection's floor; ``work`` names the law or text that its articles are numbered in;
    ``link`` where it is published; ``valid_from`` and ``valid_to`` are days since 1970-01-01, 0 for open.
    """

    id: str
    document: Document
    label: Label = NEUTRAL
    work: str = ""
    link: str = ""
    valid_from: int = 0
    valid_to: int = 0


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document that is kept, without its text; ``label`` has the collection's floor in it."""

    collection: str
    id: str
    title: str
    language: str
    label: Label
    work: str
    link: str
    valid_from: int
    valid_to: int
    passages: int
    added: float


@dataclass(frozen=True, slots=True)
class Held:
    """A passage that is kept: ``text`` stands at ``start`` (code points) of its document's text."""

    collection: str
    document: str
    id: str
    title: str
    heading: str
    text: str
    start: int
    language: str
    label: Label
    number: str = ""
    work: str = ""
    link: str = ""
    valid_from: int = 0
    valid_to: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """Passages and their scores, the best first, and the version of the index that said so."""

    passages: tuple[tuple[Held, float], ...]
    version: str
