"""The page over HTTP, as a browser without scripts sees it, on a real house whose assistant is scripted."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import httpx
import pytest
from page_servers import ask, browsing, scripted_serving, text_of
from servers import Server

from daffa.audit import Reader, verify_receipt

LANGUAGES = {"fr": "ltr", "ar": "rtl", "zgh": "ltr", "en": "ltr"}
QUESTIONS = {
    "fr": "Quel délai pour le certificat de résidence ?",
    "ar": "شحال كياخد باش نجيب شهادة السكنى؟",
    "zgh": "ⵎⵛⵜⴰ ⵏ ⵡⵓⵙⵙⴰⵏ ⵉ ⵜⴽⵕⴹⴰ ⵏ ⵜⵣⴷⵖⵜ?",
    "en": "How long for a certificate of residence?",
}


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


def signed_in(client: httpx.Client, house: Server, key: str = "") -> httpx.Client:
    """The same browser, with a session."""
    answer = client.post("/sign-in", data={"key": key or house.key, "next": "/"})
    assert answer.status_code == 303, answer.text
    return client


# The walk


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomer_asks_and_reads(house, language):
    """In each language: the page, a question, an answer with its sources, the passage opened at the words, the decision."""
    with browsing(house, language) as client:
        home = client.get("/")
        assert f'<html lang="{language}" dir="{LANGUAGES[language]}">' in home.text
        answer = client.get(ask(client, QUESTIONS[language]))
        assert QUESTIONS[language] in text_of(answer.text)
        passage = client.get(re.findall(r'class="mark" href="([^"]+)"', answer.text)[0].replace("&amp;", "&"))
        assert passage.status_code == 200
        assert "<mark" in passage.text
        decision = client.get(re.search(r'href="(/c/[^"]+/decision/\d+)"', answer.text)[1])
        assert re.search(r"daffa/\w+#\d+", decision.text)
        assert "c2sp.org/tlog-proof@v1" in decision.text


def test_a_source_says_why_it_was_found_and_which_law_it_is(client):
    """A cited passage shows the pair of words that led to it, its law and its article."""
    said = text_of(client.get(ask(client, QUESTIONS["fr"])).text)
    assert "لاكارط = is carte nationale" in said
    assert "Loi n° 55-19 · article 16" in said


def test_the_receipt_is_verified_without_the_house(client, house):
    """The receipt that a page offers proves the entry that stands beside it, with the log's key alone."""
    page = client.get(ask(client, QUESTIONS["fr"])).text
    address = re.search(r'href="(/c/[^"]+/decision/(\d+))"', page)
    receipt, entry = client.get(address[1] + "/receipt").text, client.get(address[1] + "/entry").content
    assert verify_receipt(receipt, entry, str(Reader(house.data / "audit").vkey())).index == int(address[2])
    assert client.get(address[1] + "/other").status_code == 404


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "réponse partielle",
            ["Part of the answer", "Sentences held back because no source supports them: 2", "until 31 December 2025"],
        ),
        ("quel certificat", ["Which of these do you mean?", "Le certificat de travail"]),
        ("parle-moi de la lune", ["The documents do not answer this", "Nothing was made up"]),
        ("mon impôt", ["Calculated, with its legal basis", "17 346,50", "0.34", "Article 73", "since 1 January 2025"]),
        ("panne", ["The answer could not be prepared", "La recherche ne répond pas"]),
        ("silence", ["The answer could not be prepared"]),
    ],
)
def test_every_outcome_is_said_in_plain_words(client, question, words):
    """Each status has its words, and what belongs to it."""
    said = text_of(client.get(ask(client, question)).text)
    assert [word for word in words if word not in said] == []


def test_a_choice_is_asked_as_a_question(client):
    """What a clarification offers is a button that asks."""
    address = ask(client, "quel certificat")
    page = client.get(address).text
    assert '<input type="hidden" name="question" value="Le certificat de résidence">' in page
    assert ask(client, "Le certificat de résidence", address.removeprefix("/c/")) == address
    assert len(re.findall('<article class="turn"', client.get(address).text)) == 2


def test_a_refusal_of_the_law_is_shown_with_its_rules(house):
    """Where the law refuses, the page names the rules, and where the refusal is recorded."""
    org = {"id": "secrets", "name": "Secrets", "floor": "level=secret"}
    house.ask("POST", "/api/organisations", org)
    key = house.ask("POST", "/api/keys", {"organisation": "secrets", "name": "k", "roles": ["agent"]}).json["token"]
    with browsing(house) as client:
        page = client.get(ask(signed_in(client, house, key), QUESTIONS["fr"])).text
    assert "The law does not allow this" in text_of(page)
    assert "Refused and recorded" in text_of(page)
    assert re.search(r"<dt>The rule</dt>", page)


