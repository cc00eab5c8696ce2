"""The page over HTTP, as a browser without scripts sees it, on a real house whose assistant is scripted."""

from __future__ import annotations

import json
import re
import time

import httpx
import pytest
from page_servers import LANGUAGES, QUESTIONS, ask, browsing, scripted_serving, signed_in, text_of
from servers import Server, daffa

from daffa.audit import Reader, verify_receipt


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
    exported = daffa("feedback", "export", "--data", str(house.data)).stdout.splitlines()
    assert [json.loads(line) for line in exported] == rows


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
