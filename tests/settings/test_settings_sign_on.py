"""``[oidc]`` as it is read: whole and right, or refused with the line where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from daffa.errors import Invalid
from daffa.identity import Role
from daffa.settings import read_settings

GOOD = """\
port = 8001

[oidc]
issuer = "https://sso.example.ma/realms/state"
client_id = "daffa"
client_secret_env = "SECRET"
url = "https://daffa.example.ma/"
audience = "daffa-api"
organisation_claim = "org"
organisations = { "CHU Rabat" = "chu-rabat" }
organisation = "home"
default_roles = ["reader"]

[oidc.roles]
users = ["agent"]
"my.admins" = ["administrator", "auditor"]

[[place]]
id = "rabat"
hw = "MA"
operator = "MA"
reach = ["MA"]
"""


def read(tmp_path: Path, text: str):
    """The settings of a file."""
    (tmp_path / "daffa.toml").write_text(text, encoding="utf-8")
    return read_settings(tmp_path, {"SECRET": "s3cret"})


def test_single_sign_on_is_read_whole(tmp_path: Path):
    """Every field arrives, groups become roles, and the secret is shown nowhere."""
    found = read(tmp_path, GOOD)
    rules = found.oidc
    assert (rules.issuer, rules.client_id, rules.client_secret) == ("https://sso.example.ma/realms/state", "daffa", "s3cret")
    assert (rules.url, rules.audience, rules.session_seconds) == ("https://daffa.example.ma", "daffa-api", 28_800)
    assert rules.roles == {"users": {Role.AGENT}, "my.admins": {Role.ADMINISTRATOR, Role.AUDITOR}}
    assert (rules.default_roles, rules.organisations) == ({Role.READER}, {"CHU Rabat": "chu-rabat"})
    assert "s3cret" not in repr(found)


def test_without_the_table_there_is_none(tmp_path: Path):
    """A house without [oidc] has no single sign-on."""
    assert read(tmp_path, "").oidc is None


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('"https://sso.example.ma/realms/state"', '"http://sso.example.ma"', 4, "oidc.issuer"),
        ('"https://sso.example.ma/realms/state"', '"https://u:p@sso.example.ma"', 4, "oidc.issuer"),
        ('"https://sso.example.ma/realms/state"', '"https://sso.example.ma/?a=b"', 4, "oidc.issuer"),
        ('"https://sso.example.ma/realms/state"', '"https://[::1"', 4, "oidc.issuer"),
        ('"https://sso.example.ma/realms/state"', f'"https://sso.example.ma/{"x" * 300}"', 4, "oidc.issuer"),
        ('"SECRET"', '"NOT_SET"', 6, "oidc.client_secret_env"),
        ('"https://daffa.example.ma/"', '"http://daffa.example.ma"', 7, "oidc.url"),
        ('"https://daffa.example.ma/"', '"https://daffa.example.ma/app"', 7, "oidc.url"),
        ('"daffa-api"', '"daffa"', 8, "oidc.audience"),
        ('organisation_claim = "org"\n', "", 3, "oidc.organisation_claim"),
        ('"chu-rabat"', '"CHU Rabat"', 10, "oidc.organisations"),
        ('default_roles = ["reader"]', 'default_roles = ["king"]', 12, "oidc.default_roles"),
        ('"administrator", "auditor"', '"administrator", "king"', 16, "oidc.roles.my.admins"),
        ('users = ["agent"]', 'users = "agent"', 14, "oidc.roles"),
        ('client_id = "daffa"\n', "", 3, "oidc.client_id"),
        ('client_id = "daffa"', 'client = "daffa"', 5, "oidc.client"),
        ('default_roles = ["reader"]', "session_seconds = 5", 12, "oidc.session_seconds"),
        ('default_roles = ["reader"]', 'scopes = ["profile"]', 12, "oidc.scopes"),
        ('default_roles = ["reader"]', 'scopes = ["openid", "a b"]', 12, "oidc.scopes"),
        ('default_roles = ["reader"]', 'roles_claim = ""', 12, "oidc.roles_claim"),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path: Path, old: str, new: str, line: int, field: str):
    """Each mistake in the table, or in the table inside it, is named with its own line."""
    assert old in GOOD
    with pytest.raises(Invalid) as caught:
        read(tmp_path, GOOD.replace(old, new))
    facts = caught.value.facts
    assert (caught.value.code, facts["field"], facts["line"]) == ("invalid_settings", field, line)


def test_somebody_must_belong_somewhere(tmp_path: Path):
    """A table that maps nobody to any organisation is refused."""
    with pytest.raises(Invalid) as caught:
        read(tmp_path, '[oidc]\nissuer = "https://sso.example.ma"\nclient_id = "daffa"\n')
    assert (caught.value.facts["field"], caught.value.facts["line"]) == ("oidc.organisation", 1)


def test_a_trial_on_the_same_machine_needs_no_certificate(tmp_path: Path):
    """An issuer on the loopback may be asked in clear."""
    found = read(tmp_path, '[oidc]\nissuer = "http://127.0.0.1:9000"\nclient_id = "daffa"\norganisation = "home"\n')
    assert found.oidc.issuer == "http://127.0.0.1:9000"


def test_a_place_of_which_nothing_is_known_is_in_every_reach(tmp_path: Path):
    """``reach = ["*"]`` is every state; a star among states is a mistake."""
    place = '[[place]]\nid = "x"\nhw = "ZZ"\noperator = "ZZ"\nreach = {}\n'
    assert {"US", "MA", "CN"} <= read(tmp_path, place.format('["*"]')).places["x"].reach
    with pytest.raises(Invalid):
        read(tmp_path, place.format('["MA", "*"]'))
