"""What an issuer says of somebody, read by the rules of this house. Knows no token, no table and no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daffa.errors import Denied, Invalid

from . import fields
from .role import Role

__all__ = ["SignOnRules", "Statement", "read_statement"]

_LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2
_MOST_VALUES = 2000


@dataclass(frozen=True, slots=True)
class SignOnRules:
    """Whom the house asks who somebody is, and what it makes of the answer.

    Attributes:
        issuer: address of the OpenID Connect issuer, exactly as it names itself.
        client_id: the house's name there.
        client_secret: its secret there; empty for a public client. Never shown.
        url: address under which browsers reach the house; empty lets a browser on the same machine try it.
        audience: what access tokens for the house are made out to; empty: none is accepted.
        scopes: what is asked for.
        organisation_claim: the claim that says the organisation; a dot leads into an object.
        organisations: value of that claim -> id of the organisation here.
        organisation: id of the organisation of whoever has no such claim; empty: nobody.
        roles_claim: the claim that says the groups; a dot leads into an object.
        roles: group -> roles here.
        default_roles: roles of everybody whom the issuer knows.
        session_seconds: how long a session lasts.
    """

    issuer: str
    client_id: str
    client_secret: str
    url: str
    audience: str
    scopes: tuple[str, ...]
    organisation_claim: str
    organisations: Mapping[str, str]
    organisation: str
    roles_claim: str
    roles: Mapping[str, frozenset[Role]]
    default_roles: frozenset[Role]
    session_seconds: int

    def __repr__(self) -> str:
        return f"SignOnRules({self.issuer}, {self.client_id})"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the issuer says of somebody, in the words of the house.

    Attributes:
        issuer, subject: who it is, for ever; nothing else identifies them, least of all an e-mail address.
        name: as people write it; ``""`` where the issuer says none that can be kept.
        organisation: id of their organisation here.
        roles: what they may do here; ``None`` where the issuer says nothing of groups.
        said: when (Unix seconds, UTC): of two statements the newer one counts.
    """

    issuer: str
    subject: str
    name: str
    organisation: str
    roles: frozenset[Role] | None
    said: int


def read_statement(claims: Mapping[str, Any], rules: SignOnRules, *, login: bool) -> Statement:
    """The statement that ``claims`` make, once they are known to be the issuer's.

    At a login, no groups means no roles but the default ones; an access token may say nothing of them.
    Raises ``Denied``: ``invalid_token`` naming the claim, ``sign_on_organisation`` where none here is meant, or several.
    """
    subject, said = claims.get("sub"), claims.get("iat")
    if not (isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT and subject.isascii() and subject.isprintable()):
        raise Denied("invalid_token", field="sub")
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not 0 <= said < 1 << 53:
        raise Denied("invalid_token", field="iat")
    groups = _values(claims, rules.roles_claim)
    roles = rules.default_roles.union(*(rules.roles.get(group, frozenset()) for group in groups or ()))
    return Statement(
        issuer=rules.issuer,
        subject=subject,
        name=_name(claims),
        organisation=_organisation(_values(claims, rules.organisation_claim), rules),
        roles=roles if login or groups is not None else None,
        said=int(said),
    )


def _organisation(values: list[str] | None, rules: SignOnRules) -> str:
    meant = {rules.organisations[value] for value in values or () if value in rules.organisations}
    if not values and rules.organisation:
        meant = {rules.organisation}
    if len(meant) != 1:
        got = ", ".join(repr(value)[1:-1] for value in values or ())[:120]
        raise Denied("sign_on_organisation", claim=rules.organisation_claim or "organisation_claim", got=got or "-")
    return meant.pop()


def _values(claims: Mapping[str, Any], path: str) -> list[str] | None:
    """The texts that a claim holds, one or a list; ``None`` where there is no such claim."""
    if not path:
        return None
    found: Any = claims
    # A claim may be named by an address, with dots of its own.
    for step in [path] if path in claims else path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if found is None:
        return None
    values = found if isinstance(found, list) else [found]
    if len(values) > _MOST_VALUES or not all(isinstance(value, str) for value in values):
        raise Denied("invalid_token", field=path)
    return values


def _name(claims: Mapping[str, Any]) -> str:
    for claim in ("name", "preferred_username"):
        try:
            return fields.name(claim, claims.get(claim))
        except Invalid:
            continue
    return ""
