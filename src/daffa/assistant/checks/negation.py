"""Whether a text denies: signs of denial in French, Arabic, Darija, English and Tamazight, counted; and opposites. Pure.

Two denials affirm, so what is compared is whether their number is odd. What only limits («ne ... que») denies nothing.
"""

from __future__ import annotations

import re
from functools import cache

from ..wording import Phrases, bare_forms, key_of, load

__all__ = ["denials", "turned_round"]

# «ألا» (that not) and «إلا» (but) have one key.
_THAT_NOT = re.compile(r"(?<!\w)([وفبل]?)ألا(?!\w)")
_DARIJA = re.compile(r"(?<!\S)و?ما?([^\s]{2,})ش(?!\S)")
_DARIJA_LATIN = re.compile(r"(?<!\S)ma(?:kan|kay|kat|tan|tay|ka|ta|gha|n|t|y)?[a-z0-9]{2,}(?:ch|sh|x)(?!\S)")


@cache
def _signs() -> tuple[Phrases, Phrases]:
    data = load("negation")
    scripts = [data[script] for script in ("latin", "arabic", "tifinagh")]
    return (
        Phrases(phrase for script in scripts for phrase in script["limits"]),
        Phrases(phrase for script in scripts for phrase in script["denies"]),
    )


@cache
def _opposites() -> list[tuple[Phrases, Phrases]]:
    return [(Phrases(pair["one"]), Phrases(pair["other"])) for pair in load("opposites")["pair"]]


def denials(text: str) -> int:
    """How many signs of denial ``text`` has."""
    limits, signs = _signs()
    words = key_of(_THAT_NOT.sub(r"\1أن لا", text)).split()
    for first, last in limits.find(" ".join(words)):
        words[first:last] = ["_"] * (last - first)
    keys = " ".join(words)
    count = 0
    for first, last in signs.find(keys):
        count += 1
        words[first:last] = ["_"] * (last - first)
    keys = " ".join(words)
    return count + len(_DARIJA.findall(keys)) + len(_DARIJA_LATIN.findall(keys))


def turned_round(claim: str, given: str) -> bool:
    """Whether ``claim`` says one of two opposites where ``given`` says only the other."""
    said, stands = _loose(claim), _loose(given)
    for one, other in _opposites():
        says = (one.any(said), other.any(one.without(said)))
        has = (one.any(stands), other.any(one.without(stands)))
        if says != has and ((says[0] and not has[0] and has[1]) or (says[1] and not has[1] and has[0])):
            return True
    return False


def _loose(text: str) -> str:
    """Keys of the words, each Arabic one also without what is written before it: «والمجاني» has «مجاني»."""
    keys = key_of(text).split()
    return " ".join(form for key in keys for form in (bare_forms(key)[:2] if key >= "ء" else (key,)))
