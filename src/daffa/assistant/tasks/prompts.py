"""What every task says to a model: data fenced as data, languages by name. Pure."""

from __future__ import annotations

import re

__all__ = ["fenced", "language_name"]

_FENCE = re.compile(r"<\s*/?\s*(?:passage|paragraph|letter)\b[^>]*>", re.IGNORECASE)
_LANGUAGES = {"fr": "French", "ar": "Modern Standard Arabic", "en": "English", "zgh": "Standard Tamazight in Tifinagh letters"}


def language_name(language: str) -> str:
    """A language of the house as an instruction names it."""
    return _LANGUAGES[language]


def fenced(name: str, text: str, kind: str = "passage") -> str:
    """Text between marks that it cannot write itself."""
    return f'<{kind} id="{name}">\n{_FENCE.sub(" ", text)}\n</{kind}>'
