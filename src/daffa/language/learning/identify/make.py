"""Makes the model of ``identification`` with its card and its licence. Needs scikit-learn (extra ``train``).

Knows neither how it is learned nor how it is measured.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ...identification import Model
from ..papers import Papers, publish
from .build import build
from .lines import Corpus, read
from .packing import FILE, digest, packed
from .score import figures_of

__all__ = ["make"]

_ABOUT = """Tells the languages of Morocco apart: Darija in Arabic letters and in Latin letters (Arabizi), Standard Arabic,
French, English, Spanish, Standard Moroccan Tamazight in Tifinagh and in Latin letters, Kabyle, and `other`. One linear
model a script over hashed character n-grams of words (orders 2 to 5), one signed byte a weight."""


def make(data: Path, out: Path, *, all_lines: bool = False, seed: int = 1, draws: float = 1.0) -> tuple[Path, dict[str, Any]]:
    """Learn from the lines under ``data``, measure, and write ``identify.bin``, its card and its licence into ``out``.

    Args:
        data: the data folder.
        out: where the files go.
        all_lines: learn from lines of all licences; never to be shipped.
        seed: of every draw; the same lines and seed give the same bytes.
        draws: share of the random draws that is made; below 1 for a quick, worse model.

    Returns:
        The path of the model, and its figures (``score.figures``).
    """
    corpus = read(data, all_lines=all_lines)
    about = {"lines": corpus.fingerprint, "every_licence": all_lines, "draws": draws}
    model = build(corpus.learned, corpus.fitted, about, seed=seed, scale=draws)
    figures = figures_of(model, corpus.judged)
    return publish(out, _papers(model, corpus, figures), packed(model)), figures


def _papers(model: Model, corpus: Corpus, figures: dict[str, Any]) -> Papers:
    return Papers(
        file=FILE,
        about=_ABOUT,
        facts={
            "weights (SHA-256)": f"`{digest(model)}`",
            "lines learned from and fitted on (SHA-256)": f"`{corpus.fingerprint}`",
            "seed": str(model.about["seed"]),
            "lines learned from": f"{len(corpus.learned):,}",
        },
        scores=_scores(figures),
        page="docs/language-identification.md",
        learned=Counter((line.language, line.source, line.licence) for line in corpus.learned),
        besides=f"""Confidence was fitted on {len(corpus.fitted):,} more lines of such licences and of official texts of the
Kingdom of Morocco (law 2-00, article 8); the weights never saw them.""",
        files=corpus.digests,
        every_licence=model.about["every_licence"],
    )


def _scores(figures: dict[str, Any]) -> str:
    classes = "\n".join(
        f"| {name} | {score['f1']:.3f} | {score['precision']:.3f} | {score['recall']:.3f} | {score['lines']:,} |"
        for name, score in figures["classes"].items()
    )
    lengths = ", ".join(f"{name} characters {length['macro_f1']:.3f}" for name, length in figures["lengths"].items())
    error = {script: value["expected_calibration_error"] for script, value in figures["calibration"].items()}
    return f"""On {figures["lines"]:,} lines that it did not learn from, with the bytes of this file: macro-F1 over eight
classes **{figures["macro_f1"]:.4f}**; {figures["macro_f1_with_other"]:.4f} where lines of ten other languages count as well.
By length: {lengths}.
Expected calibration error: Arabic script {error["Arab"]:.3f}, Latin script {error["Latn"]:.3f}.

| class | F1 | precision | recall | lines |
|---|---|---|---|---|
{classes}"""
