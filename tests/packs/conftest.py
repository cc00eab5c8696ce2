"""The example pack, whole, as data, and spoiled in one place; its tools, warm."""

import datetime
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from daffa.packs import Origin, Tools, read_pack

EXAMPLE = Path(__file__).parent / "data" / "example"
DAY = datetime.date(2026, 6, 1)

HEAD = """
import msgspec
from daffa.packs import At, Result, Tool

class Nothing(msgspec.Struct):
    text: str = ""
    number: float = 0.0
"""
FOOT = """
TOOLS = (Tool(name="it", title={"fr": "f", "ar": "a", "en": "e"}, input=Nothing, run=it),)
"""


@pytest.fixture(scope="module")
def pack():
    """The example with its tools."""
    return read_pack(EXAMPLE, Origin.SHIPPED)


@pytest.fixture(scope="module")
def tools(pack):
    """Warm processes for it, with a short patience."""
    with Tools([pack], seconds=1.0) as warm:
        yield warm


@pytest.fixture(scope="module")
def code_of():
    """The text of a tools.py whose one tool has this body."""
    return lambda body: f"{HEAD}def it(question, at):\n" + "".join(f"    {line}\n" for line in body.split("\n")) + FOOT


@pytest.fixture(scope="module")
def run(tools, pack, code_of):
    """Run the body of a function as a tool, in the same warm processes."""

    def running(body, **arguments):
        tools.renew([pack, replace(pack, id="hostile", code=code_of(body))])
        return tools.call("hostile", "it", arguments, day=DAY)

    return running


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
