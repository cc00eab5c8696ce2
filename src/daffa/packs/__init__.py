"""Packs of a sector: documents, glossary, dated parameters, tools, letters, forms, questions. Data, never core code."""

from .result import Result, Used

__all__ = ["Result", "Used"]
