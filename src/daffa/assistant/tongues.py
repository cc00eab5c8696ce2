"""Which language the assistant speaks to whom. Knows tags; identifies nothing."""

from __future__ import annotations

__all__ = ["ANSWERS", "reads", "spoken", "stated"]

_SPOKEN = {
    "fr": "fr",
    "ar": "ar",
    "ary": "ar",
    "en": "en",
    "zgh": "zgh",
    "kab": "zgh",
    "tzm": "zgh",
    "shi": "zgh",
    "rif": "zgh",
    "ber": "zgh",
}
ANSWERS = {"fr": "fr-Latn", "ar": "ar-Arab", "en": "en-Latn", "zgh": "zgh-Tfng"}
"""Language of the assistant's own sentences -> its BCP 47 tag."""


def spoken(tag: str) -> str:
    """The language in which whoever writes ``tag`` is answered: ``fr``, ``ar``, ``en`` or ``zgh``; French for others."""
    return _SPOKEN.get(tag.partition("-")[0].lower(), "fr")


def reads(tag: str, document: str) -> bool:
    """Whether whoever writes ``tag`` is answered in the language of ``document``, which may say none."""
    return not document or _SPOKEN.get(document.partition("-")[0].lower()) == spoken(tag)


def stated(language: str) -> str:
    """The full tag of a language as a client states it, which may lack its script."""
    primary = language.partition("-")[0].lower()
    return language if "-" in language else ANSWERS.get(primary, "ary-Arab" if primary == "ary" else language)
