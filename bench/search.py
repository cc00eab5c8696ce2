"""All law articles of the shared data indexed and searched: Daffa beside SQLite FTS5 and bm25s, each in a process of its own.

Two cores for everybody. *Build* is wall time from texts in memory to an index that answers; *memory* the most that the process
and its children had together, the texts included. Questions are stretches of 4 to 10 words of random articles, the same for
all, asked one after the other. Daffa's time has the whole reading of the question in it (identification, glossary,
translations, Arabizi), not the index alone; the peers split at blanks and look for any of the words, as they do by default.
``library`` is what a house does: documents and passages kept in SQLite, then indexed, answers read back with their texts;
``second look`` the same with what is found weighed once more, as a house does it.

    python3 -m venv var/bench/search-peers
    var/bench/search-peers/bin/pip install bm25s
    .venv/bin/python bench/search.py
    .venv/bin/python bench/search.py --postgres postgresql://USER:PASSWORD@HOST/NAME    # an empty database: that engine too
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

FILES = {"fr-Latn": "laws_fr_articles.jsonl.gz", "ar-Arab": "laws_ar_articles.jsonl.gz"}
K, AT_ONCE = 10, 4_000
WANTED = {"build, s": 120, "p50, ms": 3, "p95, ms": 10, "memory, MB": 600}
WORD = re.compile(r"\w+")


def articles(folder: Path, most: int) -> list[dict[str, str]]:
    """The articles: language, id, number, law and text."""
    found = []
    for language, name in FILES.items():
        with gzip.open(folder / name, "rt", encoding="utf-8") as rows:
            for number, line in enumerate(rows):
                row = json.loads(line)
                id = f"{language[:2]}{number}"  # noqa: A001
                found.append({"id": id, "language": language, "number": row["ref"], "law": row["law"], "text": row["text"]})
    return found if not most else Random(3).sample(found, most)


def questions(texts: list[dict[str, str]], count: int) -> list[str]:
    """Stretches of words of random articles."""
    chance, asked = Random(1), []
    while len(asked) < count:
        words = chance.choice(texts)["text"].split()
        if len(words) >= 12:
            size = chance.randint(4, 10)
            start = chance.randrange(len(words) - size)
            asked.append(" ".join(words[start : start + size]))
    return asked


def measured(build: float, seconds: list[float], empty: int, **more: float) -> dict[str, float]:
    """The figures of an engine."""
    seconds.sort()
    p50, p95 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.95))
    return {"build, s": round(build, 1), "p50, ms": round(p50, 2), "p95, ms": round(p95, 2), "unanswered": empty, **more}


async def daffa(texts: list[dict[str, str]], asked: list[str], open_index) -> dict[str, float]:
    """An index of ours, asked through the planner."""
    from daffa.search import Passage, Planner, Scope, everyday

    passages = [
        Passage(one["id"], "laws", one["id"], one["text"], language=one["language"], number=one["number"], work=one["law"])
        for one in texts
    ]
    start = time.perf_counter()
    index = await open_index()
    await index.put(passages)
    build = time.perf_counter() - start
    planner, scope = Planner(everyday()), Scope(frozenset({"laws"}))
    whole, alone, empty = [], [], 0
    for warm in (True, False):
        for text in asked[:50] if warm else asked:
            start = time.perf_counter()
            query = planner.plan(text)
            between = time.perf_counter()
            found = await index.search(query, scope, K)
            end = time.perf_counter()
            if not warm:
                whole.append(end - start)
                alone.append(end - between)
                empty += not found.hits
    start = time.perf_counter()
    await index.drop("laws", [texts[0]["id"]])
    dropped = time.perf_counter() - start
    await index.close()
    alone.sort()
    return measured(
        build, whole, empty, **{"index alone p50, ms": round(alone[len(alone) // 2] * 1000, 2), "drop, s": round(dropped, 2)}
    )


async def library(texts: list[dict[str, str]], asked: list[str], folder: Path, again: bool) -> dict[str, float]:
    """The whole of a house's way: kept in SQLite, cut into passages, indexed, found, read back; ``again``: and weighed."""
    from daffa.documents import Document, Section
    from daffa.library import Library, NewDocument
    from daffa.search import Planner, everyday, shipped_reranker
    from daffa.search.engines.tantivy import TantivyIndex
    from daffa.storage import Database

    def new(one: dict[str, str]) -> NewDocument:
        section = Section("", 1, 0, len(one["text"]), one["number"])
        return NewDocument(
            one["id"], Document(one["id"], "", one["text"], one["language"], (section,), "jsonl"), work=one["law"]
        )

    texts = [one for one in texts if one["text"].strip()]
    database, index = await Database.open(folder / "house.db"), await TantivyIndex.open(folder / "search")
    house = await Library.open(database, index, time.time, None, shipped_reranker() if again else None)
    await house.create("", "laws")
    start = time.perf_counter()
    for at in range(0, len(texts), AT_ONCE):
        await house.put("", "laws", [new(one) for one in texts[at : at + AT_ONCE]])
    build = time.perf_counter() - start
    planner, scope = Planner(everyday()), await house.scope("")
    seconds, empty = [], 0
    for text in asked:
        start = time.perf_counter()
        found = await house.find(planner.plan(text), scope, K)
        seconds.append(time.perf_counter() - start)
        empty += not found.passages
    start = time.perf_counter()
    await house.drop("", "laws", texts[0]["id"])
    dropped = time.perf_counter() - start
    await house.close()
    await index.close()
    await database.close()
    return measured(build, seconds, empty, **{"drop, s": round(dropped, 2)})


