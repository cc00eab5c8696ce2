"""Incidents over HTTP and on the command line: who may look, who may close, and how it reads in three languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sabotage import GROUND, IDENTIFIERS, damaged
from servers import Server, daffa, serving

from daffa.cli.paint import width
from daffa.worlds import World

ROLES = ["reader", "agent", "steward", "author", "approver", "auditor", "operator", "administrator"]
MAY_LOOK = {"auditor", "operator", "administrator"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose table lost a rule, with the incident that came of it."""
    folder = tmp_path_factory.mktemp("house")
    with World.in_thread() as world:
        config = "shadow_rate = 1\n" + world.config(prefer=("price",))
        with serving(folder / "data", config, environment=damaged(folder / "harm")) as server:
            assert server.chat("CIN AB123456").status == 451
            yield server


@pytest.fixture(scope="module")
def keys(server: Server) -> dict[str, str]:
    """The key of a person for each role."""
    made = {}
    for role in ROLES:
        server.ask("POST", "/api/people", {"id": f"a-{role}", "organisation": "home", "name": role, "roles": [role]})
        body = {"organisation": "home", "name": role, "person": f"a-{role}", "roles": [role]}
        made[role] = server.ask("POST", "/api/keys", body).json["token"]
    return made


def said(server: Server, *words: str) -> str:
    """What a command says."""
    done = daffa("incident", *words, "--data", str(server.data))
    assert done.returncode == 0, done.stderr
    return done.stdout


# Rights


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_and_who_may_close(server: Server, keys: dict[str, str], role: str):
    """Operators, auditors and administrators see incidents; nobody but an operator closes one."""
    look = 200 if role in MAY_LOOK else 403
    for path in ("/api/incidents", "/api/incidents/1"):
        assert server.ask("GET", path, key=keys[role]).status == look
    reason = {"reason": ""} if role == "operator" else {"reason": "I want it gone"}
    closed = server.ask("POST", "/api/incidents/1/close", reason, key=keys[role])
    assert closed.status == (400 if role == "operator" else 403)
    assert server.ask("GET", "/api/incidents/1").json["open"] is True


def test_no_program_closes_an_incident(server: Server):
    """The key of a program closes nothing, whatever its role: nobody would answer for it."""
    body = {"organisation": "home", "name": "a robot", "roles": ["operator"]}
    token = server.ask("POST", "/api/keys", body).json["token"]
    refused = server.ask("POST", "/api/incidents/1/close", {"reason": "I want it gone"}, key=token)
    assert (refused.status, refused.json["title"]) == (403, "incident_needs_a_person")
    assert server.ask("GET", "/api/incidents/1").json["open"] is True


def test_without_a_key_nobody_sees_anything(server: Server):
    """Readiness alone tells everybody that something stands open."""
    for method, path in (("GET", "/api/incidents"), ("GET", "/api/incidents/1"), ("POST", "/api/incidents/1/close")):
        assert server.ask(method, path, {"reason": "x"} if method == "POST" else None, key=None).status == 401
    ready = server.ask("GET", "/readyz", key=None)
    assert (ready.status, ready.body) == (200, b"ready\nincidents open: 1\n")
    assert server.ask("GET", "/healthz", key=None).body == b"ok"


# The walk


def test_an_operator_closes_it_and_the_next_is_a_new_one(server: Server, keys: dict[str, str]):
    """Closed by the operator's key with a reason; closed once; the same difference is another incident."""
    reason = {"reason": "table rebuilt"}
    closed = server.ask("POST", "/api/incidents/1/close", reason, key=keys["operator"])
    assert (closed.status, closed.json["open"], closed.json["why"]) == (200, False, "table rebuilt")
    assert closed.json["closed_by"] == "a-operator"
    again = server.ask("POST", "/api/incidents/1/close", reason, key=keys["operator"], Accept_Language="fr")
    assert (again.status, again.json["title"]) == (409, "incident_closed")
    assert "déjà clos" in again.json["detail"]
    assert server.ask("GET", "/readyz").body == b"ready"
    assert server.chat("CIN AB123456").status == 451
    rows = server.ask("GET", "/api/incidents").json
    assert [(row["number"], row["open"]) for row in rows] == [(2, True), (1, False)]
    assert [row["number"] for row in server.ask("GET", "/api/incidents?only=closed").json] == [1]


def test_decide_reads_the_question_of_an_incident(server: Server):
    """What an incident tells can be asked again, and the sabotaged table gives the opinion that it gave."""
    row = json.loads(said(server, "list", "--all", "--json").splitlines()[0])
    done = daffa("decide", "--json", "--data", str(server.data), stdin=json.dumps(row["question"]))
    assert json.loads(done.stdout)["allowed"] is row["table"]["allowed"] is True
    assert row["cedar"] == {"allowed": False, "rules": [GROUND, IDENTIFIERS]}


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_pages_fit_a_terminal(server: Server, lang: str):
    """List and page have at most 80 columns and name the rules of both judges."""
    listed, shown = said(server, "list", "--all", "--lang", lang), said(server, "show", "2", "--lang", lang)
    assert all(width(line) <= 80 for line in (listed + shown).splitlines())
    assert all(name in shown for name in ("P-gateway", IDENTIFIERS, "virginia"))
    assert len(listed.splitlines()) >= 2


# The edges


@pytest.mark.parametrize("path", ["/api/incidents/99", "/api/incidents/0", "/api/incidents/99999999999999999999"])
def test_an_incident_that_is_not_there(server: Server, path: str):
    """An unknown number, however large, is 404 to look at and to close."""
    assert server.ask("GET", path).json["title"] == "unknown_incident"
    assert server.ask("POST", f"{path}/close", {"reason": "x"}).status == 404


@pytest.mark.parametrize("body", [{}, {"reason": 7}, {"reason": "x", "more": 1}, [], "x"])
def test_a_closing_of_another_shape_is_refused(server: Server, body):
    """A body that is not a reason alone closes nothing."""
    assert server.ask("POST", "/api/incidents/2/close", body).status == 400


@pytest.mark.parametrize("query", ["only=ajar", "before=-1", "before=x", "before=99999999999999999999"])
def test_an_odd_list_is_an_error(server: Server, query: str):
    """What cannot be listed is said, and by name."""
    assert server.ask("GET", f"/api/incidents?{query}").status == 400


@pytest.mark.parametrize("number", ["0x1", "-1", "one", "9999999999"])
def test_a_number_that_is_none_is_a_usage_error(server: Server, number: str):
    """The command line says what it expected."""
    done = daffa("incident", "show", number, "--data", str(server.data))
    assert (done.returncode, done.stdout) == (1, "")


def test_where_nothing_stands_open_the_list_says_so(tmp_path: Path):
    """Without a server, on a new folder, in the language that is asked for; as JSON it is empty."""
    done = daffa("incident", "list", "--data", str(tmp_path), "--lang", "fr")
    assert done.stdout == "Aucun incident n'est ouvert.\n"
    assert daffa("incident", "list", "--json", "--data", str(tmp_path)).stdout == ""
