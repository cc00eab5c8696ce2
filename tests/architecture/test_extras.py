"""What an extra adds: a lock of its own beside the core's, installed when ``DAFFA_EXTRAS`` names it."""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .test_front_door import offline, run, tree  # noqa: F401 - a fixture
from .test_locks import CORE, PROJECT, ROOT, locked, strangers, uncovered

EXTRAS = PROJECT["project"]["optional-dependencies"]


@pytest.fixture
def rigged(tree):  # noqa: F811
    """The small tree with an extra ``sail`` that adds one package, and a command that says what is there."""
    files = {
        "sail.py": "",
        "sail-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: sail\nVersion: 1.0\n",
        "sail-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "sail-1.0.dist-info/RECORD": "sail.py,,\n",
    }
    path = tree.parent / "wheels" / "sail-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tree / "requirements-sail.txt").write_text(f"sail==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
    (tree / "src" / "daffa" / "__main__.py").write_text(
        "import importlib.util as u\nprint(*(name for name in ('helm', 'sail') if u.find_spec(name)))\n", encoding="utf-8"
    )
    return tree


@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_has_a_lock_that_covers_it_and_nothing_of_the_core(extra):
    """The lock of an extra pins what it asks for as the development lock does, and nothing that the core lock pins."""
    lock = locked(f"requirements-{extra}.txt")
    assert uncovered(EXTRAS[extra], CORE | lock) == []
    assert strangers(lock) == set()
    assert lock.keys() & CORE.keys() == set()
    assert "://" not in (ROOT / f"requirements-{extra}.txt").read_text(encoding="utf-8")


def test_what_an_extra_needs_is_developed_with():
    """Everything that an extra asks for stands in the development group, so that the whole suite runs with it."""
    developed = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependency-groups"]["dev"]}
    asked = {canonicalize_name(Requirement(line).name) for lines in EXTRAS.values() for line in lines}
    assert asked <= developed


def test_every_lock_beside_the_core_is_of_an_extra():
    """No lock lies about that the front door does not renew."""
    beside = {path.name for path in ROOT.glob("requirements-*.txt")}
    assert beside == {"requirements-dev.txt", *(f"requirements-{extra}.txt" for extra in EXTRAS)}
    renewed = set(re.findall(r"compile (requirements\S*\.txt)", (ROOT / "daffa").read_text(encoding="utf-8")))
    assert renewed == beside | {"requirements.txt"}


def test_an_extra_is_added_when_it_is_named_and_stays(rigged):
    """Without its name an extra is not there; once named, by spaces or commas, it is installed, and it stays."""
    assert run(rigged / "daffa", **offline(rigged)).stdout == "helm\n"
    added = run(rigged / "daffa", **offline(rigged), DAFFA_EXTRAS=" sail,")
    assert added.stdout == "helm sail\n", added.stderr
    assert "installing 2 packages of requirements.txt requirements-sail.txt" in added.stderr
    for names in ("sail", ""):
        again = run(rigged / "daffa", DAFFA_EXTRAS=names)
        assert (again.stdout, again.stderr) == ("helm sail\n", "")


def test_what_is_developed_with_holds_every_extra(rigged):
    """Where the development lock is installed, no extra is installed again, and nothing is taken away."""
    lock = "".join((rigged / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-sail.txt"))
    (rigged / "requirements-dev.txt").write_text(lock, encoding="utf-8")
    run("sh", rigged / "scripts" / "environment", "requirements-dev.txt", **offline(rigged))
    started = run(rigged / "daffa", DAFFA_EXTRAS="sail", PYTHON=sys.executable)
    assert (started.stdout, started.stderr) == ("helm sail\n", "")


def test_an_unknown_extra_is_said_in_one_line(rigged):
    """An extra that there is no lock for stops the start with one line, and nothing is made."""
    refused = run(rigged / "daffa", **offline(rigged), DAFFA_EXTRAS="oars")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "daffa: there is no requirements-oars.txt; DAFFA_EXTRAS names what to add, such as postgres\n"
    assert not (rigged / ".venv").exists()
