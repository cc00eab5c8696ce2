"""What is kept: through kill -9 in the middle of everything, and no day longer than said; what is deleted is in no file.

Real servers on one folder, killed while documents are put, questions asked and documents deleted; then the files are read.
"""

from __future__ import annotations

import contextlib
import http.client
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from page_servers import browsing
from servers import Server, serving

PUBLIC = "J'ai perdu ma carte nationale, que faire ?"
BATCH = 8
SECRET = "Kwavimbu"
"""Of a text that is deleted. Its term in an index begins alike, in small letters."""
WHISPERED = "Zorgifek"
"""Of a question that is forgotten."""
DAY = 86_400


class Busy:
    """Threads that do something again and again until their server is gone."""

    def __init__(self, *work: Callable[[int], None]) -> None:
        self._threads = [threading.Thread(target=self._repeat, args=(each,), daemon=True) for each in work]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until each has noticed."""
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    @staticmethod
    def _repeat(work: Callable[[int], None]) -> None:
        turn = 0
        with contextlib.suppress(OSError, http.client.HTTPException, httpx.HTTPError):
            while True:
                work(turn)
                turn += 1


def word(batch: int, number: int) -> str:
    """A word that stands in one document alone."""
    letters = "bdfgklmnprstvz"
    return "qu" + "".join(letters[digit] + "a" for digit in (batch // 14 % 14, batch % 14, number)) + "xo"


def batch_of(number: int) -> list[dict[str, Any]]:
    """Documents that are put together."""
    texts = (f"Le mot {word(number, place)} vaut {number}. " + "La commune répond aux usagers. " * 20 for place in range(BATCH))
    return [{"id": f"{number:03}-{place}", "text": text, "language": "fr-Latn"} for place, text in enumerate(texts)]


def listed(server: Server, name: str) -> list[str]:
    """The ids of the documents that a collection has."""
    path = f"/api/collections/{name}/documents"
    return [each["id"] for each in server.ask("GET", f"{path}?limit=1000").json]


def found(server: Server, name: str, *words: str) -> list[list[str]]:
    """The ids of the documents that each word finds."""
    search = {"queries": list(words), "collections": [name], "k": 100, "language": "fr-Latn"}
    return [[hit["id"] for hit in each["hits"]] for each in server.ask("POST", "/api/collections/search", search).json]


def wait_until(true: Callable[[], bool]) -> None:
    """Until something that comes by itself is there."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def holders(folder: Path, *spelled: str) -> list[str]:
    """The files of a folder in which a word stands."""
    wanted = [each.encode() for each in spelled]
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [str(path.relative_to(folder)) for path in files if any(each in path.read_bytes() for each in wanted)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a house that these tests live in one after the other."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def survived(folder: Path) -> dict[str, Any]:
    """What clients were told until a kill in the middle of putting, asking and deleting, and what is there after a restart."""
    put: list[int] = []
    asked: dict[str, str] = {}
    gone: list[str] = []
    with serving(folder) as server:
        key = server.key
        assert server.ask("POST", "/api/collections", {"name": "many"}).status == 201
        assert server.ask("POST", "/api/collections", {"name": "waning"}).status == 201
        waning = [{"id": f"w{number}", "text": f"Un texte de passage, le {number}."} for number in range(60)]
        assert server.ask("POST", "/api/collections/waning/documents", {"documents": waning}).status == 201

        def putting(turn: int) -> None:
            server.ask("POST", "/api/collections/many/documents", {"documents": batch_of(turn)}, key=key)
            put.append(turn)

        def deleting(turn: int) -> None:
            if turn < 50:
                server.ask("DELETE", f"/api/collections/waning/document?id=w{turn}", key=key)
                gone.append(f"w{turn}")
            else:
                time.sleep(0.1)

        with browsing(server) as client:
            client.get("/")

            def asking(turn: int) -> None:
                answer = client.post("/ask", data={"question": f"{PUBLIC} ({turn})"}, headers={"HX-Request": "true"})
                asked[answer.headers["hx-redirect"]] = f"{PUBLIC} ({turn})"

            busy = Busy(putting, deleting, asking)
            wait_until(lambda: len(put) >= 4 and len(asked) >= 4 and len(gone) >= 4)
            server.kill()
            busy.join()
            cookies = dict(client.cookies)
    with serving(folder) as server:
        with browsing(server) as client:
            client.cookies.update(cookies)
            pages = {address: client.get(address) for address in asked}
        many, waning_now = listed(server, "many"), listed(server, "waning")
        batches = sorted({int(name.partition("-")[0]) for name in many})
        words = [word(batch, place) for batch in batches for place in range(BATCH)]
        wait_until(lambda: all(found(server, "many", *words)))
        return {
            "put": put,
            "asked": asked,
            "gone": gone,
            "pages": pages,
            "many": many,
            "batches": batches,
            "hits": found(server, "many", *words),
            "waning": waning_now,
            "waning_hits": found(server, "waning", "passage")[0],
        }


def test_no_document_that_was_acknowledged_is_lost(survived: dict[str, Any]):
    """After a kill each batch that was acknowledged is there, any other whole or not at all; the index has the same."""
    assert set(survived["put"]) <= set(survived["batches"])
    assert len(survived["batches"]) <= len(survived["put"]) + 1
    whole = [f"{batch:03}-{place}" for batch in survived["batches"] for place in range(BATCH)]
    assert survived["many"] == whole
    assert survived["hits"] == [[name] for name in whole]


def test_no_document_that_was_deleted_comes_back(survived: dict[str, Any]):
    """After a kill what was told to be deleted is in neither store nor index, and all else is in both."""
    assert not set(survived["gone"]) & set(survived["waning"])
    assert 60 - len(survived["waning"]) - len(survived["gone"]) in (0, 1)
    assert sorted(survived["waning_hits"]) == sorted(survived["waning"])


def test_no_question_that_was_acknowledged_is_lost(survived: dict[str, Any]):
    """After a kill every question whose conversation was named is in it, answered or not."""
    assert len(survived["asked"]) >= 4
    for address, question in survived["asked"].items():
        page = survived["pages"][address]
        assert page.status_code == 200
        assert question.replace("'", "&#39;") in page.text


def ask_on_page(server: Server, question: str) -> tuple[str, dict[str, str]]:
    """Ask as a form without scripts does; where the answer stands, if anywhere, and the cookies to find it by."""
    with browsing(server) as client:
        answer = client.post("/ask", data={"question": question})
        assert answer.status_code in (200, 303)
        return answer.headers.get("location", "").partition("#")[0], dict(client.cookies)


def test_what_is_deleted_is_in_no_file(survived: dict[str, Any], folder: Path):
    """The words of a deleted document, of a deleted collection and of a deleted conversation stand in no file of the house."""
    assert survived
    text = f"Le mot {SECRET} est secret."
    with serving(folder) as server:
        for name in ("passing", "leaving"):
            assert server.ask("POST", "/api/collections", {"name": name}).status == 201
            new = {"documents": [{"id": "one", "text": text, "language": "fr-Latn"}, {"id": "two", "text": "Un autre texte."}]}
            assert server.ask("POST", f"/api/collections/{name}/documents", new).status == 201
        address, cookies = ask_on_page(server, f"{WHISPERED} ?")
        before = holders(folder, SECRET, SECRET.lower()[:-1])
        assert {"daffa.db", "daffa.db-wal"} & set(before)
        assert any(name.startswith("search/") for name in before)
        assert server.ask("DELETE", "/api/collections/passing/document?id=one").status == 200
        assert server.ask("DELETE", "/api/collections/leaving").status == 200
        with browsing(server) as client:
            client.cookies.update(cookies)
            assert client.post(f"{address}/delete").status_code == 303
        assert found(server, "passing", SECRET, "texte") == [[], ["two"]]
        assert holders(folder, SECRET, SECRET.lower()[:-1]) == []
        assert holders(folder, WHISPERED) == []


def age(database: Path, address: str, days: int) -> None:
    """Have what was asked in a conversation be asked so many days earlier."""
    conversation = address.removeprefix("/c/")
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE conversation_turns SET asked = asked - ? WHERE conversation = ?", (days * DAY, conversation))
        connection.execute("UPDATE conversations SET last = last - ? WHERE id = ?", (days * DAY, conversation))


def test_a_house_forgets_at_its_start_what_is_too_old(tmp_path: Path):
    """A conversation of yesterday is there; one that is older than said is gone from page and files."""
    with serving(tmp_path, "conversation_days = 2\n") as server:
        kept = ask_on_page(server, "Quel est le délai de réponse de l'administration ?")
        old = ask_on_page(server, f"{WHISPERED} ?")
    age(tmp_path / "daffa.db", kept[0], 1)
    age(tmp_path / "daffa.db", old[0], 2)
    assert holders(tmp_path, WHISPERED)
    with serving(tmp_path) as server, browsing(server) as client:
        client.cookies.update(old[1])
        wait_until(lambda: client.get(old[0]).status_code == 404)
        wait_until(lambda: holders(tmp_path, WHISPERED) == [])
        assert WHISPERED not in client.get("/c").text
        client.cookies.clear()
        client.cookies.update(kept[1])
        assert "délai de réponse" in client.get(kept[0]).text


def test_a_house_that_keeps_nothing_keeps_nothing(tmp_path: Path):
    """With no day to keep them, questions are answered on the spot and stand in no file, not even for a moment after."""
    with serving(tmp_path, "conversation_days = 0\n") as server:
        with browsing(server) as client:
            page = client.post("/ask", data={"question": f"{PUBLIC} {WHISPERED}"})
            assert (page.status_code, WHISPERED in page.text) == (200, True)
            assert "renouvelée" in page.text
            assert WHISPERED not in client.get("/c").text
        assert holders(tmp_path, WHISPERED) == []
    assert holders(tmp_path, WHISPERED) == []
