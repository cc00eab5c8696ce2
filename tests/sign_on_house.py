"""Single sign-on for tests: people, a real issuer, a house that asks it, and a client that keeps cookies as a browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from servers import Server, serving

from daffa.worlds import Issuer, Twist

PEOPLE = {
    "amina": {"name": "Amina El Fassi", "groups": ["daffa-admins"], "email": "admin@example.ma"},
    "said": {"name": "Saïd", "groups": ["daffa-users"]},
    "nobody": {"name": "Nobody", "groups": []},
    "lost": {"name": "Lost", "org": "unheard-of"},
}
SECRET = "s3:c/ret %+"
CONFIG = """
[oidc]
issuer = "{url}"
client_id = "daffa"
client_secret_env = "SIGN_ON_SECRET"
audience = "daffa-api"
organisation = "home"
organisation_claim = "org"
organisations = {{ "ministry" = "home" }}

[oidc.roles]
daffa-admins = ["administrator", "auditor"]
daffa-users = ["agent"]
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """The issuer."""
    with Issuer(json.loads(json.dumps(PEOPLE)), secret=SECRET).in_thread() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def server(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house that asks it."""
    secret = {"SIGN_ON_SECRET": SECRET}
    with serving(tmp_path_factory.mktemp("house"), CONFIG.format(url=issuer.url), environment=secret) as server:
        yield server


@pytest.fixture(autouse=True)
def well_behaved(issuer: Issuer) -> Iterator[None]:
    """Each test begins with an issuer that does nothing wrong, and with nobody changed."""
    issuer.twist = Twist()
    yield
    issuer.twist = Twist()
    issuer.people.update(json.loads(json.dumps(PEOPLE)))


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    """A client that keeps cookies and follows no redirect unless told."""
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def sign_in(browser: httpx.Client, person: str = "amina", path: str = "/auth/login") -> httpx.Response:
    """The whole way to the issuer and back, as a browser goes it."""
    away = browser.get(path)
    assert away.status_code == 302, away.text
    back = httpx.get(away.headers["location"] + f"&login_hint={person}")
    assert back.status_code == 303, back.text
    return browser.get(back.headers["location"])


def title(answer: httpx.Response) -> str:
    """The code of an error."""
    return str(answer.json()["title"])
