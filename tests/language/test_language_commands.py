"""The commands of the room: a line in, a line out, in the same order, in three languages."""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.cli import main
from daffa.language import normalise

TEXT = "ⴰⵣⵓⵍ XOR ⴳⵀ\nsalam l’Été\n\nمحمد بنعلي اإلدارة\n"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a language command with bytes or text on its standard input; gives its exit code, output and complaint."""

    def run(*words, stdin="", lang="en"):
        raw = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        capsys.readouterr()
        code = main(["language", *map(str, words), "--lang", lang])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


COMMANDS = {
    "identify": ({"language", "confidence", "plausible"}, ("identify",)),
    "normalise": ({"key"}, ("normalise", "--loose")),
    "repair": ({"text", "changes"}, ("repair",)),
    "zgh-Latn": ({"text", "candidates"}, ("transliterate", "--to", "zgh-Latn")),
    "zgh-Tfng": ({"text", "candidates"}, ("transliterate", "--to", "zgh-Tfng")),
    "ary-Arab": ({"text", "candidates"}, ("transliterate", "--to", "ary-Arab")),
    "ar-Latn": ({"text", "candidates"}, ("transliterate", "--to", "ar-Latn")),
    "und-Latn": ({"text", "candidates"}, ("transliterate", "--to", "und-Latn")),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_line_has_its_answer_in_order(run, name):
    """With --json a command writes one object a line, in the order of the lines, empty ones included."""
    fields, words = COMMANDS[name]
    code, out, err = run(*words, "--json", stdin=TEXT)
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, err, len(rows)) == (0, "", 4)
    assert all(row.keys() == fields for row in rows)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "identify"])
def test_plain_answers_are_those_of_json(run, name):
    """Without --json a line is the text of the object alone."""
    fields, words = COMMANDS[name]
    field = "key" if "key" in fields else "text"
    _, out, _ = run(*words, "--json", stdin=TEXT)
    _, plain, _ = run(*words, stdin=TEXT)
    assert plain.split("\n")[:-1] == [json.loads(line)[field] for line in out.splitlines()]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\ufeff")), max_size=8))
def test_any_lines_go_through(run, lines):
    """Any UTF-8 lines, with any separators inside, give as many answers, and Tifinagh comes back."""
    text = "".join(f"{line}\n" for line in lines)
    code, latin, _ = run("transliterate", "--to", "zgh-Latn", stdin=text)
    assert (code, latin.count("\n")) == (0, len(lines))
    assert run("transliterate", "--to", "zgh-Tfng", stdin=latin)[1] == text
    keys = [json.loads(line)["key"] for line in run("normalise", "--json", stdin=text)[1].split("\n")[:-1]]
    assert keys == [normalise(line) for line in lines]


def test_identify_names_the_language(run):
    """A plain line begins with the language and its confidence."""
    _, out, _ = run("identify", stdin="La présente loi entre en vigueur après sa publication au Bulletin officiel.\n")
    assert out.startswith("fr-Latn ")
    row = json.loads(run("identify", "--json", "--spans", stdin="ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ\n")[1])
    assert row["language"] == "zgh-Tfng"
    assert row["spans"] == [{"start": 0, "end": 11, "language": "zgh-Tfng"}]


def test_transliteration_says_what_it_can(run):
    """Names are spelled with candidates, chat is read into Arabic, digits change where asked, marks stay out with --plain."""
    row = json.loads(run("transliterate", "--to", "ar-Latn", "--json", "--limit", "2", stdin="محمد بنعلي")[1])
    assert row == {"text": "Mohammed Benali", "candidates": ["Mohammed Benali", "Mohamed Benali"]}
    assert run("transliterate", "--to", "und-Latn", stdin="ⴰⵎⴰⵣⵉⵖ محمد")[1] == "amaziɣ Mohammed\n"
    assert run("transliterate", "--to", "ary-Arab", stdin="salam 3likom")[1].startswith("سلام")
    assert run("transliterate", "--to", "zgh-Latn", "--plain", "--digits", "ascii", stdin="ⴳⵀ XOR ٢٠٢٦")[1] == "gh XOR 2026\n"
    assert run("transliterate", "--to", "zgh-Latn", stdin="XOR ⴰ")[1] == "\u2060XOR a\n"


def test_repair_counts_its_changes(run):
    """A damaged word is mended and counted."""
    row = json.loads(run("repair", "--json", stdin="اإلدارة العمومية")[1])
    assert row == {"text": "الإدارة العمومية", "changes": 1}


def test_repair_of_a_whole_file_takes_each_line_for_evidence(run, tmp_path):
    """With --whole a line without a sign follows its file, files do not mix, and there are as many lines as before."""
    damaged, clean = tmp_path / "damaged.txt", tmp_path / "clean.txt"
    damaged.write_text("يحدد األجل\nمراقبة ،والتفتيش\nفي 30يوما\n", encoding="utf-8")
    clean.write_text("المادة الأولى لا تسري\nيوم 3ادي\n", encoding="utf-8")
    rows = [json.loads(line) for line in run("repair", "--whole", "--json", damaged, clean)[1].splitlines()]
    assert [row["text"] for row in rows] == [
        "يحدد الأجل",
        "مراقبة، والتفتيش",
        "في 30 يوما",
        "المادة الأولى لا تسري",
        "يوم 3ادي",
    ]
    assert [row["changes"] for row in rows] == [1, 1, 1, 0, 0]
    alone = run("repair", stdin=damaged.read_text(encoding="utf-8"))[1].splitlines()
    assert alone[1] == "مراقبة ،والتفتيش"


@pytest.mark.parametrize(("lang", "word"), [("en", "expected"), ("fr", "attendu"), ("ar", "المتوقع")])
def test_an_unknown_target_is_refused(run, lang, word):
    """A target that does not exist is refused before a line is read, with those that do."""
    code, out, err = run("transliterate", "--to", "fr-Latn", stdin=b"\xff", lang=lang)
    assert (code, out) == (1, "")
    assert word in err
    assert "zgh-Latn" in err


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
@pytest.mark.parametrize("name", COMMANDS)
def test_bad_bytes_are_named_with_their_line(run, tmp_path, name, lang):
    """A line that is no UTF-8 stops a command with the file, the line and the byte."""
    bad = tmp_path / "latin1.txt"
    bad.write_bytes("bonjour\nété\n".encode("latin-1"))
    code, _, err = run(*COMMANDS[name][1], bad, lang=lang)
    assert code == 1
    assert all(fact in err for fact in ("latin1.txt", "2", "1", "0xe9"))
    assert "Traceback" not in err


def test_what_came_before_a_bad_line_is_written(run):
    """The answers of the good lines before a bad one are there."""
    code, out, _ = run("normalise", stdin=b"A\nB\n\xff\nC\n")
    assert (code, out) == (1, "a\nb\n")


@pytest.mark.parametrize("path", ["missing.txt", "."])
def test_a_file_that_cannot_be_read_is_named(run, tmp_path, path):
    """A missing file and a folder are named in one line."""
    code, out, err = run("normalise", tmp_path / path)
    assert (code, out) == (1, "")
    assert str(tmp_path / path) in err


def test_files_follow_one_another(run, tmp_path):
    """Several files are read in turn, - is standard input, line ends of Windows and a byte order mark fall away."""
    (tmp_path / "one").write_bytes("\ufeffUn\r\ndeux".encode())
    (tmp_path / "two").write_bytes(b"TROIS\n")
    assert run("normalise", tmp_path / "one", "-", tmp_path / "two", stdin="Et\n")[1] == "un\ndeux\net\ntrois\n"


@pytest.mark.parametrize("limit", ["0", "51", "-1", "x", "٣"])
def test_a_limit_is_a_small_number(run, capsys, limit):
    """A number of candidates outside 1 to 50 is refused by the parser."""
    with pytest.raises(SystemExit) as end:
        run("transliterate", "--to", "ar-Latn", f"--limit={limit}")
    assert end.value.code == 1
    assert "from 1 to 50" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["identify", "transliterate", "normalise", "repair"])
def test_help_fits_a_terminal(monkeypatch, capsys, action):
    """The help of each command fits 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["language", action, "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_stream_is_answered_while_it_runs():
    """A command answers what it has read before its input ends, and holds no more than a stretch of it."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "daffa", "language", "normalise"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        try:
            child.stdin.write("ÉTÉ\n".encode())
            child.stdin.flush()
            assert child.stdout.readline().decode() == "été\n"
        finally:
            child.stdin.close()
        assert child.wait(timeout=30) == 0


def test_a_reader_that_leaves_is_no_error():
    """When the reader of the output has gone, the command ends quietly."""
    words = [sys.executable, "-m", "daffa", "language", "normalise"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        try:
            child.stdin.write(b"line\n" * 50_000)
            child.stdin.close()
        except BrokenPipeError:
            pass
        assert child.wait(timeout=30) in (0, -signal.SIGPIPE)
        assert b"Traceback" not in child.stderr.read()


PAGE = Path(__file__).parents[2] / "docs" / "language.md"


@pytest.mark.parametrize(("page", "least"), [("language", 20), ("arabizi", 3), ("language-repair", 5)])
def test_the_python_examples_of_the_pages_are_true(page, least):
    """Each Python example of a page gives what the page says."""
    failed, tried = doctest.testfile(str(PAGE.with_name(f"{page}.md")), module_relative=False, encoding="utf-8")
    assert tried >= least
    assert failed == 0


def test_the_console_examples_of_the_page_are_true(run):
    """Each command line of the page writes what the page says."""
    block = re.search(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = re.findall(r"\$ echo '(.*?)' \| \./daffa language (.*)\n(.*)\n", block[1])
    assert len(shown) == 4
    for text, words, answer in shown:
        assert run(*words.split(), stdin=f"{text}\n") == (0, f"{answer}\n", "")
