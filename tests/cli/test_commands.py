"""The command line: the same answers with a server and without one, one line for each error, exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, daffa, serving

from daffa.cli.paint import width
from daffa.worlds import World

QUESTION = {
    "door": "gateway",
    "purpose": "public_service",
    "label": "level=internal; form=raw; basis=",
    "place": "virginia",
    "actor": {"organisation": "home", "roles": ["agent"]},
}
SECRET = {**QUESTION, "label": "level=secret; form=raw"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    with serving(tmp_path_factory.mktemp("running"), world.config()) as server:
        yield server


@pytest.fixture(scope="module")
def still(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on which a server ran and runs no more."""
    data = tmp_path_factory.mktemp("still")
    with serving(data, world.config(prefer=("price",))) as server:
        server.chat("hello")
        server.chat("agenda", "potomac-virginia", X_Daffa_Label="level=secret")
    return data


@pytest.fixture(params=["server", "files"])
def data(request: pytest.FixtureRequest, server: Server, still: Path) -> Path:
    """A folder with a server on it, and one without."""
    return server.data if request.param == "server" else still


# decide


def test_decide_answers_line_by_line_in_order(data: Path):
    """One verdict a line, in the order of the questions, with the rules that decided."""
    lines = "\n".join(json.dumps(question) for question in (QUESTION, SECRET, QUESTION)) + "\n\n"
    done = daffa("decide", "--json", "--data", str(data), stdin=lines, forked=False)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [verdict["allowed"] for verdict in verdicts] == [True, False, True]
    assert set(verdicts[1]) == {"allowed", "rules", "nearest"}
    assert verdicts[1]["rules"]


def test_decide_speaks_the_language_that_is_asked_for(data: Path, tmp_path: Path):
    """Without --json a verdict is a word and the sentences of its rules."""
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(SECRET), encoding="utf-8")
    said = {lang: daffa("decide", "--data", str(data), "--lang", lang, str(file)).stdout for lang in ("fr", "ar", "en")}
    assert said["fr"].startswith("refusé")
    assert said["ar"].startswith("مرفوض")
    assert said["en"].startswith("refused")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ("[1]", "line 1"),
        (json.dumps({**QUESTION, "place": "atlantis"}), "atlantis"),
        (json.dumps({**QUESTION, "label": "level=top"}), "level"),
        (json.dumps({**QUESTION, "door": "window"}), "door"),
        (json.dumps({**QUESTION, "colour": "red"}), "colour"),
    ],
)
def test_decide_names_what_is_wrong(data: Path, line: str, told: str):
    """A bad question is one line on stderr and exit code 1."""
    done = daffa("decide", "--data", str(data), "--lang", "en", stdin=line)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert told in done.stderr


# identity


def test_identity_is_kept_either_way(data: Path):
    """Organisations, people and keys are made and listed with a server and without one."""
    name = "server" if (data / "server.json").exists() else "files"
    add = daffa("identity", "add-organisation", name, "--name", "Une administration", "--region", "MA-04", "--data", str(data))
    assert add.returncode == 0, add.stderr
    assert (
        daffa(
            "identity", "add-person", f"p-{name}", "--organisation", name, "--name", "A", "--role", "agent", "--data", str(data)
        ).returncode
        == 0
    )
    token = daffa(
        "identity", "add-key", "--organisation", name, "--name", "k", "--role", "agent", "--data", str(data)
    ).stdout.strip()
    assert token.startswith("daffa_")
    keys = [json.loads(line) for line in daffa("identity", "list", "keys", "--json", "--data", str(data)).stdout.splitlines()]
    (key,) = [key for key in keys if key["organisation"] == name]
    assert token not in json.dumps(keys)
    revoked = daffa("identity", "revoke-key", key["id"], "--json", "--data", str(data))
    assert json.loads(revoked.stdout)["revoked"] is not None
    again = daffa("identity", "add-organisation", name, "--name", "x", "--lang", "fr", "--data", str(data))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


# audit


