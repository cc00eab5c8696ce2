"""Collections over HTTP and on the command line: who may what, what is recorded, what others cannot learn, how it reads."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from urllib.parse import quote

import pytest
from servers import serving

from daffa.audit import Reader
from daffa.cli import main
from daffa.cli.paint import width

ROLES = ["reader", "agent", "steward", "author", "approver", "auditor", "operator", "administrator"]
LIST, READ, KEEP = (
    {"reader", "agent", "steward", "auditor", "administrator"},
    {"agent", "steward"},
    {"steward", "administrator"},
)
CARD = {"id": "card", "text": "Pour la carte nationale, présentez l'acte de naissance.", "title": "Carte nationale"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server."""
    with serving(tmp_path_factory.mktemp("house"), "") as server:
        yield server


@pytest.fixture(scope="module")
def keys(server):
    """A key for each role of the first organisation, and a steward's and agent's of another one."""
    server.ask("POST", "/api/organisations", {"id": "tax", "name": "Tax", "floor": "level=restricted"})
    made = {}
    for name, organisation, roles in [(role, "home", [role]) for role in ROLES] + [("theirs", "tax", ["steward", "agent"])]:
        made[name] = server.ask("POST", "/api/keys", {"organisation": organisation, "name": name, "roles": roles}).json["token"]
    return made


@pytest.fixture
def collection(server, keys):
    """An empty collection, made and taken away by a steward."""
    path = "/api/collections"
    assert server.ask("POST", path, {"name": "guides", "title": "Guides"}, key=keys["steward"]).status == 201
    yield f"{path}/guides"
    server.ask("DELETE", f"{path}/guides", key=keys["steward"])


@pytest.fixture
def put(server, keys, collection):
    """Puts texts into the collection."""

    def run(*documents):
        return server.ask("POST", f"{collection}/documents", {"documents": list(documents)}, key=keys["steward"])

    return run


def hits(server, key, question, **how):
    """What a question finds in the collection."""
    body = {"queries": [question], "collections": ["guides"], **how}
    reply = server.ask("POST", "/api/collections/search", body, key=key)
    assert reply.status == 200, reply.body
    return reply.json[0]["hits"]


