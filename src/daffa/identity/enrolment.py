"""People whom an issuer speaks of, and their sessions, in the database, inside a transaction that is given.

Knows rows; nothing of tokens, cookies and HTTP.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass

from sqlalchemy import delete, select

from daffa.decision import Actor
from daffa.errors import Conflict
from daffa.storage import ReadSession, WriteSession

from . import register
from .claims import Statement
from .floor import floor_of
from .records import Caller, Person
from .role import Role
from .tables import SessionRow, SignOnRow

__all__ = [
    "Enrolled",
    "caller_of",
    "end_sessions",
    "enrol",
    "find_session",
    "hear_again",
    "keep_session",
    "person_id",
    "up_to_date",
]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person as an issuer's word left them; ``changes`` names what is new: ``created``, ``roles``, ``name``."""

    person: Person
    changes: tuple[str, ...]


def person_id(issuer: str, subject: str) -> str:
    """The id of a person who was never here: says nothing of them, and is the same in every house."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).digest()
    return "sso-" + b32encode(digest[:15]).decode().lower()


async def up_to_date(session: ReadSession, said: Statement) -> Person | None:
    """The person, where this is no newer word than the one that is known; ``None`` where it is."""
    row = await session.get(SignOnRow, (said.issuer, said.subject))
    if row is None or said.said > row.said:
        return None
    return _of_organisation(register.to_person(await register.find_person(session, row.person)), said)


async def hear_again(session: WriteSession, said: Statement) -> Person | None:
    """The person, where a newer word says what was known: only its time is kept. ``None`` where it says something new."""
    known = await session.get(SignOnRow, (said.issuer, said.subject))
    if known is None:
        return None
    person = _of_organisation(register.to_person(await register.find_person(session, known.person)), said)
    if person.name != (said.name or person.name) or person.roles != (person.roles if said.roles is None else said.roles):
        return None
    known.said = max(known.said, said.said)
    return person


async def enrol(session: WriteSession, said: Statement) -> Enrolled:
    """Make the person, or take over what is newer than what is known of them."""
    known = await session.get(SignOnRow, (said.issuer, said.subject))
    if known is None:
        return await _create(session, said)
    row = await register.find_person(session, known.person)
    before = _of_organisation(register.to_person(row), said)
    # An older word, of a token that was made before the last login, gives nobody back what they have lost since.
    if said.said > known.said:
        known.said = said.said
        row.name = said.name or row.name
        row.roles = row.roles if said.roles is None else register.write_roles(said.roles)
    after = register.to_person(row)
    return Enrolled(after, tuple(name for name in ("roles", "name") if getattr(before, name) != getattr(after, name)))


async def _create(session: WriteSession, said: Statement) -> Enrolled:
    new_id = person_id(said.issuer, said.subject)
    person = Person(new_id, said.organisation, said.name or new_id, said.roles or frozenset())
    await register.add_person(session, person)
    await session.add(SignOnRow(issuer=said.issuer, subject=said.subject, person=new_id, said=said.said))
    return Enrolled(person, ("created",))


def _of_organisation(person: Person, said: Statement) -> Person:
    """What a person did stays their organisation's: somebody who moves becomes another one, by an administrator's hand."""
    if person.organisation != said.organisation:
        raise Conflict("sign_on_other_organisation", person=person.id, organisation=person.organisation, got=said.organisation)
    return person


async def caller_of(session: ReadSession, person: str, shown: str, most: frozenset[Role] | None) -> Caller:
    """The caller that a person is now, with ``most`` of these roles where that is said; raises ``NotFound``."""
    found = register.to_person(await register.find_person(session, person))
    home = await register.find_organisation(session, found.organisation)
    roles = found.roles if most is None else found.roles & most
    return Caller(
        actor=Actor(found.id, home.id, roles, home.region),
        floor=floor_of(home.id, home.floor, ""),
        key_id=shown,
        organisation=home.id,
        roles=roles,
    )


async def keep_session(session: WriteSession, row: SessionRow) -> None:
    """Keep a new session, and forget those that have run out."""
    await session.execute(delete(SessionRow).where(SessionRow.expires <= row.created))
    await session.add(row)


async def find_session(session: ReadSession, session_id: str) -> SessionRow | None:
    """The session, if it was not ended."""
    return await session.get(SessionRow, session_id)


async def end_sessions(session: WriteSession, person: str, session_id: str | None = None) -> int:
    """End one session of a person, or all; how many there were."""
    mine = SessionRow.person == person if session_id is None else SessionRow.id == session_id
    ended = len(await session.all(select(SessionRow).where(mine)))
    await session.execute(delete(SessionRow).where(mine))
    return ended
