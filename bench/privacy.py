"""Finding personal data beside Presidio with presidio-mena, in one run: megabytes a second on one core, and what each finds.

    .venv/bin/python bench/privacy.py [--rounds 5] [--peer-documents 200] [--venv var/bench/privacy]

Four texts, as documents of about 1 kB: *clean* (articles of Moroccan law in French and Arabic where the corpus lies beside
the repository, else the pages of ``docs/``), *nothing* (those of them in which Daffa finds nothing: many articles are signed
by a minister), *mixed* (*clean*, a marked sentence of tests/privacy behind each document) and *dense* (those sentences alone,
a finding each 60 bytes). Presidio gets the first documents of the same texts, in an
environment of its own, made on first use: as installed, and *lean* with the recognisers of what both know alone. The pattern
pass is timed on the whole text at once and document by document; ``find`` (patterns, checks, overlaps, offsets) document by
document.
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
import venv
from collections.abc import Callable
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "privacy"))

from scores import judged, table  # noqa: E402
from sentences import sentences  # noqa: E402

from daffa.privacy import find, find_bytes  # noqa: E402
from daffa.privacy.finder import scan  # noqa: E402

LAWS = ROOT / "../shared/data/docs"
PEER = ("presidio-analyzer==2.2.366", "presidio-mena==0.1.0")
SHARED = ("cin", "rib", "iban", "ice", "phone", "email", "ip")
LENGTH, CLEAN_BYTES = 1_000, 4_000_000


def documents_of(texts: list[str]) -> list[str]:
    """Texts joined by lines until each document has about 1,000 characters, and longer ones cut."""
    documents, gathered = [], ""
    for text in texts:
        gathered += text + "\n"
        while len(gathered) >= LENGTH:
            documents.append(gathered[: LENGTH + 200])
            gathered = gathered[LENGTH + 200 :]
    return documents


def clean_texts() -> list[str]:
    """Articles of law in turn, French and Arabic; without the corpus the pages of the documents, over and over."""
    names = [LAWS / f"laws_{language}_articles.jsonl.gz" for language in ("fr", "ar")]
    if not all(map(Path.exists, names)):
        pages = [page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))]
        return pages * 4
    texts = []
    for name in names:
        with gzip.open(name, "rt", encoding="utf-8") as lines:
            texts.append([json.loads(line)["text"] for line in islice(lines, 5_756)])
    return [text for pair in zip(*texts, strict=True) for text in pair]


def cut(documents: list[str], most: int) -> list[str]:
    """The first documents, up to ``most`` bytes."""
    kept, size = [], 0
    for document in documents:
        size += len(document.encode())
        if size > most:
            break
        kept.append(document)
    return kept


def best(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the quickest round."""
    turns = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        turns.append(time.process_time() - start)
    return min(turns)


def ours(name: str, documents: list[str], rounds: int) -> list[dict[str, object]]:
    """Rows of the pattern pass and of the whole search on one text."""
    pieces = [document.encode() for document in documents]
    whole = b"".join(pieces)
    size = len(whole) / 1e6
    held = sum(len(find_bytes(piece)) for piece in pieces)
    ways: dict[str, Callable[[], object]] = {
        "pattern pass, whole text": lambda: scan.candidates(whole),
        "pattern pass, 1 kB documents": lambda: [scan.candidates(piece) for piece in pieces],
        "find_bytes, 1 kB documents": lambda: [find_bytes(piece) for piece in pieces],
        "find, 1 kB documents": lambda: [find(document) for document in documents],
    }
    return [
        {
            "text": name,
            "what": what,
            "mb": round(size, 2),
            "mb_per_cpu_second": round(size / best(work, rounds), 2),
            "found_per_kb": round(held / size / 1e3, 2),
        }
        for what, work in ways.items()
    ]  # fmt: skip


