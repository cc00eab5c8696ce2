"""What every test may use: the ``--scale`` switch and the shared data. Knows no room."""

from pathlib import Path

import pytest
from hypothesis import settings

# The machine is shared: no test may depend on how long anything takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser):
    """``--scale`` runs the slow tests at full size too; ``--simulation-seed`` one seed of the simulation again."""
    parser.addoption("--scale", action="store_true", help="run the tests marked scale, at full size")
    parser.addoption("--simulation-seed", type=int, help="the one seed that tests/simulation lives through")


def pytest_collection_modifyitems(config, items):
    """Without ``--scale`` the tests marked so are skipped, by name and with the reason."""
    if not config.getoption("--scale"):
        for item in items:
            if item.get_closest_marker("scale"):
                item.add_marker(pytest.mark.skip(reason="full size: run with --scale"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``../shared/data`` beside the repository: public data that is too large to be kept in it."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data beside the repository ({SHARED.parent.name}/{SHARED.name})")
    return SHARED
