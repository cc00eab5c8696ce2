"""Makes the lexicon of ``damage`` with its card and its licence. Knows neither how it is learned nor how it is measured."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from ...damage.lexicon import read, write
from ...damage.words import Mender
from ..data import digests
from ..papers import Papers, publish
from .learn import FILES, Corpus, corpus, learn
from .score import FILE, Shares, score

__all__ = ["make"]

_ABOUT = """Says of an Arabic word with an alef before a lam whether the two were swapped by a PDF reader: clean words with
their counts, and one signed byte for each of 32,768 hashed contexts of letters (logistic regression)."""
_BESIDES = """A list of common words written by hand (`learning/repair/words.py`) is learned from too. Of the Arabic
sentences 39 in a hundred, and of the titles 34, are kept for measuring."""


def make(data: Path, out: Path, *, all_lines: bool = False) -> tuple[Path, dict[str, Shares]]:
    """Learn from the files under ``data``, measure, and write ``repair.npz``, its card and its licence into ``out``.

    The same data give the same bytes. Nothing is random but the order of examples, whose seed is fixed.

    Args:
        data: the data folder.
        out: where the files go.
        all_lines: learn from lines of all licences; never to be shipped.

    Returns:
        The path of the model, and its figures (``score.score``).
    """
    lines = corpus(data, all_lines=all_lines)
    counts, weights = learn(lines.learn)
    packed = BytesIO()
    write(packed, counts, weights)
    packed.seek(0)
    figures = score(data, Mender(read(packed)))
    return publish(out, _papers(data, lines, len(counts), figures, all_lines), packed.getvalue()), figures


def _papers(data: Path, lines: Corpus, words: int, figures: dict[str, Shares], all_lines: bool) -> Papers:
    return Papers(
        file=FILE,
        about=_ABOUT,
        facts={"holds": f"{words:,} words, 32,768 weights", "lines learned from": f"{len(lines.learn):,}"},
        scores=_scores(figures),
        page="docs/language-repair.md",
        learned=lines.sources,
        besides=_BESIDES,
        files=digests(data, FILES),
        every_licence=all_lines,
    )


def _scores(figures: dict[str, Shares]) -> str:
    rows = "\n".join(
        f"| {kind}: {name} | {right:,} | {of:,} | {right / max(1, of):.4f} |"
        for kind, shares in figures.items()
        for name, (right, of) in shares.items()
    )
    return f"""On lines and titles that it did not learn from. `clean` counts words that were changed and should not have been;
everything else counts words that came back right. Of "alone" lines each is repaired without a neighbour as evidence.

| what | words | of | share |
|---|---|---|---|
{rows}"""
