"""Single sign-on against a real issuer on a real socket, with a client that keeps cookies as a browser does, and attacks."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sign_on_house
from servers import Server, daffa
from sign_on_house import PEOPLE, sign_in, title

from daffa.audit import Reader
from daffa.worlds import Issuer, Twist

browser, issuer, server, well_behaved = (
    sign_on_house.browser,
    sign_on_house.issuer,
    sign_on_house.server,
    sign_on_house.well_behaved,
)

# The walk


def test_somebody_signs_on_works_and_leaves(server: Server, browser: httpx.Client):
    """Through the issuer and back, a person has a session with the roles of their groups, until they leave."""
    arrived = sign_in(browser)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/api/me")
    said = "; ".join(arrived.headers.get_list("set-cookie"))
    assert "httponly" in said.lower()
    assert "samesite=lax" in said.lower()
    me = browser.get("/api/me").json()
    assert (me["organisation"], me["roles"]) == ("home", ["administrator", "auditor"])
    assert me["id"].startswith("sso-")
    assert browser.get("/api/people").status_code == 200
    left = browser.post("/auth/logout", headers={"Origin": server.url})
    assert left.json() == {"status": "signed_off"}
    assert title(browser.get("/api/me")) == "missing_key"


def test_what_a_browser_kept_of_an_ended_session_opens_nothing(server: Server, browser: httpx.Client):
    """After logout the cookie's value is refused, whoever kept it."""
    sign_in(browser)
    kept = browser.cookies["daffa_session"]
    browser.post("/auth/logout", headers={"Sec-Fetch-Site": "same-origin"})
    again = httpx.get(server.url + "/api/me", headers={"Cookie": f"daffa_session={kept}"})
    assert (again.status_code, title(again)) == (401, "session_ended")


def test_a_session_is_no_key_and_a_key_no_session(server: Server, browser: httpx.Client):
    """The value of the cookie opens nothing as a bearer, nor a key as a cookie."""
    sign_in(browser)
    value = browser.cookies["daffa_session"]
    assert title(httpx.get(server.url + "/api/me", headers={"Authorization": f"Bearer {value}"})) == "invalid_key"
    assert title(httpx.get(server.url + "/api/me", headers={"Cookie": f"daffa_session={server.key}"})) == "session_ended"


def test_people_and_what_logins_change_of_them_are_in_the_log(server: Server, issuer: Issuer, browser: httpx.Client):
    """A first login makes a person, a later one gives them their roles of now, and both stand in the log."""
    issuer.people["kenza"] = {"name": "Kenza", "groups": ["daffa-users"]}
    sign_in(browser, "kenza")
    first = browser.get("/api/me").json()
    issuer.people["kenza"]["groups"] = ["daffa-admins"]
    issuer.twist.age = -2  # the issuer's word is newer
    sign_in(browser, "kenza")
    second = browser.get("/api/me").json()
    assert (first["id"], first["roles"], second["roles"]) == (second["id"], ["agent"], ["administrator", "auditor"])
    server.ask("GET", "/api/audit/entries/0")  # looking makes what is written public
    kinds = [entry.get("action") for entry in server.entries(0, Reader(server.data / "audit").checkpoint().size)]
    assert "person_created" in kinds
    assert "person_changed" in kinds
    assert "session_begun" in kinds


def test_nobody_is_known_by_an_address(issuer: Issuer, browser: httpx.Client):
    """Two subjects with one name and one e-mail address are two people."""
    issuer.people["mallory"] = {**PEOPLE["amina"], "groups": [], "email_verified": True}
    sign_in(browser, "amina")
    amina = browser.get("/api/me").json()
    browser.cookies.clear()
    sign_in(browser, "mallory")
    mallory = browser.get("/api/me").json()
    assert mallory["id"] != amina["id"]
    assert mallory["roles"] == []
    assert browser.get("/api/people").status_code == 403


def test_an_organisation_that_nobody_mapped_is_nobodys(browser: httpx.Client):
    """A claim that leads to no organisation here is refused, and does not fall to the default one."""
    answer = sign_in(browser, "lost")
    assert (answer.status_code, title(answer)) == (403, "sign_on_organisation")
    assert "daffa_session" not in browser.cookies


