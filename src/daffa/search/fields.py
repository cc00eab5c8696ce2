"""The fields of a passage in an index, as lists of terms. Knows no engine.

==========  =======================================================================================================
``stem``    terms of the heading and the text; the first of them twice: what an article begins with is what it is about
``number``  the article number, one term
``work``    terms of the name of the law or document; numbers of laws too (``65.99``)
==========  =======================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .analyser import number, terms
from .passage import Passage

__all__ = ["FIELDS", "article_number", "fields_of"]

FIELDS: Final = ("stem", "number", "work")
_TWICE = 20
_AGAIN = {"bis": "bis", "مكرر": "bis", "مكرره": "bis", "مكررة": "bis", "ter": "ter", "quater": "quater"}


def fields_of(passage: Passage) -> Mapping[str, list[str]]:
    """The terms of ``passage`` by field; a field that it lacks is an empty list."""
    whole = f"{passage.title}\n{passage.text}" if passage.title else passage.text
    stems = terms(whole, passage.language)
    return {
        "stem": stems + stems[:_TWICE],
        "number": [article_number(passage.number)] if passage.number else [],
        "work": terms(passage.work, passage.language),
    }


def article_number(text: str) -> str:
    """An article number as one term: ``"24"``, ``"24 bis"`` and ``"24 مكرر"`` (both ``24bis``), ``"L. 12"`` (``l.12``)."""
    parts = text.casefold().split()
    return "".join(_AGAIN.get(part, number(part) if part[:1].isdigit() else part) for part in parts)
