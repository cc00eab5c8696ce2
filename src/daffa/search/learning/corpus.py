"""The files that the tables are learned from: aligned articles, and the articles of laws. Knows no counting."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from daffa.errors import Invalid

__all__ = ["ALIGNED", "ARTICLES", "articles", "pairs", "rows", "twins"]

ALIGNED: Final = "parallel/laws_fr_ar_aligned.jsonl.gz"
ARTICLES: Final = ("docs/laws_fr_articles.jsonl.gz", "docs/laws_ar_articles.jsonl.gz")


def pairs(data: Path) -> Iterator[tuple[str, str, str]]:
    """Of each aligned article under ``data``: its French id, its French and its Arabic text."""
    for row in rows(data, ALIGNED):
        yield str(row["fr_id"]), str(row["fr"]), str(row["ar"])


def articles(data: Path) -> Iterator[str]:
    """The text of every article of a law under ``data``, in either language."""
    for name in ARTICLES:
        for row in rows(data, name):
            yield str(row["text"])


def twins(data: Path) -> dict[str, str]:
    """The id of each aligned article -> that of the same article in the other language."""
    both = [(str(row["fr_id"]), str(row["ar_id"])) for row in rows(data, ALIGNED)]
    return {**dict(both), **{arabic: french for french, arabic in both}}


def rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """The objects of one file. Raises ``Invalid("invalid_field")`` where the folder lacks it."""
    file = data / name
    if not file.is_file():
        raise Invalid("invalid_field", field="--corpus", expected=f"a folder with {name}", got=str(data))
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        yield from map(json.loads, rows)