def test_audit_verifies_proves_and_gives_receipts(data: Path, server: Server, tmp_path: Path):
    """The whole log verifies; an entry is proved; a receipt verifies against the entry and the key alone."""
    index = server.chat("hello").headers["x-daffa-decision"].rpartition("#")[2] if data == server.data else "1"
    done = daffa("audit", "verify", "--data", str(data))
    assert done.returncode == 0, done.stderr
    origin = (data / "origin").read_text()
    assert origin in done.stdout
    proof = json.loads(daffa("audit", "prove", f"{origin}#{index}", "--json", "--data", str(data)).stdout)
    assert proof["entry"]["kind"] == "decision"
    (tmp_path / "receipt").write_text(
        daffa("audit", "receipt", f"{origin}#{index}", "--data", str(data)).stdout, encoding="utf-8"
    )
    shown = daffa("audit", "prove", f"{origin}#{index}", "--data", str(data)).stdout
    (tmp_path / "entry").write_text(shown.split("\n")[0] + "\n", encoding="utf-8")
    vkey = (data / "audit" / "log.vkey").read_text().strip()
    words = ["audit", "verify", "--receipt", str(tmp_path / "receipt"), "--entry", str(tmp_path / "entry"), "--vkey", vkey]
    checked = daffa(*words, "--data", str(tmp_path / "nowhere"))
    assert checked.stdout == f"verified {origin}#{index}\n", checked.stderr
    (tmp_path / "entry").write_text(shown.split("\n")[0].replace("allow", "alow"), encoding="utf-8")
    assert daffa(*words, "--data", str(tmp_path)).returncode == 2


def test_a_broken_log_is_exit_code_2_and_located(still: Path, tmp_path: Path):
    """One changed byte is found, and the line says which entry it is."""
    shutil.copytree(still / "audit", tmp_path / "audit")
    for bundle in (path for path in (tmp_path / "audit" / "tile" / "entries").rglob("*") if path.is_file()):
        bundle.write_bytes(bundle.read_bytes().replace(b'"refuse"', b'"rafuse"'))
    done = daffa("audit", "verify", "--log", str(tmp_path / "audit"), "--lang", "en", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "entry 3" in done.stderr.lower()


@pytest.mark.parametrize("reference", ["nonsense", "other/log#0", "#0"])
def test_a_reference_to_another_log_is_refused(still: Path, reference: str):
    """A reference names its log; another log's is an error that says what was expected."""
    done = daffa("audit", "prove", reference, "--data", str(still), "--lang", "en")
    assert done.returncode == 1
    assert "ORIGIN#INDEX" in done.stderr


def test_the_index_is_rebuilt_from_the_log(data: Path):
    """The index is a convenience that can be made anew at any time."""
    done = daffa("audit", "rebuild", "--data", str(data))
    assert done.stdout.startswith("indexed "), done.stderr


# policy


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("action", ["check", "explain", "table"])
def test_policy_speaks_three_languages_in_80_columns(still: Path, action: str, language: str):
    """The law is checked, explained and laid out; no line is wider than a terminal."""
    done = daffa("policy", action, "--lang", language, "--data", str(still))
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert max(width(line) for line in done.stdout.splitlines()) <= 80


def test_policy_explains_one_rule_as_data(still: Path):
    """--json writes one object a line."""
    done = daffa("policy", "explain", "F-raw-identifiers-abroad", "--json", "--lang", "fr", "--data", str(still))
    assert json.loads(done.stdout)["id"] == "F-raw-identifiers-abroad"
    assert daffa("policy", "explain", "F-nothing", "--data", str(still)).returncode == 1


def test_a_law_that_does_not_parse_is_refused_by_file_and_rule(tmp_path: Path, still: Path):
    """Checking a broken law is one line that names the place; so is starting on it."""
    law = tmp_path / "law"
    shutil.copytree(Path(__file__).parents[2] / "policies" / "ma", law)
    rules = law / "rules" / "50-gateway.cedar"
    rules.write_text(rules.read_text(encoding="utf-8").replace("resource.reach", "resource.raech", 1), encoding="utf-8")
    done = daffa("policy", "check", "--policies", str(law), "--data", str(still))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "50-gateway.cedar" in done.stderr
    assert daffa("up", "--port", "0", "--data", str(tmp_path / "house"), DAFFA_POLICIES=str(law)).returncode == 1


# the rest


@pytest.mark.parametrize("words", [["nonsense"], [], ["audit"], ["up", "--port", "many"]])
def test_wrong_words_are_explained(words: list[str]):
    """A command that does not exist is a usage message, never a stack trace."""
    done = daffa(*words)
    assert done.returncode == 1
    assert "usage:" in done.stderr
    assert "Traceback" not in done.stderr
