"""The words that a rule may name: a rule that names a value which no question can have is a slip, and is refused.

Without this, ``context.form == "anonymized"`` would load and never apply. Roles and organisations are open; the rest is closed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from daffa.decision import FOREVER, STATES, UNKNOWN, Basis, Category, Clause, Form, KeyHolder, Level, Purpose

__all__ = ["KINDS", "kind_of", "literals", "mistaken_word", "mistaken_words"]

_COUNTRIES = STATES | {UNKNOWN}
_WORDS: dict[str, Collection[str]] = {
    "context.categories": [str(category) for category in Category],
    "context.form": [form.name.lower() for form in Form],
    "context.basis": [str(basis) for basis in Basis],
    "context.purpose": [str(purpose) for purpose in Purpose],
    "resource.hw": _COUNTRIES,
    "resource.operator": _COUNTRIES,
    "resource.reach": _COUNTRIES,
    "resource.key": [str(holder) for holder in KeyHolder],
}
_HIGHEST = {"context.level": max(Level), "resource.qual": 2, "resource.seal": 4, "resource.retention_days": FOREVER}
_REGION = re.compile(r"|[A-Z]{2}(-[A-Z0-9]{1,3})?")

KINDS = {
    "level": "context.level",
    "categories": "context.categories",
    "form": "context.form",
    "basis": "context.basis",
    "purpose": "context.purpose",
    "roles": "principal.roles",
    "organisation": "principal.organisation",
    "state": "resource.reach",
    "region": "resource.region",
    "key": "resource.key",
}
"""The kinds of words that a law may name its own way, each with an attribute that takes them."""


def literals(clause: Clause) -> tuple[str | int | bool, ...]:
    """The values that a clause names, in order."""
    operand = clause.operand
    return tuple(sorted(operand, key=str)) if isinstance(operand, frozenset) else (operand,)


def mistaken_words(clause: Clause) -> Iterator[tuple[str | int | bool, str]]:
    """The values of a clause that its attribute never has, each with what was expected."""
    for value in literals(clause):
        if expected := mistaken_word(clause.attribute, value):
            yield value, expected


def kind_of(attribute: str) -> str:
    """The kind of words that an attribute takes: ``basis``, ``region``, ...; ``state`` for each that says a state."""
    return "state" if _WORDS.get(attribute) is _COUNTRIES else attribute.partition(".")[2]


def mistaken_word(attribute: str, value: str | int | bool) -> str | None:
    """What was expected instead of ``value``; ``None`` where it is a value of the attribute."""
    if (words := _WORDS.get(attribute)) is not None and value not in words:
        return "an ISO 3166-1 code" if words is _COUNTRIES else " | ".join(words)
    if (highest := _HIGHEST.get(attribute)) is not None and not 0 <= int(value) <= highest:
        return f"0 to {highest}"
    if attribute == "resource.region" and not _REGION.fullmatch(str(value)):
        return "an ISO 3166-2 code"
    return None
