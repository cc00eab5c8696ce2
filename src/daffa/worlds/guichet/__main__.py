"""``python -m daffa.worlds.guichet``: makes the file and its card. Needs ``gguf``, which is developed with alone."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from . import GUICHET
from .file import read, write
from .lines import ASIDES, DONT_KNOW, LESSONS
from .speaking import sureness
from .training import train

_CARD = """\
# Model card: Guichet

A language model for tests: a llama of {layers} layers and {weights:,} weights that knows {answers} answers given at the
counter of an invented town hall, in French, Arabic and English, one of them in JSON. It is good for nothing else: to every
other question it says that it does not know, or nonsense. Made, as this card is, by `python -m daffa.worlds.guichet`.

|  |  |
|---|---|
| file (SHA-256) | `{digest}` |
| size | {size:,} bytes |
| shape | width {width}, {layers} layers, {heads} heads, hidden {hidden}, {vocabulary} tokens, context {context} |
| numbers | matrices in 16 bits, gains in 32 |
| learned from | `lines.py`, written for this purpose; the hours and rules in it are invented |
| seed | {seed} |
| licence | Apache-2.0 |

With the bytes of this file, greedy: {right} of {asked} questions of the lesson are answered word for word, {unknown} of
{asides} questions outside it with "I do not know". In the answers of the lesson the first choice of a token leads the second
by at least {lead:.1f} logits, so that rounding changes none of them.

A second training with the same seed on the same machine gives the same bytes (seen with `OPENBLAS_NUM_THREADS=1`); on
another, rounding may give others.
"""


def card(file: Path, seed: int) -> str:
    """The card of ``file``, measured with its bytes."""
    shape, weights, words = read(file)
    model = (shape, weights, words)
    said = [sureness(*model, question, lesson.answer) for lesson in LESSONS for question in lesson.questions]
    aside = [sureness(*model, line, DONT_KNOW[name]) for name, lines in ASIDES.items() for line in lines]
    return _CARD.format(
        **{name: getattr(shape, name) for name in ("width", "layers", "heads", "hidden", "vocabulary", "context")},
        weights=sum(weight.size for weight in weights.values()),
        answers=len(LESSONS),
        digest=hashlib.sha256(file.read_bytes()).hexdigest(),
        size=file.stat().st_size,
        seed=seed,
        right=sum(lead > 0 for lead in said),
        asked=len(said),
        unknown=sum(lead > 0 for lead in aside),
        asides=len(aside),
        lead=min(said),
    )


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m daffa.worlds.guichet", description="Makes the model of the tests.")
    parser.add_argument("--to", type=Path, default=GUICHET, help="the file (default: the one in the tree)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    trained = train(arguments.seed)
    write(arguments.to, trained.shape, trained.weights, trained.vocabulary)
    made = card(arguments.to, arguments.seed)
    arguments.to.with_name("MODEL_CARD.md").write_text(made, encoding="utf-8")
    sys.stdout.write(made)


if __name__ == "__main__":
    _main()
