"""The label of data: what it is, in what form, for what, on what ground. Knows nothing of places or rules.

Labels form a join-semilattice: ``a | b`` is the label of ``a`` and ``b`` put together, and nothing
that is joined ever lowers a label. ``NEUTRAL`` is the identity of the join.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from daffa.errors import Invalid

from .purpose import Purpose

__all__ = ["NEUTRAL", "Basis", "Category", "Form", "Label", "Level"]


class Level(IntEnum):
    """How much harm a disclosure would do, 0 to 4."""

    PUBLIC = 0
    INTERNAL = 1
    RESTRICTED = 2
    CONFIDENTIAL = 3
    SECRET = 4


class Category(StrEnum):
    """What the data is about, where the law looks at it."""

    PERSONAL = "personal"
    PERSONAL_SENSITIVE = "personal_sensitive"
    HEALTH = "health"
    JUDICIAL = "judicial"
    TAX = "tax"
    BIOMETRIC = "biometric"
    MINORS = "minors"
    SECURITY = "security"


class Form(IntEnum):
    """How far the data is from persons; the rawest wins a join."""

    DEIDENTIFIED = 0
    PSEUDONYMISED = 1
    RAW = 2


class Basis(StrEnum):
    """The legal ground on which data is used, handed over or sent abroad; what each of them opens, the law says."""

    LAW = "law"
    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    CONTRACT = "contract"
    CNDP_AUTHORISATION = "cndp_authorisation"
    LISTED_COUNTRY = "listed_country"
    TREATY = "treaty"


@dataclass(frozen=True, slots=True)
class Label:
    """The label of data.

    Attributes:
        level: 0 public to 4 secret.
        categories: what the law looks at.
        form: raw, pseudonymised or deidentified.
        purposes: those for which the data may be used.
        basis: legal grounds that hold for *all* of the data.
        owners: ids of the organisations that own a part of it.
        expires: instant (Unix seconds, UTC) after which it may not be used, or ``None``.
    """

    level: Level = Level.PUBLIC
    categories: frozenset[Category] = frozenset()
    form: Form = Form.DEIDENTIFIED
    purposes: frozenset[Purpose] = frozenset(Purpose)
    basis: frozenset[Basis] = frozenset(Basis)
    owners: frozenset[str] = frozenset()
    expires: int | None = None

    def __or__(self, other: Label) -> Label:
        """The label of both together: never lower than either."""
        ends = [end for end in (self.expires, other.expires) if end is not None]
        return Label(
            level=max(self.level, other.level),
            categories=self.categories | other.categories,
            form=max(self.form, other.form),
            purposes=self.purposes & other.purposes,
            basis=self.basis & other.basis,
            owners=self.owners | other.owners,
            expires=min(ends) if ends else None,
        )

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read ``level=confidential; categories=health,personal; basis=law`` (fields in any order).

        A set may also be written by what it lacks: ``purposes=!training_ai,!research``. What is not said stays
        neutral, so that a declared label can only raise the label it joins. Raises ``Invalid`` naming the field,
        what was expected and what was found.
        """
        given: dict[str, str] = {}
        for part in filter(None, (piece.strip() for piece in text.split(";"))):
            name, equals, value = (side.strip() for side in part.partition("="))
            if not equals or name not in _READERS:
                raise Invalid("invalid_label", field=name, expected=" | ".join(_READERS), got=part[:80])
            if name in given:
                raise Invalid("invalid_label", field=name, expected="given once", got=part[:80])
            given[name] = value
        return cls(**{name: _READERS[name](name, value) for name, value in given.items()})

    def __str__(self) -> str:
        """The label in the form that ``parse`` reads; neutral fields are left out, the level is always said."""
        return _written(self)


NEUTRAL = Label()

# A label travels back in an HTTP header: an owner's id must not be able to end it.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@functools.lru_cache(4096)
def _written(label: Label) -> str:
    said = [f"level={label.level.name.lower()}"]
    if label.categories:
        said.append("categories=" + ",".join(sorted(label.categories)))
    if label.form is not NEUTRAL.form:
        said.append(f"form={label.form.name.lower()}")
    if label.purposes != NEUTRAL.purposes:
        said.append("purposes=" + _shortest(label.purposes, Purpose))
    if label.basis != NEUTRAL.basis:
        said.append("basis=" + _shortest(label.basis, Basis))
    if label.owners:
        said.append("owners=" + ",".join(sorted(label.owners)))
    if label.expires is not None:
        said.append(f"expires={label.expires}")
    return "; ".join(said)


def _one_of(kind: type[IntEnum]) -> Callable[[str, str], IntEnum]:
    names = {member.name.lower(): member for member in kind}

    def read(field: str, text: str) -> IntEnum:
        if text.isascii() and text.isdigit() and len(text) == 1 and int(text) in list(kind):
            return kind(int(text))
        if text.lower() not in names:
            raise Invalid("invalid_label", field=field, expected=" | ".join(names), got=text[:80])
        return names[text.lower()]

    return read


def _set_of(kind: type[StrEnum]) -> Callable[[str, str], frozenset[StrEnum]]:
    known = {str(member): member for member in kind}

    def read(field: str, text: str) -> frozenset[StrEnum]:
        items = [item.strip() for item in text.split(",") if item.strip()]
        lacking = bool(items) and items[0].startswith("!")
        for item in items:
            if item.startswith("!") is not lacking or item.removeprefix("!") not in known:
                raise Invalid("invalid_label", field=field, expected=" | ".join(sorted(known)), got=item[:80])
        named = frozenset(known[item.removeprefix("!")] for item in items)
        return frozenset(kind) - named if lacking else named

    return read


def _shortest(members: frozenset[StrEnum], kind: type[StrEnum]) -> str:
    lacking = frozenset(kind) - members
    return ",".join(sorted(members) if len(members) <= len(lacking) else (f"!{member}" for member in sorted(lacking)))


def _names(field: str, text: str) -> frozenset[str]:
    items = [item.strip() for item in text.split(",") if item.strip()]
    for item in items:
        if not _NAME.fullmatch(item):
            raise Invalid("invalid_label", field=field, expected="ids of letters, digits, . _ -", got=item[:80])
    return frozenset(items)


def _instant(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Invalid("invalid_label", field=field, expected="Unix seconds (UTC)", got=text[:80])
    return int(text)


_READERS: dict[str, Callable[[str, str], Any]] = {
    "level": _one_of(Level),
    "categories": _set_of(Category),
    "form": _one_of(Form),
    "purposes": _set_of(Purpose),
    "basis": _set_of(Basis),
    "owners": _names,
    "expires": _instant,
}
