"""Arabizi into Arabic letters: character error rates and speed, beside a letter table.

    .venv/bin/python bench/arabizi.py [--data ../shared/data] [--all-lines] [--most N]

``--all-lines`` also builds a model with the non-commercial lines (test phrases left out) and measures it; it is kept nowhere.
``written by hand`` are pairs whose Arabic side a person wrote; ``made by a table`` are pairs whose Arabic side is itself the
output of a letter table, shown so that nobody takes them for a measure of anything else.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

from daffa.language.arabizi.candidates import candidates
from daffa.language.arabizi.decoding import Remembering
from daffa.language.arabizi.model import shipped
from daffa.language.arabizi.table import by_table
from daffa.language.learning.arabizi.score import pairs, score


def speed(texts: list[str]) -> dict[str, float]:
    """CPU time: microseconds a word by the table, by the decoder when every word is new, and when every word was met."""
    words = sum(len(text.split()) for text in texts)
    decoder = Remembering(shipped())
    ways = {"letter table": by_table, "daffa, new words": lambda text: candidates(decoder, text, 5)}
    ways["daffa, words met"] = ways["daffa, new words"]
    figures = {}
    for name, way in ways.items():
        begun = time.process_time()
        for text in texts:
            way(text)
        figures[name] = round(1e6 * (time.process_time() - begun) / words, 1)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--all-lines", action="store_true")
    parser.add_argument("--most", type=int, default=1_000_000)
    chosen = parser.parse_args()
    rows = []
    for reference, rates in score(chosen.data, all_lines=chosen.all_lines, most=chosen.most).items():
        print(reference)
        for way, rate in rates.items():
            ratio = rate / rates["letter table"]
            print(f"  {way:24}{rate:8.4f}   x {ratio:.3f} of the table")
            rows.append(
                {"reference": reference, "way": way, "character_error_rate": round(rate, 4), "of_table": round(ratio, 3)}
            )
    microseconds = speed([pair.arabizi for pair in pairs(chosen.data)[:1000]])
    print("microseconds a word", microseconds)
    ratios = {row["way"]: row["of_table"] for row in rows if row["reference"] == "written by hand"}
    machine = {"python": platform.python_version(), "system": platform.platform()}
    print(json.dumps({"bench": "arabizi", "machine": machine, "rows": rows, "us_a_word": microseconds, "ratios": ratios}))


if __name__ == "__main__":
    main()