def test_an_administrator_ends_somebodys_sessions(server: Server, browser: httpx.Client):
    """All sessions of a person end at once, and of no other."""
    sign_in(browser, "said")
    said = browser.get("/api/me").json()["id"]
    with httpx.Client(base_url=server.url) as other:
        sign_in(other, "amina")
        gone = other.delete(f"/api/people/{said}/sessions", headers={"Origin": server.url})
        assert gone.json() == {"ended": 1}
        assert "0" in daffa("identity", "end-sessions", said, "--data", str(server.data)).stdout
        assert other.get("/api/me").status_code == 200
    assert title(browser.get("/api/me")) == "session_ended"
    assert server.ask("DELETE", "/api/people/not-there/sessions").json["title"] == "person_not_found"


# Attacks on the way


@pytest.mark.parametrize("state", ["", "x" * 43, "é"])
def test_a_way_back_without_ones_own_state_leads_nowhere(browser: httpx.Client, state: str):
    """A state that is missing or another's gives no session (login CSRF)."""
    back = httpx.get(browser.get("/auth/login").headers["location"])
    query = {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}
    answer = browser.get("/auth/callback", params={**query, "state": state})
    assert (answer.status_code, title(answer)) == (401, "sign_on_begin_again")
    assert "daffa_session" not in browser.cookies


def test_a_way_back_in_another_browser_leads_nowhere(server: Server, browser: httpx.Client):
    """Whoever sends somebody else their own callback signs nobody on."""
    back = httpx.get(browser.get("/auth/login").headers["location"]).headers["location"]
    assert title(httpx.get(back)) == "sign_on_begin_again"
    with httpx.Client(base_url=server.url) as other:
        other.get("/auth/login")
        assert title(other.get(back)) == "sign_on_begin_again"


def test_a_cookie_of_the_way_cannot_be_made_up(browser: httpx.Client):
    """A login that the house did not begin is none, whatever its cookie says."""
    browser.get("/auth/login")
    seed, until, after, mark = browser.cookies["daffa_login"].split(".")
    for forged in ("", "a", "a.b.c.d", f"{seed}.{int(until) + 9}.{after}.{mark}", f"{seed}.{until}.L2V2aWw.{mark}", "." * 9):
        answer = browser.get("/auth/callback?code=x&state=y", headers={"Cookie": f"daffa_login={forged}"})
        assert (answer.status_code, title(answer)) == (401, "sign_on_begin_again")


def test_a_code_is_good_once(browser: httpx.Client):
    """The same way back, gone twice, gives one session."""
    away = browser.get("/auth/login")
    cookie = browser.cookies["daffa_login"]
    back = httpx.get(away.headers["location"]).headers["location"]
    assert browser.get(back).status_code == 303
    answer = httpx.get(back, headers={"Cookie": f"daffa_login={cookie}"})
    assert (answer.status_code, title(answer)) == (401, "sign_on_refused")


def test_a_code_of_somebody_else_cannot_be_pushed_in(server: Server, browser: httpx.Client):
    """A code that was made for another login fails at the verifier (PKCE), or at the nonce."""
    with httpx.Client(base_url=server.url) as other:
        stolen = httpx.get(other.get("/auth/login").headers["location"]).headers["location"]
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    mine = parse_qs(urlsplit(browser.get("/auth/login").headers["location"]).query)["state"][0]
    answer = browser.get("/auth/callback", params={"code": code, "state": mine})
    assert (answer.status_code, title(answer)) == (401, "sign_on_refused")


def test_a_word_of_another_issuer_is_not_taken(browser: httpx.Client):
    """The way back says which issuer it comes from, and another one is refused (mix-up)."""
    back = httpx.get(browser.get("/auth/login").headers["location"]).headers["location"]
    answer = browser.get(back.replace("iss=", "iss=http%3A%2F%2Fevil.example%2F"))
    assert (answer.status_code, title(answer)) == (401, "sign_on_refused")


def test_what_the_issuer_refuses_is_said(browser: httpx.Client):
    """Somebody who does not consent is told so, and gets no session."""
    state = parse_qs(urlsplit(browser.get("/auth/login").headers["location"]).query)["state"][0]
    answer = browser.get("/auth/callback", params={"error": "access_denied", "state": state})
    assert (answer.status_code, "access_denied" in answer.json()["detail"]) == (401, True)


