"""Two people change the law of a running server, over its routes and by the command line; kill -9 and a restart keep it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from databases import fresh
from servers import Reply, Server, daffa, serving

from daffa.cli.paint import width
from daffa.policy import LawFiles
from daffa.worlds import World

__all__ = ["fresh"]

MOROCCO = Path(__file__).resolve().parents[2] / "policies" / "ma"
SWITCH = ("accept_declared = true", "accept_declared = false")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """The law of Morocco, that accepts no declared attribute of a place any more: nothing of it may be asked abroad."""
    folder = tmp_path / "strict"
    shutil.copytree(MOROCCO, folder)
    title = folder / "bundle.toml"
    text = title.read_text(encoding="utf-8").replace(*SWITCH)
    title.write_text(text.replace('version = "', 'version = "strict-'), encoding="utf-8")
    return folder


def person(server: Server, name: str, *roles: str) -> Path:
    """Somebody with these roles: the file of their key, beside the folder of the data."""
    server.ask("POST", "/api/people", {"id": name, "organisation": "home", "name": name, "roles": roles})
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": name, "person": name, "roles": roles})
    file = server.data.parent / f"{name}.key"
    file.write_text(made.json["token"] + "\n", encoding="utf-8")
    return file


def key(file: Path) -> str:
    """The key in a file."""
    return file.read_text(encoding="utf-8").strip()


def files(folder: Path) -> dict[str, str]:
    """A law as the API takes it."""
    return LawFiles.read(folder).texts()


def law(server: Server) -> str:
    """The digest of the law in force."""
    return str(server.ask("GET", "/api/law").json["digest"])


def test_two_people_change_the_law_over_http(world: World, strict: Path, tmp_path: Path):
    """Proposed by one and approved by another, the law decides the next question; killed, the server comes back with it."""
    with serving(tmp_path / "house", world.config(prefer=("price",))) as server:
        author, approver = key(person(server, "fatima", "author")), key(person(server, "omar", "approver", "author"))
        before = law(server)
        assert server.chat("hello").headers["x-daffa-place"] == "virginia"
        made = server.ask("POST", "/api/law/proposals", {"title": "Strict", "files": files(strict)}, key=author)
        assert made.status == 201, made.json
        assert made.json["proposal"]["state"] == "proposed"
        steps = ("prove", author, 200), ("approve", author, 403), ("load", approver, 409), ("approve", approver, 200)
        for step, who, status in steps:
            reply = server.ask("POST", f"/api/law/proposals/1/{step}", {}, key=who)
            assert reply.status == status, reply.json
        assert law(server) == before
        loaded = server.ask("POST", "/api/law/proposals/1/load", {}, key=approver).json
        assert law(server) == loaded["digest"] != before
        refused = server.chat("hello")
        assert refused.status == 451
        index = int(refused.headers["x-daffa-decision"].rpartition("#")[2])
        (entry,) = server.entries(index, 1)
        assert entry["bundle"] == loaded["digest"]
        changes = [e["action"] for e in server.entries(0, index + 1) if e["kind"] == "change" and e["action"].startswith("law")]
        assert changes == ["law_first", "law_proposed", "law_proved", "law_approved", "law_loaded"]
        server.kill()
    with serving(tmp_path / "house") as server:
        assert law(server) == loaded["digest"]
        assert server.chat("hello").status == 451
        standing = server.ask("GET", "/api/law/standing").json
        assert (standing["folder"], standing["attention"], standing["in_force"]["proposal"]) == ("differs", "", 1)
        back = {"digest": before[:16], "reason": "hospitals cannot work"}
        reply = server.ask("POST", "/api/law/rollback", back, key=approver)
        assert (reply.status, reply.json["way"], law(server)) == (200, "rollback", before)
        assert server.chat("hello").status == 200


def test_the_server_says_at_start_that_the_folder_is_not_the_law(world: World, strict: Path, tmp_path: Path):
    """A folder of the settings that changed after the first start is not the law; the server says so and goes on."""
    with serving(tmp_path / "house", world.config()) as server:
        before = law(server)
    with serving(tmp_path / "house", environment={"DAFFA_POLICIES": str(strict)}) as server:
        assert law(server) == before
        server.process.terminate()
        _, said = server.process.communicate(timeout=30)
        assert "The folder of the settings holds another law" in said


def test_two_people_and_the_command_line(world: World, strict: Path, tmp_path: Path):
    """Each with a key of their own: propose, show, approve, load, history, rollback; pages fit and speak three languages."""
    with serving(tmp_path / "house", world.config(prefer=("price",))) as server:
        fatima, omar = person(server, "fatima", "author"), person(server, "omar", "approver", "auditor")
        for text in ("hello", "bonjour"):
            server.chat(text)

        def policy(*words: str, **environment: str) -> Any:
            return daffa("policy", *words, "--data", str(server.data), **environment)

        proposed = policy("propose", str(strict), "--title", "Rien de déclaré", "--key-file", str(fatima), "--lang", "fr")
        assert (proposed.returncode, proposed.stderr) == (0, "")
        for language, said in (("fr", "attend l'approbation"), ("ar", "ينتظر مصادقة"), ("en", "waits for the approval")):
            shown = policy("show", "1", "--lang", language, DAFFA_KEY=key(omar)).stdout
            assert said in shown.replace("\n", " ")
            assert max(width(line) for line in shown.splitlines()) <= 80
            for page in ("status", "history", "proposals"):
                done = policy(page, "--lang", language)
                assert done.returncode == 0, done.stderr
                assert max(width(line) for line in done.stdout.splitlines()) <= 80
        row = json.loads(policy("show", "1", "--json", DAFFA_KEY=key(omar)).stdout)
        assert row["simulation"][0]["asked"] >= 2
        assert json.loads(policy("show", "1", "--json", "--key-file", str(fatima)).stdout)["simulation"] is None
        own = policy("approve", "1", "--key-file", str(fatima), "--lang", "en")
        assert (own.returncode, "approver" in own.stderr) == (1, True)
        assert policy("approve", "1", "--key-file", str(omar)).returncode == 0
        assert policy("load", "1", "--key-file", str(omar)).returncode == 0
        first = json.loads(policy("history", "--json").stdout.splitlines()[-1])
        back = policy("rollback", first["digest"][:10], "--reason", "trop strict", "--key-file", str(omar), "--lang", "fr")
        assert "deux doivent l'examiner" in back.stdout
        assert policy("rollback", first["digest"], "--reason", "x", "--key-file", str(omar)).returncode == 1
        exported = policy("export", str(tmp_path / "out"))
        assert exported.stdout.startswith(first["digest"])
        assert files(tmp_path / "out") == files(MOROCCO)
        assert policy("export", str(tmp_path / "out")).returncode == 1


def test_without_a_server_the_commands_work_on_the_files(tmp_path: Path, strict: Path):
    """The same steps on a folder on which no server runs: each command opens the house, and leaves it whole."""
    data = tmp_path / "house"
    with serving(data) as server:
        fatima, omar = person(server, "fatima", "author"), person(server, "omar", "approver")

    def policy(*words: str) -> Any:
        done = daffa("policy", *words, "--data", str(data), "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert policy("propose", str(strict), "--title", "Strict", "--key-file", str(fatima))["proof"]["holds"]
    assert policy("approve", "1", "--key-file", str(omar))["state"] == "approved"
    loaded = policy("load", "1", "--key-file", str(omar))
    assert policy("status")["in_force"] == loaded


@pytest.mark.parametrize("given", ["", "two words", "é"])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, given: str):
    """A key file that is empty or holds something else is one line that names it."""
    file = tmp_path / "my.key"
    file.write_text(given, encoding="utf-8")
    done = daffa("policy", "status", "--key-file", str(file), "--data", str(tmp_path / "none"), "--lang", "en")
    assert (done.returncode, done.stderr.count("\n"), "my.key" in done.stderr) == (1, 1, True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A running server, and the key of an author."""
    with serving(tmp_path_factory.mktemp("hostile") / "house") as server:
        yield server, key(person(server, "fatima", "author"))


