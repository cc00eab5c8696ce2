"""Guichet: a language model so small that it lies in the tree. Knows thirteen answers, and nothing of Daffa.

It is a llama like any other to whatever serves GGUF files, so that tests ask a real engine. ``python -m
daffa.worlds.guichet`` makes it.
"""

from pathlib import Path

__all__ = ["GUICHET"]

GUICHET = Path(__file__).with_name("guichet.gguf")
"""The file."""
