"""How the models of the room are learned: words that stand for each other, and what speaks for a passage.

Runs at no question.
"""

from .corpus import articles, pairs
from .examples import Examples
from .make import HOME, make, tables
from .make_reranker import make_reranker
from .model1 import learn
from .ranking import learn_ranking

__all__ = ["HOME", "Examples", "articles", "learn", "learn_ranking", "make", "make_reranker", "pairs", "tables"]
