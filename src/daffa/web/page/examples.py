"""First questions for who does not know what to ask: one of each pack, in the page's language. Knows no answer.

Of a pack's questions the one is taken that has most of the words of the text that answers it: a first question should be found.
"""

from __future__ import annotations

from collections.abc import Iterable

from daffa.packs import Pack
from daffa.search import tokens

__all__ = ["examples_of"]

_MOST = 4
_TAGS = {"fr": "fr-Latn", "ar": "ar-Arab", "en": "en-Latn", "zgh": "zgh-Tfng"}
_known: dict[tuple[str, str, str], str] = {}


def examples_of(packs: Iterable[Pack], language: str) -> list[str]:
    """Questions in ``language`` that the packs answer."""
    return [question for pack in packs if (question := _example(pack, language))][:_MOST]


def _example(pack: Pack, language: str) -> str:
    """A question of a pack; empty where it has none in this language."""
    key = (pack.id, pack.version, language)
    if key not in _known:
        tag = _TAGS[language]
        asked = [item for item in pack.questions if (item.status, item.language, item.tool) == ("answered", tag, None)]
        best = max(asked, key=lambda item: _shared(item.question, " ".join(item.spans)), default=None)
        _known[key] = best.question if best else ""
    return _known[key]


def _shared(question: str, text: str) -> float:
    """How much of a question stands in ``text``; of two alike the one with more words."""
    asked = {token.term for token in tokens(question)}
    shared = asked & {token.term for token in tokens(text)}
    return len(shared) / max(len(asked), 1) + len(shared) / 100
