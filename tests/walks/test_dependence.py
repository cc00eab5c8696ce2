"""Usage, dependence and the drill over real HTTP: three simulated providers are asked, then the United States are cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from servers import Server, daffa, serving

from daffa.audit import Reader
from daffa.cli.paint import width
from daffa.worlds import World

PATIENT = {"X_Daffa_Label": "level=confidential; categories=health,personal", "X_Daffa_Purpose": "health_care"}
ROLES = ("agent", "author", "approver", "auditor", "operator", "administrator")


def key_of(server: Server, role: str) -> str:
    """A new key with one role."""
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": role, "roles": [role]})
    return str(made.json["token"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house that was asked seven questions, two of which name a model abroad and one of which nobody may answer."""
    folder = tmp_path_factory.mktemp("dependence") / "house"
    with World.in_thread() as world, serving(folder, world.config(prefer=("price",))) as server:
        hospital = {"id": "chu", "name": "CHU", "region": "MA-04", "floor": "level=internal"}
        assert server.ask("POST", "/api/organisations", hospital).status < 300
        made = server.ask("POST", "/api/keys", {"organisation": "chu", "name": "ward", "roles": ["agent"]})
        ward = made.json["token"]
        for text in ("hello", "bonjour", "salam"):
            assert server.chat(text).headers["x-daffa-place"] == "virginia"
        assert server.chat("hello", model="potomac-virginia").status == 200
        assert server.chat("hello", model="seine-paris").headers["x-daffa-place"] == "paris"
        body = {"model": "auto", "messages": [{"role": "user", "content": "dossier"}]}
        answered = server.ask("POST", "/v1/chat/completions", body, key=ward, **PATIENT)
        assert answered.headers["x-daffa-place"] == "rabat"
        assert server.chat("dossier", model="potomac-virginia", **PATIENT).status == 451
        yield server


@pytest.fixture(scope="module")
def keys(server: Server) -> dict[str, str]:
    """A key for each role."""
    return {role: key_of(server, role) for role in ROLES}


def get(server: Server, path: str) -> Any:
    """What a route answers the administrator."""
    reply = server.ask("GET", path)
    assert reply.status == 200, reply.body
    return reply.json


# The walk


def test_usage_is_what_was_asked(server: Server):
    """Requests, refusals, tokens and money by place, model and organisation are those of the seven questions."""
    used = get(server, "/api/usage?by=place")
    assert [(row["key"], row["requests"], row["refused"]) for row in used["rows"]] == [
        ("virginia", 4, 1),
        ("paris", 1, 0),
        ("rabat", 1, 0),
    ]
    assert used["total"]["tokens_out"] > 0 < used["total"]["money"]
    models = get(server, "/api/usage?by=model")
    assert {row["key"]: row["requests"] for row in models["rows"]} == {"potomac-virginia": 4, "seine-paris": 1, "atlas-home": 1}
    assert models["total"] == pytest.approx(used["total"])
    offices = get(server, "/api/usage?by=organisation")
    assert {row["key"]: (row["requests"], row["refused"]) for row in offices["rows"]} == {"home": (5, 1), "chu": (1, 0)}


def test_usage_comes_page_by_page_and_within_a_period(server: Server):
    """Pages joined are the whole; today holds everything, tomorrow and the past hold nothing."""
    whole, pages, offset = get(server, "/api/usage?by=place")["rows"], [], 0
    while offset is not None:
        page = get(server, f"/api/usage?by=place&limit=2&offset={offset}")
        pages += page["rows"]
        offset = page["next"]
    assert pages == whole
    today = datetime.now(UTC).date().isoformat()
    assert get(server, f"/api/usage?from={today[:4]}-01-01&to=9999-12-31")["total"]["requests"] == 6
    assert get(server, "/api/usage?from=9999-01-01")["rows"] == []
    assert get(server, "/api/dependence?to=2001-01-01")["total"]["requests"] == 0


def test_dependence_by_state(server: Server):
    """Four of six went under the law of the United States, one stayed home; nothing is lost in the parts."""
    found = get(server, "/api/dependence")
    assert {row["key"]: row["amount"]["requests"] for row in found["reach"]} == {"US": 4, "MA": 1, "FR": 1}
    assert found["reach"][0]["key"] == "US"
    assert (found["refused"], found["largest_state"]["key"], found["country"]) == (1, "US", "MA")
    assert found["national"]["of_requests"] == pytest.approx(1 / 6)
    for kind in ("operator", "vendor"):
        assert sum(row["of_money"] for row in found[kind]) == pytest.approx(1)
    assert [month["amount"]["requests"] for month in found["months"]] == [6]


