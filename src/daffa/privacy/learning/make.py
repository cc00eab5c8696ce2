"""Makes the model of ``scorer`` with its card and its licence. Knows neither where lines come from nor what a text says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]  # of the extra ``train``, as the next
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from ..scorer import MATTERS, Model, Scorer, packed
from ..words_hashed import BUCKETS, LONGEST, features, words
from .lines import LAWS, Corpus, Line, read
from .office import CODE, LETTERS, PROMPTS, QUESTIONS

__all__ = ["FALSE", "make"]

_OTHERS, _LAWS = "lines of the corpus", "sentences of laws"
FALSE: Final = {
    PROMPTS: (0.002,) * 3,
    LETTERS: (0.01,) * 3,
    QUESTIONS: (0.005,) * 3,
    CODE: (0.008, 0.008, 0.003),
    _OTHERS: (0.01,) * 3,
    _LAWS: (0.03,) * 3,
}
"""Share of the lines held back, by kind, that may raise each of ``MATTERS``: what the limits are set by. Laws are full of
courts, and lines of a corpus now and then about a person who is ill: their share is what may be raised, and not what may be
wrong. Small numbers are years of a child, and real code has more of them than ours: there the share of the last is smaller."""
_OF_OTHERS: Final = 0.3
"""What a line about another matter counts, beside one about nothing: to be told from it is no use, for both may be raised."""
_STRENGTH: Final = 0.1
HOME: Final = Path(__file__).parents[1] / "models"


@dataclass(frozen=True, slots=True)
class _Bag:
    """Texts as counts of words, and words as features: rows of a sparse matrix."""

    places: dict[str, int]

    def matrix(self, texts: Sequence[str]) -> Any:
        """A row of features a text; a word counts as often as it stands there."""
        bags = [[self.places[word] for word in words(text) if len(word) <= LONGEST] for text in texts]
        rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
        columns = np.array([place for bag in bags for place in bag], np.intp)
        counts = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(bags), len(self.places)))
        owners, buckets = features(list(self.places))
        of_words = sparse.csr_matrix((np.ones(len(owners), np.float32), (owners, buckets)), (len(self.places), BUCKETS))
        return counts @ of_words


def _bag(texts: Sequence[str]) -> _Bag:
    some = sorted({word for text in texts for word in words(text) if len(word) <= LONGEST})
    return _Bag({word: place for place, word in enumerate(some)})


def make(data: Path, out: Path = HOME, *, seed: int = 1) -> Path:
    """Learn from the lines under ``data`` and write ``matters.npz``, its card and its licence into ``out``."""
    corpus = read(data, seed)
    model = _limited(_learned(corpus, seed), corpus.held)
    out.mkdir(parents=True, exist_ok=True)
    written = packed(model)
    (out / "matters.MODEL_CARD.md").write_text(_card(corpus, model, written), encoding="utf-8")
    (out / "matters.LICENSE").write_text(_licence(corpus), encoding="utf-8")
    path = out / "matters.npz"
    path.write_bytes(written)
    return path


def _learned(corpus: Corpus, seed: int) -> Model:
    """One regression a matter, as signed bytes; the limits hold only the intercepts yet."""
    texts = [line.text for line in corpus.learned]
    matrix = _bag(texts).matrix(texts)
    columns: list[NDArray[np.int8]] = []
    scales, limits = [], []
    for matter in MATTERS:
        about = np.array([matter in line.about for line in corpus.learned])
        weights = np.array([line.weight * _counted(line, matter) for line in corpus.learned])
        fitted = LogisticRegression(C=_STRENGTH, solver="liblinear", tol=1e-3, random_state=seed).fit(matrix, about, weights)
        scale = float(np.abs(fitted.coef_).max()) / 127
        columns.append(np.rint(fitted.coef_[0] / scale).astype(np.int8))
        scales.append(scale)
        limits.append(round(-float(fitted.intercept_[0]) / scale))
    about_it: dict[str, object] = {"lines": corpus.fingerprint, "seed": seed, "false": FALSE}
    return Model(np.stack(columns, 1), tuple(scales), tuple(limits), about_it)


def _counted(line: Line, matter: str) -> float:
    return _OF_OTHERS if line.about and matter not in line.about else 1.0


def _limited(model: Model, held: Sequence[Line]) -> Model:
    """The model with the lowest limits that no more than ``FALSE`` of each kind of lines held back reach."""
    scorer = Scorer(model)
    tops: dict[str, list[list[float]]] = {}
    for line in held:
        tops.setdefault(_kind(line), []).append(scorer.tops(line.text))
    reached = [list(map(_reached_by, FALSE[kind], zip(*rows, strict=True))) for kind, rows in tops.items()]
    return model._replace(limits=tuple((np.floor(np.max(reached, axis=0)) + 1).astype(int).tolist()))


def _reached_by(share: float, column: Sequence[float]) -> float:
    return float(np.quantile(column, 1 - share, method="higher"))


def _kind(line: Line) -> str:
    kind = line.source[0]
    return kind if kind in FALSE else _LAWS if kind in LAWS else _OTHERS


def _card(corpus: Corpus, model: Model, written: bytes) -> str:
    scorer = Scorer(model)
    raised = Counter(line.source[0] for line in corpus.held if scorer.spoken(line.text))
    every = Counter(line.source[0] for line in corpus.held)
    sources = Counter(line.source for line in corpus.learned)
    allowed = ", ".join(f"{kind} {' / '.join(map(str, dict.fromkeys(shares)))}" for kind, shares in FALSE.items())
    rows = "\n".join(f"| {' | '.join(source)} | {count:,} |" for source, count in sorted(sources.items()))
    shares = "\n".join(f"| {tag} | {count:,} | {raised[tag]:,} | {raised[tag] / count:.3f} |" for tag, count in every.items())
    files = "\n".join(f"| `{name}` | `{digest}` |" for name, digest in corpus.digests.items())
    return f"""# Model card: matters

