"""Which language a text is in: whole, many at once, in spans. Knows no label, no person, no network.

The model is read at first use; ``learning`` makes it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ..segment import sentences
from .answer import LONG, Identified
from .identifier import Identifier
from .letters import SCRIPTS
from .mixed import Span
from .mixed import spans as _spans
from .model import FORMAT, OTHER_LANGUAGE, Model, Part, shipped, unpacked
from .sums import BUCKET_BITS, ngrams, units_of

__all__ = [
    "BUCKET_BITS",
    "FORMAT",
    "LONG",
    "OTHER_LANGUAGE",
    "SCRIPTS",
    "Identified",
    "Identifier",
    "Model",
    "Part",
    "Span",
    "by_sentence",
    "identify",
    "identify_many",
    "ngrams",
    "shipped",
    "spans",
    "units_of",
    "unpacked",
]


@functools.cache
def _identifier() -> Identifier:
    return Identifier(shipped())


def identify(text: str) -> Identified:
    """The language of ``text``, with a calibrated confidence and the plausible languages."""
    return _identifier().one(text)


def identify_many(texts: Sequence[str]) -> list[Identified]:
    """The languages of ``texts``, in their order: the same answers as ``identify``, faster where there are many."""
    return _identifier().many(texts)


def spans(text: str) -> list[Span]:
    """The stretches of ``text`` by language, e.g. French inside Arabizi; offsets in code points."""
    return _spans(_identifier(), text)


def by_sentence(text: str) -> list[Span]:
    """The sentences of ``text``, each with its language; offsets in code points."""
    places = sentences(text)
    answers = identify_many([text[start:end] for start, end in places])
    return [Span(start, end, answer.language) for (start, end), answer in zip(places, answers, strict=True)]
