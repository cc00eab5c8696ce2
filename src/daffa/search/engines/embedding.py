"""The port to whoever turns texts into vectors. Knows no model: ``app`` gives one that asks through the gateway, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Embedder"]


class Embedder(Protocol):
    """Turns texts into vectors of one length, near each other where the texts mean the like.

    Attributes:
        name: of the model; with another one everything is embedded anew.
    """

    name: str

    async def __call__(self, texts: Sequence[str], collections: frozenset[str]) -> Sequence[Sequence[float]]:
        """A vector for each of ``texts``, which are of ``collections``: whoever embeds must know how they are labelled."""
        ...