def peer(texts: dict[str, list[str]], said: list[str], folder: Path, rounds: int) -> dict[str, object] | str:
    """What Presidio took and found, or why it did not run."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import presidio_mena, presidio_analyzer"], capture_output=True, check=False).returncode:
        made = subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], capture_output=True, text=True, check=False)
        if made.returncode:
            return made.stderr.strip().splitlines()[-1] if made.stderr.strip() else "pip failed"
    asked = json.dumps({"rounds": rounds, "texts": texts, "sentences": said})
    ran = subprocess.run(
        [python, Path(__file__).with_name("_presidio.py")], input=asked, capture_output=True, text=True, check=False
    )
    return json.loads(ran.stdout) if ran.returncode == 0 else ran.stderr.strip().splitlines()[-1]


def add_peer(
    name: str,
    documents: list[str],
    seconds: dict[str, dict[str, float]],
    rounds: int,
    rows: list[dict[str, object]],
    ratios: dict[str, float],
) -> None:
    """Add the rows of Presidio and the ratios to it. Ours on the same documents: the front of a text is not its whole."""
    size = sum(len(document.encode()) for document in documents) / 1e6
    pieces = [document.encode() for document in documents]
    found = best(lambda: [find(document) for document in documents], rounds)
    passed = best(lambda: [scan.candidates(piece) for piece in pieces], rounds)
    for way, turns in seconds.items():
        speed = round(size / turns[name], 3)
        rows.append({"text": name, "what": f"Presidio + mena, {way}", "mb": round(size, 2), "mb_per_cpu_second": speed})
        ratios[f"pattern pass / Presidio {way}, {name}"] = round(turns[name] / passed, 1)
        ratios[f"find / Presidio {way}, {name}"] = round(turns[name] / found, 1)


def f1(found: list[list[tuple[str, int, int]]]) -> dict[str, float]:
    """F1 by type on the marked sentences, of the types that both know."""
    marked = [[span for span in sentence.spans if span[0] in SHARED] for sentence in sentences()]
    scores = table(
        judged([tuple(span) for span in spans if span[0] in SHARED], marks) for spans, marks in zip(found, marked, strict=True)
    )
    return {kind: round(scores[kind][2], 3) for kind in SHARED if kind in scores}


def machine() -> dict[str, object]:
    """The processor, the interpreter and how busy the machine is."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    """Measure, and print the table, the ratios and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the quickest counts (%(default)s)")
    parser.add_argument(
        "--peer-documents", type=int, default=200, metavar="N", help="documents of each text for Presidio (%(default)s)"
    )
    parser.add_argument(
        "--venv", type=Path, default=ROOT / "var" / "bench" / "privacy", help="environment of Presidio (%(default)s)"
    )
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    marked = sentences()
    clean = cut(documents_of(clean_texts()), CLEAN_BYTES)
    mixed = [document + marked[7 * number % len(marked)].text for number, document in enumerate(clean)]
    nothing = [document for document in clean if not find(document)]
    texts = {"nothing": nothing, "clean": clean, "mixed": mixed, "dense": documents_of([sentence.text for sentence in marked])}
    rows = [row for name, documents in texts.items() for row in ours(name, documents, options.rounds)]
    quality = {"daffa": f1([[(str(each.type), each.start, each.end) for each in find(sentence.text)] for sentence in marked])}
    shares = {name: documents[: options.peer_documents] for name, documents in texts.items()}
    answer = peer(shares, [sentence.text for sentence in marked], options.venv, min(options.rounds, 3))
    ratios: dict[str, float] = {}
    versions: dict[str, str] = {}
    if isinstance(answer, str):
        print(f"Presidio did not run: {answer}")
    else:
        versions = answer["versions"]
        quality["presidio"] = f1(answer["found"])
        for name, documents in shares.items():
            add_peer(name, documents, answer["seconds"], options.rounds, rows, ratios)
    print(f"{'text':8}{'what':34}{'MB':>8}{'MB per CPU-second':>20}{'found per kB':>14}")
    for row in rows:
        print(f"{row['text']:8}{row['what']:34}{row['mb']:>8}{row['mb_per_cpu_second']:>20}{row.get('found_per_kb', ''):>14}")
    for name, ratio in ratios.items():
        print(f"{name:42}{ratio:>10,.1f}")
    print(f"{'F1 on the marked sentences':42}" + "".join(f"{kind:>8}" for kind in SHARED))
    for name, scores in quality.items():
        print(f"{name:42}" + "".join(f"{scores.get(kind, 0):>8.3f}" for kind in SHARED))
    print(
        json.dumps({"bench": "privacy", "machine": machine(), "rows": rows, "ratios": ratios, "f1": quality, "peer": versions})
    )


if __name__ == "__main__":
    main()