def form(name, content, **fields):
    """A multipart body and its type."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join([*parts, head, content, b"\r\n--b--\r\n"]), {"Content_Type": "multipart/form-data; boundary=b"}


def size(server):
    """How many entries the log has; to be asked for one makes it publish all."""
    server.ask("GET", "/api/audit/entries/0")
    return Reader(server.data / "audit").checkpoint().size


def told(server, since):
    """The changes that were recorded since, with their details."""
    found = (server.ask("GET", f"/api/audit/entries/{at}").json for at in range(since, size(server)))
    return [(one["entry"]["action"], one["details"]) for one in found if one["entry"]["kind"] == "change"]


# Roles


@pytest.mark.parametrize("role", ROLES)
def test_who_may_list_who_may_read_and_who_may_keep(server, keys, put, role):
    """Stewards keep, agents and stewards read; who has another role is refused, whatever they name."""
    assert put(CARD).status == 201
    key, path = keys[role], "/api/collections"
    asked = {
        ("GET", path): LIST,
        ("GET", f"{path}/guides"): LIST,
        ("GET", f"{path}/guides/documents"): READ | KEEP,
        ("GET", f"{path}/guides/document?id=card"): READ,
        ("GET", f"{path}/guides/passage?id=card%400"): READ,
        ("POST", f"{path}/search"): READ,
        ("POST", path): KEEP,
        ("POST", f"{path}/guides/documents"): KEEP,
        ("DELETE", f"{path}/guides/document?id=none"): KEEP,
        ("DELETE", f"{path}/none"): KEEP,
    }
    bodies = {f"{path}/search": {"queries": []}, path: {"name": "-"}, f"{path}/guides/documents": {"documents": []}}
    for (method, where), may in asked.items():
        status = server.ask(method, where, bodies.get(where), key=key).status
        assert (status != 403) is (role in may), (method, where, status)


@pytest.mark.usefixtures("collection")
def test_nobody_may_anything(server):
    """Without a key each route asks who that is."""
    for method, where in (("GET", ""), ("GET", "/guides"), ("POST", "/search"), ("DELETE", "/guides")):
        body = {"queries": []} if method == "POST" else None
        assert server.ask(method, f"/api/collections{where}", body, key=None).status == 401


# The walk


def test_a_text_is_put_found_read_and_dropped(server, keys, put, collection):
    """Each step is answered in full and recorded in the log with who did it."""
    since = size(server)
    article = {**CARD, "number": "12", "work": "loi 04-20", "link": "https://example.org", "valid_from": "2020-08-06"}
    reply = put(
        {**article, "label": "categories=personal"}, {"id": "ar", "text": "بطاقة التعريف الوطنية", "valid_to": "1999-12-31"}
    )
    assert reply.status == 201
    assert [one["id"] for one in reply.json] == ["card", "ar"]
    (hit,) = hits(server, keys["agent"], "acte de naissance", k=1)
    assert (hit["id"], hit["passage"], hit["collection"], hit["number"]) == ("card", "card@0", "home.guides", "12")
    assert (hit["text"], hit["valid_from"], hit["valid_to"], hit["work"]) == (CARD["text"], "2020-08-06", "", "loi 04-20")
    assert "categories=personal" in hit["label"]
    assert "level=internal" in hit["label"]
    assert [one["id"] for one in hits(server, keys["agent"], "بطاقة carte", day="2026-01-01")] == ["card"]
    assert [one["id"] for one in hits(server, keys["agent"], "بطاقة carte", languages=["ar-Arab"])] == ["ar"]
    assert server.ask("GET", f"{collection}/document?id=card", key=keys["agent"]).json["text"] == CARD["text"]
    assert server.ask("GET", f"{collection}/passage?id=card%400", key=keys["agent"]).json["text"] == CARD["text"]
    assert server.ask("DELETE", f"{collection}/document?id=card", key=keys["steward"]).status == 200
    assert hits(server, keys["agent"], "naissance") == []
    assert server.ask("DELETE", collection, key=keys["steward"]).json["documents"] == 1
    changes = told(server, since)
    assert [action for action, _ in changes] == ["documents_put", "document_deleted", "collection_deleted"]
    assert changes[0][1]["documents"] == ["card", "ar"]
    assert {details["collection"] for _, details in changes} == {"home.guides"}
    assert all(details["actor"].startswith("key:") for _, details in changes)


def test_a_file_is_put_as_it_is_sent(server, keys, collection):
    """Markdown with its sections, a word processor's file, JSON lines: read, found, under the id that was given or its name."""
    docx = io.BytesIO()
    with zipfile.ZipFile(docx, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        body = "<w:p><w:r><w:t>Le permis de conduire est valable dix ans.</w:t></w:r></w:p>"
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    lines = b'{"id": "l1", "text": "La retraite."}\n{"id": "l2", "text": "Le mariage.", "label": "level=secret"}\n'
    for name, content, fields, ids in (
        ("passeport.md", b"# Passeport\n\n## Prix\n\nCinq cents dirhams.", {}, ["passeport.md"]),
        ("x.docx", docx.getvalue(), {"id": "permis", "label": "level=restricted"}, ["permis"]),
        ("lines.jsonl", lines, {}, ["l1", "l2"]),
    ):
        raw, headers = form(name, content, **fields)
        reply = server.ask("POST", f"{collection}/files", raw, key=keys["steward"], **headers)
        assert reply.status == 201, reply.body
        assert [one["id"] for one in reply.json] == ids
    for question, name, heading in (
        ("prix passeport", "passeport.md", "Prix"),
        ("permis", "permis", ""),
        ("mariage", "l2", ""),
    ):
        (hit, *_) = hits(server, keys["agent"], question)
        assert hit["id"] == name
        assert heading in hit["heading"]
    assert "level=secret" in hits(server, keys["agent"], "mariage")[0]["label"]
    assert "level=restricted" in hits(server, keys["agent"], "permis")[0]["label"]


def test_no_label_is_lower_than_the_floor_of_who_put_it(server, keys):
    """What a collection or a document declares is joined to its maker's floor; a lower word changes nothing."""
    made = server.ask("POST", "/api/collections", {"name": "floor", "floor": "level=public"}, key=keys["theirs"]).json
    assert "level=restricted" in made["floor"]
    new = {"documents": [{**CARD, "label": "level=public"}]}
    (kept,) = server.ask("POST", "/api/collections/floor/documents", new, key=keys["theirs"]).json
    assert "level=restricted" in kept["label"]
    server.ask("DELETE", "/api/collections/floor", key=keys["theirs"])


def test_a_long_document_is_told_once(server, keys, put):
    """A search answers documents: one with many passages that fit comes once, by its best."""
    put({"id": "long", "text": "La carte nationale est délivrée. " * 200}, {"id": "short", "text": "Une carte grise."})
    found = hits(server, keys["agent"], "carte")
    assert sorted(one["id"] for one in found) == ["long", "short"]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


# What others cannot learn


def test_another_organisation_is_answered_as_if_there_were_nothing(server, keys, put):
    """Byte for byte the same answer for what one may not see as for what nobody has, on every route."""
    put(CARD)
    steward, new = keys["theirs"], {"documents": [CARD]}
    raw, headers = form("a.md", b"# A\n\ntext")
    for method, rest, body in (
        ("GET", "", None),
        ("GET", "/documents", None),
        ("GET", "/document?id=card", None),
        ("GET", "/passage?id=card%400", None),
        ("POST", "/documents", new),
        ("DELETE", "/document?id=card", None),
        ("DELETE", "", None),
    ):
        unseen = server.ask(method, f"/api/collections/home.guides{rest}", body, key=steward)
        absent = server.ask(method, f"/api/collections/home.absent{rest}", body, key=steward)
        assert unseen.status == absent.status == 404
        assert unseen.body.replace(b"guides", b"absent") == absent.body
        assert unseen.headers.keys() == absent.headers.keys()
    unseen = server.ask("POST", "/api/collections/home.guides/files", raw, key=steward, **headers)
    assert unseen.json["title"] == "unknown_collection"
    for asked in (["home.guides"], ["guides"]):
        reply = server.ask("POST", "/api/collections/search", {"queries": ["carte"], "collections": asked}, key=steward)
        assert (reply.status, reply.json["title"]) == (404, "unknown_collection")
    mine = {one["id"] for one in server.ask("GET", "/api/collections", key=steward).json}
    assert not any(name.startswith("home.") for name in mine)
    found = server.ask("POST", "/api/collections/search", {"queries": ["acte de naissance"]}, key=steward).json[0]
    assert not any(hit["collection"].startswith("home.") for hit in found["hits"])


# Bad input


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"documents": [{"id": "a", "text": ""}]}, "text"),
        ({"documents": [{**CARD, "valid_from": "yesterday"}]}, "valid_from"),
        ({"documents": [{**CARD, "label": "level=huge"}]}, "level"),
        ({"documents": [CARD, {**CARD, "text": "again"}]}, "id"),
        ({"documents": [{**CARD, "colour": "red"}]}, "colour"),
        ({"documents": [{"id": "\u0007", "text": "x"}]}, "id"),
        ({"documents": [{**CARD, "text": "a\u0000"}, {"id": "b", "text": "\u0000"}]}, "text"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(server, keys, put, collection, body, field):
    """A text that cannot be kept is an error with its field, and none of the others is kept."""
    reply = put({"id": "good", "text": "bon"}, *body["documents"])
    assert reply.status == 400
    assert field in reply.body.decode()
    assert server.ask("GET", f"{collection}/documents", key=keys["steward"]).json == []


def test_a_long_document_leaves_room_for_others(server, keys, put):
    """However many passages of one document fit better, as many documents are found as were asked for and fit."""
    long = "\n\n".join(f"Le passeport numéro {n} est retiré au guichet du passeport. " * 12 for n in range(60))
    assert put({"id": "long", "text": long}, {"id": "short", "text": "Une ligne sur le passeport."}).status == 201
    assert {hit["id"] for hit in hits(server, keys["agent"], "retirer le passeport au guichet", k=2)} == {"long", "short"}
    assert len(hits(server, keys["agent"], "retirer le passeport au guichet", k=1)) == 1


@pytest.mark.usefixtures("collection")
def test_searches_have_limits(server, keys):
    """Too many questions, hits or a day that is none are refused by name."""
    for body, field in (
        ({"queries": ["x"] * 1001}, "queries"),
        ({"queries": ["x"], "k": 0}, "k"),
        ({"queries": ["x"], "k": 101}, "k"),
        ({"queries": ["x"], "day": "26/11/2026"}, "day"),
    ):
        reply = server.ask("POST", "/api/collections/search", body, key=keys["agent"])
        assert (reply.status, reply.json["field"]) == (400, field)
    for question in ("", "???", "a" * 5000, "\u200f\u2069\ufeff", "SELECT * FROM x; --"):
        hits(server, keys["agent"], question)


def test_everybodys_collections_are_changed_by_the_house_alone(server, keys):
    """A steward may search what packs bring and not change it."""
    packs = [one["id"] for one in server.ask("GET", "/api/collections", key=keys["steward"]).json if not one["organisation"]]
    assert packs
    reply = server.ask("DELETE", f"/api/collections/{packs[0]}", key=keys["steward"])
    assert (reply.status, reply.json["title"]) == (403, "collection_of_everybody")


# The command line


def run(capsys, house, *words):
    """What a command says."""
    assert main([*words, "--data", house]) == 0
    return capsys.readouterr().out


def test_lines_are_indexed_and_questions_answered_in_their_order(capsys, server, tmp_path, monkeypatch):
    """A collection is made where there is none; each question gets a line of hits, ids and scores, the best first."""
    texts = {"n1": "La carte nationale d'identité", "n2": "Le permis de conduire", "n3": "Carte grise et permis"}
    file = tmp_path / "texts.jsonl"
    file.write_text("\n".join(json.dumps({"id": name, "text": text, "page": 3}) for name, text in texts.items()) + "\n\n")
    kept = run(capsys, str(server.data), "search", "index", str(file), "--collection", "lines", "--json").splitlines()
    assert [json.loads(line)["id"] for line in kept] == list(texts)
    questions = tmp_path / "questions"
    questions.write_text("permis de conduire\n\nxyzzy\ncarte nationale\n")
    asked = ["search", "query", str(questions), "--collection", "lines", "-k", "1", "--json"]
    answers = [json.loads(line) for line in run(capsys, str(server.data), *asked).splitlines()]
    assert [[hit["id"] for hit in answer["hits"]] for answer in answers] == [["n2"], [], [], ["n1"]]
    assert all(set(hit) == {"id", "score"} and hit["score"] > 0 for answer in answers for hit in answer["hits"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"permis\n")))
    answer = json.loads(run(capsys, str(server.data), "search", "query", "--collection", "lines", "--json"))
    assert {hit["id"] for hit in answer["hits"]} == {"n2", "n3"}
    run(capsys, str(server.data), "collections", "delete", "lines")


