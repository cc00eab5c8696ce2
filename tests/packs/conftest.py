"""The example pack, whole, as data, and spoiled in one place."""

import os
import shutil
import signal
import sys
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


@pytest.fixture
def killed_at():
    """Run something in a child of this process that is killed before its n-th change of a folder; whether it was."""

    def killing(at, work):
        child = os.fork()
        if child == 0:
            count = 0

            def watch(event, arguments):
                nonlocal count
                changes = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")
                if event in changes or (event == "open" and ".daffa-" in str(arguments[0])):
                    count += 1
                    if count == at:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(watch)
            try:
                work()
            finally:
                os._exit(0)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    return killing