def refused(reply: Reply) -> str:
    """The code of a refusal that says what was wrong."""
    assert 400 <= reply.status < 500, reply.body
    assert reply.json["detail"]
    return str(reply.json["title"])


@pytest.mark.parametrize(
    "name",
    [
        "../rules/x.cedar",
        "rules/../../x.cedar",
        "/etc/passwd",
        "rules/..cedar",
        "rules/.x.cedar",
        "rules/a/b.cedar",
        "rules\\x.cedar",
        "rules/x.cedar\n",
        "rules/x.toml",
        "cases/x.cedar",
        "README.md",
        "rules/" + "x" * 200 + ".cedar",
        "rules/\u202ex.cedar",
        "",
        "\x00",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(house: tuple[Server, str], name: str):
    """A file whose name is not one of a law is refused by name; nothing is kept."""
    server, author = house
    body = {"title": "t", "files": {**files(MOROCCO), name: "permit (principal, action, resource);"}}
    assert refused(server.ask("POST", "/api/law/proposals", body, key=author)) == "law_file"
    assert server.ask("GET", "/api/law/proposals").json == []


def test_what_is_no_law_is_refused_and_nothing_is_kept(house: tuple[Server, str]):
    """Bytes that are no UTF-8, lone surrogates, too much, too many, too deep: each is a clear error, and the server lives."""
    server, author = house
    whole = files(MOROCCO)

    def propose(body: Any) -> str:
        return refused(server.ask("POST", "/api/law/proposals", body, key=author))

    assert propose({"title": "t", "files": {**whole, "rules/x.cedar": "x" * (5 << 20)}}) == "law_file"
    assert propose({"title": "t", "files": {**whole, **{f"rules/{n}.cedar": "" for n in range(600)}}}) == "law_file"
    assert propose({"title": "t", "files": {**whole, "rules/x.cedar": "y" * (12 << 20)}}) == "body_too_large"
    assert propose(b'{"title": "t", "files": {"rules/x.cedar": "\xff\xfe"}}') == "bad_request"
    assert propose(b'{"title": "t", "files": {"rules/x.cedar": "\\ud800"}}') in ("bad_request", "law_file")
    assert propose({"title": "t", "files": {**whole, "bundle.toml": "a = " + "[" * 100_000}}) in ("law_file", "bad_request")
    assert propose({"title": "t", "files": {**whole, "rules/x.cedar": "((((" * 50_000}}).startswith("law")
    assert propose({"title": "t", "files": {}}) == "law_file"
    assert propose({"title": "t", "files": ["x"]}) == "bad_request"
    assert propose({"title": "", "files": whole}) == "bad_request"
    assert propose({"files": whole}) == "bad_request"
    assert server.ask("GET", "/api/law/proposals").json == []
    assert server.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize("number", ["0", "99", "99999999999999999999", "-1"])
def test_a_proposal_that_is_not_there_is_not_found(house: tuple[Server, str], number: str):
    """A number that is none of a proposal is 404, for every step."""
    server, author = house
    for step in ("prove", "withdraw"):
        reply = server.ask("POST", f"/api/law/proposals/{number}/{step}", {"reason": "x"}, key=author)
        assert reply.status == 404, reply.body


def test_who_has_no_part_in_the_law_reads_no_draft(house: tuple[Server, str]):
    """Proposals and texts are for those who work on the law; without a key nobody reads or changes anything."""
    server, author = house
    agent = key(person(server, "ali", "agent"))
    for path in ("standing", "history", "proposals", "text"):
        assert server.ask("GET", f"/api/law/{path}", key=agent).status == 403
        assert server.ask("GET", f"/api/law/{path}", key=None).status == 401
    assert server.ask("POST", "/api/law/rollback", {"digest": "0" * 64, "reason": "x"}, key=author).status == 403
    assert server.ask("POST", "/api/law/reload", {}).status in (404, 405)


def test_the_routes_are_described(house: tuple[Server, str]):
    """Every step is in the description of the API, with what it takes."""
    paths = house[0].ask("GET", "/api/openapi.json").json["paths"]
    wanted = {"standing", "history", "text", "proposals", "rollback"}
    wanted |= {f"proposals/{{number}}/{step}" for step in ("prove", "approve", "reject", "withdraw", "load")}
    assert {f"/api/law/{path}" for path in wanted} <= paths.keys()
    assert all(paths[f"/api/law/{path}"][method].get("summary") for path in wanted for method in paths[f"/api/law/{path}"])


def test_two_approve_at_once_over_http(world: World, strict: Path, tmp_path: Path):
    """Of eight approvals at the same moment one holds, and the others are told that it is approved."""
    with serving(tmp_path / "house", world.config()) as server:
        author = key(person(server, "fatima", "author"))
        approvers = [key(person(server, f"approver-{n}", "approver")) for n in range(2)] * 4
        server.ask("POST", "/api/law/proposals", {"title": "Strict", "files": files(strict)}, key=author)
        server.ask("POST", "/api/law/proposals/1/prove", {}, key=author)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda who: server.ask("POST", "/api/law/proposals/1/approve", {}, key=who), approvers))
        assert sorted(reply.status for reply in replies) == [200] + [409] * 7
        assert {refused(reply) for reply in replies if reply.status == 409} == {"law_proposal_approved"}


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_a_second_worker_decides_by_the_law_that_the_first_loaded(fresh: Any, world: World, strict: Path, tmp_path: Path):
    """Two servers share a PostgreSQL: what is loaded through one decides in the other as soon as it has looked."""
    shared = {"DAFFA_DATABASE": fresh()}
    with serving(tmp_path / "one", world.config(), environment=shared) as one:
        (tmp_path / "two").mkdir()
        shutil.copy(tmp_path / "one" / "pepper", tmp_path / "two" / "pepper")
        author, approver = key(person(one, "fatima", "author")), key(person(one, "omar", "approver"))
        with serving(tmp_path / "two", world.config(), environment=shared) as two:
            shutil.copy(tmp_path / "one" / "admin.key", tmp_path / "two" / "admin.key")
            assert two.chat("hello").status == 200
            one.ask("POST", "/api/law/proposals", {"title": "Strict", "files": files(strict)}, key=author)
            for worker, step, who in ((two, "prove", author), (two, "approve", approver), (one, "load", approver)):
                assert worker.ask("POST", f"/api/law/proposals/1/{step}", {}, key=who).status == 200
            end = time.monotonic() + 30
            while law(two) != law(one):
                assert time.monotonic() < end
                time.sleep(0.05)
            assert two.chat("hello").status == 451
