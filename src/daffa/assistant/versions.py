"""The versions of one text in several languages: documents of a collection that are called alike but for the language.

``name.fr`` and ``name.ar`` are two of them, and ``name.fr@3`` stands for ``name.ar@3`` where both have as many sentences with
the same figures: what is taken for a translation was compared, not trusted. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from daffa.language import sentences
from daffa.library import Held

from .checks import Number, carried, numbers_of

__all__ = ["families_of", "same_sentences", "sibling"]

_DOCUMENT = re.compile(r"(.+)\.([a-z]{2,3})")


class _Version(NamedTuple):
    """What the versions of a passage have in common: the collection, the name without the language, the place in it."""

    collection: str
    name: str
    place: str


def _version_of(held: Held) -> _Version | None:
    """What a passage is a version of; None where its name does not say."""
    named = _DOCUMENT.fullmatch(held.document)
    if not named or not held.id.startswith(held.document):
        return None
    return _Version(held.collection, named[1], held.id[len(held.document) :])


def sibling(held: Held, language: str) -> str | None:
    """The id that the version of a passage in ``language`` (``fr``, ``ar``, ...) has, if there is one."""
    version = _version_of(held)
    return f"{version.name}.{language}{version.place}" if version else None


def families_of(passages: Sequence[Held]) -> list[int]:
    """For each passage the number of the first one that it is a version of; its own where there is none."""
    first: dict[_Version, list[int]] = {}
    families: list[int] = []
    for number, held in enumerate(passages):
        version = _version_of(held)
        known = first.setdefault(version, []) if version else []
        same = next((families[other] for other in known if same_sentences(passages[other], held)), number)
        known.append(number)
        families.append(same)
    return families


def same_sentences(one: Held, other: Held) -> bool:
    """Whether two passages have as many sentences, each with the same figures in both."""
    first, second = _figures(one.text), _figures(other.text)
    return len(first) == len(second) and all(map(_equal, first, second))


def _figures(text: str) -> tuple[tuple[Number, ...], ...]:
    """By sentence, the numbers that are written in digits."""
    return tuple(
        tuple(
            number
            for number in numbers_of(text[start:end])
            if any(map(str.isdigit, text[start:end][number.start : number.end]))
        )
        for start, end in sentences(text)
    )


def _equal(one: tuple[Number, ...], other: tuple[Number, ...]) -> bool:
    bare = [number._replace(unit="") for number in one], [number._replace(unit="") for number in other]
    return all(carried(number, bare[1]) for number in bare[0]) and all(carried(number, bare[0]) for number in bare[1])
