"""``daffa task`` with files that are none: one line, exit code 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from daffa.cli.main import main


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize(
    "name",
    [
        "absent.txt",
        ".",
        "empty.txt",
        "binary.dat",
        pytest.param("/dev/zero", marks=pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")),
    ],
)
def test_what_is_no_text_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, language: str):
    """A file that is absent, a folder, empty, no text, or that never ends; no house is opened for it."""
    (tmp_path / "empty.txt").touch()
    (tmp_path / "binary.dat").write_bytes(b"\x80\x81\xff\x00\x01")
    command = ["task", "summarise", str(tmp_path / name), "--data", str(tmp_path / "data"), "--lang", language]
    assert main(command) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert not (tmp_path / "data").exists()
