"""The simulation: seeds in which nothing happens that must not, the same again from the same seed, and bugs that are found."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from simulation.bugs import BUGS, RARE
from simulation.seed import simulate, small
from simulation.world import Violation

RUN = Path(__file__).with_name("run.py")
QUICK = 150
FULL = 5_000


@pytest.fixture(autouse=True)
def _small():
    """Sizes are small, so that what is rare is not; what the worlds leave is cleared away once."""
    with small():
        yield
    gc.collect()


def live(count, *, tell=False):
    for seed in range(count):
        simulate(seed, tell=tell)


def test_nothing_happens_that_must_not(request):
    """Over many seeds, or the one of ``--simulation-seed``: no byte before its entry, no two forks, no promise broken."""
    chosen = request.config.getoption("--simulation-seed")
    totals: dict[str, int] = {}
    for seed in range(QUICK) if chosen is None else [chosen]:
        for name, number in simulate(seed).counts.items():
            totals[name] = totals.get(name, 0) + number
    if chosen is None:  # and it is no idle world
        least = {
            "crashes": 600,
            "openings": 250,
            "acknowledged": 1500,
            "sent": 300,
            "compared": 500,
            "put back": 5,
            "twins": 10,
        }
        assert {name: number for name, number in least.items() if totals[name] < number} == {}


@pytest.mark.scale
def test_nothing_happens_that_must_not_at_full_size():
    """The same over 5,000 seeds."""
    for seed in range(FULL):
        simulate(seed)
        if seed % 50 == 0:
            gc.collect()


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.scale] * (name in RARE)) for name in BUGS])
def test_a_bug_put_in_on_purpose_is_found(name):
    """Each bug is found within 150 seeds, a rare one within 2,000, by the violation that it is."""
    words = [word for bug in BUGS[name] for word in bug.found]
    with contextlib.ExitStack() as stack:
        for bug in BUGS[name]:
            stack.enter_context(bug.put_in())
        with pytest.raises(Violation) as found:
            live(2_000 if name in RARE else QUICK)
    assert any(word in str(found.value) for word in words), str(found.value)


def test_a_seed_happens_again_as_it_did():
    """The same seed gives the same trace, also after others, and in another process with other hashes of strings."""
    seeds = range(7, 12)
    first = {seed: simulate(seed).digest for seed in seeds}
    assert {seed: simulate(seed).digest for seed in reversed(seeds)} == first
    assert len(set(first.values())) == len(seeds)
    for salt in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": salt}
        said = subprocess.run(
            [sys.executable, RUN, "--seed", "9"], env=environment, capture_output=True, text=True, check=True
        ).stdout
        assert said == f"seed 9 holds: {first[9]}\n"


def test_a_failing_seed_is_told_event_by_event():
    """A violation names its seed, and its trace ends with it."""
    (bug,) = BUGS["recovery drops the last group"]
    with bug.put_in(), pytest.raises(Violation, match=r"seed \d+: ") as found:
        live(QUICK, tell=True)
    assert str(found.value).partition(": ")[2] in found.value.lines[-1]
    assert any("crash" in line for line in found.value.lines)
