"""The page at its edges: two hundred at once, a house that is killed, that keeps nothing, that takes no visitors."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from page_servers import QUESTIONS, ask, browsing, scripted_serving, signed_in, text_of
from servers import Server

from daffa.assistant import status_of
from daffa.errors import Denied, Exhausted, Invalid, NotFound, Refused, Unavailable
from daffa.web.page import Turnstile


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Server:
    """One house for all."""
    with scripted_serving(tmp_path_factory.mktemp("page")) as server:
        yield server


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
    """With ``conversation_days = 1`` a turn of two days ago is deleted when the house starts, from the files too."""
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
        whole = client.get(name).text
        assert 'class="sources"' in whole
        assert f'hx-target="#{re.search("<article[^>]* id=.([^ ]+). ", asked.text)[1]}"' in whole
        assert b"grenadine" not in b"".join(file.read_bytes() for file in server.data.glob("daffa.db*"))
        signed_in(client, server)
        who = re.search(r'name="who" value="([^"]+)"', client.get("/").text)[1]
        asked = client.post("/ask", data={"question": "quel certificat"}, headers={"HX-Request": "true"})
        whole = client.get(re.search(r'hx-sse:connect="([^"]+)"', asked.text)[1]).text
        for page in (whole, client.post("/ask", data={"question": "quel certificat"}).text):
            choices = re.search(r'<ul class="choices">(.*?)</ul>', page, re.DOTALL)[1]
            assert choices.count(f'name="who" value="{who}"') == choices.count("<form") == 2


def test_a_house_without_visitors_asks_for_a_key_first(tmp_path):
    """With ``visitors = false`` every page but the form and its files leads to the form, and no question is taken."""
    with scripted_serving(tmp_path / "house", "visitors = false\n") as server, browsing(server) as client:
        assert client.get("/c").headers["location"] == "/sign-in?next=%2Fc"
        assert client.post("/ask", data={"question": "x"}).status_code == 401
        assert client.get("/sign-in").status_code == 200
        signed_in(client, server)
        assert 'class="sources"' in client.get(ask(client, QUESTIONS["fr"])).text


def test_a_visitor_too_many_keeps_the_question(tmp_path):
    """Beyond the measure a visitor is told when to come back, and keeps what they wrote; a full house says that it is full."""
    config = "visitor_questions_per_minute = 2\nmax_requests = 1\n"
    with scripted_serving(tmp_path / "house", config) as server, browsing(server, "ar") as client:
        client.post("/ask", data={"question": "lentement, " + QUESTIONS["fr"]}, headers={"HX-Request": "true"})
        busy = server.ask("POST", "/api/assistant/ask", {"question": QUESTIONS["fr"]})
        assert (busy.status, busy.json["title"], busy.headers["retry-after"]) == (503, "overloaded", "1")
        full = ask(client, "pendant ce temps, " + QUESTIONS["fr"])
        client.post(f"{full}/1/feedback", data={"useful": "no"})
        assert server.ask("GET", "/api/feedback").json[0]["outcome"]["status"] == "error_house"
        turned_away = client.post("/ask", data={"question": "trois", "conversation": full.removeprefix("/c/")})
        assert turned_away.status_code == 429
        wait = int(turned_away.headers["retry-after"])
        assert 0 < wait <= 30
        assert f"\u2068{wait}\u2069" in text_of(turned_away.text)
        assert re.search(r"<textarea[^>]*>trois</textarea>", turned_away.text)
        assert f'name="conversation" value="{full.removeprefix("/c/")}"' in turned_away.text
        part = client.post("/ask", data={"question": "quatre"}, headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["retry-after"]) == (429, turned_away.headers["retry-after"]) or wait > 1
        assert re.search(r'hx-target="#composer".*<textarea[^>]*>quatre</textarea>', part.text, re.DOTALL)
        signed_in(client, server)
        assert client.post("/ask", data={"question": QUESTIONS["fr"]}).status_code == 303


def test_so_many_pass_in_a_minute():
    """All at once, then evenly; who waits as long as told passes; of none nobody does."""
    now = [100.0]
    door = Turnstile(3, lambda: now[0])
    for _ in range(3):
        door.take()
    with pytest.raises(Exhausted) as told:
        door.take()
    assert told.value.facts["retry_after"] == 20
    now[0] += 20
    door.take()
    with pytest.raises(Exhausted):
        door.take()
    now[0] += 3600
    for _ in range(3):
        door.take()
    with pytest.raises(Exhausted):
        door.take()
    with pytest.raises(Denied):
        Turnstile(0).take()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Exhausted("budget_used_up", retry_after=1), "error_limit"),
        (Invalid("assistant_rejects", reason="x"), "error_request"),
        (NotFound("unknown_model"), "error_request"),
        (Refused("refused_by_policy"), "refused"),
        (Unavailable("upstream_timeout"), "error_timeout"),
        (Unavailable("search_index_unusable"), "error_search"),
        (Unavailable("no_model_answered"), "error_model"),
        (Unavailable("upstream_broke_off", reason="x"), "error_model"),
        (Unavailable("overloaded"), "error_house"),
        (Unavailable("audit_unavailable"), "error_house"),
    ],
)
def test_an_error_ends_a_question_as_what_it_is(error, status):
    """A budget, a wrong request, a refusal and a full house are no models that failed."""
    assert status_of(error) == status
