"""Sentences of a text that give orders to whoever reads it, as a planted instruction does. Pure; the wordings are data."""

from __future__ import annotations

from functools import cache

from ..wording import Phrases, key_of, load

__all__ = ["gives_orders"]


@cache
def _orders() -> Phrases:
    return Phrases(load("instructions")["orders"])


def gives_orders(sentence: str) -> bool:
    """Whether ``sentence`` speaks to a machine that reads it; such a sentence supports nothing."""
    return _orders().any(key_of(sentence))
