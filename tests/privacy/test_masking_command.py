"""``daffa privacy mask`` and ``restore``: lines out and back, the file of originals, what is refused."""

import fcntl
import json
import stat
import subprocess
import sys

import pytest

from daffa.cli import main

SAID = "M. Karim Bennani, CIN AB123456, tél. 06 12 34 56 78\nرقم بطاقتي AB123456\n\nrien [PHONE_BCDFGHJK] ici\n"


def said(capsys, *words):
    """The exit code, and what the command wrote to standard output and standard error."""
    code = main(["privacy", *map(str, words)])
    written = capsys.readouterr()
    return code, written.out, written.err


@pytest.fixture
def text(tmp_path):
    """A file with personal data and a line that holds a placeholder already."""
    path = tmp_path / "letter.txt"
    path.write_text(SAID, encoding="utf-8")
    return path


def test_out_and_back(text, tmp_path, capsys):
    """What was masked holds no value and comes back byte by byte; the file of originals is the owner's alone."""
    kept, masked = tmp_path / "originals.json", tmp_path / "masked.txt"
    code, out, _ = said(capsys, "mask", text, "--map", kept)
    assert code == 0
    assert not any(value in out for value in ("Karim", "AB123456", "06 12", "[PHONE_BCDFGHJK]"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
    masked.write_text(out, encoding="utf-8")
    assert said(capsys, "restore", masked, "--map", kept)[:2] == (0, SAID)


def test_a_second_text_goes_on_in_the_same_file(text, tmp_path, capsys):
    """The same value has the same placeholder in both texts, and both come back."""
    kept = tmp_path / "originals.json"
    first = said(capsys, "mask", text, "--map", kept)[1]
    second = said(capsys, "mask", text, "--map", kept)[1]
    assert first == second
    other = said(capsys, "mask", text, "--map", tmp_path / "other.json")[1]
    assert other != first


def test_json_says_what_was_masked_where(text, tmp_path, capsys):
    """With ``--json`` each line gives its masked text and its spans; the escaped placeholder has no type."""
    rows = [json.loads(line) for line in said(capsys, "mask", text, "--map", tmp_path / "kept", "--json")[1].splitlines()]
    assert [[span["type"] for span in row["spans"]] for row in rows] == [["person", "cin", "phone"], ["cin"], [], [None]]
    for row, line in zip(rows, SAID.splitlines(), strict=True):
        for span in row["spans"]:
            assert row["text"][span["start"] : span["end"]] == span["placeholder"]
            assert line[span["original_start"] : span["original_end"]] not in row["text"]


def test_restoring_into_json_escapes(tmp_path, capsys):
    """With ``--json`` what is put back is escaped: the JSON stays whole."""
    text, kept = tmp_path / "text", tmp_path / "kept"
    text.write_text('Nom : "Karim\n12, rue "Atlas", Hay Salam, Fès\n', encoding="utf-8")
    masked = said(capsys, "mask", text, "--map", kept)[1]
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"answer": masked}), encoding="utf-8")
    restored = json.loads(said(capsys, "restore", answer, "--map", kept, "--json")[1])
    assert restored == {"answer": text.read_text(encoding="utf-8")}


@pytest.mark.parametrize(("mode", "shown"), [("redact", "[CIN]"), ("generalise", "[CIN AB]")])
def test_the_other_modes_keep_nothing(mode, shown, text, tmp_path, capsys):
    """Redacting and generalising write no file, and refuse to be given one."""
    code, out, _ = said(capsys, "mask", text, "--mode", mode)
    assert code == 0
    assert shown in out
    assert "AB123456" not in out
    code, out, err = said(capsys, "mask", text, "--mode", mode, "--map", tmp_path / "kept", "--lang", "en")
    assert (code, out) == (1, "")
    assert "--map" in err
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_pseudonyms_need_their_file(language, text, capsys):
    """Without ``--map`` nothing is pseudonymised, and the reason is said in the reader's language."""
    code, out, err = said(capsys, "mask", text, "--lang", language)
    assert (code, out) == (1, "")
    assert "--mode pseudonymise" in err


@pytest.mark.parametrize("content", ["", "{}", "[]", "no", '{"key": "zz"}', '{"key": "00", "version": 1}'])
def test_a_file_that_is_no_table_is_left_alone(content, text, tmp_path, capsys):
    """Neither command takes a strange file for its table, and masking does not overwrite it."""
    kept = tmp_path / "kept"
    kept.write_text(content, encoding="utf-8")
    for words in (("mask", text, "--map", kept), ("restore", text, "--map", kept)):
        code, out, _ = said(capsys, *words)
        assert (code, out) == (1, "")
    assert kept.read_text(encoding="utf-8") == content


def test_a_bad_line_leaves_no_file(tmp_path, capsys):
    """Where the input is no UTF-8, nothing is given and no file is made."""
    bad, kept = tmp_path / "bad", tmp_path / "kept"
    bad.write_bytes(b"0612345678\n\xff\n")
    code, out, _ = said(capsys, "mask", bad, "--map", kept)
    assert (code, out) == (1, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad"]


def test_two_commands_do_not_write_one_file(text, tmp_path, capsys):
    """While one is at work on the file, another is refused; one that was killed is in nobody's way."""
    kept, aside = tmp_path / "kept", tmp_path / "kept.new"
    with aside.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        code, out, err = said(capsys, "mask", text, "--map", kept, "--lang", "en")
        assert (code, out) == (1, "")
        assert "another command" in err
    assert said(capsys, "mask", text, "--map", kept)[0] == 0


@pytest.mark.parametrize("words", [("--least", "2"), ("--years", "0"), ("--years", "x")])
def test_numbers_out_of_range_are_refused(words, text, capsys):
    """``--least`` and ``--years`` name their range."""
    code, out, err = said(capsys, "mask", text, "--mode", "generalise", *words, "--lang", "en")
    assert (code, out) == (1, "")
    assert words[0] in err


def test_it_works_in_a_pipe(tmp_path):
    """From standard input to standard output, restored in whatever pieces the pipe gives."""
    kept = tmp_path / "kept"
    command = [sys.executable, "-m", "daffa", "privacy"]
    masked = subprocess.run([*command, "mask", "--map", kept], input=SAID.encode(), capture_output=True, check=True).stdout
    assert b"AB123456" not in masked
    restored = subprocess.run([*command, "restore", "--map", kept], input=masked, capture_output=True, check=True).stdout
    assert restored.decode() == SAID
