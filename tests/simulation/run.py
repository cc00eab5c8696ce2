"""Runs seeds of the simulation from the command line, or one of them again, with the trace of all that happened.

    .venv/bin/python tests/simulation/run.py                        # 1,000 seeds from 0 on
    .venv/bin/python tests/simulation/run.py --from 5000 --count 20000
    .venv/bin/python tests/simulation/run.py --seed 4711 --trace    # one of them, told event by event

Exit code 1 where a seed fails; its line says how to see it again.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulation.seed import simulate, small
from simulation.world import Violation


def replay(seed: int, *, trace: bool) -> int:
    """One seed, told."""
    try:
        with small():
            result = simulate(seed, tell=trace)
    except Violation as violation:
        print("\n".join([*violation.lines, str(violation)]))
        return 1
    print("\n".join([*result.lines, f"seed {seed} holds: {result.digest}"]))
    return 0


def many(first: int, count: int) -> int:
    """Many seeds, counted."""
    totals, failed, started = Counter[str](), 0, time.process_time()
    with small():
        for seed in range(first, first + count):
            try:
                totals.update({name: int(number) for name, number in simulate(seed).counts.items()})
            except Violation as violation:
                failed += 1
                print(f"{violation}\n    again: python tests/simulation/run.py --seed {seed} --trace", flush=True)
            if seed % 50 == 0:
                gc.collect()
    seconds = time.process_time() - started
    print(f"{count} seeds, {failed} failed, {seconds:.1f} s of one core ({1000 * seconds / count:.1f} ms a seed)")
    print(", ".join(f"{number:,} {name}" for name, number in totals.items()))
    return 1 if failed else 0


def main() -> int:
    """Read the words of the command."""
    parser = argparse.ArgumentParser(description="Run seeds of the simulation.")
    parser.add_argument("--seed", type=int, help="this seed alone")
    parser.add_argument("--trace", action="store_true", help="tell all that happens in it")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--count", type=int, default=1000, help="how many (1000)")
    given = parser.parse_args()
    return many(given.first, given.count) if given.seed is None else replay(given.seed, trace=given.trace)


if __name__ == "__main__":
    sys.exit(main())
