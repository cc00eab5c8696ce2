"""The wheel is whole: it has every file of the package, the law, the packs, and what the page takes from others."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FETCHED = "var/assets/files"
PLACES = {
    "src/daffa": "daffa",
    "policies": "daffa/policies",
    "packs": "daffa/shipped_packs",
    FETCHED: "daffa/web/page/fetched/files",
}


def build(tree: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """What ``pip wheel`` and ``python -m build`` have built, without asking anybody for anything."""
    pytest.importorskip("hatchling", reason="hatchling is in the development lock: ./daffa test brings it")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    return subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)


def files(folder: Path) -> set[str]:
    """The files below a folder that somebody wrote."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in found}


def test_the_wheel_has_every_file_of_the_tree(tmp_path):
    """A wheel lacks no file of the package, the law, the packs and the page, and brings no other; it names its command."""
    if not (ROOT / FETCHED).is_dir():
        pytest.skip("scripts/assets has not fetched what the page takes from others: there is no wheel without it")
    built = build(ROOT, tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("daffa-*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = {name for name in content.namelist() if ".dist-info/" not in name}
        (points,) = (name for name in content.namelist() if name.endswith("entry_points.txt"))
        assert "daffa = daffa.cli:main" in content.read(points).decode()
    assert names == {f"{there}/{name}" for here, there in PLACES.items() for name in files(ROOT / here)}


def test_without_the_assets_there_is_no_wheel(tmp_path):
    """A wheel is not built without htmx and the fonts: the builder says which folder is not there."""
    for name in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "src/daffa/__init__.py",
        "policies/ma/README.md",
        "packs/law/pack.toml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    built = build(tmp_path, tmp_path / "out")
    assert built.returncode != 0
    assert FETCHED in built.stderr
    assert not list((tmp_path / "out").glob("*.whl"))
