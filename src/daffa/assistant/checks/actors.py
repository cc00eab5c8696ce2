"""Who does it: roles that stand opposite each other, and which of them acts in a clause. Pure; the roles are data.

A role counts as the actor where it comes first, unless a word makes another one the actor («par l'employeur», «على المشغل أن»).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ..wording import Word, bare_forms, key_of, load, words_of

__all__ = ["swapped"]

# A role behind one of these acts, or bears the duty, wherever it stands.
_ACTS = frozenset("par by علي".split())
_ACTS_BY_TWO = frozenset(
    {"من طرف", "من قبل", "من لدن", "incombe a", "appartient a", "charge de", "up to", "duty of", "obligation of"}
)
_LONGEST = 3


class _Role(NamedTuple):
    group: str
    role: str
    first: int
    acts: bool


@cache
def _roles() -> dict[str, list[tuple[str, str]]]:
    """Words of a role -> the groups and roles that they name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for group in load("actors")["group"]:
        for role, names in group["roles"].items():
            for name in names:
                found.setdefault(key_of(name), []).append((group["name"], role))
    return found


def swapped(claim: str, given: str, whole: str) -> bool:
    """Whether another one acts in ``claim`` than in ``given``, the words that it rests on.

    ``whole`` is the passage around: a role that stands nowhere in it, while its opposite does, was put in its place.
    """
    claimed, stands = list(_find(claim)), list(_find(given))
    around = list(_find(whole))
    for group in {role.group for role in claimed}:
        said = [role for role in claimed if role.group == group]
        has = [role for role in stands if role.group == group]
        known = {role.role for role in around if role.group == group}
        named = {role.role for role in said}
        if known and not named <= known:
            return True
        if not has:
            continue
        if _replaced(said, has):
            return True
        roles = {role.role for role in has}
        if not named & roles or (len(named) == 1 == len(roles) and named != roles):
            return True
        if _actor(said) != _actor(has) and _actor(said) in known and len(roles) > 1:
            return True
        if len(roles) == 1 and len(named) > 1 and _actor(said) not in roles:
            return True
    return False


def _replaced(said: list[_Role], has: list[_Role]) -> bool:
    """Whether one role is named more often than it stands, and another less: it was put in its place."""
    claimed, given = Counter(role.role for role in said), Counter(role.role for role in has)
    return any(claimed[role] > given[role] for role in claimed) and any(claimed[role] < given[role] for role in given)


def _actor(roles: list[_Role]) -> str:
    return next((role.role for role in roles if role.acts), roles[0].role)


def _find(text: str) -> Iterator[_Role]:
    """The roles that ``text`` names, in order."""
    words = words_of(text)
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST, len(words) - place), 0, -1):
            named = _named(words[place : place + length])
            if named:
                acts = _acts(words, place)
                yield from (_Role(group, role, place, acts) for group, role in named)
                place += length
                break
        else:
            place += 1


def _named(words: list[Word]) -> list[tuple[str, str]]:
    roles = _roles()
    if len(words) == 1:
        return next((roles[form] for form in bare_forms(words[0].key) if form in roles), [])
    return roles.get(" ".join(word.key for word in words)) or roles.get(
        " ".join(_without_article(word.key) for word in words), []
    )


def _without_article(key: str) -> str:
    forms = bare_forms(key)
    return forms[1] if key >= "ء" and len(forms) > 1 else key


def _acts(words: list[Word], place: int) -> bool:
    before = [
        word.key for word in words[max(place - 4, 0) : place] if word.key not in ("l", "la", "le", "les", "the", "un", "une")
    ]
    last_two = " ".join(before[-2:])
    return bool(before) and (
        before[-1] in _ACTS
        or last_two in _ACTS_BY_TWO
        or (last_two.endswith((" au", " aux")) and before[-2] in ("incombe", "appartient"))
    )