def fts5(texts: list[dict[str, str]], asked: list[str], folder: Path) -> dict[str, float]:
    """SQLite's full-text index, its own tokenizer and its own bm25()."""
    start = time.perf_counter()
    base = sqlite3.connect(folder / "fts.db")
    base.execute("CREATE VIRTUAL TABLE laws USING fts5(id UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2')")
    base.executemany("INSERT INTO laws VALUES (?, ?)", [(one["id"], one["text"]) for one in texts])
    base.commit()
    build = time.perf_counter() - start
    seconds, empty = [], 0
    for text in asked:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(WORD.findall(text)))
        start = time.perf_counter()
        found = base.execute("SELECT id FROM laws WHERE laws MATCH ? ORDER BY bm25(laws) LIMIT ?", (words, K)).fetchall()
        seconds.append(time.perf_counter() - start)
        empty += not found
    return measured(build, seconds, empty)


def bm25s(texts: list[dict[str, str]], asked: list[str]) -> dict[str, float]:
    """bm25s in memory, its own tokenizer; runs in the peers' environment."""
    import bm25s

    start = time.perf_counter()
    index = bm25s.BM25()
    index.index(bm25s.tokenize([one["text"] for one in texts], show_progress=False), show_progress=False)
    build = time.perf_counter() - start
    seconds, empty = [], 0
    for text in asked:
        start = time.perf_counter()
        words = bm25s.tokenize(text, show_progress=False, return_ids=False)
        _, scores = index.retrieve(words, k=K, show_progress=False)
        seconds.append(time.perf_counter() - start)
        empty += not scores[0][0] > 0
    return measured(build, seconds, empty)


def one(engine: str, options: argparse.Namespace) -> dict[str, float]:
    """Measure one engine in this process."""
    texts = articles(options.docs, options.most)
    asked = questions(texts, options.questions)
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        folder = Path(made)
        if engine == "bm25s":
            return bm25s(texts, asked)
        if engine == "fts5":
            return fts5(texts, asked, folder)
        if engine in ("library", "second look"):
            return asyncio.run(library(texts, asked, folder, engine != "library"))
        from daffa.search.engines.postgres import PostgresIndex
        from daffa.search.engines.tantivy import TantivyIndex

        if engine == "postgresql":
            return asyncio.run(daffa(texts, asked, lambda: PostgresIndex.open(options.postgres)))
        return asyncio.run(daffa(texts, asked, lambda: TantivyIndex.open(folder / "search")))


def memory(process: int) -> float:
    """Megabytes that a process and its children have now."""
    together, waiting = 0, [process]
    while waiting:
        each = waiting.pop()
        try:
            status = Path(f"/proc/{each}/status").read_text()
            tasks = Path(f"/proc/{each}/task").iterdir()
            waiting += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        together += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
    return together / 1024


def beside(engine: str, python: Path) -> dict[str, float] | None:
    """Measure one engine in a process of its own; ``None`` where it cannot run."""
    if not python.exists():
        return None
    process = subprocess.Popen([python, *sys.argv, "--engine", engine], stdout=subprocess.PIPE, text=True)
    most = 0.0
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(0.05)
    told = process.communicate()[0]
    return {**json.loads(told), "memory, MB": round(most)} if process.returncode == 0 else None


def machine() -> dict[str, object]:
    """What it was measured on."""
    about = {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count()}
    return {**about, "load": round(os.getloadavg()[0], 2)}


def main() -> None:
    """Measure, print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, default=Path("../shared/data/docs"), help="folder of the articles (%(default)s)")
    parser.add_argument("--questions", type=int, default=400, help="how many (%(default)s)")
    parser.add_argument("--most", type=int, default=0, metavar="N", help="a sample of N articles instead of all")
    parser.add_argument("--folder", type=Path, help="where indexes are written (the system's temporary folder)")
    parser.add_argument("--postgres", default="", metavar="URL", help="measure PostgreSQL in this empty database too")
    parser.add_argument("--peers-python", type=Path, default=Path("var/bench/search-peers/bin/python"), help="(%(default)s)")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(one(options.engine, options)))
        return
    if not options.docs.is_dir():
        raise SystemExit(f"no articles in {options.docs}: give --docs")
    about, rows, skipped = machine(), [], []
    engines = ["tantivy", "library", "second look", *(["postgresql"] if options.postgres else []), "fts5", "bm25s"]
    names = ["build, s", "p50, ms", "p95, ms", "memory, MB", "drop, s", "unanswered"]
    print(f"{'':12}" + "".join(f"{name:>13}" for name in names))
    for engine in engines:
        found = beside(engine, options.peers_python if engine == "bm25s" else Path(sys.executable))
        if found is None:
            skipped.append(engine)
            print(f"{engine}: absent, skipped")
            continue
        rows.append({"engine": engine, **found})
        print(f"{engine:12}" + "".join(f"{found.get(name, '-'):>13}" for name in names))
    print(f"{'wanted':12}" + "".join(f"{WANTED.get(name, ''):>13}" for name in names))
    ratios = {}
    for row in rows[1:]:
        for name in ("build, s", "p50, ms", "p95, ms", "memory, MB"):
            ratios[f"{row['engine']} / tantivy: {name}"] = round(row[name] / rows[0][name], 2)
    print(json.dumps({"bench": "search", "machine": about, "rows": rows, "ratios": ratios, "skipped": skipped}))


if __name__ == "__main__":
    main()