def test_an_answer_is_followed_sentence_by_sentence(house):
    """With htmx the answer comes as events: the first sentence before the last one is there, at the end the whole turn."""
    with browsing(house) as client:
        asked = client.post("/ask", data={"question": "lentement, " + QUESTIONS["fr"]}, headers={"HX-Request": "true"})
        page = client.get(asked.headers["hx-redirect"]).text
        name = re.search(r'hx-sse:connect="([^"]+)"', page)[1]
        began = time.monotonic()
        with client.stream("GET", name) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            told = ((line, time.monotonic() - began) for line in stream.iter_lines())
            seen = [(line, at) for line, at in told if "sentence" in line or "hx-partial" in line]
    lines = [line for line, _ in seen]
    assert lines[0].startswith('data: <p class="sentence"')
    assert '<hx-partial hx-target="#t1" hx-swap="outerHTML">' in "".join(lines)
    first, last = seen[0][1], seen[-1][1]
    assert last > first, "all of it came at once"


def test_an_answer_goes_on_where_the_browser_leaves(house):
    """Who leaves in the middle finds the outcome later."""
    with browsing(house) as client:
        asked = client.post("/ask", data={"question": QUESTIONS["fr"]}, headers={"HX-Request": "true"})
        address = asked.headers["hx-redirect"]
        end = time.monotonic() + 10
        while 'class="sources"' not in (page := client.get(address).text):
            assert time.monotonic() < end, page
            time.sleep(0.1)


def test_an_opinion_is_kept_and_exported(client, house):
    """«Not useful» asks why; both are in the export, with the outcome."""
    address = ask(client, QUESTIONS["fr"])
    assert client.post(f"{address}/1/feedback", data={"useful": "no"}).status_code == 303
    assert 'name="reason"' in client.get(address).text
    reason = "la pièce manque ؟"
    client.post(f"{address}/1/feedback", data={"useful": "no", "reason": reason})
    assert "Thank you" in client.get(address).text
    rows = house.ask("GET", "/api/feedback").json
    row = next(row for row in rows if row["reason"] == reason)
    assert row["outcome"]["status"] == "answered"
    assert not row["useful"]


def test_what_was_said_before_is_told_again(client):
    """The second question of a conversation comes to the assistant with the first."""
    address = ask(client, QUESTIONS["fr"])
    ask(client, "et en ligne ?", address.removeprefix("/c/"))
    rows = client.get(address).text
    assert len(re.findall('<article class="turn"', rows)) == 2


# Whose it is


def test_nobody_sees_a_conversation_of_somebody_else(house):
    """To others it is not there: the same words for reading, judging, deleting and opening what stands behind it."""
    with browsing(house) as amina, browsing(house) as other:
        address = ask(amina, QUESTIONS["fr"])
        page = amina.get(address).text
        behind = re.search(r'href="(/c/[^"]+/decision/\d+)"', page)[1]
        ask(other, QUESTIONS["fr"])
        nowhere = "/c/" + "0" * 32
        for method, path, absent in (
            ("GET", address, nowhere),
            ("GET", behind, re.sub(r"/c/\w+", nowhere, behind)),
            ("GET", behind + "/receipt", re.sub(r"/c/\w+", nowhere, behind) + "/receipt"),
            ("POST", address + "/delete", nowhere + "/delete"),
            ("POST", address + "/1/feedback", nowhere + "/1/feedback"),
            ("GET", "/answers/" + address.removeprefix("/c/") + ".1", "/answers/" + nowhere.removeprefix("/c/") + ".1"),
        ):
            theirs, nobodys = (
                other.request(method, path, data={} if method == "POST" else None),
                other.request(method, absent, data={} if method == "POST" else None),
            )
            assert theirs.status_code == nobodys.status_code == 404, (method, path)
            assert text_of(theirs.text) == text_of(nobodys.text)
        asked_on = other.post("/ask", data={"question": "moi aussi", "conversation": address.removeprefix("/c/")})
        assert asked_on.status_code == 404
        assert address not in other.get("/c").text
        assert amina.get(address).text == page


