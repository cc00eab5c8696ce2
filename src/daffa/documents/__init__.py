"""Documents of every office format as text with sections and passages. Pure functions over bytes; knows no store."""

from .document import Chunk, Document, Section

__all__ = ["Chunk", "Document", "Section"]
