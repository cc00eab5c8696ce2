"""Floors: the label under which nothing that an organisation or a key asks may fall. Knows no table and no key."""

from __future__ import annotations

import functools

from daffa.decision import NEUTRAL, Label, Purpose
from daffa.errors import Invalid

__all__ = ["check_narrower", "floor_of", "read_floor"]

_NO_BASIS = Label(basis=frozenset())
_NO_TRAINING = Label(purposes=NEUTRAL.purposes - {Purpose.TRAINING_AI})


def read_floor(text: str) -> Label:
    """The floor of an organisation, written as a label: ``level=restricted; categories=health; basis=law``.

    A header that says nothing of a field leaves it neutral, since it joins a floor. The floor is what it joins, so
    here silence is refusal: an unsaid ``basis`` means *no* legal ground, and unsaid ``purposes`` mean all but
    ``training_ai``. What is said is taken as said (``basis=law,consent``); the other fields are neutral when unsaid.
    Raises ``Invalid`` naming the field, what was expected and what was found.
    """
    floor = Label.parse(text)
    said = _said(text)
    if "basis" not in said:
        floor |= _NO_BASIS
    if "purposes" not in said:
        floor |= _NO_TRAINING
    return floor


@functools.lru_cache(maxsize=4096)
def floor_of(organisation: str, organisation_floor: str, key_floor: str) -> Label:
    """The floor of whoever asks with a key: the organisation's floor and the key's, joined.

    What the key leaves unsaid it inherits, and what it says can only narrow: its basis and purposes are cut to the
    organisation's. What an organisation asks, it owns, beside the owners that the floors name.
    """
    return read_floor(organisation_floor) | Label.parse(key_floor) | Label(owners=frozenset({organisation}))


def check_narrower(organisation_floor: str, key_floor: str) -> None:
    """Raise ``Invalid`` where a key says a basis or a purpose that its organisation does not have.

    The join would cut it away in silence, and the key would allow less than its floor reads.
    """
    granted, asked = read_floor(organisation_floor), Label.parse(key_floor)
    for field in ("basis", "purposes"):
        beyond = getattr(asked, field) - getattr(granted, field)
        if field in _said(key_floor) and beyond:
            within = ", ".join(sorted(getattr(granted, field))) or f"none (the organisation has no {field})"
            raise Invalid("invalid_label", field=field, expected=within, got=", ".join(sorted(beyond)))


def _said(text: str) -> frozenset[str]:
    return frozenset(part.partition("=")[0].strip() for part in text.split(";"))
