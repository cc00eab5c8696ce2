"""How the table of the room is learned: which words of one language stand for which of the other. Runs at no question."""

from .corpus import articles, pairs
from .make import HOME, make, tables
from .model1 import learn

__all__ = ["HOME", "articles", "learn", "make", "pairs", "tables"]
