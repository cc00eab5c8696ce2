"""What ``identity`` tells others: plain frozen facts. Knows no table and no secret."""

from __future__ import annotations

from dataclasses import dataclass

from daffa.decision import Actor, Label

from .role import Role

__all__ = ["Caller", "Key", "Organisation", "Person"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A ministry, an agency, a hospital.

    Attributes:
        id: lower-case letters, digits and hyphens.
        name: as people write it.
        region: ISO 3166-2 of its seat, or ``""``.
        floor: as ``read_floor`` reads it.
        created: instant (Unix seconds, UTC).
    """

    id: str
    name: str
    region: str
    floor: str
    created: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for one organisation, with the roles that all their keys together may hold."""

    id: str
    organisation: str
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, without its secret.

    Attributes:
        id: ten characters, the public part of the token.
        organisation: whose key it is.
        person: who uses it; ``None`` for a program.
        name: what it is for.
        roles: the roles it was given; a person's key has those of them that the person still holds.
        floor: what narrows the organisation's floor; ``""`` inherits it.
        created, expires, revoked: instants (Unix seconds, UTC), or ``None`` for never.
    """

    id: str
    organisation: str
    person: str | None
    name: str
    roles: frozenset[Role]
    floor: str
    created: int
    expires: int | None
    revoked: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, established by a key, a session or a token of the issuer.

    Attributes:
        actor: as the decision sees them; its id is the person's, or ``key:<id>`` for a program.
        floor: no label of what they ask may fall below it; owners, basis and purposes included.
        key_id: the key or the session that was shown; ``sso-token`` for a token of the issuer.
        organisation: id of their organisation.
        roles: what they may do now.
    """

    actor: Actor
    floor: Label
    key_id: str
    organisation: str
    roles: frozenset[Role]
