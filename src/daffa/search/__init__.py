"""Passages found again: one analyser for all scripts, a query in every wording known, an index. Knows no person."""

from .across import search_across
from .analyser import ANALYSER, Token, tokens
from .fields import FIELDS, fields_of
from .glossary import Entry, Glossary, everyday
from .kept import Kept
from .matching import Match, matched
from .passage import Because, Concept, Found, Hit, Index, Passage, Query, Scope, Term, Vector, VectorIndex
from .planner import Planner, Weights
from .reranking import Reranker
from .reranking import shipped as shipped_reranker

__all__ = [
    "ANALYSER",
    "FIELDS",
    "Because",
    "Concept",
    "Entry",
    "Found",
    "Glossary",
    "Hit",
    "Index",
    "Kept",
    "Match",
    "Passage",
    "Planner",
    "Query",
    "Reranker",
    "Scope",
    "Term",
    "Token",
    "Vector",
    "VectorIndex",
    "Weights",
    "everyday",
    "fields_of",
    "matched",
    "search_across",
    "shipped_reranker",
    "tokens",
]
