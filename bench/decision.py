"""Decisions per CPU-second on one core: the table, beside Cedar (by handles) and the naive loop over rules, in one run.

Random questions on the shipped law; each is seen once, so nothing is remembered from an earlier pass over it. The table's
answers carry their reasons: deciding rules, and for a refusal by silence the nearest rules with their failing clauses.
CPU time of this process, not wall time; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from daffa.decision import Effect, Question, Table
from daffa.policy import Bundle, Opinion, Second, random_questions

LAW = Path(__file__).parents[1] / "policies" / "ma"
SLOW_SHARE = 20


def explained(table: Table) -> Callable[[Question], Opinion]:
    """Decide by the table and look at every reason."""

    def decide(question: Question) -> Opinion:
        verdict = table.decide(question)
        for near in verdict.nearest:
            near.failing  # noqa: B018 - reading the reasons is what is measured
        return verdict.allowed, verdict.rules

    return decide


def naive(table: Table) -> Callable[[Question], Opinion]:
    """Read every clause of every rule: the reference."""

    def decide(question: Question) -> Opinion:
        applying = [rule for rule in table.rules if rule.holds(question)]
        forbidding = tuple(rule.id for rule in applying if rule.effect is Effect.FORBID)
        return (False, forbidding) if forbidding else (bool(applying), tuple(rule.id for rule in applying))

    return decide


def rate(decide: Callable[[Question], Opinion], questions: list[Question]) -> float:
    """Decisions per CPU-second over ``questions``."""
    gc.collect()
    start = time.process_time()
    for question in questions:
        decide(question)
    return len(questions) / (time.process_time() - start)


def fresh(rng: Random, bundle: Bundle, count: int) -> list[Question]:
    """Questions that nobody has seen."""
    return list(random_questions(rng, count, bundle.table.rules, bundle.country))


def kind(question: Question, table: Table) -> str:
    """What the law answers: allow, forbid, or silence."""
    verdict = table.decide(question)
    return "allow" if verdict.allowed else "forbid" if verdict.rules else "silence"


def rows_of(bundle: Bundle, count: int, rounds: int) -> tuple[list[dict[str, object]], Counter[str]]:
    """Median rates of the judges, and what share of the questions got which answer."""
    rng = Random(1)
    # The questions are sorted by a table of their own, so that the measured one has not seen them.
    table, sorter, second = bundle.table, Table(bundle.table.rules), Second(bundle.cedar, bundle.schema)
    judges: dict[str, tuple[Callable[[Question], Opinion], int]] = {
        "table, with reasons": (explained(table), 1),
        "cedarpy, handles": (second.decide, SLOW_SHARE),
        "naive loop": (naive(table), SLOW_SHARE),
    }
    first_pass = rate(explained(Table(table.rules)), fresh(rng, bundle, count))
    rates: dict[str, list[float]] = {name: [] for name in judges}
    by_kind: dict[str, list[float]] = {"allow": [], "forbid": [], "silence": []}
    kinds: Counter[str] = Counter()
    again: list[float] = []
    for _ in range(rounds):
        for name, (decide, share) in judges.items():
            rates[name].append(rate(decide, fresh(rng, bundle, count // share)))
        sorted_out: dict[str, list[Question]] = {name: [] for name in by_kind}
        for question in fresh(rng, bundle, count):
            sorted_out[kind(question, sorter)].append(question)
        kinds.update({name: len(some) for name, some in sorted_out.items()})
        for name, some in sorted_out.items():
            by_kind[name].append(rate(explained(table), some))
        again.append(rate(explained(table), [question for some in sorted_out.values() for question in some]))
    agree(judges, fresh(rng, bundle, count // SLOW_SHARE))
    measured = {
        **rates,
        **{f"table, {name}": values for name, values in by_kind.items()},
        "table, first questions": [first_pass],
        "table, questions seen before": again,
    }
    return [{"judge": name, "per_cpu_second": round(statistics.median(values))} for name, values in measured.items()], kinds


def agree(judges: dict[str, tuple[Callable[[Question], Opinion], int]], questions: Iterable[Question]) -> None:
    """Stop where the judges that are measured do not say the same."""
    table, second, slow = (judges[name][0] for name in ("table, with reasons", "cedarpy, handles", "naive loop"))
    for question in questions:
        if not tuple(table(question)) == tuple(second(question)) == tuple(slow(question)):
            raise SystemExit(f"the judges differ on {question}")


def machine() -> dict[str, str]:
    """The processor and the interpreter."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "python": platform.python_version()}


def main() -> None:
    """Measure, and print the table, the ratios and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20_000, help="fresh questions a round (default 20000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts (default 5)")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bundle = Bundle.read(LAW)
    rows, kinds = rows_of(bundle, options.questions, options.rounds)
    by_name = {str(row["judge"]): float(str(row["per_cpu_second"])) for row in rows}
    fast = by_name["table, with reasons"]
    ratios = {f"table / {name}": round(fast / by_name[name], 1) for name in ("cedarpy, handles", "naive loop")}
    shares = {name: round(count / kinds.total(), 3) for name, count in kinds.items()}
    print(f"{len(bundle.rules)} rules of {bundle.country}; answers: " + ", ".join(f"{n} {s:.0%}" for n, s in shares.items()))
    print(f"{'judge':28}{'decisions per CPU-second':>28}{'µs each':>12}")
    for row in rows:
        print(f"{row['judge']:28}{row['per_cpu_second']:>28,}{1e6 / float(str(row['per_cpu_second'])):>12.2f}")
    for name, ratio in ratios.items():
        print(f"{name:40}{ratio:>16,.1f}")
    print(json.dumps({"bench": "decision", "machine": machine(), "rows": rows, "ratios": ratios, "answers": shares}))


if __name__ == "__main__":
    main()
