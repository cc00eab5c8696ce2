"""The import contracts of ``pyproject.toml``: kept by the house, and each broken by a sabotage planted in a copy of it."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
]
FLOORS = "Floors are law; the five doors are strangers to each other"
PURE = "The decision and the log's mathematics know no file, network, clock or chance"
FRAMEWORK = "The web framework stays in web, and up starts its server"
CLIENTS = "HTTP clients stay in adapters"
ADAPTERS = "Adapters are named by app alone"
SIMULATORS = "Simulators are named by the command line alone"

# The contract that must break, the file that is planted (or added to), and what is written in it.
SABOTAGES = [
    (FLOORS, "decision/saboteur.py", "import daffa.storage"),
    (FLOORS, "guard/saboteur.py", "import daffa.gateway"),
    (FLOORS, "gateway/saboteur.py", "import daffa.settings"),
    (FLOORS, "identity/saboteur.py", "import daffa.policy"),
    (FLOORS, "importing/saboteur.py", "import daffa.settings"),
    (FLOORS, "worlds/saboteur.py", "import daffa.errors"),
    (FLOORS, "harbour/__init__.py", "'A room that no floor lists.'"),
    ("No circles, at any depth", "gateway/model.py", "import daffa.gateway.door"),
    (PURE, "decision/saboteur.py", "import time"),
    (PURE, "decision/table.py", "import sqlalchemy"),
    (PURE, "audit/merkle.py", "import random"),
    (PURE, "audit/note.py", "import os"),
    (FRAMEWORK, "gateway/saboteur.py", "import litestar"),
    (FRAMEWORK, "app/house.py", "import uvicorn"),
    (CLIENTS, "gateway/routing.py", "import aiohttp"),
    (CLIENTS, "web/saboteur.py", "import httpx"),
    (ADAPTERS, "web/saboteur.py", "import daffa.gateway.wires.openai"),
    (ADAPTERS, "gateway/door.py", "import daffa.gateway.clients"),
    (ADAPTERS, "identity/sign_on.py", "import daffa.identity.clients.aiohttp_client"),
    (SIMULATORS, "app/house.py", "import daffa.worlds"),
]


def lint(root):
    """lint-imports over the house in ``root``: its exit code, and the names of the broken contracts."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = run.stdout + run.stderr
    return run.returncode, {name for name in CONTRACTS if f"{name} BROKEN" in said}, said


@pytest.fixture
def house(tmp_path):
    """A copy of the house that a test may spoil."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house, file, line):
    """Write ``line`` at the end of a file of the copy."""
    path = house / "src" / "daffa" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(f"\n{line}\n")


def inner_module(room):
    """The name of some module inside ``room``."""
    return min(path.stem for path in (ROOT / "src" / "daffa" / room).glob("[a-z]*.py"))


def test_the_house_keeps_every_contract(house):
    """The house as it stands keeps every contract."""
    code, broken, said = lint(house)
    assert (code, broken) == (0, set()), said


@pytest.mark.parametrize(("contract", "file", "line"), SABOTAGES)
def test_a_sabotage_breaks_its_contract(house, contract, file, line):
    """A forbidden import breaks the contract that forbids it, by name."""
    plant(house, file, line)
    code, broken, said = lint(house)
    assert code == 1, said
    assert contract in broken, said


@pytest.mark.parametrize("contract", [name for name in CONTRACTS if name.endswith(" is entered by its face")])
def test_a_room_entered_past_its_face_breaks_its_contract(house, contract):
    """An import of what is private to a room breaks the contract of that room, even from the top floor."""
    room = contract.split()[0]
    plant(house, "cli/saboteur.py", f"import daffa.{room}.{inner_module(room)}")
    code, broken, said = lint(house)
    assert code == 1, said
    assert contract in broken, said


def test_every_contract_has_its_sabotage():
    """No contract is left unproven: each is broken by a sabotage above or by the rule about faces."""
    assert {name for name in CONTRACTS if not name.endswith(" is entered by its face")} == {name for name, _, _ in SABOTAGES}


def test_every_room_has_a_contract_about_its_face():
    """Whatever has something private is entered by its face; the command line is left out, since nobody stands above it."""
    rooms = {path.parent.name for path in (ROOT / "src" / "daffa").glob("*/[a-z]*.py")} - {"cli"}
    assert {name.split()[0] for name in CONTRACTS if name.endswith(" is entered by its face")} == rooms
