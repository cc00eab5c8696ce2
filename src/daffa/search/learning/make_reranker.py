"""Makes the network of the second look with its card and its licence, written beside it. Knows no learning.

The same questions and articles give the same figures to about a point: which of two passages of one score is found first is
left to chance.
"""

from __future__ import annotations

import asyncio
import hashlib
from io import BytesIO
from pathlib import Path

from ..reranking import write
from ..traits import TRAITS
from .asked import ASKED, asked, corpus
from .corpus import twins
from .examples import MOST, OpensIndex, examples
from .make import replace_file
from .ranking import SIZES, learn_ranking

__all__ = ["make_reranker"]


def make_reranker(data: Path, out: Path, open_index: OpensIndex) -> Path:
    """Learn from the questions and the articles under ``data``; write ``reranker.npz``, its card and its licence into ``out``.

    Returns the path of the network. Raises ``Invalid`` where a file is missing. Takes some four minutes.
    """
    found = asyncio.run(examples(open_index, list(corpus(data)), list(asked(twins(data)))))
    network = learn_ranking(found.of(~found.held_out))
    held = found.of(found.held_out)
    width = held.rows.shape[2]
    before, after = held.found(held.rows[:, :, 0]), held.found(network.scores(held.rows.reshape(-1, width)).reshape(-1, MOST))
    packed = BytesIO()
    write(packed, network)
    out.mkdir(parents=True, exist_ok=True)
    card = _card(packed.getvalue(), len(found.tongues), len(held.tongues), before, after)
    replace_file(out / "reranker.MODEL_CARD.md", card.encode())
    replace_file(out / "reranker.LICENSE", _LICENCE.encode())
    return replace_file(out / "reranker.npz", packed.getvalue())


def _card(model: bytes, questions: int, held: int, before: dict[str, float], after: dict[str, float]) -> str:
    figures = "\n".join(f"| {tongue} | {before[tongue]:.3f} | {after[tongue]:.3f} |" for tongue in before)
    files = "\n".join(
        f"| `{file.name}` | `{hashlib.sha256(file.read_bytes()).hexdigest()}` |" for file in sorted(ASKED.glob("*.tsv"))
    )
    return f"""# Model card: reranker

What speaks for a passage that was found ({len(TRAITS)} traits: its score, which words of the question it has and where, what
they weigh, what else of its law was found), weighed by a network of two hidden layers ({SIZES[0]} and {SIZES[1]}). It orders
what the words have found and finds nothing itself. Made, as this card is, by `./daffa search train-reranker`.

| | |
|---|---|
| file (SHA-256) | `{hashlib.sha256(model).hexdigest()}` |
| size | {len(model):,} bytes |
| learned from | {questions - held:,} questions; {held:,} of other articles kept to measure on |
| licence of the model | Apache-2.0 (`reranker.LICENSE`) |

## Measured on what was kept: answer among the first ten of 63,680 articles

| questions in | by score | second look |
|---|---|---|
{figures}

Tongues: French; a situation or search words in French; Arabic; Darija in Arabic letters; Darija in Latin letters. By score both
languages stand in one order, without turns. `docs/search.md` has the figures of questions by other hands.

## Learned from

Questions written for this project, five an article of law, without sight of the questions of `bench/retrieval` and of none of
their articles. They were not reviewed by a jurist, nor those in Darija by a native speaker.

| file | SHA-256 |
|---|---|
{files}
"""


_LICENCE = """The model file reranker.npz is licensed as the code is, under the Apache License, Version 2.0.

It was learned from questions written for this project and from what was found for them in official texts (laws and decrees),
to which the law of their country gives no copyright (law 2-00 on copyright, article 8). No text of either is in it.
"""
