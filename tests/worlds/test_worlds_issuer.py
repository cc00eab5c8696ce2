"""The simulated issuer does what an issuer does, and refuses what an issuer refuses. Asked by a plain client."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from daffa.worlds import Issuer

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:1/auth/callback"
ASKED = {
    "client_id": "daffa",
    "response_type": "code",
    "redirect_uri": BACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "nonce": "n",
    "state": "s",
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer that knows two people and one client with a secret."""
    with Issuer({"amina": {"groups": ["a"]}, "said": {}}, secret="secret").in_thread() as issuer:
        yield issuer


def redeem(issuer: Issuer, given: str, **changes: str) -> httpx.Response:
    """Redeem a code as the client would, with ``changes``."""
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "code_verifier": VERIFIER, **changes}
    return httpx.post(f"{issuer.url}/token", data=form, auth=("daffa", changes.pop("secret", "secret")))


def code_of(issuer: Issuer, **changes: str) -> str:
    """A code for the first person, or whoever is hinted at."""
    back = httpx.get(f"{issuer.url}/authorize", params={**ASKED, **changes}).headers["location"]
    return parse_qs(urlsplit(back).query)["code"][0]


def test_a_code_becomes_tokens_that_its_keys_verify(issuer: Issuer):
    """The whole way: description, code, tokens, keys; under a new key of another kind too."""
    described = httpx.get(f"{issuer.url}/.well-known/openid-configuration").json()
    for kind, algorithm in (("RSA", "RS256"), ("EC", "ES256")):
        issuer.rotate(kind)
        tokens = redeem(issuer, code_of(issuer)).json()
        keys = KeySet.import_key_set(httpx.get(described["jwks_uri"]).json())
        for name, audience in (("id_token", "daffa"), ("access_token", "daffa-api")):
            found = jwt.decode(tokens[name], keys, algorithms=[algorithm])
            assert (found.claims["iss"], found.claims["aud"], found.claims["sub"]) == (issuer.url, audience, "amina")
            assert found.claims["groups"] == ["a"]
        assert "d" not in httpx.get(described["jwks_uri"]).json()["keys"][0]


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "w" * 43}, {"redirect_uri": BACK + "x"}, {"code": "another"}, {"code": ""}]
)
def test_a_code_is_its_clients_alone(issuer: Issuer, changes: dict[str, str]):
    """Another verifier, another address or another code is refused, and the code is spent by the try."""
    code = code_of(issuer)
    assert redeem(issuer, code, **changes).json()["error"] == "invalid_grant"
    if "code" not in changes:
        assert redeem(issuer, code).json()["error"] == "invalid_grant"


def test_a_code_is_spent_once_and_needs_the_secret(issuer: Issuer):
    """The second use of a code is refused, and so is a client without its secret."""
    code = code_of(issuer)
    assert redeem(issuer, code, secret="wrong").status_code == 401
    assert redeem(issuer, code).status_code == 200
    assert redeem(issuer, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "somebody"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"login_hint": "mallory"},
    ],
)
def test_nobody_is_sent_where_no_client_is(issuer: Issuer, changes: dict[str, str]):
    """An address that is not on the loopback, an unknown client or person, and a code without PKCE are refused on the spot."""
    assert httpx.get(f"{issuer.url}/authorize", params={**ASKED, **changes}).status_code == 400


def test_somebody_chooses_who_they_are(issuer: Issuer):
    """With the form, a person is chosen on a page that says what it is."""
    issuer.form = True
    try:
        page = httpx.get(f"{issuer.url}/authorize", params=ASKED)
        assert ("Simulated issuer" in page.text, "<option>said</option>" in page.text) == (True, True)
        chosen = httpx.post(f"{issuer.url}/authorize", params=ASKED, data={"person": "said"})
        code = parse_qs(urlsplit(chosen.headers["location"]).query)["code"][0]
        assert "id_token" in redeem(issuer, code).json()
    finally:
        issuer.form = False
