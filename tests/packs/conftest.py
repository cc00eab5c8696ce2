"""The example pack, whole, as data, and spoiled in one place."""

import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent / "data" / "example"


@pytest.fixture
def data_pack(tmp_path):
    """A copy of the example as a ministry would bring it: without tools."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    for name in ("tools.py", "tools.jsonl"):
        (folder / name).unlink()
    questions = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "questions.jsonl").write_text("\n".join(questions[:2]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def tool_pack(tmp_path):
    """A copy of the example with its tools."""
    folder = tmp_path / "tools" / "example"
    shutil.copytree(EXAMPLE, folder)
    return folder


@pytest.fixture
def spoil():
    """Replace a piece of a file of a pack; the piece must be there."""

    def spoiling(folder, file, old, new):
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return spoiling
