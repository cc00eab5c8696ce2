"""Step one: what is really asked. Its language; a greeting answered at once; the subject of a question that only goes on."""

from __future__ import annotations

from functools import cache

from daffa.language import identify

from ..outcome import Status
from ..tongues import stated
from ..walk import Stop, Walk
from ..wording import Phrases, key_of, load, words_of

__all__ = ["Rewrite"]

# Characters that tell a language, and that a question may have: what is longer is a text, and its beginning is asked about.
_TELLING = 1000
_LONGEST = 2000
_SHORT = 8  # words: a longer turn says by itself what it is about
_SURE = 0.6
_UNTOLD = ("und", "other")
_KINDS = ("greeting", "thanks", "goodbye", "who")


class Rewrite:
    """Makes a question of the last turn."""

    name = "rewrite"

    async def __call__(self, walk: Walk) -> Stop | None:
        """Set ``question``, ``language`` and ``about``; stop at small talk and at nothing."""
        turns = [turn.text.strip() for turn in walk.asked.turns if turn.role == "user"]
        said = turns[-1][:_LONGEST] if turns else ""
        walk.language = stated(walk.asked.language) if walk.asked.language else _language(said, turns[:-1])
        if not key_of(said):
            return Stop(Status.CLARIFICATION, "assistant_empty", mode="canned")
        kind = _small_talk(said)
        if kind:
            walk.question = said
            return Stop(Status.ANSWERED, f"assistant_{kind}", mode="canned")
        walk.question = _without_greeting(said)
        walk.about = _subject(walk.question, turns[:-1])
        walk.note = walk.language
        return None


def _language(said: str, before: list[str]) -> str:
    """The language of a turn; that of the turns before where a short one does not tell."""
    found = identify(said[:_TELLING])
    if before and (found.language in _UNTOLD or found.confidence < _SURE):
        earlier = identify(before[-1][:_TELLING])
        if earlier.language not in _UNTOLD and (found.language in _UNTOLD or earlier.language in found.plausible):
            return _ours(earlier.language)
    return "fr-Latn" if found.language in _UNTOLD else _ours(found.language)


def _ours(language: str) -> str:
    return "zgh-Latn" if language == "kab-Latn" else language


@cache
def _turns() -> dict[str, str]:
    """Whole turns that are no question -> what they are."""
    data = load("smalltalk")
    return {key_of(phrase): kind for kind in _KINDS for phrase in data[kind]}


@cache
def _goes_on() -> tuple[Phrases, Phrases]:
    data = load("smalltalk")
    return Phrases(data["goes_on"]), Phrases(data["refers"])


def _small_talk(said: str) -> str:
    """What a turn is that asks nothing: one of them, or several in a row; the last one counts."""
    keys, found = key_of(said).split(), ""
    while keys:
        length = _begins(keys)
        if not length:
            return ""
        found, keys = _turns()[" ".join(keys[:length])], keys[length:]
    return found


def _begins(keys: list[str]) -> int:
    """How many words the small talk has that ``keys`` begin with."""
    return next((length for length in range(min(len(keys), 7), 0, -1) if " ".join(keys[:length]) in _turns()), 0)


def _without_greeting(said: str) -> str:
    """A question without the greeting before it."""
    words = words_of(said)
    length = _begins([word.key for word in words])
    if not 0 < length < len(words):
        return said
    return said[words[length].start :]


def _subject(question: str, before: list[str]) -> str:
    """The turn that a question goes on with: the last one before it that stood for itself."""
    if not before or not _only_goes_on(question):
        return ""
    earlier = next((turn for turn in reversed(before) if not _only_goes_on(turn) and not _small_talk(turn)), "")
    return earlier[:_LONGEST]


def _only_goes_on(turn: str) -> bool:
    keys = key_of(turn)
    begins, refers = _goes_on()
    if keys.count(" ") >= _SHORT:
        return False
    return any(first == 0 for first, _ in begins.find(keys)) or refers.any(keys)
