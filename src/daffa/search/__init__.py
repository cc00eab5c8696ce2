"""Passages found again: one analyser for all scripts, a query in every wording known, an index. Knows no person."""

from .passage import Because, Concept, Found, Hit, Index, Passage, Query, Scope, Term

__all__ = ["Because", "Concept", "Found", "Hit", "Index", "Passage", "Query", "Scope", "Term"]
