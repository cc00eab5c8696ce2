"""Brings the tables forward to this version, in one transaction. Knows no table; each change is a file in ``migrations``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect, text

__all__ = ["FOLDER", "upgrade"]

FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, folder: Path = FOLDER) -> None:
    """Run, inside the transaction of ``connection``, each migration of ``folder`` that has not run.

    Raises ``Conflict`` where the database was written by a newer version, or by something else than Daffa.
    """
    if _current(connection) != _newest(folder):
        # Alembic takes a while to import, and most starts have nothing for it to do.
        import_module(".forward", __package__).upgrade(connection, folder)


def _current(connection: Connection) -> list[str]:
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _newest(folder: Path) -> list[str]:
    """The revision of the last migration: the name of its file begins with it."""
    return sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))[-1:]
