"""Runs the migrations that have not run, with Alembic. Knows no table; ``migrate`` says when it is needed."""

from __future__ import annotations

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from daffa.errors import Conflict

__all__ = ["upgrade"]


def upgrade(connection: Connection, folder: Path) -> None:
    """Run, inside the transaction of ``connection``, each migration of ``folder`` that has not run.

    Raises ``Conflict`` where the database was written by a newer version, or by something else than Daffa.
    """
    scripts = ScriptDirectory(folder, version_locations=[folder])
    context = MigrationContext.configure(connection)
    database, current, head = connection.engine.url.database, context.get_current_revision(), scripts.get_current_head()
    if current is None and inspect(connection).get_table_names():
        raise Conflict("database_foreign", database=database)
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise Conflict("database_newer", database=database, found=current, known=head)
    if current != head:
        for script in reversed(list(scripts.iterate_revisions(head, current or "base"))):
            script.module.upgrade(Operations(context))
            context.stamp(scripts, script.revision)
