"""Budgets and limits over HTTP and on the command line: who may set them, what is recorded, how they read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from servers import Server, serving

from daffa.audit import Reader
from daffa.cli import main
from daffa.cli.paint import width
from daffa.worlds import World

ROLES = ["reader", "agent", "steward", "author", "approver", "auditor", "operator", "administrator"]
MAY_LOOK = {"auditor", "operator", "administrator"}
RULE = {"scope": "organisation", "subject": "home", "measure": "money", "period": "month", "most": 12_500_000}
QUERY = "scope=organisation&subject=home&measure=money&period=month"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    with World.in_thread() as world, serving(tmp_path_factory.mktemp("house"), world.config()) as server:
        yield server


@pytest.fixture(scope="module")
def keys(server: Server) -> dict[str, str]:
    """A key for each role."""
    made = {}
    for role in ROLES:
        body = {"organisation": "home", "name": role, "roles": [role]}
        made[role] = server.ask("POST", "/api/keys", body).json["token"]
    return made


@pytest.fixture(autouse=True)
def _empty(server: Server) -> Iterator[None]:
    """Each test leaves no rule behind."""
    yield
    for row in server.ask("GET", "/api/quota").json:
        query = "&".join(f"{name}={row[name]}" for name in ("scope", "subject", "measure", "period", "model"))
        assert server.ask("DELETE", f"/api/quota?{query}").status == 200


@pytest.fixture
def said(server: Server, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command says."""

    def run(*words: str) -> str:
        assert main(["quota", *words, "--data", str(server.data)]) == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_and_who_may_set(server: Server, keys: dict[str, str], role: str):
    """Auditors, operators and administrators see how budgets stand; administrators alone change them."""
    for path in ("/api/quota", "/api/quota/priorities"):
        assert server.ask("GET", path, key=keys[role]).status == (200 if role in MAY_LOOK else 403)
    may = 200 if role == "administrator" else 403
    priority = {"scope": "organisation", "subject": "home", "priority": "normal"}
    assert server.ask("PUT", "/api/quota", RULE, key=keys[role]).status == may
    assert server.ask("PUT", "/api/quota/priorities", priority, key=keys[role]).status == may
    assert server.ask("DELETE", f"/api/quota?{QUERY}", key=keys[role]).status == may
    assert server.ask("PUT", "/api/quota", RULE, key=None).status == 401


def test_a_rule_is_set_seen_changed_and_removed(server: Server):
    """A rule stands with what is spent and left, keeps its number when its amount changes, and every change is recorded."""
    made = server.ask("PUT", "/api/quota", RULE).json
    figures = {"spent": 0, "reserved": 0, "left": 12_500_000, "model": "", "currency": "USD"}
    assert made == {**RULE, **figures, "number": made["number"], "resets": made["resets"]}
    changed = server.ask("PUT", "/api/quota", {**RULE, "most": 7}).json
    assert (changed["number"], changed["left"]) == (made["number"], 7)
    assert server.ask("GET", "/api/quota?scope=organisation&subject=home").json == [changed]
    assert server.ask("GET", "/api/quota?scope=key").json == []
    assert server.ask("DELETE", f"/api/quota?{QUERY}").json["most"] == 7
    gone = server.ask("DELETE", f"/api/quota?{QUERY}")
    assert (gone.status, gone.json["title"]) == (404, "quota_not_found")
    server.ask("GET", "/api/audit/entries/0")  # has the house publish what it has
    entries = server.entries(0, Reader(server.data / "audit").checkpoint().size)
    assert [entry["action"] for entry in entries if entry["kind"] == "change"][-3:] == ["quota_set"] * 2 + ["quota_removed"]


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"subject": "nobody"}, 404, "organisation_not_found"),
        ({"scope": "person", "subject": "nobody"}, 404, "person_not_found"),
        ({"scope": "key", "subject": "0123456789"}, 404, "key_not_found"),
        ({"scope": "ministry"}, 400, "invalid_field"),
        ({"measure": "apples"}, 400, "invalid_field"),
        ({"period": "year"}, 400, "invalid_field"),
        ({"most": -1}, 400, "invalid_field"),
        ({"most": 1 << 60}, 400, "invalid_field"),
        ({"most": "much"}, 400, "bad_request"),
        ({"model": "unheard-of"}, 400, "invalid_field"),
        ({"colour": "red"}, 400, "bad_request"),
    ],
)
def test_a_wrong_rule_is_refused_whole(server: Server, change: dict, status: int, told: str):
    """What cannot be a rule is named, and nothing is kept."""
    refused = server.ask("PUT", "/api/quota", {**RULE, **change})
    assert (refused.status, refused.json["title"]) == (status, told), refused.body
    assert server.ask("GET", "/api/quota").json == []


def test_the_command_sets_and_shows_in_three_languages(server: Server, said: Callable[..., str]):
    """Amounts are given and shown in the currency; a page has 80 columns in French, Arabic and English."""
    words = ("--organisation", "home", "--period", "month")
    row = json.loads(said("set", *words, "--money", "12.50", "--json"))
    assert row["most"] == 12_500_000
    said("set", *words, "--tokens", "0")
    said("priority", "--organisation", "home", "high")
    pages = {language: said("show", "--lang", language) for language in ("fr", "ar", "en")}
    for language, word in (("fr", "12,50"), ("ar", "12.50"), ("en", "USD, per month")):
        assert word in pages[language]
        assert max(map(width, pages[language].splitlines())) <= 80
    rows = [json.loads(line) for line in said("show", "--json").splitlines()]
    assert [row.get("measure", row.get("priority")) for row in rows] == ["money", "tokens", "high"]
    assert "12,50" in said("remove", *words, "--measure", "money", "--lang", "fr")
    said("priority", "--organisation", "home", "normal")
    assert server.ask("GET", "/api/quota/priorities").json == []


@pytest.mark.parametrize("words", ["--money x", "--money -1", "--money 0.0000001", "--money nan", "--requests 1.5", ""])
def test_the_command_refuses_what_is_no_amount(server: Server, words: str, capsys: pytest.CaptureFixture[str]):
    """An amount that is none is told with how the command is used, and exit code 1."""
    with pytest.raises(SystemExit) as end:
        main(["quota", "set", "--organisation", "home", "--period", "day", *words.split(), "--data", str(server.data)])
    assert end.value.code == 1
    assert "usage: daffa quota set" in capsys.readouterr().err
    assert server.ask("GET", "/api/quota").json == []
