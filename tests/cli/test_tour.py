"""The tour: it runs to its end on a fresh machine, in three languages, in 80 columns, and says what is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers import daffa

from daffa.audit import Reader
from daffa.cli.paint import width


@pytest.mark.parametrize(("language", "caught"), [("fr", "démasquée"), ("ar", "انكشفت"), ("en", "caught")])
def test_the_tour_runs_to_its_end(tmp_path: Path, language: str, caught: str):
    """Five stops, each with its label, its verdicts and its entry; the log verifies and a tampered copy is caught."""
    done = daffa("tour", "--lang", language, "--keep", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stderr
    assert max(width(line) for line in done.stdout.splitlines()) <= 80
    for word in ("virginia (potomac-virginia)", "rabat (atlas-home)", "F-raw-identifiers-abroad", "HTTP 451", caught):
        assert word in done.stdout
    report = Reader(tmp_path / "kept" / "audit").verify()
    assert (report.damage, report.size) == ((), 9)


def test_the_tour_leaves_nothing_behind(tmp_path: Path):
    """Without --keep its folder is gone afterwards."""
    done = daffa("tour", "--lang", "en", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_every_line_of_arabic_closes_what_it_opens(language: str, tmp_path: Path):
    """A direction isolate never reaches into the next line."""
    done = daffa("tour", "--lang", language, TMPDIR=str(tmp_path))
    for line in done.stdout.splitlines():
        assert line.count("\u2068") == line.count("\u2069"), line
