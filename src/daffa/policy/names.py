"""The law's own names for values of the vocabulary: its state, its regions, its authority. Knows no rule and no sentence.

A rule reads ``cndp_authorisation`` or ``XO-FD`` in every country; a jurist of that country reads the name of his authority or
of his region. Only what is said changes, never what is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from daffa.decision import Level

from .fields import record, text, wrong
from .vocabulary import KINDS, mistaken_word
from .written import TEXT_LANGUAGES, fit_to_print

__all__ = ["Names", "common_names", "read_names"]

Names: TypeAlias = Mapping[tuple[str, str], Mapping[str, str]]
"""(kind, value) -> the words, by language."""


def read_names(data: Any, field: str) -> Names:
    """The names in ``data``, which is ``{kind: {value: {"fr", "ar", "en"}}}``. Raises ``Invalid`` naming the field.

    A value that the vocabulary does not have is an error: its name would never be read.
    """
    names = {}
    for kind, words in record(data, field, (), tuple(KINDS)).items():
        if not isinstance(words, Mapping):
            wrong(f"{field}.{kind}", "an object", words)
        for word, said in words.items():
            spot = f"{field}.{kind}.{word}"
            if expected := _mistaken(kind, word):
                wrong(spot, expected, word)
            spoken = record(said, spot, TEXT_LANGUAGES)
            names[kind, word] = {language: _plain(spoken[language], f"{spot}.{language}") for language in TEXT_LANGUAGES}
    return names


def common_names(old: Names, new: Names) -> Names:
    """The names under which two laws can be read side by side: those of states and regions, and what both call alike.

    A ground that one country calls an agreement between its regions is no such thing under the law of the other.
    """
    said = {**old, **new}
    return {key: words for key, words in said.items() if key[0] in ("state", "region") or old.get(key) == new.get(key)}


def _mistaken(kind: str, word: str) -> str | None:
    """What was expected instead of ``word``; a level is written as its number."""
    if kind != "level":
        return mistaken_word(KINDS[kind], word)
    levels = [str(int(level)) for level in Level]
    return None if word in levels else " | ".join(levels)


def _plain(data: Any, field: str) -> str:
    if not fit_to_print(said := text(data, field)):
        wrong(field, "plain text", data)
    return said
