"""``[oidc]`` as the house takes it: whom it asks who somebody is, checked against what can be known at the start.

Knows no running issuer and no organisation of the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from daffa.identity import Role, SignOnRules

from .file import Mistake, OidcRow, Path

__all__ = ["sign_on_rules"]

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LONGEST_ISSUER = 255
_SECRET = re.compile(r"[\x20-\x7e]+")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def sign_on_rules(row: OidcRow | None, environment: Mapping[str, str]) -> SignOnRules | None:
    """The rules of ``[oidc]``; ``None`` where the file has none. Raises ``Mistake``."""
    if row is None:
        return None
    _expect(_is_address(row.issuer) and len(row.issuer) <= _LONGEST_ISSUER, "issuer", _ADDRESS, row.issuer)
    _expect(not row.url or (_is_address(row.url) and not urlsplit(row.url).path.strip("/")), "url", _ORIGIN, row.url)
    secret = environment.get(row.client_secret_env, "") if row.client_secret_env else ""
    holds = not row.client_secret_env or _SECRET.fullmatch(secret) is not None
    _expect(holds, "client_secret_env", "a variable that holds the secret", row.client_secret_env)
    other = "another name than client_id, to which identity tokens are made out"
    _expect(row.audience != row.client_id, "audience", other, row.audience)
    for scope in row.scopes:
        _expect(_SCOPE.fullmatch(scope) is not None, "scopes", "words without blanks", scope)
    _expect("openid" in row.scopes, "scopes", "openid among them", ", ".join(row.scopes))
    _expect(bool(row.organisations) <= bool(row.organisation_claim), "organisation_claim", "the claim that says it", "nothing")
    somebody = "an organisation, or organisations by the values of organisation_claim"
    _expect(bool(row.organisation or row.organisations), "organisation", somebody, "nothing")
    _expect(bool(row.roles) <= bool(row.roles_claim), "roles_claim", "the claim that says the groups", "nothing")
    return SignOnRules(
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=secret,
        url=row.url.rstrip("/"),
        audience=row.audience,
        scopes=tuple(row.scopes),
        organisation_claim=row.organisation_claim,
        organisations=row.organisations,
        organisation=row.organisation,
        roles_claim=row.roles_claim,
        roles={group: _roles(("oidc", "roles", group), names) for group, names in row.roles.items()},
        default_roles=_roles(("oidc", "default_roles"), row.default_roles),
        session_seconds=row.session_seconds,
    )


_ADDRESS = "https://, a host and a path, and nothing else (http:// on 127.0.0.1 alone)"
_ORIGIN = "https:// and a host, and nothing else (http:// on 127.0.0.1 alone)"


def _is_address(url: str) -> bool:
    """Whether secrets may travel there: over TLS, or not leaving the machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = parts.username is None and not parts.query and not parts.fragment and port != 0
    hidden = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return plain and hidden and bool(host) and url.isprintable() and " " not in url


def _roles(path: Path, names: Iterable[str]) -> frozenset[Role]:
    known = {str(role): role for role in Role}
    for name in names:
        if name not in known:
            raise Mistake(path, " | ".join(known), name)
    return frozenset(known[name] for name in names)


def _expect(true: bool, field: str, expected: str, got: object) -> None:
    if not true:
        raise Mistake(("oidc", field), expected, got)
