"""A second look at what was found: a small network weighs what speaks for each passage. Knows no index and no question's words.

It was learned from questions written for it (``learning/asked``); the file and its card stand in ``models``. It only orders:
nothing is found that the words had not found, and every passage keeps its score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from .passage import Hit, Query
from .tables import shipped as shipped_tables
from .traits import TRAITS, traits

__all__ = ["Network", "Reranker", "read", "shipped", "write"]

_FILE = Path(__file__).parent / "models" / "reranker.npz"
_MOST_CONCEPTS: Final = 30
"""What has more of them is a text and no question: questions are what was learned from."""

Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Network:
    """Layers, each a matrix (inputs by outputs) and what is added; between them what is below zero becomes zero."""

    layers: tuple[tuple[Array, Array], ...]

    def scores(self, rows: Array) -> Array:
        """A number for each row of traits; a higher one is better, among the passages of one question only."""
        for number, (matrix, added) in enumerate(self.layers):
            rows = (np.maximum(rows, 0.0) if number else rows) @ matrix + added
        return rows[:, 0]


class Reranker:
    """Orders what was found for a question.

    Args:
        network: that weighs ``TRAITS``.
        rarity: how telling a term is, 0 to 1; by default as the shipped tables say.
    """

    def __init__(self, network: Network, rarity: Callable[[str], float] | None = None) -> None:
        self._network, self._rarity = network, rarity or shipped_tables().rarity

    @staticmethod
    def takes(query: Query) -> bool:
        """Whether ``query`` is of the kind that was learned: a question in words, for no article by its number."""
        by_words = not query.vector and all(term.field == "stem" for term in query.terms)
        return by_words and 0 < len(query.concepts) <= _MOST_CONCEPTS

    def order(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """All ``hits``, each once and as it was, the best first."""
        worth = self._network.scores(traits(query, hits, self._rarity))
        best = sorted(zip(-worth, hits, strict=True), key=lambda of: (of[0], -of[1].score, of[1].collection, of[1].id))
        return tuple(hit for _, hit in best)


def write(file: Path | IO[bytes], network: Network) -> None:
    """Pack a network, with the names of the traits that it weighs."""
    packed: dict[str, Any] = {"traits": np.frombuffer("\n".join(TRAITS).encode(), dtype=np.uint8)}
    for number, (matrix, added) in enumerate(network.layers):
        packed |= {f"matrix{number}": matrix.astype(np.float32), f"added{number}": added.astype(np.float32)}
    np.savez_compressed(file, **packed)


def read(file: Path | IO[bytes]) -> Network:
    """The network that ``write`` packed. Raises ``ValueError`` where it weighs other traits than ours."""
    with np.load(file, allow_pickle=False) as packed:
        if packed["traits"].tobytes().decode().split("\n") != list(TRAITS):
            raise ValueError("the network weighs other traits: learn it anew")
        count = sum(name.startswith("matrix") for name in packed.files)
        return Network(tuple((packed[f"matrix{number}"], packed[f"added{number}"]) for number in range(count)))


@cache
def shipped() -> Reranker:
    """What comes with Daffa, read once."""
    return Reranker(read(_FILE))
