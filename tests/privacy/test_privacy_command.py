"""``daffa privacy find``: a line in, a line out, as JSON or to be read."""

import json

import pytest

from daffa import sentences
from daffa.cli import main
from daffa.privacy import Type


def said(capsys, *words):
    """The exit code, and what the command wrote to standard output and standard error."""
    code = main(["privacy", "find", *map(str, words)])
    written = capsys.readouterr()
    return code, written.out, written.err


@pytest.fixture
def texts(tmp_path):
    """Three lines, one of them empty, one without anything."""
    path = tmp_path / "lines.txt"
    path.write_text("رقم بطاقتي AB123456 وهاتفي 0612345678\n\nbonjour\n", encoding="utf-8")
    return path


def test_each_line_gives_an_object(texts, capsys):
    """With ``--json`` each line gives one object in order, with offsets in code points and the categories."""
    code, out, _ = said(capsys, texts, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert rows[0]["categories"] == ["personal"]
    assert [(row["type"], row["start"], row["end"]) for row in rows[0]["findings"]] == [("cin", 11, 19), ("phone", 27, 37)]
    assert rows[1:] == [{"findings": [], "categories": []}] * 2


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_person_reads_the_names_of_the_types(language, texts, capsys):
    """Without ``--json`` each finding is named in the language of the reader."""
    code, out, _ = said(capsys, texts, "--lang", language)
    assert code == 0
    assert sentences.say("finding_cin", language) in out
    assert "AB123456" in out


def test_every_type_has_a_name():
    """Each type is named in French, Arabic and English."""
    assert {kind for kind in Type for language in ("fr", "ar", "en") if not sentences.say(f"finding_{kind}", language)} == set()


def test_the_limit_can_be_moved(tmp_path, capsys):
    """``--least`` shows what is less sure, or hides what is not sure enough; anything but a number from 0 to 1 is refused."""
    path = tmp_path / "line"
    path.write_text("YZ123456 0612345678", encoding="utf-8")
    count = [len(json.loads(said(capsys, path, "--json", "--least", least)[1])["findings"]) for least in ("0", "0.5", "1")]
    assert count == [2, 1, 0]
    code, out, err = said(capsys, path, "--least", "2", "--lang", "en")
    assert (code, out) == (1, "")
    assert "--least" in err
