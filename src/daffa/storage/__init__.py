"""The database of the house: read and write transactions of different types, migrations forward at open.

Knows SQL and files; nothing of what the rooms above keep in their tables.
"""

from .database import Database
from .session import Base, ReadSession, WriteSession

__all__ = ["Base", "Database", "ReadSession", "WriteSession"]
