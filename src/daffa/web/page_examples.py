"""First questions for who does not know what to ask: one of each shipped pack, in the page's language. Knows no answer."""

from __future__ import annotations

import functools
import logging

from daffa.errors import DaffaError
from daffa.packs import read_pack, shipped

__all__ = ["examples_of"]

_MOST = 4
# Characters of a question that says by itself what it is about.
_TELLING = 25
_TAGS = {"fr": "fr-Latn", "ar": "ar-Arab", "en": "en-Latn", "zgh": "zgh-Tfng"}
_log = logging.getLogger(__name__)


@functools.cache
def examples_of(language: str) -> tuple[str, ...]:
    """Questions in ``language`` that the packs answer."""
    found = []
    for folder in shipped():
        try:
            questions = read_pack(folder).questions
        except DaffaError as error:
            _log.warning("the pack %s gives no examples: %s", folder.name, error)
            continue
        answered = [item.question for item in questions if item.status == "answered" and item.language == _TAGS[language]]
        found += [question for question in answered if len(question) >= _TELLING][:1] or answered[:1]
    return tuple(found[:_MOST])