Gives each word of a text points for three matters that the law looks at: health, courts, children. One linear model over hashed
features of words (the word, runs of four and five letters, the skeleton of consonants), one signed byte a weight. It raises a
label and never clears one. Made, as this card is, by `python -m daffa.privacy.learning CORPUS`.

| | |
|---|---|
| file (SHA-256) | `{sha256(written).hexdigest()}` |
| size | {len(written):,} bytes |
| lines learned from (SHA-256) | `{corpus.fingerprint}` |
| seed | {model.about["seed"]} |
| limits, in units, by matter | {", ".join(f"{matter} {limit}" for matter, limit in zip(MATTERS, model.limits, strict=True))} |
| share of held lines that may raise a matter (code: health and judicial / minors) | {allowed} |
| licence of the model | CC-BY-SA-4.0 (`matters.LICENSE`); the code is Apache-2.0 |

## Lines held back

In which the vocabulary finds nothing, and which were not learned from; what the limits were set by. Some of them are about
these matters all the same.

| lines | number | raised | share |
|---|---|---|---|
{shares}

`docs/privacy-names.md` has the recall on sentences of other hands, and what the model is not for.

## Learned from

| language | source | licence | lines |
|---|---|---|---|
{rows}

Lines of the corpus count as about what the vocabulary found in them, with half the weight of lines written for this project;
neutral prompts, letters, questions and source code, which are about nothing, count three times.

## Files read (SHA-256)

| file | digest |
|---|---|
{files}
"""


def _licence(corpus: Corpus) -> str:
    counts = Counter(line.source[1:] for line in corpus.learned)
    rows = "\n".join(f"- {source}: {licence} ({count:,} lines)" for (source, licence), count in sorted(counts.items()))
    return f"""The model file matters.npz is licensed under the Creative Commons Attribution-ShareAlike 4.0
International Public License (CC-BY-SA-4.0): https://creativecommons.org/licenses/by-sa/4.0/legalcode

You may share and adapt it, also commercially, if you give credit and license what you make from it alike.
The code that reads it is Apache-2.0 and is not covered by this licence.

It learned from lines of these sources, changed by cutting, counting and mixing; none of their authors
endorses it:

{rows}

Attribution:
Open Language Data Initiative, seed data sets (openlanguagedata/seed), CC-BY-SA-4.0;
Darija Open Dataset (darija-open-dataset, state of August 2023), MIT;
Mozilla Common Voice sentences (mozilla/voice-web), CC0-1.0;
official texts of the Kingdom of Morocco (law 2-00, article 8).
Credit this model as: "matters, of Daffa".
"""
