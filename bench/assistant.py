"""Questions to the assistant in a real house without a model: questions a second, times, memory; one, 32 and 200 at once.

    .venv/bin/python bench/assistant.py [--questions 200] [--at-once 1,32,200] [--folder var/bench]

A server of its own on a fresh folder is asked the shipped packs' own questions, of all their languages in turn, whole and
streamed, over loopback. Beside it, in the same run and as many at once: a simulated model that answers at once through the same
gateway (what the gateway itself costs), and ``/healthz`` while the questions are under way (how long others wait). Prints a
table and ends with one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from _load import machine

from daffa.worlds import World

ROOT = Path(__file__).parents[1]
CONFIG = 'assistant_model = ""\n'


def questions() -> list[tuple[str, str]]:
    """The packs' questions, one of each language after the other: language, question."""
    by_language: dict[str, list[str]] = {}
    for file in sorted((ROOT / "packs").glob("*/questions.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                item = json.loads(line)
                by_language.setdefault(item["language"], []).append(item["question"])
    rows = [[(language, each) for each in asked] for language, asked in by_language.items()]
    return [pair for turn in itertools.zip_longest(*rows) for pair in turn if pair is not None]


class House:
    """A server on a folder of its own."""

    def __init__(self, folder: Path, config: str) -> None:
        (folder / "daffa.toml").write_text(config, encoding="utf-8")
        begun = time.perf_counter()
        words = [sys.executable, "-m", "daffa", "up", "--data", str(folder), "--port", "0"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), line
        self.ready_s = time.perf_counter() - begun
        self.address = urlsplit(line.split()[1])
        self.key = (folder / "admin.key").read_text().strip()

    def rss_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def cpu_s(self) -> float:
        """User and system time of the server, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def end(self) -> None:
        """Stop it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    async def ask(self, question: str, model: str, *, stream: bool) -> tuple[float, float, str]:
        """Milliseconds to the first sentence (or the whole answer) and to the end, and the status of the outcome."""
        body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": question}]}).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: daffa\r\nAuthorization: Bearer {self.key}\r\nConnection: close\r\n"
        begun = time.perf_counter()
        first, said = 0.0, b""
        async for piece in self._exchange(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body):
            said += piece
            if not first and (b'"sentence"' in said or b'"finish_reason":"stop"' in said):
                first = time.perf_counter()
        end = time.perf_counter()
        refused = said.startswith(b"HTTP/1.1 451")  # the words of courts or of health: the law lets nobody have them for this
        assert refused or said.startswith(b"HTTP/1.1 200"), said[:500]
        status = re.search(rb'"daffa":\{"status":"([a-z_]+)"', said)
        told = status[1].decode() if status else ""
        return 1000 * ((first or end) - begun), 1000 * (end - begun), "refused" if refused else told

    async def health(self) -> float:
        """Milliseconds until another request is answered."""
        begun = time.perf_counter()
        async for _ in self._exchange(b"GET /healthz HTTP/1.1\r\nHost: daffa\r\nConnection: close\r\n\r\n"):
            pass
        return 1000 * (time.perf_counter() - begun)

    async def _exchange(self, data: bytes):
        reader, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        writer.write(data)
        while piece := await reader.read(65_536):
            yield piece
        writer.close()


async def turn(house: House, asked: list[tuple[str, str]], model: str, at_once: int, *, stream: bool) -> dict[str, object]:
    """All of ``asked``, so many at once; and, one after the other, how long ``/healthz`` takes meanwhile."""
    waiting, answers, waits, done = iter(asked), [], [], asyncio.Event()

    async def client() -> None:
        for _, question in waiting:
            answers.append(await house.ask(question, model, stream=stream))

    async def other() -> None:
        while not done.is_set():
            waits.append(await house.health())
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(other())
    begun, cpu = time.perf_counter(), house.cpu_s()
    await asyncio.gather(*(client() for _ in range(at_once)))
    took = time.perf_counter() - begun
    done.set()
    await watching
    firsts, ends = sorted(first for first, _, _ in answers), sorted(end for _, end, _ in answers)
    return {
        "model": model, "stream": stream, "at_once": at_once, "questions": len(answers),
        "per_second": round(len(answers) / took, 1), "cpu_ms": round(1000 * (house.cpu_s() - cpu) / len(answers), 1),
        "first_p50_ms": round(statistics.median(firsts), 1),
        "p50_ms": round(statistics.median(ends), 1), "p95_ms": round(ends[int(0.95 * (len(ends) - 1))], 1),
        "health_p50_ms": round(statistics.median(waits), 1), "health_max_ms": round(max(waits), 1),
        "rss_mb": round(house.rss_mb()),
        "answered": sum(status in ("answered", "partial") for _, _, status in answers),
        "refused": sum(status == "refused" for _, _, status in answers),
    }  # fmt: skip


async def measure(house: House, many: int, at_once: list[int]) -> list[dict[str, object]]:
    """The first question of a house, then everything in turns."""
    asked = list(itertools.islice(itertools.cycle(questions()), many))
    cold = await turn(house, asked[:1], "daffa", 1, stream=True)
    rows = [{**cold, "at_once": "the first ever"}]
    for number in at_once:
        rows.append(await turn(house, asked, "atlas-home", number, stream=False))
        rows += [await turn(house, asked, "daffa", number, stream=stream) for stream in (False, True)]
    return rows


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--at-once", default="1,32,200")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="assistant-", dir=options.folder))
    with World.in_thread() as world, contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        house = House(folder, CONFIG + world.config())
        stack.callback(house.end)
        rows = asyncio.run(measure(house, options.questions, [int(each) for each in options.at_once.split(",")]))
    report(rows, house.ready_s, machine(options.folder))
    return 0


def report(rows: list[dict[str, object]], ready_s: float, facts: dict[str, object]) -> None:
    """A table, and one JSON line."""
    names = ["model", "stream", "at_once", "questions", "answered", "refused", "per_second", "cpu_ms"]
    names += ["first_p50_ms", "p50_ms", "p95_ms", "health_p50_ms", "health_max_ms", "rss_mb"]
    print(f"ready after {ready_s:.1f} s")
    print("  ".join(f"{name:>14}" for name in names))
    for row in rows:
        print("  ".join(f"{row[name]!s:>14}" for name in names))
    whole = {(row["model"], row["at_once"]): row for row in rows if not row["stream"]}
    ratios = {
        f"assistant/gateway p50 at {number}": round(row["p50_ms"] / whole["atlas-home", number]["p50_ms"], 2)
        for (model, number), row in whole.items()
        if model == "daffa"
    }
    print(json.dumps({"bench": "assistant", "machine": facts, "ready_s": round(ready_s, 1), "rows": rows, "ratios": ratios}))


if __name__ == "__main__":
    sys.exit(main())
