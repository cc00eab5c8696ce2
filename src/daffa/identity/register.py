"""Organisations, people and keys in the database: what each change needs to be true, inside a transaction that is given.

Knows rows and their relations; nothing of memory, tokens or the hot path.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from sqlalchemy import Row, func, select

from daffa.decision import Actor
from daffa.errors import Conflict, Invalid, NotFound
from daffa.storage import ReadSession, WriteSession

from . import fields
from .floor import check_narrower, floor_of
from .keyring import Entry
from .records import Caller, Key, Organisation, Person
from .role import Role
from .tables import KeyRow, OrganisationRow, PersonRow, SignOnRow, VersionRow

__all__ = [
    "add_key",
    "add_organisation",
    "add_person",
    "advance",
    "entries",
    "find_key",
    "find_organisation",
    "find_person",
    "list_keys",
    "list_organisations",
    "list_people",
    "read_roles",
    "remove_organisation",
    "remove_person",
    "to_key",
    "to_organisation",
    "to_person",
    "version",
    "write_roles",
]

Found = TypeVar("Found", OrganisationRow, PersonRow, KeyRow)


async def find_organisation(session: ReadSession, organisation: str) -> OrganisationRow:
    """The organisation; raises ``NotFound``."""
    return await _find(session, OrganisationRow, "organisation", organisation)


async def find_person(session: ReadSession, person: str) -> PersonRow:
    """The person; raises ``NotFound``."""
    return await _find(session, PersonRow, "person", person)


async def find_key(session: ReadSession, key: str) -> KeyRow:
    """The key; raises ``NotFound``."""
    return await _find(session, KeyRow, "key", key)


async def _find(session: ReadSession, kind: type[Found], noun: str, wanted: str) -> Found:
    # What no id can look like is not asked for: some of it no database can even be asked (NUL, lone surrogates).
    could_be = fields.is_id(wanted)
    row = await session.get(kind, wanted) if could_be else None
    if row is None:
        raise NotFound(f"{noun}_not_found", **{noun: wanted if could_be else repr(wanted)[:80]})
    return row


async def list_organisations(session: ReadSession) -> list[Organisation]:
    """All of them, by id."""
    return [to_organisation(row) for row in await session.all(select(OrganisationRow).order_by(OrganisationRow.id))]


async def list_people(session: ReadSession, organisation: str | None) -> list[Person]:
    """The people of an organisation, or all, by id; raises ``NotFound`` for the organisation."""
    query = select(PersonRow).order_by(PersonRow.id)
    if organisation is not None:
        query = query.where(PersonRow.organisation == (await find_organisation(session, organisation)).id)
    return [to_person(row) for row in await session.all(query)]


async def list_keys(session: ReadSession, organisation: str | None) -> list[Key]:
    """The keys of an organisation, or all, the oldest first; raises ``NotFound`` for the organisation."""
    query = select(KeyRow).order_by(KeyRow.created, KeyRow.id)
    if organisation is not None:
        query = query.where(KeyRow.organisation == (await find_organisation(session, organisation)).id)
    return [to_key(row) for row in await session.all(query)]


async def add_organisation(session: WriteSession, new: Organisation) -> None:
    """Keep a new organisation; raises ``Conflict`` where its id is taken."""
    if await session.get(OrganisationRow, new.id):
        raise Conflict("organisation_exists", organisation=new.id)
    await session.add(OrganisationRow(id=new.id, name=new.name, region=new.region, floor=new.floor, created=new.created))


async def add_person(session: WriteSession, new: Person) -> None:
    """Keep a new person of an organisation that exists; raises ``Conflict`` where the id is taken."""
    await find_organisation(session, new.organisation)
    if await session.get(PersonRow, new.id):
        raise Conflict("person_exists", person=new.id)
    await session.add(PersonRow(id=new.id, organisation=new.organisation, name=new.name, roles=write_roles(new.roles)))


async def add_key(session: WriteSession, new: Key, digest: bytes) -> None:
    """Keep a new key, once it fits its organisation and its person."""
    organisation = await find_organisation(session, new.organisation)
    check_narrower(organisation.floor, new.floor)
    if new.person is not None:
        person = to_person(await find_person(session, new.person))
        if person.organisation != new.organisation:
            raise Invalid("invalid_field", field="person", expected=f"a person of {new.organisation}", got=new.person)
        if beyond := new.roles - person.roles:
            held = ", ".join(sorted(person.roles)) or "none"
            raise Invalid("invalid_field", field="roles", expected=f"roles of {new.person}: {held}", got=write_roles(beyond))
    await session.add(
        KeyRow(
            id=new.id,
            organisation=new.organisation,
            person=new.person,
            name=new.name,
            roles=write_roles(new.roles),
            floor=new.floor,
            created=new.created,
            expires=new.expires,
            revoked=new.revoked,
            digest=digest,
        )
    )


async def remove_organisation(session: WriteSession, organisation: str) -> None:
    """Delete an organisation that has neither people nor keys, revoked ones included; else raises ``Conflict``."""
    row = await find_organisation(session, organisation)
    people = await session.one(select(func.count()).select_from(PersonRow).where(PersonRow.organisation == organisation))
    keys = await session.one(select(func.count()).select_from(KeyRow).where(KeyRow.organisation == organisation))
    if people or keys:
        raise Conflict("organisation_in_use", organisation=organisation, people=people, keys=keys)
    await session.delete(row)


async def remove_person(session: WriteSession, person: str) -> Person:
    """Delete a person who never had a key and never signed on; else raises ``Conflict``. Returns who it was."""
    row = await find_person(session, person)
    if await session.one(select(func.count()).select_from(SignOnRow).where(SignOnRow.person == person)):
        raise Conflict("person_signs_on", person=person)
    keys = await session.one(select(func.count()).select_from(KeyRow).where(KeyRow.person == person))
    if keys:
        raise Conflict("person_in_use", person=person, keys=keys)
    await session.delete(row)
    return to_person(row)


async def version(session: ReadSession) -> int:
    """How often anything here was changed, by any process."""
    row = await session.get(VersionRow, 1)
    return row.version if row else 0


async def advance(session: WriteSession) -> int:
    """Count one more change; the new version."""
    row = await session.get(VersionRow, 1)
    if row is None:
        row = VersionRow(id=1, version=0)
        await session.add(row)
    row.version += 1
    return row.version


async def entries(session: ReadSession, organisation: str | None = None) -> dict[str, Entry]:
    """What the keyring needs of every key, or of those of one organisation, by key id."""
    query = (
        select(
            KeyRow.id,
            KeyRow.person,
            KeyRow.roles,
            KeyRow.floor,
            KeyRow.expires,
            KeyRow.revoked,
            KeyRow.digest,
            OrganisationRow.id.label("organisation"),
            OrganisationRow.floor.label("organisation_floor"),
            OrganisationRow.region,
            PersonRow.roles.label("held"),
        )
        .join(OrganisationRow, KeyRow.organisation == OrganisationRow.id)
        .outerjoin(PersonRow, KeyRow.person == PersonRow.id)
    )
    if organisation is not None:
        query = query.where(KeyRow.organisation == organisation)
    return {row.id: _entry(row) for row in await session.rows(query)}


def _entry(row: Row[Any, *tuple[Any, ...]]) -> Entry:
    roles = read_roles(row.roles)
    if row.person is not None:
        roles &= read_roles(row.held)
    caller = Caller(
        actor=Actor(row.person or f"key:{row.id}", row.organisation, roles, row.region),
        floor=floor_of(row.organisation, row.organisation_floor, row.floor),
        key_id=row.id,
        organisation=row.organisation,
        roles=roles,
    )
    return Entry(row.digest, caller, row.expires, row.revoked)


def to_organisation(row: OrganisationRow) -> Organisation:
    """The row as others see it."""
    return Organisation(row.id, row.name, row.region, row.floor, row.created)


def to_person(row: PersonRow) -> Person:
    """The row as others see it."""
    return Person(row.id, row.organisation, row.name, read_roles(row.roles))


def to_key(row: KeyRow) -> Key:
    """The row as others see it: without its digest."""
    roles = read_roles(row.roles)
    return Key(row.id, row.organisation, row.person, row.name, roles, row.floor, row.created, row.expires, row.revoked)


def write_roles(roles: frozenset[Role]) -> str:
    """Roles as a column keeps them."""
    return ",".join(sorted(roles))


@functools.lru_cache(maxsize=1024)
def read_roles(text: str) -> frozenset[Role]:
    """Roles as a column keeps them, read."""
    return frozenset(map(Role, filter(None, text.split(","))))
