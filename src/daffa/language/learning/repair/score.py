"""Measures ``repair`` on lines that its lexicon never saw and on real damaged law texts. Knows nothing of training."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...arabic import bare
from ...damage import Repaired
from ...damage.letters import WORD, damage
from ...damage.lexicon import read
from ...damage.repairing import repaired
from ...damage.words import Mender, is_article, shipped_mender
from ..data import objects, required
from ..papers import loaded
from .learn import FILES, corpus

__all__ = ["FILE", "Shares", "kinds", "load", "score"]

FILE = "repair.npz"

_ARABIC, _TITLES, _ = FILES
_LAWS = "docs/laws_ar_articles.jsonl.gz"
_CLEAN_LINES = 10_000

Shares = dict[str, tuple[int, int]]
"""By kind of word: how many came back right, of how many."""


def load(folder: Path) -> Mender:
    """A mender over the lexicon in ``folder``. Raises ``Invalid("invalid_field")`` where there is none, or something else."""
    return Mender(loaded(folder / FILE, read))


def score(data: Path, mender: Mender | None = None, most: int = 1_000_000) -> dict[str, Shares]:
    """All figures of the card, of ``mender`` or else of what is shipped; on at most ``most`` lines of each sort.

    Returns:
        ``clean``: words changed, of all words of 10,000 clean lines, each repaired alone, and as one text;
        ``broken``: freshly damaged held-out lines and titles, each repaired alone, by kind of damaged word;
        ``laws``: titles held out against the damaged text of their law, repaired whole.
    """
    required(data, [_LAWS])
    mender = mender or shipped_mender()
    held_out = corpus(data).held_out
    lines, titles = held_out[_ARABIC][:most], held_out[_TITLES][:most]
    clean = lines[:_CLEAN_LINES]
    return {
        "clean": {"alone": _changed(clean, mender), "as one text": _changed(["\n".join(clean)], mender)},
        "broken lines": _restored(lines, mender),
        "broken titles": _restored(titles, mender),
        "broken, as one text": _restored(["\n".join(lines)], mender),
        "law texts": _laws(data, set(titles), mender),
    }


def _changed(texts: Iterable[str], mender: Mender) -> tuple[int, int]:
    changed = words = 0
    for text in texts:
        changed += len(repaired(text, mender).changes)
        words += sum(1 for _ in WORD.finditer(text))
    return changed, words


def _restored(texts: Iterable[str], mender: Mender) -> Shares:
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for text in map(bare, texts):
        broken = damage(text)
        mended = WORD.findall(repaired(broken, mender).text)
        for kind, before, after in zip(kinds(text, broken), WORD.findall(text), mended, strict=True):
            of[kind] += 1
            right[kind] += before == after
    return {kind: (right[kind], of[kind]) for kind in ("article", "inside", "alone", "untouched")}


def kinds(text: str, broken: str) -> Iterator[str]:
    """For each word of a clean ``text`` how the damage shows in it: article, inside, alone, or untouched."""
    for clean, word in zip(WORD.findall(text), WORD.findall(broken), strict=True):
        if clean == word:
            yield "untouched"
        elif len(clean) <= 3 and clean.endswith("لا"):
            yield "alone"
        else:
            yield "article" if is_article(word) else "inside"


def _laws(data: Path, titles: set[str], mender: Mender) -> Shares:
    """Damaged words of the laws' own titles, looked for in the repaired law texts; and article words left as they were."""
    wanted = {row["law"]: row["title"] for row in objects(data / _TITLES) if row["title"] in titles}
    texts: dict[str, list[str]] = defaultdict(list)
    for row in objects(data / _LAWS):
        if row["law"] in wanted:
            texts[row["law"]].append(row["text"])
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for law, parts in texts.items():
        expected = {damage(word): word for word in WORD.findall(bare(wanted[law])) if damage(word) != word}
        text = "\n".join(parts)
        for written, mended in _aligned(repaired(text, mender), text):
            if written in expected:
                kind = "article" if is_article(written) else "inside"
                of[f"title words, {kind}"] += 1
                right[f"title words, {kind}"] += mended == expected[written]
            if is_article(written):
                of["article words"] += 1
                right["article words"] += not is_article(mended)
    return {kind: (right[kind], of[kind]) for kind in sorted(of)}


def _aligned(done: Repaired, text: str) -> Iterator[tuple[str, str]]:
    """Each Arabic word of ``text`` with what it became."""
    after = {change.start: change.after for change in done.changes}
    for found in WORD.finditer(text):
        yield bare(found.group()), bare(after.get(found.start(), found.group()))
