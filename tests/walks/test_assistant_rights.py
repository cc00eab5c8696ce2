"""Rights as a law: whatever one organisation keeps, what another one and a visitor can learn is the same to the last character.

One real server. Everything that another organisation can ask is asked before the collection is there, after it is there, and
after it is gone; the three must not differ but in what every answer has anew (references, dates, times taken).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from page_servers import ask as ask_page
from page_servers import browsing
from servers import Reply, Server, serving

WORD = "Tamedda"
PUBLIC = "J'ai perdu ma carte nationale, que faire ?"
QUESTIONS = (PUBLIC, f"Quel est le budget du projet {WORD} ?", f"{WORD} ?", "Que dit le dossier plans ?")
TEXTS = [
    {"id": "budget", "title": f"Le projet {WORD}", "text": f"Le budget du projet {WORD} est de 48 millions de dirhams."},
    # Of the very words that the packs use: where the statistics of words were shared, scores and ranks would move.
    {"id": "carte", "title": "Carte nationale", "text": "La carte nationale perdue doit être renouvelée. " * 40},
]
PACK = """
id = "interne"
version = "1.0.0"
owner = "X"
licence = "CC-BY-4.0"
jurisdiction = "MA"
languages = ["fr"]
label = "level=confidential"
valid_from = 2026-01-01

[title]
fr = "Notes internes"
ar = "مذكرات داخلية"
zgh = "ⵜⵉⵔⵔⴰ"
en = "Internal notes"

[[source]]
id = "note"
title = "Note"
url = "https://example.org/note"
licence = "CC-BY-4.0"
"""
FORM = """
title = { fr = "Fiche de réserve", ar = "بطاقة", en = "Reserve sheet" }

[[field]]
name = "holder"
title = { fr = "Nom", ar = "الاسم", en = "Name" }
type = "person"
cues.fr = ["nom"]
cues.ar = ["الاسم"]
"""
PACK_TEXT = """+++
title = "La note Azdur"
sources = ["note"]
+++

## La note Azdur

