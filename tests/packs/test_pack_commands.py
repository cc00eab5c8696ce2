"""``./daffa pack``: what each command answers to a person and to a program, and what it leaves behind."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from servers import serving

from daffa import sentences
from daffa.cli import main
from daffa.packs import Severity, lint, shipped

EXAMPLE = Path(__file__).parent / "data" / "example"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capsys, tmp_path):
    """Run a command; returns its exit code, output and complaints."""

    def running(*words):
        code = main(["pack", *map(str, words), "--data", str(tmp_path / "house")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return running


def rows(output):
    """JSON lines."""
    return [json.loads(line) for line in output.splitlines()]


def test_today_is_where_the_house_is(run, tmp_path):
    """Two houses 25 hours apart never have the same day, whatever else of their settings does not hold here."""
    days = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        (tmp_path / "house").mkdir(exist_ok=True)
        (tmp_path / "house/daffa.toml").write_text(f'time_zone = "{zone}"\n[oidc]\nissuer = "x"\nclient_id = "x"\n', "utf-8")
        assert run("new", f"of-{len(days)}", "--into", tmp_path)[0] == 0
        days.append(re.search(r"20\d\d-\d\d-\d\d", (tmp_path / f"of-{len(days)}/pack.toml").read_text("utf-8"))[0])
    assert days[0] > days[1]
    (tmp_path / "house/daffa.toml").write_text('time_zone = "Nowhere/At_All"\n', "utf-8")
    code, _, complaint = run("new", "of-none", "--into", tmp_path)
    assert (code, "time_zone" in complaint) == (1, True)


def test_a_new_pack_is_sound_from_the_first_moment(run, tmp_path):
    """``pack new`` writes one example of each file; lint finds no error in it, and a second time nothing is written over."""
    code, said, _ = run("new", "my-ministry", "--into", tmp_path)
    assert (code, "my-ministry" in said) == (0, True)
    assert [one for one in lint(tmp_path / "my-ministry") if one.severity is Severity.ERROR] == []
    (tmp_path / "my-ministry/pack.toml").write_text("mine", encoding="utf-8")
    code, _, complaint = run("new", "my-ministry", "--into", tmp_path)
    assert code == 1
    assert "my-ministry" in complaint
    assert (tmp_path / "my-ministry/pack.toml").read_text(encoding="utf-8") == "mine"
    for name in ("My", "..", "a", "x" * 41, "a/b"):
        assert run("new", name, "--into", tmp_path)[0] == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["my-ministry"]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_lint_says_what_is_wrong_in_the_language_of_the_reader(run, data_pack, spoil, language):
    """Each finding stands with its file and line; the exit code is 1 where there is an error, else 0."""
    code, said, _ = run("lint", data_pack, "--lang", language)
    assert code == 0
    spoil(data_pack, "questions.jsonl", "60 jours", "61 jours")
    code, said, _ = run("lint", data_pack, "--lang", language)
    assert code == 1
    assert "questions.jsonl" in said
    assert "61 jours" in said
    assert all(len(line) < 200 for line in said.splitlines())


def test_lint_as_json_is_a_finding_a_line(run, data_pack, spoil):
    """A program reads pack, severity, file, line, field, expected and got."""
    spoil(data_pack, "glossary.csv", ",law-1", ",law-9")
    code, said, _ = run("lint", data_pack, "--json")
    (error, *others) = rows(said)
    assert code == 1
    assert error == {
        "pack": "example", "severity": "error", "file": "glossary.csv", "line": 2, "field": "source",
        "expected": "the id of a [[source]] of pack.toml", "got": "law-9",
    }  # fmt: skip
    assert {one["severity"] for one in others} == {"warning"}


def test_every_shipped_pack_is_sound_and_its_tools_are_right(run):
    """No pack of the tree has an error, and every published value comes out."""
    assert run("lint", "--json")[0] == 0
    code, said, _ = run("test", "--tools", "--json")
    assert [row for row in rows(said) if not row["held"]] == []
    assert code == 0


def test_a_pack_is_named_by_its_folder_or_its_id(run):
    """An id of a known pack, or a path; anything else is not found."""
    name = shipped()[0].name
    assert run("lint", name)[0] == run("lint", shipped()[0])[0] == 0
    code, _, complaint = run("lint", "nothing")
    assert (code, complaint.strip()) == (1, "daffa: There is no pack nothing.")


def test_the_list_says_what_there_is(run):
    """Each pack with its version, where it comes from, its label and its counts."""
    code, said, _ = run("list", "--json")
    listed = {row["id"]: row for row in rows(said)}
    assert code == 0
    assert set(listed) == {folder.name for folder in shipped()}
    assert {row["origin"] for row in listed.values()} == {"shipped"}
    assert all(row["label"].startswith("level=") for row in listed.values())
    for language in ("fr", "ar", "en"):
        page = run("list", "--lang", language)[1]
        assert all(name in page for name in listed)


def test_the_tools_of_a_wheel_are_tried(run, tool_pack, spoil):
    """``pack test`` says how many values are as published, and names each that is not."""
    code, said, _ = run("test", tool_pack, "--wheel")
    assert (code, "5 of 5" in said) == (0, True)
    spoil(tool_pack, "tools.jsonl", '"expected": 60', '"expected": 61')
    code, said, _ = run("test", tool_pack, "--wheel")
    assert code == 1
    assert "4 of 5" in said
    assert "tools.jsonl, line 1, deadline: expected 61.0, got 60.0" in " ".join(said.split())


def test_a_folder_of_data_is_not_run(run, tool_pack):
    """Without ``--wheel`` a tools.py is an error, not a tool."""
    assert run("test", tool_pack)[0] == 1
    code, said, _ = run("lint", tool_pack)
    assert (code, "no tools in a folder of data" in " ".join(said.split())) == (1, True)


def test_a_tool_can_be_asked(run):
    """The value, the steps and the law that each figure comes from, in three languages and as JSON."""
    with_tools = next(folder for folder in shipped() if (folder / "tools.py").is_file())
    case = json.loads((with_tools / "tools.jsonl").read_text(encoding="utf-8").splitlines()[0])
    words = ("tool", with_tools.name, case["tool"], json.dumps(case["input"]))
    code, said, _ = run(*words, "--json")
    (result,) = rows(said)
    assert code == 0
    assert result["value"] == pytest.approx(case["expected"], abs=case.get("tolerance", 0))
    for language in ("fr", "ar", "en"):
        page = run(*words, "--lang", language)[1]
        assert sentences.say("pack_valid_on", language, day=result["valid_on"]) in page
        assert all(used["reference"].split()[0] in page for used in result["used"])
    code, said, _ = run("tool", with_tools.name)
    assert (code, case["tool"] in said) == (0, True)
    for bad in ("[", "5", '{"nothing": 1}'):
        code, _, complaint = run("tool", with_tools.name, case["tool"], bad)
        assert (code, complaint.count("\n")) == (1, 1)


def test_import_reports_a_line_for_each_file(run, data_pack, tmp_path):
    """Written, already there, refused: each is told; the exit code says whether all went in."""
    good, bad = tmp_path / "note.txt", tmp_path / "broken.pdf"
    good.write_text("La demande est déposée au guichet de la commune, contre un récépissé.", encoding="utf-8")
    bad.write_bytes(b"%PDF-1.4")
    words = ("import", good, bad, "--into", data_pack, "--licence", "texte officiel")
    code, said, _ = run(*words, "--json")
    assert (code, [row["status"] for row in rows(said)]) == (1, ["written", "refused"])
    assert rows(said)[1]["code"] == "document_damaged"
    code, said, _ = run("import", good, "--into", data_pack, "--licence", "texte officiel")
    assert (code, "Written: 0, already there: 1, refused: 0" in said) == (0, True)
    assert run("import", good, "--into", data_pack)[0] == 1


def test_a_pack_goes_into_a_house_and_out_again(run, data_pack, tmp_path, spoil):
    """Without a server and with one: installed, recorded, found by its route, replaced, removed; a refusal changes nothing."""
    data = tmp_path / "house"
    (data_pack / "questions.jsonl").unlink()
    with serving(data) as server:
        assert run("install", data_pack) == (0, "The pack example is installed in version 2026.1.\n", "")
        assert "example" in [row["id"] for row in server.ask("GET", "/api/packs").json]
        assert rows(run("install", data_pack, "--json")[1])[0]["replaces"] == "2026.1"
        spoil(data_pack, "pack.toml", 'version = "2026.1"', 'version = "2026.0"')
        code, said, complaint = run("install", data_pack)
        assert (code, said, complaint.count("\n")) == (1, "", 1)
        assert run("install", data_pack, "--force")[0] == 0
        spoil(data_pack, "glossary.csv", ",law-1", ",law-9")
        code, _, complaint = run("install", data_pack, "--force")
        assert (code, "glossary.csv, line 2" in complaint) == (1, True)
        held = tomllib.loads((data / "packs/example/pack.toml").read_text(encoding="utf-8"))
        assert held["version"] == "2026.0"
        assert list((data / "packs/.incoming").iterdir()) == []
        assert server.ask("DELETE", f"/api/packs/{shipped()[0].name}").status == 409
        for token in ("..", "0" * 16, "../../x"):
            assert server.ask("POST", "/api/packs", {"incoming": token}).status == 404
        assert server.ask("GET", "/api/packs", key=None).status == 401
        assert run("remove", "example", "--lang", "fr")[1] == "Le pack example, version 2026.0, est retiré.\n"
        assert "example" not in [row["id"] for row in server.ask("GET", "/api/packs").json]
        actions = [entry.get("action") for entry in server.entries(0, 5)]
    assert actions == ["law_first", *["pack_installed"] * 3, "pack_removed"]
    spoil(data_pack, "glossary.csv", ",law-9", ",law-1")
    assert run("install", data_pack, "--lang", "ar")[0] == 0


def test_a_pack_that_does_not_answer_its_own_questions_is_not_installed(run, data_pack, tmp_path, monkeypatch):
    """Its questions are asked in a house of their own, whatever the environment names; the real one sees nothing of it."""
    monkeypatch.setenv("DAFFA_DATABASE", "postgresql://nobody@127.0.0.1:1/nothing")
    lines = (data_pack / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = [
        json.dumps({**json.loads(lines[0]), "id": f"q{number}", "question": "Qui a gagné le match ?"}) for number in range(4)
    ]
    (data_pack / "questions.jsonl").write_text("\n".join([*lines, *wrong]), encoding="utf-8")
    code, said, _ = run("test", data_pack, "--json")
    assert [(row["id"], row["right"]) for row in rows(said)] == [
        ("delay-fr-1", True),
        ("none-fr-1", True),
        *[(f"q{number}", False) for number in range(4)],
    ]
    assert code == 1
    code, said, complaint = run("install", data_pack)
    assert (code, said) == (1, "")
    assert "1 of 5 answered right, 1 of 1 rightly not covered" in complaint
    assert not (tmp_path / "house").exists()


def test_every_pack_is_in_the_wheel():
    """The wheel takes the folder of the packs whole: what is shipped in the tree is shipped to whoever installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["packs"] == "daffa/shipped_packs"
