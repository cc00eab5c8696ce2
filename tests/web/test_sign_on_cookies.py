"""Which cookies count, by the house's own address. A real identity on a real database; no server."""

from __future__ import annotations

import time

import pytest

from daffa.errors import Denied
from daffa.identity import Identity, SignOn, SignOnRules
from daffa.identity.clients.aiohttp_client import AiohttpIssuerClient
from daffa.storage import Database
from daffa.web.auth import own_site, session_of


@pytest.fixture
async def sign_on(tmp_path, request):
    """Single sign-on of a house with the address that the test names."""
    database = await Database.open(tmp_path / "house.db")
    rules = SignOnRules(
        "https://sso.example.ma", "daffa", "", request.param, "", ("openid",), "", {}, "home", "", {}, frozenset(), 60
    )
    yield SignOn(await Identity.open(database, b"p" * 32), database, rules, AiohttpIssuerClient(), b"p" * 32, time.time)
    await database.close()


HTTPS = pytest.mark.parametrize("sign_on", ["https://daffa.example.ma"], indirect=True)
UNSET = pytest.mark.parametrize("sign_on", [""], indirect=True)


@HTTPS
async def test_over_https_only_the_prefixed_cookie_counts(sign_on):
    """A cookie that a neighbouring host could have planted is none, whatever ``Host`` says."""
    for host in (b"daffa.example.ma", b"127.0.0.1:8000"):
        assert session_of(sign_on, {b"host": host, b"cookie": b"daffa_session=a; __Host-daffa=b"}) == "b"
        assert session_of(sign_on, {b"host": host, b"cookie": b"daffa_session=a"}) == ""


@UNSET
async def test_without_an_address_only_the_same_machine_has_sessions(sign_on):
    """A name that anybody may write into ``Host`` opens no session."""
    assert session_of(sign_on, {b"host": b"127.0.0.1:8000", b"cookie": b"daffa_session=a"}) == "a"
    assert session_of(sign_on, {b"host": b"evil.example", b"cookie": b"daffa_session=a"}) == ""
    assert session_of(sign_on, {b"cookie": b"daffa_session=a"}) == ""


@HTTPS
@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({b"origin": b"https://daffa.example.ma"}, True),
        ({b"origin": b"https://daffa.example.ma:443"}, True),
        ({b"origin": b"http://daffa.example.ma"}, False),
        ({b"origin": b"https://daffa.example.ma:8443"}, False),
        ({b"origin": b"https://daffa.example.ma.evil.example"}, False),
        ({b"origin": b"https://evil.example, https://daffa.example.ma"}, False),
        ({b"sec-fetch-site": b"same-origin", b"origin": b"https://daffa.example.ma"}, True),
        ({b"sec-fetch-site": b"cross-site, same-origin"}, False),
        ({}, False),
    ],
)
async def test_a_change_comes_from_the_houses_own_pages(sign_on, headers, own):
    """The own origin is scheme, host and port; what a proxy in front says in ``Host`` does not matter."""
    sent = {b"host": b"10.0.0.1:8000", **headers}
    own_site(sign_on, "GET", sent)
    if own:
        own_site(sign_on, "POST", sent)
    else:
        with pytest.raises(Denied):
            own_site(sign_on, "POST", sent)