La note Azdur prévoit une réserve de 17 véhicules.
"""


@dataclass(frozen=True)
class House:
    """A server with two organisations; ``keys`` by name."""

    server: Server
    keys: dict[str, str]

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request of somebody."""
        return self.server.ask(method, path, body, key=self.keys[who], **headers)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house: ``ours`` keeps something, ``theirs`` is of another organisation with every right in its own."""
    folder = tmp_path_factory.mktemp("two")
    _install(folder / "packs" / "interne")
    with serving(folder, "") as server:
        server.ask("POST", "/api/organisations", {"id": "tax", "name": "Tax", "floor": "level=internal"})
        keys = {}
        for name, organisation in (("ours", "home"), ("theirs", "tax")):
            new = {"organisation": organisation, "name": name, "roles": ["agent", "steward"]}
            keys[name] = server.ask("POST", "/api/keys", new).json["token"]
        yield House(server, keys)


def _install(folder: Path) -> None:
    (folder / "documents").mkdir(parents=True)
    (folder / "pack.toml").write_text(PACK, encoding="utf-8")
    (folder / "documents" / "note.fr.md").write_text(PACK_TEXT, encoding="utf-8")
    (folder / "forms").mkdir()
    (folder / "forms" / "fiche.toml").write_text(FORM, encoding="utf-8")
    (folder / "glossary.csv").write_text("fr,ar,ary,ary_latn,zgh,en,definition,source\n", encoding="utf-8")
    (folder / "questions.jsonl").write_text("", encoding="utf-8")


CHANGING = re.compile(
    r'daffa/[0-9a-f]+#\d+|"ms":\s?[0-9.]+|chatcmpl-[0-9a-f]+|"created":\s?\d+|/c/[0-9a-f]{32}[^"<]*|[0-9a-f]{32}[.0-9c]*|#\d+|\bdecision/\d+'
)
OWN_HEADERS = ("x-daffa-decision", "set-cookie", "date", "location", "content-length")


def told(reply: Reply | httpx.Response, name: str = "") -> tuple[int, dict[str, str], str]:
    """An answer without what every answer has anew; ``name`` as asked for is left out too."""
    body = reply.body.decode() if isinstance(reply, Reply) else reply.text
    status = reply.status if isinstance(reply, Reply) else reply.status_code
    headers = {key.lower(): value for key, value in reply.headers.items() if key.lower() not in OWN_HEADERS}
    for written in {name, quote(name, safe="")} - {""}:
        body = body.replace(written, "NAME")
    return status, headers, CHANGING.sub("", body)


def chat(question: str, *collections: str, stream: bool = False) -> dict[str, Any]:
    """The body of a question to the assistant."""
    extension = {"daffa": {"collections": list(collections)}} if collections else {}
    return {"model": "daffa", "messages": [{"role": "user", "content": question}], "stream": stream, **extension}


def asked_by_name(house: House, name: str) -> list[Any]:
    """Everything that another organisation can ask of a collection of that name, and what it is answered."""
    path = f"/api/collections/{name}"
    requests: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("DELETE", path, None),
        ("GET", f"{path}/documents", None),
        ("GET", f"{path}/document?id=budget", None),
        ("DELETE", f"{path}/document?id=budget", None),
        ("GET", f"{path}/passage?id={quote('budget@0')}", None),
        ("POST", f"{path}/documents", {"documents": [{"id": "x", "text": "y"}]}),
        ("POST", f"{path}/documents", {"documents": []}),
        ("POST", "/api/collections/search", {"queries": ["budget"], "collections": [name]}),
        ("POST", "/api/collections/search", {"queries": [], "collections": [name]}),
        ("POST", "/api/assistant/ask", {"question": PUBLIC, "collections": [name]}),
        ("POST", "/v1/chat/completions", chat(PUBLIC, name)),
        ("POST", "/v1/chat/completions", chat(PUBLIC, "pack-law", name)),
        ("POST", "/v1/chat/completions", chat(PUBLIC, name, stream=True)),
        ("POST", "/v1/messages", {**chat(PUBLIC, name), "max_tokens": 9}),
    ]
    answers = [told(house.ask("theirs", *request), name) for request in requests]
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\nmots\r\n--b--\r\n'
    answer = house.ask("theirs", "POST", f"{path}/files", form, Content_Type="multipart/form-data; boundary=b")
    answers.append(told(answer, name))
    for client in _pages(house):
        answers += [told(client.get(f"/cite/{name}/{passage}"), name) for passage in ("budget@0", "budget%400", "x")]
    return answers


def _pages(house: House) -> Iterator[httpx.Client]:
    """The page before a visitor, and before somebody of the other organisation."""
    with browsing(house.server) as visitor:
        yield visitor
    with browsing(house.server) as client:
        assert client.post("/sign-in", data={"key": house.keys["theirs"], "next": "/"}).status_code == 303
        yield client


def seen(house: House) -> list[Any]:
    """Everything that another organisation and a visitor see without naming anything."""
    paths = ("collections", "offers", "packs", "assistant/tools", "openapi.json", "me", "../v1/models")
    answers = [told(house.ask("theirs", "GET", f"/api/{path}".replace("/api/../", "/"))) for path in paths]
    search = {"queries": [*QUESTIONS, "budget", "dirhams", "plans home"], "k": 50}
    answers.append(told(house.ask("theirs", "POST", "/api/collections/search", search)))
    for question in QUESTIONS:
        answers += [told(house.ask("theirs", "POST", "/v1/chat/completions", chat(question, stream=s))) for s in (False, True)]
        answers.append(told(house.ask("theirs", "POST", "/api/assistant/ask", {"question": question})))
    for client in _pages(house):
        answers += [told(client.get(path)) for path in ("/", "/c/nowhere")]
        answers += [told(client.get(ask_page(client, question))) for question in QUESTIONS]
    return answers


def differing(one: list[Any], other: list[Any]) -> list[Any]:
    """The answers that are not the same."""
    return [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]


@pytest.fixture(scope="module")
def views(house: House) -> list[list[Any]]:
    """What others see before our collection is there, while it is, and after it is gone."""
    warm = seen(house)  # what the first answers build is there now
    assert warm
    before = seen(house)
    assert house.ask("ours", "POST", "/api/collections", {"name": "plans", "title": f"Plans {WORD}"}).status == 201
    assert house.ask("ours", "POST", "/api/collections/plans/documents", {"documents": TEXTS}).status == 201
    during = seen(house)
    named = asked_by_name(house, "home.plans"), asked_by_name(house, "home.nothing"), asked_by_name(house, "plans")
    asked = house.ask("ours", "POST", "/v1/chat/completions", chat(QUESTIONS[1]))
    assert "48 millions" in asked.json["choices"][0]["message"]["content"], "ours do find it"
    assert house.ask("ours", "DELETE", "/api/collections/plans").status == 200
    return [before, during, seen(house), *named]


def test_what_one_organisation_keeps_changes_nothing_for_others(views: list[list[Any]]):
    """Lists, answers, scores, versions, pages, suggestions and offers are the same before, while and after it is there."""
    before, during, after, *_ = views
    assert differing(before, during) == []
    assert differing(before, after) == []
    assert "48 millions" not in json.dumps(during)


def test_a_collection_that_may_not_be_seen_is_one_that_is_not_there(views: list[list[Any]]):
    """By its id and by its bare name, every route answers as for a name that nobody ever gave: status, headers and words."""
    *_, there, absent, bare = views
    assert differing(there, absent) == []
    assert differing(bare, absent) == []
    statuses = [status for status, _, _ in there]
    assert set(statuses) <= {400, 404}, statuses


@pytest.mark.parametrize("question", ["Que prévoit la note Azdur ?", "Combien de véhicules prévoit la note Azdur ?"])
def test_a_visitor_reads_public_packs_alone(house: House, question: str):
    """A pack whose label is more than public is not there for who has no key; whoever has one reads it."""
    answer = house.ask("theirs", "POST", "/v1/chat/completions", chat(question))
    assert "17 véhicules" in answer.json["choices"][0]["message"]["content"]
    with browsing(house.server) as visitor:
        page = visitor.get(ask_page(visitor, question))
        assert "17 véhicules" not in page.text
        assert "Notes internes" not in page.text
        there, absent = (visitor.get(f"/cite/{name}/note.fr@0") for name in ("pack-interne", "pack-nothing"))
        assert told(there, "pack-interne") == told(absent, "pack-nothing")


def test_a_visitor_is_offered_no_form_of_a_hidden_pack(house: House):
    """Forms and letters go with the texts of their pack: who has a key is offered them, a visitor gets none by name either."""
    visitor, signed_in = [client.get("/files?task=fill").text for client in _pages(house)]
    assert "Reserve sheet" in signed_in
    assert "Reserve sheet" not in visitor
    form = {"task": "fill", "choice": "interne/fiche", "text": "Nom : El Fassi"}
    with browsing(house.server) as client:
        there = client.post("/files", data=form)
        assert there.status_code == 400
        assert told(there, "fiche") == told(client.post("/files", data={**form, "choice": "interne/nothing"}), "nothing")


def test_a_conversation_is_its_owners_alone(house: House):
    """What somebody asked on the page is, for others and for visitors, a conversation that does not exist."""
    with browsing(house.server) as visitor:
        address = ask_page(visitor, PUBLIC)
        assert visitor.get(address).status_code == 200
        inside = f"{address.removeprefix('/c/')}.1.c1"
        source = f"/cite/pack-administration/x?in={inside}"
    for client in _pages(house):
        posts = [("POST", f"{address}/{what}") for what in ("delete", "1/feedback")]
        for method, path in [("GET", address), ("GET", source), *posts]:
            form = {"useful": "yes"} if method == "POST" else None
            there = client.request(method, path, data=form)
            absent = client.request(method, path.replace(address.removeprefix("/c/"), "0" * 32), data=form)
            assert there.status_code == 404
            assert told(there) == told(absent)
