"""The law in force, kept whole in the database, and the four eyes that change it. Knows no request and no decision."""

from .lawbook import PATIENCE
from .lawmaking import Lawmaking

__all__ = ["PATIENCE", "Lawmaking"]
