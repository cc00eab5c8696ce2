"""The face of ``identity``: who bears a key, and the changes that an administrator makes. Knows no request and no clock.

Every change is one transaction, checked whole before anything is kept; when it returns, ``authenticate`` knows it.
Each process holds the keys in memory: what another one changed in the same database is known after ``refresh``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from daffa.errors import Invalid
from daffa.storage import Database, WriteSession

from . import enrolment, fields, register
from .claims import Statement
from .enrolment import Enrolled
from .keyring import Keyring
from .records import Caller, Key, Organisation, Person
from .role import Role
from .token import digest_of, mint

__all__ = ["Identity"]

Done = TypeVar("Done")

_SHORTEST_PEPPER = 16

# Whoever installs the service keeps its people, runs it, and may ask a first question. The rest they grant.
_FIRST_ROLES = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AGENT)


class Identity:
    """Organisations, people and keys. Make one with ``open``."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper
        self._keyring = Keyring(pepper)
        self._version = -1  # of the database: the keyring shows all that was changed up to it
        self._turns = 0  # how often the keyring was given something newer
        self._one_change = asyncio.Lock()
        self._changes: set[asyncio.Task[object]] = set()

    @classmethod
    async def open(cls, database: Database, pepper: bytes) -> Identity:
        """Read the keys of ``database`` into memory.

        ``pepper`` is the secret that the digests were made with, at least 16 random bytes, kept apart from the
        database: with another one no key is valid. Raises ``Invalid`` where it is too short.
        """
        if len(pepper) < _SHORTEST_PEPPER:
            expected = f"at least {_SHORTEST_PEPPER} bytes"
            raise Invalid("invalid_field", field="pepper", expected=expected, got=f"{len(pepper)} bytes")
        identity = cls(database, pepper)
        await identity.refresh()
        return identity

    def authenticate(self, token: str, now: float) -> Caller:
        """Whoever bears ``token`` at ``now`` (Unix seconds, UTC). In memory, without waiting.

        Raises ``Denied``: ``missing_key`` (empty), ``invalid_key`` (mistyped or unknown), ``revoked_key``, or
        ``expired_key`` from the instant of expiry on.
        """
        return self._keyring.authenticate(token, now)

    def bearer(self, key: str, now: float) -> Caller:
        """Whom the key of this id stands for at ``now``, where its token was shown before. Raises ``Denied`` likewise."""
        return self._keyring.bearer(key, now)

    async def refresh(self) -> None:
        """Take up what other processes changed: one small query, and all the keys where there is something new.

        Waits for no writer. Where several processes share a database, each calls this as often as a revoked key
        may still be accepted. Raises ``Unavailable``.
        """
        while True:
            turns = self._turns
            async with self._database.read() as session:
                version = await register.version(session)
                if version == self._version:
                    return
                found = await register.entries(session)
            if self._turns == turns:  # else what we read may be older than what the keyring was given meanwhile
                self._turns += 1
                self._keyring.replace(found)
                self._version = version
                return

    @property
    def turns(self) -> int:
        """A number that grows whenever this process learns of a change: what was read before may be out of date."""
        return self._turns

    # Organisations

    async def create_organisation(
        self, organisation: str, name: str, *, now: float, region: str = "", floor: str = ""
    ) -> Organisation:
        """A new organisation. Raises ``Invalid`` naming the field, ``Conflict`` where its id is taken."""
        new = _organisation(organisation, name, region, floor, now)
        await self._change(new.id, lambda session: register.add_organisation(session, new))
        return new

    async def organisation(self, organisation: str) -> Organisation:
        """The organisation; raises ``NotFound``."""
        async with self._database.read() as session:
            return register.to_organisation(await register.find_organisation(session, organisation))

    async def organisations(self) -> list[Organisation]:
        """All organisations, by id."""
        async with self._database.read() as session:
            return await register.list_organisations(session)

    async def change_floor(self, organisation: str, floor: str) -> Organisation:
        """Give the organisation another floor: all its keys stand on it at once. Raises ``NotFound``, ``Invalid``."""
        text = fields.floor("floor", floor)

        async def change(session: WriteSession) -> Organisation:
            row = await register.find_organisation(session, organisation)
            row.floor = text
            return register.to_organisation(row)

        return await self._change(organisation, change)

    async def delete_organisation(self, organisation: str) -> None:
        """Delete an organisation. Raises ``NotFound``, and ``Conflict`` where it has people or keys, revoked ones too."""
        await self._change(organisation, lambda session: register.remove_organisation(session, organisation))

    # People

    async def create_person(self, person: str, organisation: str, name: str, roles: Iterable[Role | str] = ()) -> Person:
        """A new person of ``organisation``. Raises ``Invalid`` naming the field, ``NotFound``, ``Conflict``."""
        new = _person(person, organisation, name, roles)
        await self._change(organisation, lambda session: register.add_person(session, new))
        return new

    async def person(self, person: str) -> Person:
        """The person; raises ``NotFound``."""
        async with self._database.read() as session:
            return register.to_person(await register.find_person(session, person))

    async def people(self, organisation: str | None = None) -> list[Person]:
        """The people of an organisation, or all, by id; raises ``NotFound`` for the organisation."""
        async with self._database.read() as session:
            return await register.list_people(session, organisation)

    async def change_roles(self, person: str, roles: Iterable[Role | str]) -> Person:
        """Give the person other roles: their keys lose at once what the person no longer holds.

        A key never has more than it was given. Raises ``NotFound``, ``Invalid``.
        """
        given = fields.roles("roles", roles)
        organisation = (await self.person(person)).organisation

        async def change(session: WriteSession) -> Person:
            row = await register.find_person(session, person)
            row.roles = register.write_roles(given)
            return register.to_person(row)

        return await self._change(organisation, change)

    async def delete_person(self, person: str) -> None:
        """Delete a person. Raises ``NotFound``, and ``Conflict`` where they had a key, even a revoked one, or signed on."""
        organisation = (await self.person(person)).organisation
        await self._change(organisation, lambda session: register.remove_person(session, person))

    async def enrol(self, said: Statement) -> Enrolled:
        """The person whom an issuer speaks of, as it speaks of them: made at its first word, given its roles at each newer one.

        They are known by issuer and subject alone. Raises ``NotFound`` for the organisation, and ``Conflict`` where
        they are of another one here.
        """
        async with self._database.read() as session:
            if (known := await enrolment.up_to_date(session, said)) is not None:
                return Enrolled(known, ())
        # Most logins say what was known: no key changes by them, and no other process has to look.
        async with self._database.begin() as session:
            if (known := await enrolment.hear_again(session, said)) is not None:
                return Enrolled(known, ())
        return await self._change(said.organisation, lambda session: enrolment.enrol(session, said))

    # Keys

    async def create_key(
        self,
        organisation: str,
        name: str,
        *,
        now: float,
        roles: Iterable[Role | str],
        person: str | None = None,
        floor: str = "",
        expires: int | None = None,
    ) -> tuple[Key, str]:
        """A new key of ``organisation`` and its token, which is told now and never again.

        Args:
            organisation: whose key it is.
            name: what it is for.
            now: Unix seconds, UTC.
            roles: at least one; for a person, among those that they hold.
            person: who uses it; a program where ``None``.
            floor: narrows the organisation's; what is unsaid is inherited.
            expires: Unix seconds (UTC) from which it is refused, or never.

        Raises ``Invalid`` naming the field, ``NotFound`` for the organisation or the person.
        """
        new, token = _key(organisation, name, person, roles, floor, now, expires)
        await self._change(organisation, lambda session: register.add_key(session, new, digest_of(token, self._pepper)))
        return new, token

    async def key(self, key: str) -> Key:
        """The key, without its token; raises ``NotFound``."""
        async with self._database.read() as session:
            return register.to_key(await register.find_key(session, key))

    async def keys(self, organisation: str | None = None) -> list[Key]:
        """The keys of an organisation, or all, revoked ones too, the oldest first; raises ``NotFound`` for the organisation."""
        async with self._database.read() as session:
            return await register.list_keys(session, organisation)

    async def revoke_key(self, key: str, now: float) -> Key:
        """Refuse the key from now on, for good. Revoking twice keeps the first instant. Raises ``NotFound``."""

        async def revoke(session: WriteSession) -> Key:
            row = await register.find_key(session, key)
            if row.revoked is None:
                row.revoked = int(now)
            return register.to_key(row)

        return await self._change((await self.key(key)).organisation, revoke)

    # The beginning

    async def first_start(
        self,
        *,
        now: float,
        organisation: str = "home",
        name: str = "",
        region: str = "",
        floor: str = "",
        keep: Callable[[str], None] = lambda _: None,
    ) -> str | None:
        """In a database without organisations: a first one, the person ``administrator``, and the token of their key.

        ``keep`` is called with the token before anything is kept in the database (write it to a file there): a
        crash between the two can then only leave a token that opens nothing, and the next start begins again.
        Returns ``None``, and changes nothing, where there is an organisation. Raises ``Invalid``.
        """
        home = _organisation(organisation, name or organisation, region, floor, now)
        person = _person("administrator", home.id, "Administrator", _FIRST_ROLES)
        key, token = _key(home.id, "first start", person.id, _FIRST_ROLES, "", now, None)

        async def begin(session: WriteSession) -> str | None:
            if await register.list_organisations(session):
                return None
            await register.add_organisation(session, home)
            await register.add_person(session, person)
            await register.add_key(session, key, digest_of(token, self._pepper))
            keep(token)
            return token

        return await self._change(home.id, begin)

    async def _change(self, organisation: str, work: Callable[[WriteSession], Awaitable[Done]]) -> Done:
        """Run ``work`` in one transaction and show its effect to ``authenticate``.

        A caller who goes away in the middle stops neither: a key revoked in the database must not live on in memory.
        """
        task = asyncio.create_task(self._change_whole(organisation, work))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        return await asyncio.shield(task)

    async def _change_whole(self, organisation: str, work: Callable[[WriteSession], Awaitable[Done]]) -> Done:
        async with self._one_change:
            async with self._database.begin() as session:
                done = await work(session)
                version = await register.advance(session)
                found = await register.entries(session, organisation)
            if self._version < version:  # else a refresh was faster
                self._turns += 1
                self._keyring.replace_organisation(organisation, found)
            if self._version == version - 1:  # else another process changed something before: the next refresh takes it up
                self._version = version
        return done