@pytest.mark.parametrize(
    ("twist", "field"),
    [
        (Twist(claims={"nonce": "another"}), "nonce"),
        (Twist(claims={"nonce": None}), "nonce"),
        (Twist(claims={"aud": "somebody-else"}), "aud"),
        (Twist(claims={"aud": ["daffa", "somebody-else"]}), "azp"),
        (Twist(claims={"iss": "https://evil.example"}), "iss"),
        (Twist(claims={"iss": None}), "iss"),
        (Twist(claims={"sub": None}), "sub"),
        (Twist(claims={"sub": ""}), "sub"),
        (Twist(claims={"sub": 7}), "sub"),
        (Twist(claims={"sub": "x" * 256}), "sub"),
        (Twist(claims={"iat": None}), "iat"),
        (Twist(claims={"exp": None}), "exp"),
        (Twist(claims={"nbf": 99_999_999_999}), "nbf"),
        (Twist(claims={"groups": [1]}), "groups"),
        (Twist(claims={"groups": {"a": 1}}), "groups"),
        (Twist(algorithm="none"), "signature"),
        (Twist(algorithm="HS256"), "signature"),
    ],
)
def test_a_token_with_anything_wrong_signs_nobody_on(browser: httpx.Client, issuer: Issuer, twist: Twist, field: str):
    """Each wrong claim, no signature and a signature with the public key as a secret are refused by name."""
    issuer.twist = twist
    answer = sign_in(browser)
    assert (answer.status_code, title(answer), answer.json()["field"]) == (401, "invalid_token", field)
    assert "daffa_session" not in browser.cookies


def test_a_token_that_is_too_old_signs_nobody_on(browser: httpx.Client, issuer: Issuer):
    """An identity token after its end is refused."""
    issuer.twist = Twist(age=1000)
    answer = sign_in(browser)
    assert (answer.status_code, title(answer)) == (401, "expired_token")


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "evil",
        "",
        "/a\\b",
        "/\t/evil",
        "javascript:x",
        "/é",
        "/a\r\nb",
    ],
)
def test_a_login_leads_to_this_house_alone(browser: httpx.Client, after: str):
    """A place of another site to go to afterwards is refused before the login begins (open redirect)."""
    answer = browser.get("/auth/login", params={"next": after})
    assert (answer.status_code, answer.json()["field"]) == (400, "next")


def test_a_login_leads_where_one_wanted_to_go(browser: httpx.Client):
    """A path of this house is kept on the way, query and all."""
    assert sign_in(browser, path="/auth/login?next=/api/usage%3Fby%3Dmonth").headers["location"] == "/api/usage?by=month"


# Attacks on a session


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1.evil.example:99999"},
    ],
)
def test_no_page_of_another_site_changes_anything_with_ones_session(server: Server, browser: httpx.Client, headers):
    """A cookie counts for a change only where the browser says that a page of this house asks (CSRF)."""
    sign_in(browser)
    headers = {name: value.replace("OWN", server.url) for name, value in headers.items()}
    before = server.ask("GET", "/api/organisations").json
    for path in ("/api/organisations", "/auth/logout"):
        answer = browser.post(path, json={"id": "evil", "name": "Evil"}, headers=headers)
        assert (answer.status_code, title(answer)) == (403, "cross_site")
    assert server.ask("GET", "/api/organisations").json == before
    assert browser.get("/api/me").status_code == 200


def test_a_page_of_the_house_may_change_things(server: Server, browser: httpx.Client):
    """The same request from the house's own page is done."""
    sign_in(browser)
    made = browser.post("/api/organisations", json={"id": "own-page", "name": "X"}, headers={"Origin": server.url})
    assert made.status_code == 201


def test_a_session_asks_models_too(browser: httpx.Client):
    """A person with the role may ask by their session, from this house's pages alone; without it not."""
    sign_in(browser, "said")
    assert browser.get("/v1/models").status_code == 200
    assert browser.post("/v1/chat/completions", json={}).status_code == 403
    browser.cookies.clear()
    sign_in(browser, "nobody")
    assert browser.get("/v1/models").status_code == 403


# Tokens of the issuer