def test_a_deleted_conversation_is_gone(client, house):
    """Its page is not there any more, nor its words in any file of the database."""
    address = ask(client, "grenadine-de-résidence " * 20)
    assert client.post(f"{address}/delete").headers["location"] == "/c"
    assert client.get(address).status_code == 404
    assert address not in client.get("/c").text
    content = b"".join(file.read_bytes() for file in house.data.glob("daffa.db*"))
    assert b"grenadine-de-r" not in content


def test_a_visitor_who_asked_nothing_gets_no_cookie(client):
    """To look is not to be remembered."""
    for path in ("/", "/c", "/sign-in"):
        assert "set-cookie" not in client.get(path).headers


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
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {}]
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


# Edges


def test_two_hundred_ask_at_once(house):
    """Each of two hundred visitors gets an answer of their own."""

    def one(number: int) -> bool:
        with browsing(house) as client:
            client.timeout = httpx.Timeout(60)
            question = f"délai numéro {number} pour la résidence"
            page = client.get(ask(client, question)).text
            return question in text_of(page) and 'class="sources"' in page

    with ThreadPoolExecutor(40) as pool:
        assert all(pool.map(one, range(200)))


def test_a_killed_house_has_lost_nothing_that_was_kept(tmp_path):
    """After kill -9 in the middle of an answer: the earlier answer stands, and the question waits to be asked again."""
    with scripted_serving(tmp_path / "house") as server, browsing(server) as client:
        address = ask(client, QUESTIONS["fr"])
        asking = threading.Thread(target=slowly, args=(client, address))
        asking.start()
        end = time.monotonic() + 10
        while "prends longtemps" not in client.get(address).text:
            assert time.monotonic() < end
            time.sleep(0.05)
        server.kill()
        asking.join()
        cookies = dict(client.cookies)
    with scripted_serving(tmp_path / "house") as server, browsing(server) as client:
        client.cookies.update(cookies)
        page = client.get(address).text
        assert 'class="sources"' in page
        assert "prends longtemps pour la résidence" in page
        assert "interrupted; your question is kept" in page


def test_what_is_too_old_is_gone_soon_after_the_start(tmp_path):
    """With ``conversation_days = 1`` a turn of the day before yesterday is deleted when the house starts, from the files too."""
    with scripted_serving(tmp_path / "house") as server, browsing(server) as client:
        address = ask(client, "grenadine " + QUESTIONS["fr"])
        cookies = dict(client.cookies)
    with contextlib.closing(sqlite3.connect(tmp_path / "house" / "daffa.db")) as connection, connection:
        connection.execute("UPDATE conversation_turns SET asked = asked - 2 * 86400")
    with scripted_serving(tmp_path / "house", "conversation_days = 1\n") as server, browsing(server) as client:
        client.cookies.update(cookies)
        end = time.monotonic() + 10
        while client.get(address).status_code != 404:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert b"grenadine" not in b"".join(file.read_bytes() for file in server.data.glob("daffa.db*"))


def slowly(client: httpx.Client, address: str) -> None:
    """Ask what takes long, until the house is gone."""
    with pytest.raises(httpx.TransportError):
        client.post(
            "/ask", data={"question": "prends longtemps pour la résidence", "conversation": address.removeprefix("/c/")}
        )


def test_a_house_that_keeps_nothing_answers_all_the_same(tmp_path):
    """With ``conversation_days = 0`` the answer stands on the page that the form leads to, and nowhere else."""
    with scripted_serving(tmp_path / "house", "conversation_days = 0\n") as server, browsing(server) as client:
        answer = client.post("/ask", data={"question": "grenadine " + QUESTIONS["fr"]})
        assert answer.status_code == 200
        assert 'class="sources"' in answer.text
        assert "This house keeps nothing" in client.get("/c").text
        asked = client.post("/ask", data={"question": QUESTIONS["fr"]}, headers={"HX-Request": "true"})
        name = re.search(r'hx-sse:connect="([^"]+)"', asked.text)[1]
        assert 'class="sources"' in client.get(name).text
        assert b"grenadine" not in b"".join(file.read_bytes() for file in server.data.glob("daffa.db*"))


def test_a_house_without_visitors_asks_for_a_key_first(tmp_path):
    """With ``visitors = false`` every page but the form and its files leads to the form, and no question is taken."""
    with scripted_serving(tmp_path / "house", "visitors = false\n") as server, browsing(server) as client:
        assert client.get("/c").headers["location"] == "/sign-in?next=%2Fc"
        assert client.post("/ask", data={"question": "x"}).status_code == 401
        assert client.get("/sign-in").status_code == 200
        signed_in(client, server)
        assert 'class="sources"' in client.get(ask(client, QUESTIONS["fr"])).text
