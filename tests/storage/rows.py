"""Rows that the tests of the database write, and how they read them back."""

from __future__ import annotations

from sqlalchemy import select

from daffa.identity.tables import OrganisationRow


def organisation(slug="health", name="Health"):
    """A row to write."""
    return OrganisationRow(id=slug, name=name, region="MA-04", floor="", created=0)


async def names(database):
    """The ids of the organisations that are there."""
    async with database.read() as session:
        return await session.all(select(OrganisationRow.id).order_by(OrganisationRow.id))