def _organisation(organisation: str, name: str, region: str, floor: str, now: float) -> Organisation:
    return Organisation(
        id=fields.slug("id", organisation),
        name=fields.name("name", name),
        region=fields.region("region", region),
        floor=fields.floor("floor", floor),
        created=int(now),
    )


def _person(person: str, organisation: str, name: str, roles: Iterable[Role | str]) -> Person:
    return Person(
        id=fields.slug("id", person),
        organisation=fields.slug("organisation", organisation),
        name=fields.name("name", name),
        roles=fields.roles("roles", roles),
    )


def _key(
    organisation: str,
    name: str,
    person: str | None,
    roles: Iterable[Role | str],
    floor: str,
    now: float,
    expires: int | None,
) -> tuple[Key, str]:
    key_id, token = mint()
    given = fields.roles("roles", roles)
    if not given:
        raise Invalid("invalid_field", field="roles", expected="at least one of " + " | ".join(Role), got="none")
    new = Key(
        id=key_id,
        organisation=fields.slug("organisation", organisation),
        person=None if person is None else fields.slug("person", person),
        name=fields.name("name", name),
        roles=given,
        floor=fields.floor("floor", floor),
        created=int(now),
        expires=fields.instant("expires", expires, now),
        revoked=None,
    )
    return new, token
