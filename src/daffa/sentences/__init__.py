"""What the house says, by code and language: one ``<room>.toml`` a room. Knows nothing of who speaks."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["LANGUAGES", "catalogue", "choose", "say"]

LANGUAGES = ("fr", "ar", "en", "zgh")

# Identifiers are Latin: inside an Arabic sentence each is isolated, or the terminal and the browser
# reorder its neighbours (Unicode bidirectional algorithm, FSI ... PDI).
_ISOLATE, _RELEASE = "\u2068", "\u2069"


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """Code -> language -> template, from every ``<room>.toml`` beside this file. A code has one home."""
    sentences: dict[str, dict[str, str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        for code, templates in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in sentences:
                raise ValueError(f"{file.name}: {code} is said elsewhere too")
            sentences[code] = templates
    return sentences


def say(code: str, language: str = "en", **facts: Any) -> str:
    """The sentence of ``code`` in ``language`` with ``facts`` filled in.

    Falls back to English where a language has no sentence yet. Raises ``KeyError`` for a code that is
    not in the catalogue: that is a mistake of ours, and a test looks for it.
    """
    templates = catalogue()[code]
    template = templates.get(language) or templates["en"]
    if template is templates.get("ar"):
        facts = {name: f"{_ISOLATE}{value}{_RELEASE}" for name, value in facts.items()}
    return template.format_map(_Facts(facts))


@functools.lru_cache(maxsize=1000)
def choose(accept_language: str) -> str:
    """The best of our languages for an ``Accept-Language`` header; English where none fits."""
    best, weight = "en", 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        quality = _quality(parameters)
        spoken = {"ary": "ar", "ber": "zgh", "shi": "zgh", "tzm": "zgh"}.get(primary, primary)
        if spoken in LANGUAGES and quality > weight:
            best, weight = spoken, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"
