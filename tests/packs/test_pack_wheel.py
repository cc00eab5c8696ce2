"""A pack that comes as a wheel, with tools: found by its entry point, without running its package."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent / "data" / "example"

ASK = """
import datetime, json
from pathlib import Path
from daffa.packs import Origin, Shelf, discovered, lint
folder = next(one for one in discovered() if one.name == "example_pack")
shelf = Shelf.open(Path("house"))
pack = shelf.packs["example-pack"]
print(json.dumps({
    "origin": pack.origin,
    "errors": [str(one) for one in lint(folder) if one.severity == "error"],
    "cards": [card.name for card in shelf.tools.cards("example-pack")],
    "value": shelf.tools.call("example-pack", "deadline", {"files": 2}, day=datetime.date(2026, 6, 1)).value,
    "faults": list(shelf.faults),
}))
shelf.close()
"""


def site(folder, *, init="raise SystemExit('the package was run')\n", points=("example_pack",)):
    """A folder as pip leaves it: a package with the pack's files, and what is known of the distribution."""
    package = folder / "example_pack"
    shutil.copytree(EXAMPLE, package)
    toml = (package / "pack.toml").read_text(encoding="utf-8").replace('id = "example"', 'id = "example-pack"')
    (package / "pack.toml").write_text(toml, encoding="utf-8")
    (package / "__init__.py").write_text(init, encoding="utf-8")
    about = folder / "example_pack-2026.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: example-pack\nVersion: 2026.1\n", encoding="utf-8")
    named = "".join(f"example{number} = {point}\n" for number, point in enumerate(points))
    (about / "entry_points.txt").write_text(f"[daffa.packs]\n{named}", encoding="utf-8")


def ask(folder, code=ASK):
    """Run ``code`` with ``folder`` on the path."""
    (folder / "house").mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_wheel_brings_a_pack_with_tools(tmp_path):
    """Its tools are called like those of the tree; the package itself is never imported."""
    site(tmp_path)
    ran = ask(tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"origin": "wheel", "errors": [], "cards": ["deadline"], "value": 60, "faults": []}


def test_an_entry_point_that_leads_nowhere_is_left_out(tmp_path):
    """Packages that were taken away, and names that are no package, break nothing; the good one is found."""
    points = ("gone", "example_pack.inner", "example_pack:thing", "json", "os.path", "..", "example_pack")
    site(tmp_path, points=points)
    ran = ask(tmp_path, "from daffa.packs import discovered; print([one.name for one in discovered()])")
    assert (ran.returncode, ran.stdout.strip()) == (0, "['example_pack']"), ran.stderr