def test_without_a_server_the_files_are_opened(capsys, tmp_path):
    """Where no server runs the commands open the house themselves, and what they kept is there for the next one."""
    house, file = str(tmp_path / "house"), tmp_path / "texts.jsonl"
    file.write_text(json.dumps(CARD) + "\n")
    run(capsys, house, "search", "index", str(file), "--collection", "guides", "--floor", "level=restricted")
    file.write_text("acte de naissance\n")
    asked = ["search", "query", str(file), "--collection", "home.guides", "--json"]
    assert [hit["id"] for hit in json.loads(run(capsys, house, *asked))["hits"]] == ["card"]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_commands_read_well(capsys, server, tmp_path, language):
    """Every page fits 80 columns, names what it did, and shows no fact's name in braces."""
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps({**CARD, "id": "n1"}) + "\n" + json.dumps({"id": "n2", "text": "بطاقة التعريف الوطنية"}) + "\n")
    question = tmp_path / "question"
    question.write_text("carte nationale\nxyzzy\n")
    said = ""
    for words in (
        ["collections", "create", "pages", "--title", "Pages", "--floor", "level=restricted"],
        ["search", "index", str(file), "--collection", "pages"],
        ["search", "query", str(question), "--collection", "pages"],
        ["collections", "list"],
        ["collections", "documents", "pages"],
        ["collections", "drop", "pages", "n1"],
        ["collections", "delete", "pages"],
    ):
        page = run(capsys, str(server.data), *words, "--lang", language)
        assert page.strip(), words
        said += page
    assert "home.pages" in said
    assert "{" not in said
    assert max(width(line.strip("\u200f")) for line in said.splitlines()) <= 80


def test_an_unknown_collection_is_said_before_a_table_begins(capsys, server):
    """One line of error, and nothing on the output."""
    assert main(["collections", "documents", "never", "--data", str(server.data), "--lang", "fr"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "a"}', "text"),
        ('{"id": 5, "text": "x"}', "id"),
        ("[]", "object"),
        ("{", "object"),
        ('{"id": "a", "text": "x", "title": 7}', "title"),
        ('{"id": "good", "text": "again"}', "once"),
        ("[" * 100_000, "object"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_sent(capsys, server, tmp_path, line, said):
    """The file and the line are named on one line of the error, and no collection is made."""
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": "good", "text": "bon"}\n' + line + "\n")
    assert main(["search", "index", str(file), "--collection", "never", "--data", str(server.data), "--lang", "en"]) == 1
    complaint = capsys.readouterr().err
    assert f"{file}, line 2" in complaint
    assert said in complaint
    assert len(complaint.splitlines()) == 1
    assert server.ask("GET", f"/api/collections/{quote('home.never')}").status == 404
