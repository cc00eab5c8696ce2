"""Who may do what on the page, and what no page ever does: sessions, forms of other sites, headers, tags in what was said."""

from __future__ import annotations

import re
from urllib.parse import unquote

import httpx
import pytest
from page_servers import QUESTIONS, ask, browsing, scripted_serving, signed_in, text_of
from servers import Server


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Server:
    """One house for all."""
    with scripted_serving(tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture
def client(house) -> httpx.Client:
    """A browser of its own."""
    with browsing(house) as client:
        yield client


# Sign in


def test_a_session_stands_for_the_key_and_is_not_the_key(client, house):
    """The cookie is out of reach of scripts and of other sites; neither it nor the database has the key in it."""
    answer = client.post("/sign-in", data={"key": house.key, "next": "/c"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/c")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    word = re.search("daffa_key=([^;]+)", cookie)[1]
    assert house.key not in cookie
    content = b"".join(file.read_bytes() for file in house.data.glob("daffa.db*"))
    assert house.key.encode() not in content
    assert word.encode() not in content
    assert "administrator" in client.get("/").text


def test_over_https_the_cookie_is_bound_to_this_host(house):
    """Behind a proxy that speaks TLS the cookie has the prefix that no neighbouring host can set."""
    with browsing(house) as client:
        client.headers["Origin"] = "https://daffa.example"
        cookie = client.post("/sign-in", data={"key": house.key, "next": "/"}).headers["set-cookie"]
    assert cookie.startswith("__Host-daffa-key=")
    assert "Secure" in cookie


def test_who_signs_out_is_a_visitor_again(client, house):
    """The word of an ended session opens nothing."""
    signed_in(client, house)
    address = ask(client, QUESTIONS["fr"])
    kept = dict(client.cookies)
    assert client.post("/sign-out").status_code == 303
    client.cookies.clear()
    client.cookies.update(kept)
    assert client.get(address).status_code == 404
    assert "this session has ended" in client.get("/").text


def test_what_was_written_as_one_is_never_asked_as_another(client, house):
    """A session that ended under a form, or began beside it: nothing is asked, and what was written is there to send again."""
    signed_in(client, house)
    who = re.search(r'name="who" value="([^"]+)"', client.get("/").text)[1]
    client.cookies.clear()  # as a browser forgets it after eight hours
    ended = client.post("/ask", data={"question": "mon <dossier>", "who": who})
    assert ended.status_code == 401
    assert "your session has ended, and nothing was sent" in text_of(ended.text)
    assert re.search(r"<textarea[^>]*>mon &lt;dossier&gt;</textarea>", ended.text)
    assert 'name="who" value=""' in ended.text
    part = client.post("/ask", data={"question": "mon dossier", "who": who}, headers={"HX-Request": "true"})
    assert re.search(r'hx-target="#composer".*role="alert".*<textarea[^>]*>mon dossier</textarea>', part.text, re.DOTALL)
    file = client.post("/files", data={"task": "summarise", "text": "Mon texte.", "who": who})
    assert (file.status_code, ">Mon texte.</textarea>" in file.text) == (401, True)
    chosen = client.post("/files", data={"task": "summarise", "who": who}, files={"file": ("plan <2>.txt", b"Mon texte.")})
    assert "Choose plan &lt;2&gt;.txt once more" in text_of(chosen.text)
    assert "once more" not in text_of(file.text)
    letter = {"task": "draft", "choice": "administration/complaint.fr", "fact.applicant": "<Amina>", "who": who}
    left_empty = client.post("/files", data=letter | {"fact.address": ""})
    assert (left_empty.status_code, 'value="&lt;Amina&gt;"' in left_empty.text) == (401, True)
    assert 'href="/files" aria-current="page"' in left_empty.text
    assert "set-cookie" not in ended.headers
    signed_in(client, house)
    assert "mon dossier" not in client.get("/c").text
    began = client.post("/ask", data={"question": "mon dossier", "who": ""})
    assert began.status_code == 401
    assert f"you are signed in as {who} now" in text_of(began.text)
    assert client.post("/ask", data={"question": "mon dossier", "who": who}).status_code == 303
    client.cookies.set("daffa_key", "x" * 43)  # of a session that the house does not know any more
    assert client.post("/ask", data={"question": "mon dossier"}).status_code == 401


def test_a_revoked_key_ends_its_sessions(client, house):
    """With the key goes the session, at once."""
    made = house.ask("POST", "/api/keys", {"organisation": "home", "name": "k", "roles": ["agent"]}).json
    signed_in(client, house, made["token"])
    assert made["key"]["id"] in client.get("/").text
    house.ask("DELETE", f"/api/keys/{made['key']['id']}")
    assert "was revoked" in client.get("/").text


@pytest.mark.parametrize("key", ["", "daffa_wrong", "x" * 300, "daffa_0123456789_" + "0" * 46])
def test_a_wrong_key_opens_nothing(client, key):
    """It is said on the form, and no cookie comes with it."""
    answer = client.post("/sign-in", data={"key": key, "next": "/"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "after", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nX: y"]
)
def test_sign_in_leads_nowhere_else(client, house, after):
    """An address of another site is refused."""
    answer = client.post("/sign-in", data={"key": house.key, "next": after})
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_neighbour_cannot_plant_a_session(house):
    """Over https a cookie without the prefix could be a neighbouring host's: neither its session nor its visitor is taken."""
    with browsing(house) as neighbour:
        address = ask(neighbour, QUESTIONS["fr"])
        signed_in(neighbour, house)
        session, visitor = neighbour.cookies["daffa_key"], ask_word(house)
    planted = {"Cookie": f"daffa_key={session}; daffa_visitor={visitor}"}
    https = {"Host": "daffa.example", "Sec-Fetch-Site": "same-origin", "Origin": "https://daffa.example"}
    for headers in (https, {name: value for name, value in https.items() if name != "Origin"}):
        page = httpx.get(house.url + "/", headers={**headers, **planted})
        assert "administrator" not in page.text
    answer = httpx.post(house.url + "/ask", data={"question": QUESTIONS["fr"]}, headers={**https, **planted})
    assert answer.headers["set-cookie"].startswith("__Host-daffa-visitor=")
    assert visitor not in answer.headers["set-cookie"]
    assert address not in answer.headers["location"]
    assert "administrator" in httpx.get(house.url + "/", headers=planted).text


def ask_word(house: Server) -> str:
    """The word of a visitor who has asked something."""
    with browsing(house) as client:
        ask(client, QUESTIONS["fr"])
        return client.cookies["daffa_visitor"]


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("reader", 200), ("auditor", 404), ("operator", 404)])
def test_a_role_that_reads_no_data_reads_none_on_the_page(house, role, status):
    """Who keeps the log or the machines sees the passages that a visitor sees, and none of their organisation's."""
    house.ask("POST", "/api/collections", {"name": "notes", "title": "Notes"})
    house.ask("POST", "/api/collections/notes/documents", {"documents": [{"id": "d", "text": "Une note interne."}]})
    key = house.ask("POST", "/api/keys", {"organisation": "home", "name": role, "roles": [role]}).json["token"]
    with browsing(house) as client:
        signed_in(client, house, key)
        assert client.get("/cite/notes/d@0").status_code == status


# What a page may do


@pytest.mark.parametrize("path", ["/", "/c", "/sign-in", "/c/nowhere"])
def test_every_page_has_the_same_strict_headers(client, path):
    """Nothing from elsewhere, nothing inline, no frame, no guessing of types, no address told to others."""
    answer = client.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?! defer src=\"/static/)", answer.text) == []


@pytest.mark.parametrize("path", ["/ask", "/sign-in", "/sign-out", "/c/x/delete", "/c/x/1/feedback"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://["},
        {},
    ],
)
def test_a_form_of_another_site_changes_nothing(house, path, headers):
    """Neither another site, nor a neighbour, nor who does not say where the form comes from."""
    answer = httpx.post(house.url + path, data={"question": "x", "key": house.key}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_what_was_said_is_never_taken_for_a_page(client):
    """Tags in a question, an answer, a title or a passage are shown as they are; a link that is no address is no link."""
    page = client.get(ask(client, 'piège <script>alert("q")</script>')).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>titre" not in page
    assert "hx-partial" not in re.sub("&lt;.*?&gt;", "", page)
    passage = client.get(unquote(re.findall(r'class="mark" href="([^"]+)"', page)[0]).replace("&amp;", "&")).text
    assert "<script>alert" not in passage
    assert 'href="javascript' not in passage


@pytest.mark.parametrize("question", ["", "   ", "x" * 4001])
def test_a_question_has_its_length(client, question):
    """An empty one and one that is too long are refused, on a page."""
    answer = client.post("/ask", data={"question": question})
    assert answer.status_code == 400
    assert "between 1 and 4000 characters" in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "2", str(1 << 31), str(1 << 63), "9" * 40])
