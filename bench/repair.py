"""Repair of damaged Arabic: what comes back right, and how fast, beside rules alone.

    .venv/bin/python bench/repair.py [--data ../shared/data]

Peers: ``nothing`` leaves the text as it is; ``rules`` is what can be written in four regular expressions (the article, the
lone particle, no lexicon). Figures are measured on held-out lines and titles, freshly broken, each repaired alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import re
import time
from collections import Counter
from pathlib import Path

from daffa.language import repair
from daffa.language.arabic import bare
from daffa.language.damage.letters import WORD, damage
from daffa.language.learning.repair.learn import FILES, corpus
from daffa.language.learning.repair.score import kinds

HEAD = re.compile("(?<![\u0621-\u0652])([وفبك]{0,2})ا([أإآ])ل")
PLAIN = re.compile("(?<![\u0621-\u0652])([وف]?[بك]?)اال")
TO = re.compile("(?<![\u0621-\u0652])([وف]?)ل([أإآ])ل")
ALONE = re.compile("(?<![\u0621-\u0652])([وف]?)(إ|أ|)ال(?![\u0621-\u0652])")


def rules(text: str) -> str:
    text = HEAD.sub(r"\1ال\2", text)
    text = PLAIN.sub(r"\1الا", text)
    text = TO.sub(r"\1لل\2", text)
    return ALONE.sub(lambda found: f"{found[1]}{found[2]}لا", text)


WAYS = {"nothing": lambda text: text, "rules": rules, "daffa": lambda text: repair(text).text}


def quality(texts: list[str], way) -> dict[str, float]:
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for text in map(bare, texts):
        broken = damage(text)
        for kind, before, after in zip(kinds(text, broken), WORD.findall(text), WORD.findall(way(broken)), strict=True):
            of[kind] += 1
            right[kind] += before == after
    return {kind: right[kind] / of[kind] for kind in ("article", "inside", "alone", "untouched")}


def changed_per_thousand(texts: list[str], way) -> float:
    words = changed = 0
    for text in texts:
        before, after = WORD.findall(text), WORD.findall(way(text))
        words += len(before)
        changed += sum(one != other for one, other in zip(before, after, strict=False))
    return 1000 * changed / words


def speed(texts: list[str], way) -> float:
    """MB of UTF-8 a second of CPU time, the best of three."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            way(text)
        best = max(best, size / (time.process_time() - begun))
    return best


def law_texts(data: Path, most: int) -> list[str]:
    with gzip.open(data / "docs/laws_ar_articles.jsonl.gz", "rt", encoding="utf-8") as rows:
        return [json.loads(row)["text"] for row, _ in zip(rows, range(most), strict=False)]


def _wrong(row: dict) -> float:
    return (1 - row["titles_article"]) + (1 - row["titles_inside"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--articles", type=int, default=2000)
    chosen = parser.parse_args()
    held_out = corpus(chosen.data).held_out
    lines, titles = held_out[FILES[0]][:10_000], held_out[FILES[1]]
    damaged = law_texts(chosen.data, chosen.articles)
    rows = []
    for name, way in WAYS.items():
        row = {"way": name, "clean_changed_per_1000": round(changed_per_thousand(lines, way), 3)}
        for kind, texts in (("titles", titles), ("lines", lines)):
            row |= {f"{kind}_{word}": round(share, 4) for word, share in quality(texts, way).items()}
        row |= {"damaged_mb_s": round(speed(damaged, way), 2), "clean_mb_s": round(speed(lines, way), 2)}
        rows.append(row)
    names = list(rows[0])
    for name in names:
        print(f"{name:26}" + "".join(f"{row[name]!s:>12}" for row in rows))
    by_way = {row["way"]: row for row in rows}
    ratios = {
        "wrong_in_titles_over_rules": round(_wrong(by_way["daffa"]) / _wrong(by_way["rules"]), 4),
        "speed_over_rules": round(by_way["daffa"]["damaged_mb_s"] / by_way["rules"]["damaged_mb_s"], 4),
    }
    machine = {"python": platform.python_version(), "system": platform.platform()}
    print(json.dumps({"bench": "repair", "machine": machine, "rows": rows, "ratios": ratios}))


if __name__ == "__main__":
    main()