def test_the_united_states_are_cut_off(server: Server):
    """Free questions move to Paris at a higher price, the named one is lost under its name; recorded, and nothing sent."""
    assert server.ask("GET", "/api/audit/entries/0").status == 200  # has the house publish all that it has
    size = Reader(server.data / "audit").checkpoint().size
    before = server.ask("GET", "/api/audit/decisions").json
    found = server.ask("POST", "/api/drill", {"reach": ["US"]})
    assert found.status == 200, found.body
    drill = found.json
    assert drill["fates"] == {"kept": 2, "moved": 3, "elsewhere": 1, "lost": 0, "without": 1}
    assert (drill["cut"], drill["after"], drill["drifted"]) == (["virginia"], {"paris": 4, "rabat": 1}, 0)
    assert drill["price_after"] > drill["price_before"]
    (lost,) = drill["examples"]
    assert (lost["named"], lost["elsewhere"]) == ("potomac-virginia", ["atlas-home", "seine-paris"])
    assert server.ask("GET", "/api/audit/decisions").json == before
    (entry,) = server.entries(size, 1)
    assert (entry["kind"], entry["action"]) == ("change", "drill_run")


def test_without_home_the_patient_has_no_place(server: Server):
    """Cut from its own country, the hospital loses its question: no place left may have it, and the rules are named."""
    drill = server.ask("POST", "/api/drill", {"operator": ["MA"]}).json
    (lost,) = drill["examples"]
    assert (drill["fates"]["lost"], lost["organisation"], lost["purpose"]) == (1, "chu", "health_care")
    assert set(lost["rules"]) == {"paris", "virginia"}
    assert [group["key"] for group in drill["organisations"] if group["fates"]["lost"]] == ["chu"]
    everything = server.ask("POST", "/api/drill", {"place": ["rabat", "paris", "virginia"]}).json
    assert (everything["fates"]["kept"], everything["fates"]["lost"], everything["left"]) == (0, 6, ["house"])


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_pages_fit_a_terminal(server: Server, language: str):
    """Every page has at most 80 columns, names its places and states, and speaks the language throughout."""
    said = {
        "fr": ("États-Unis", "soins de santé"),
        "ar": ("الولايات المتحدة", "الرعاية الصحية"),
        "en": ("United States", "health care"),
    }
    pages = []
    for words in (
        ("usage", "--by", "organisation"),
        ("dependence",),
        ("drill", "cut-off", "--reach", "US", "--operator", "MA"),
    ):
        done = daffa(*words, "--data", str(server.data), "--lang", language)
        assert (done.returncode, done.stderr) == (0, "")
        assert max(width(line) for line in done.stdout.splitlines()) <= 80
        assert "{" not in done.stdout
        pages.append(done.stdout)
    state, purpose = said[language]
    assert "chu" in pages[0]
    assert state in pages[1]
    assert purpose in pages[2]
    assert "potomac-virginia" in pages[2]


def test_programs_read_the_same_as_json(server: Server):
    """With ``--json`` each command prints what its route answers."""
    done = daffa("usage", "--by", "place", "--json", "--data", str(server.data))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["key"] for row in rows[:-1]] == ["virginia", "paris", "rabat"]
    assert rows[-1]["total"]["requests"] == 6
    dependence = json.loads(daffa("dependence", "--json", "--data", str(server.data)).stdout)
    assert dependence == get(server, "/api/dependence")
    drill = json.loads(daffa("drill", "cut-off", "--place", "virginia", "--json", "--data", str(server.data)).stdout)
    assert drill["fates"]["moved"] == 3


# Rights


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_what(server: Server, keys: dict[str, str], role: str):
    """Auditors and administrators see all of it, operators what stands in clear; nobody else sees anything."""
    reads, looks = role in ("auditor", "administrator"), role in ("auditor", "administrator", "operator")
    for path in ("/api/usage", "/api/usage?by=place", "/api/dependence"):
        assert server.ask("GET", path, key=keys[role]).status == (200 if looks else 403)
    for kind in ("organisation", "model"):
        assert server.ask("GET", f"/api/usage?by={kind}", key=keys[role]).status == (200 if reads else 403)
    assert server.ask("POST", "/api/drill", {"reach": ["US"]}, key=keys[role]).status == (200 if reads else 403)


