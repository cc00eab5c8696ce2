"""Makes the tables of terms with their card and their licence, written beside them. Knows no counting.

The same files give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable
from io import BytesIO
from pathlib import Path
from typing import Final

from ..analyser import ANALYSER, terms
from ..tables import Tables, write
from .corpus import ALIGNED, ARTICLES, articles, pairs
from .model1 import learn

__all__ = ["HOME", "make", "replace_file", "tables"]

_LEAST_SEEN = 2
HOME: Final = Path(__file__).parents[1] / "models"
"""Where the package keeps the tables."""


def make(data: Path, out: Path = HOME) -> Path:
    """Learn from the files under ``data`` and write ``terms.npz``, its card and its licence into ``out``. Returns its path.

    Raises:
        Invalid: a file is missing (``invalid_field``).
    """
    made = tables(data)
    packed = BytesIO()
    write(packed, made)
    model = packed.getvalue()
    out.mkdir(parents=True, exist_ok=True)
    digests = {name: hashlib.sha256((data / name).read_bytes()).hexdigest() for name in (ALIGNED, *ARTICLES)}
    replace_file(out / "terms.MODEL_CARD.md", _card(made, model, digests).encode())
    replace_file(out / "terms.LICENSE", _LICENCE.encode())
    return replace_file(out / "terms.npz", model)


def tables(data: Path, without: Container[str] = frozenset()) -> Tables:
    """The tables learned from ``data``, ``without`` the aligned articles of these French ids (for measuring)."""
    there, back = learn((french, arabic) for place, french, arabic in pairs(data) if place not in without)
    counts, texts = _counted(articles(data))
    kept = {term: count for term, count in counts.items() if count >= _LEAST_SEEN}
    return Tables({**there, **back}, kept, texts)


def _counted(texts: Iterable[str]) -> tuple[Counter[str], int]:
    """In how many of ``texts`` each term stands, and how many they are. Numbers are no terms here."""
    counts: Counter[str] = Counter()
    whole = 0
    for text in texts:
        counts.update({term for term in terms(text) if not term[0].isdigit()})
        whole += 1
    return counts, whole


def replace_file(path: Path, data: bytes) -> Path:
    """Write a file so that it is there whole or as it was."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    return beside.replace(path)


def _card(made: Tables, model: bytes, digests: dict[str, str]) -> str:
    cells = sum(map(len, made.translations.values()))
    files = "\n".join(f"| `{name}` | `{digest}` |" for name, digest in digests.items())
    return f"""# Model card: terms

Which French term stands for which Arabic term in the language of laws, and back, with how likely (IBM Model 1 over the
terms of aligned articles, both ways, put together by their geometric mean); and in how many articles each term stands.
Made, as this card is, by `./daffa search train`.

| | |
|---|---|
| file (SHA-256) | `{hashlib.sha256(model).hexdigest()}` |
| size | {len(model):,} bytes |
| analyser | {ANALYSER} |
| terms translated | {len(made.translations):,}, with {cells:,} translations |
| terms counted | {len(made.counts):,}, in {made.texts:,} articles |
| licence of the model | Apache-2.0 (`terms.LICENSE`) |

Terms are stems, for finding and never for showing. What it does not know: whole sentences, word order, any word that
stands in no law. It is no dictionary: words that often stand together are taken for each other. `docs/search.md` has its
figures.

## Learned from

Articles of laws that were published in French and in Arabic (official texts: law 2-00, article 8, gives them no
copyright), paired by article number. No sentence of them can be read out of the file.

| file | SHA-256 |
|---|---|
{files}
"""


_LICENCE = """The model file terms.npz is licensed as the code is, under the Apache License, Version 2.0.

It holds counts of terms and of pairs of terms, learned from official texts (laws and decrees), to which the law of their
country gives no copyright (law 2-00 on copyright, article 8). No text of them is in it.
"""
