"""The database of the house: read and write transactions of different types, migrations forward at open.

Knows SQL and files; nothing of what the rooms above keep in their tables.
"""

from .cache import Cache
from .database import Database
from .secret import kept_secret, write_secret
from .session import Base, ReadSession, WriteSession

__all__ = ["Base", "Cache", "Database", "ReadSession", "WriteSession", "kept_secret", "write_secret"]
