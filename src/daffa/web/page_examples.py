"""First questions for who does not know what to ask: one of each pack, in the page's language. Knows no answer."""

from __future__ import annotations

from collections.abc import Iterable

from daffa.packs import Pack

__all__ = ["examples_of"]

_MOST = 4
# Characters of a question that says by itself what it is about.
_TELLING = 25
_TAGS = {"fr": "fr-Latn", "ar": "ar-Arab", "en": "en-Latn", "zgh": "zgh-Tfng"}


def examples_of(packs: Iterable[Pack], language: str) -> list[str]:
    """Questions in ``language`` that the packs answer."""
    found: list[str] = []
    for pack in packs:
        asked = (item for item in pack.questions if item.status == "answered" and item.language == _TAGS[language])
        questions = [item.question for item in asked]
        found += [question for question in questions if len(question) >= _TELLING][:1] or questions[:1]
    return found[:_MOST]