def bearer(server: Server, token: str, path: str = "/api/me") -> httpx.Response:
    """A request with a token."""
    return httpx.get(server.url + path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_of_the_issuer_is_a_caller(server: Server, issuer: Issuer):
    """An application that holds somebody's access token asks for them, on both sides of the house."""
    token = issuer.token("amina")
    me = bearer(server, token).json()
    assert (me["roles"], me["key"]) == (["administrator", "auditor"], "sso-token")
    assert bearer(server, token, "/api/people").status_code == 200
    assert bearer(server, issuer.token("said"), "/v1/models").status_code == 200
    assert bearer(server, token, "/v1/models").status_code == 403


def test_a_cookie_beside_a_token_says_nothing(issuer: Issuer, browser: httpx.Client):
    """Whoever shows a key or a token is that, whatever session the browser has."""
    sign_in(browser)
    assert browser.get("/api/people", headers={"Authorization": f"Bearer {issuer.token('said')}"}).status_code == 403
    assert browser.get("/api/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert browser.get("/api/me", headers={"Authorization": "Basic x"}).status_code == 401


def test_a_token_has_no_more_than_it_says_and_an_old_one_gives_nothing_back(server: Server, issuer: Issuer):
    """Of two words of the issuer the newer one counts: an older token does not bring back what somebody lost."""
    issuer.people["salma"] = {"groups": ["daffa-admins"]}
    older = issuer.token("salma")
    issuer.people["salma"]["groups"] = ["daffa-users"]
    issuer.twist.age = -5
    newer = issuer.token("salma")
    assert bearer(server, newer).json()["roles"] == ["agent"]
    assert bearer(server, older).json()["roles"] == []
    assert bearer(server, newer).json()["roles"] == ["agent"]


@pytest.mark.parametrize(
    ("twist", "code", "field"),
    [
        (Twist(algorithm="none"), "invalid_token", "signature"),
        (Twist(algorithm="HS256"), "invalid_token", "signature"),
        (Twist(claims={"aud": "daffa"}), "invalid_token", "aud"),
        (Twist(claims={"aud": None}), "invalid_token", "aud"),
        (Twist(claims={"iss": "https://evil.example"}), "invalid_token", "iss"),
        (Twist(claims={"exp": None}), "invalid_token", "exp"),
        (Twist(claims={"exp": "soon"}), "invalid_token", "exp"),
        (Twist(claims={"nbf": 99_999_999_999}), "invalid_token", "nbf"),
        (Twist(claims={"iat": 99_999_999_999}), "invalid_token", "iat"),
        (Twist(age=1000), "expired_token", None),
    ],
)
def test_a_token_with_anything_wrong_is_nobody(server: Server, issuer: Issuer, twist: Twist, code: str, field: str | None):
    """A token without a signature, made out to the client, to another or too old asks for nobody."""
    issuer.twist = twist
    answer = bearer(server, issuer.token("amina"))
    assert (answer.status_code, title(answer), answer.json().get("field")) == (401, code, field)


def test_a_token_that_was_altered_or_is_none_is_nobody(server: Server, issuer: Issuer):
    """Another payload under the same signature, and what only looks like a token, are refused."""
    head, body, mark = issuer.token("said").split(".")
    other = issuer.token("amina").split(".")[1]
    odd = (f"{head}.{other}.{mark}", f"{head}.{body}.", f"{head}.{body}.AAAA", "eyJ.eyJ.x", f"{head}..", f"{head}.W10.{mark}")
    for token in (*odd, f"{head}.{'b' * 20_000}.{mark}"):
        assert bearer(server, token).json()["title"] == "invalid_token"


def test_the_pages_speak_the_languages_of_people(server: Server):
    """What goes wrong on the way is said on a page in the browser's language, with the way to begin again."""
    for language, direction, word in (("fr", "ltr", "recommencez"), ("ar", "rtl", "ابدؤوا"), ("en", "ltr", "begin again")):
        page = httpx.get(server.url + "/auth/callback", headers={"Accept": "text/html", "Accept-Language": language})
        assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert f'lang="{language}" dir="{direction}"' in page.text
        assert word in page.text
        assert "/auth/login" in page.text


def test_an_issuer_that_is_gone_takes_nobody_elses_work(server: Server, issuer: Issuer, browser: httpx.Client):
    """While the issuer fails, logins say so, and keys and open sessions go on."""
    sign_in(browser)
    issuer.twist = Twist(status=503)
    away = browser.get("/auth/login").headers["location"]  # the description is known
    assert away.startswith(issuer.url)
    assert server.ask("GET", "/api/people").status == 200
    assert browser.get("/api/me").status_code == 200