def test_an_opinion_is_of_an_answer_that_is_there(client, number):
    """A number that no answer has, and one that no database takes, are nowhere."""
    address = ask(client, QUESTIONS["fr"])
    assert client.post(f"{address}/{number}/feedback", data={"useful": "yes"}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/static/../page.py", "/static/..%2Fpage.py", "/static/.hidden.css", "/static/page.py", "/static/x.css"]
)
def test_only_the_files_of_the_page_are_given_out(client, path):
    """No path leads out of the folder."""
    assert client.get(path).status_code == 404


def test_files_are_kept_by_their_content(client):
    """The address of a file names its content, and then it may be kept for ever; under another it may not."""
    named = re.search(r'href="(/static/page.css\?v=\w+)"', client.get("/").text)[1]
    assert "immutable" in client.get(named).headers["cache-control"]
    assert "immutable" not in client.get("/static/page.css?v=0").headers["cache-control"]


@pytest.mark.parametrize("header", ["ber", "ary-MA,fr;q=0.2", "de, fr;q=0.5", "", "xx"])
def test_the_browser_says_the_first_language(house, header):
    """Amazigh and Darija have their pages; where nothing fits, it is English."""
    expected = {"ber": "zgh", "ary-MA,fr;q=0.2": "ar", "de, fr;q=0.5": "fr"}.get(header, "en")
    answer = httpx.get(house.url + "/", headers={"Accept-Language": header})
    assert f'<html lang="{expected}"' in answer.text


def test_a_chosen_language_stays(client):
    """What was chosen once goes before what the browser says, on every page; nonsense is not chosen."""
    client.get("/?lang=ar")
    assert '<html lang="ar" dir="rtl">' in client.get("/c").text
    assert '<html lang="ar"' in client.get("/?lang=xx").text
