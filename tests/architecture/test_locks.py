"""The two locks: one resolution, pinned by hash, that covers ``pyproject.toml`` and names no registry."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name):
    """A lock: package -> its requirement and its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [re.split(r"\s+--hash=", line.strip()) for line in text.splitlines() if line.strip()]
    return {canonicalize_name(Requirement(line).name): (Requirement(line), frozenset(hashes)) for line, *hashes in lines}


CORE, DEVELOPMENT = locked("requirements.txt"), locked("requirements-dev.txt")


def uncovered(wanted, lock):
    """The requirements that a lock does not satisfy."""
    return [line for line in wanted if not satisfied(Requirement(line), lock)]


def satisfied(requirement, lock):
    """Whether a lock pins a version that a requirement accepts."""
    pinned = lock.get(canonicalize_name(requirement.name))
    return pinned is not None and requirement.specifier.contains(pin(pinned[0]))


def strangers(lock):
    """What a lock pins otherwise than the development lock: another version, a hash unknown there, or less often there."""
    return {name for name, pinned in lock.items() if name not in DEVELOPMENT or not inside(pinned, DEVELOPMENT[name])}


def inside(pinned, developed):
    """Whether one lock's line says nothing that another's does not; where it applies only sometimes, the other may always."""
    (asked, hashes), (known, all_hashes) = pinned, developed
    return pin(asked) == pin(known) and hashes <= all_hashes and known.marker in (None, asked.marker)


def pin(requirement):
    """The one version that a requirement of a lock accepts."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return specifier.version


def test_the_core_lock_covers_what_runs():
    """The core lock pins an accepted version of each dependency at run time."""
    assert uncovered(PROJECT["project"]["dependencies"], CORE) == []


def test_the_development_lock_covers_what_is_developed_with():
    """The development lock pins an accepted version of each dependency of the development group."""
    assert uncovered(PROJECT["dependency-groups"]["dev"], DEVELOPMENT) == []


def test_the_locks_come_from_one_resolution():
    """Everything in the core lock stands in the development lock as well, with the same version and hashes of its own."""
    assert strangers(CORE) == set()


def test_what_is_developed_with_does_not_run():
    """What only development needs is not in the core lock."""
    tools = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependency-groups"]["dev"]}
    assert tools & CORE.keys() == set()


def test_everything_is_pinned_by_hash():
    """Each package of a lock is pinned to one version and to SHA-256 hashes."""
    for requirement, hashes in [*CORE.values(), *DEVELOPMENT.values()]:
        assert pin(requirement)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", item) for item in hashes)


def test_a_lock_names_no_registry():
    """A lock holds no address, so that pip's configured index is the one that is asked."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if "://" in line or line.startswith("-")] == []
