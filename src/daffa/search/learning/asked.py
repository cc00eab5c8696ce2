"""Questions written for learning, and the articles that answer them. Knows no index.

``asked/*.tsv``: a line an article, its id and five questions in the tongues of ``TONGUES``; written for this project, each from
the need that the article answers, none of an article of ``bench/retrieval``.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..passage import Passage
from .corpus import ARTICLES, rows

__all__ = ["ASKED", "COLLECTION", "TONGUES", "Asked", "asked", "corpus"]

ASKED: Final = Path(__file__).parent / "asked"
TONGUES: Final = ("fr", "situation", "ar", "ary", "ary_latn")
"""Columns: French; a situation or search words in French; Arabic; Darija in Arabic letters; Darija in Latin letters."""
COLLECTION: Final = "laws"
_HELD_OUT: Final = 10
"""One article in so many is kept from learning, to measure on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the tongue that it is in, the passages that answer it, and whether it is kept from learning."""

    text: str
    tongue: str
    answers: frozenset[str]
    held_out: bool


def asked(twins: Mapping[str, str], folder: Path = ASKED) -> Iterator[Asked]:
    """Every question; ``twins``: an article's id -> that of the same article in the other language."""
    for file in sorted(folder.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                article = row["article"]
                answers = frozenset({article, twins.get(article, article)})
                # By the pair, so that nothing learned from an article is measured on its twin.
                held_out = hashlib.sha256(min(answers).encode()).digest()[0] % _HELD_OUT == 0
                for tongue in TONGUES:
                    yield Asked(row[tongue], tongue, answers, held_out)


def corpus(data: Path) -> Iterator[Passage]:
    """Every article of a law under ``data`` as a passage; its law is the document. Raises ``Invalid`` without the files."""
    of_french, of_arabic = ARTICLES
    for row in rows(data, of_french):
        law, _, number = row["id"].partition("#")
        yield Passage(row["id"], COLLECTION, law, row["text"], language="fr-Latn", number=number)
    for row in rows(data, of_arabic):
        law, number = f"ar:{row['law']}", row["ref"].removeprefix("art")
        yield Passage(f"{law}#{number}", COLLECTION, law, row["text"], language="ar-Arab", number=number)
