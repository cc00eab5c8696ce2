"""Makes the model of ``arabizi`` with its card and its licence. Knows neither how it is learned nor how it is measured."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from ...arabizi.decoding import Remembering
from ...arabizi.model import Model, read, write
from ..data import digests
from ..papers import Papers, publish
from .learn import FILES, Corpus, corpus, learn
from .score import FILE, Rates, score

__all__ = ["make"]

_ABOUT = """Says how likely a word of Darija in Arabic letters is, so that Arabizi can be read into them: words and pairs of
words with counts, and counts of runs of up to five letters. It holds no pair of both scripts: what a Latin letter may stand
for is written by hand in the code."""
_BESIDES = """Lines of Standard Arabic count a quarter. A list of common words written by hand (`arabizi/common_words.txt`) is
learned from too."""


def make(data: Path, out: Path, *, all_lines: bool = False) -> tuple[Path, Rates]:
    """Learn from the files under ``data``, measure, and write ``arabizi.npz``, its card and its licence into ``out``.

    The same data give the same bytes: nothing is random.

    Args:
        data: the data folder.
        out: where the files go.
        all_lines: learn from lines of all licences, test phrases among them; never to be shipped, and its scores say nothing.

    Returns:
        The path of the model, and its figures (``score.score``).
    """
    lines = corpus(data, all_lines=all_lines)
    model = learn(lines.darija, lines.arabic, lines.arabizi)
    packed = BytesIO()
    write(packed, model)
    packed.seek(0)
    figures = score(data, Remembering(read(packed)))
    return publish(out, _papers(data, lines, model, figures, all_lines), packed.getvalue()), figures


def _papers(data: Path, lines: Corpus, model: Model, figures: Rates, all_lines: bool) -> Papers:
    return Papers(
        file=FILE,
        about=_ABOUT,
        facts={
            "holds": f"{len(model.words):,} words, {len(model.pairs):,} pairs of words, {len(model.runs):,} runs of letters",
            "lines learned from": f"{sum(lines.sources.values()):,}",
        },
        scores=_scores(figures),
        page="docs/arabizi.md",
        learned=lines.sources,
        besides=_BESIDES,
        files=digests(data, FILES),
        every_licence=all_lines,
    )


def _scores(figures: Rates) -> str:
    rows = "\n".join(
        f"| {reference} | {way} | {rate:.4f} | {rate / (rates['letter table'] or 1):.3f} |"
        for reference, rates in figures.items()
        for way, rate in rates.items()
    )
    return f"""Character error rates (insertions, deletions and changes a letter; marks and punctuation left out) and their
ratio to the letter table's, on phrases whose Arabic side a person wrote; nothing was learned from them.

| reference | way | character error rate | of the table's |
|---|---|---|---|
{rows}"""