def test_without_a_key_nobody_sees_anything(server: Server):
    """No key, no figures."""
    for path in ("/api/usage", "/api/dependence"):
        assert server.ask("GET", path, key=None).status == 401
    assert server.ask("POST", "/api/drill", {"reach": ["US"]}, key=None).status == 401


# The edges


@pytest.mark.parametrize(
    "path",
    [
        "/api/usage?by=colour",
        "/api/usage?from=yesterday",
        "/api/usage?from=2026-02-02&to=2026-02-01",
        "/api/usage?limit=0",
        "/api/usage?limit=100000",
        "/api/usage?offset=-1",
        "/api/usage?offset=99999999999999999999",
        "/api/usage?entries=x",
        "/api/dependence?to=2026-99-99",
        "/api/dependence?entries=-1",
    ],
)
def test_a_bad_question_is_a_clear_error(server: Server, path: str):
    """A period, a page or a kind that is none is 400 with a sentence."""
    reply = server.ask("GET", path)
    assert (reply.status, bool(reply.json["detail"])) == (400, True)


@pytest.mark.parametrize(
    "body",
    [
        {"reach": ["USA"]},
        {"operator": ["../x"]},
        {"place": ["atlantis"]},
        {"reach": "US"},
        {"reach": ["US"], "entries": 0},
        {"reach": ["US"], "entries": 10**9},
        {"reach": ["x" * 10_000]},
        {"vendor": ["OpenAI"]},
        [],
        b"{",
    ],
)
def test_a_bad_cut_is_a_clear_error_and_no_drill(server: Server, body: Any):
    """A cut that names what is not there, or another shape, is 400 with a sentence; no drill is recorded."""
    reply = server.ask("POST", "/api/drill", body)
    assert (reply.status, bool(reply.json["detail"])) == (400, True)


def test_a_drill_without_a_cut_says_what_it_needs(server: Server):
    """The command asks for something to cut off; an unknown place is one line that names those known."""
    for words, said in (((), "--reach"), (("--place", "atlantis"), "rabat"), (("--reach", "usa"), "US")):
        done = daffa("drill", "cut-off", *words, "--data", str(server.data), "--lang", "en")
        assert (done.returncode, done.stderr.count("\n"), said in done.stderr) == (1, 1, True)


def test_a_house_that_was_asked_nothing(tmp_path: Any):
    """Without a server, a place or a question the pages say so, and nothing fails."""
    data = tmp_path / "house"
    with serving(data):
        pass
    for words, language in ((("usage",), "fr"), (("dependence",), "ar")):
        done = daffa(*words, "--data", str(data), "--lang", language)
        assert (done.returncode, done.stderr) == (0, "")
    done = daffa("drill", "cut-off", "--reach", "US", "--data", str(data), "--lang", "en")
    assert (done.returncode, "asked again under the law in force: 0" in done.stdout.replace("\n  ", " ")) == (0, True)


def test_a_place_that_is_no_longer_configured_is_shown(tmp_path: Any):
    """After a place was taken out of the configuration its requests still stand on the page, as a place of old."""
    data = tmp_path / "house"
    with World.in_thread() as world:
        config = world.config(prefer=("price",))
        with serving(data, config) as server:
            assert server.chat("hello").headers["x-daffa-place"] == "virginia"
        shorter = config[: config.index('[[place]]\nid = "virginia"')] + config[config.index("# simulated provider in Rabat") :]
        with serving(data, shorter[: shorter.index("# simulated provider in Virginia")]) as server:
            found = get(server, "/api/dependence")
            assert (found["gone"], found["unpriced"]) == (["virginia"], 1)
            assert [(row["key"], row["kind"], row["of_requests"]) for row in found["operator"]] == [("virginia", "gone", 1.0)]
            drill = server.ask("POST", "/api/drill", {"reach": ["FR"]}).json
            assert (drill["asked"], drill["after"]) == (1, {"rabat": 1})
            assert "virginia" in daffa("dependence", "--data", str(data), "--lang", "fr").stdout
