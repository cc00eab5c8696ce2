"""One file a format: bytes in, blocks out. Knows no section, no language and no store."""

from .parsed import NOTE, Block, Parsed

__all__ = ["NOTE", "Block", "Parsed"]
