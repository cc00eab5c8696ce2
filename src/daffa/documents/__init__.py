"""Documents of every office format as text with sections and passages. Pure functions over bytes; knows no store."""

from .document import Chunk, Document, Section
from .formats.markdown import front_matter
from .given import document_of
from .lines import read_lines
from .passages import chunks
from .reading import MOST_BYTES, read_document

__all__ = ["MOST_BYTES", "Chunk", "Document", "Section", "chunks", "document_of", "front_matter", "read_document", "read_lines"]
