"""The law in force and every law that was, read from the database. Knows no step: it changes nothing there.

The database is the law; the folder of the settings is the law of the very first start, and afterwards a text like any other.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self

from daffa.errors import Conflict, DaffaError, NotFound, Unavailable
from daffa.policy import Bundle, Dossier, Enactment, Law, LawFiles, Proposal, Standing, Tried, Way, try_law
from daffa.storage import Database

from . import register

__all__ = ["PATIENCE", "Lawbook", "only"]

PATIENCE = 10.0
"""Seconds for which a process that shares its law may decide without having seen that it is still in force."""


class Lawbook(ABC):
    """The law in force and every law that was, with all that is proposed. Make one with ``open``."""

    def __init__(
        self, database: Database, folder: Path, try_files: Callable[[LawFiles], Tried], tried: Tried, number: int
    ) -> None:
        self.law = Law(tried)
        self._database = database
        self._folder = folder
        self._number = number  # of the enactment that ``law`` shows; 0 for the folder, before the first
        self._try_files = try_files
        self._turns = 0  # how often ``law`` was given another
        self._read: LawFiles  # what ``open`` found, and what put it into force
        self._known: Enactment | None

    @classmethod
    async def open(
        cls, database: Database, folder: Path, proofs: Path, fits: Callable[[Bundle], None] = lambda _: None
    ) -> Self:
        """Read the law in force from ``database``; in a house without any, that of ``folder``. Keeps nothing yet.

        ``proofs`` is the house's folder of proofs; ``fits`` raises where a law does not fit what is configured. Raises as
        ``Bundle.read``, ``try_law`` and ``fits`` do: such a law does not come into force.
        """

        def try_files(files: LawFiles) -> Tried:
            bundle = Bundle.of(files)
            fits(bundle)
            return try_law(bundle, proofs)

        async with database.read() as session:
            known = await register.in_force(session)
            files = await register.text_files(session, known.text) if known else await asyncio.to_thread(LawFiles.read, folder)
        tried = await asyncio.to_thread(try_files, files)
        made = cls(database, folder, try_files, tried, known.number if known else 0)
        made._read, made._known = files, known
        return made

    async def refresh(self, *, shared: bool = False) -> None:
        """Take up what another process put into force: one small query while nothing changes.

        Where the database is ``shared``, decisions end ``PATIENCE`` seconds after the last time that this went well. Raises
        ``Unavailable``, for a database that was set back or that the log does not bear out too, and ``Invalid`` for a law
        that does not pass here: the old one stays until that patience ends.
        """
        while True:
            began, turns = time.monotonic(), self._turns
            async with self._database.read() as session:
                known = await register.in_force(session)
                files = await register.text_files(session, known.text) if known and known.number != self._number else None
            if self._turns == turns and (known.number if known else 0) < self._number:
                raise Unavailable("law_went_back", number=known.number if known else 0, was=self._number)
            if files is not None and known is not None:
                tried = await self._tried(files)
                await self._vouch(known)
                if self._turns != turns:  # what was read may be older than what was put into force meanwhile
                    continue
                self._put(tried, known.number)
            if shared:
                self.law.confirm(began + PATIENCE)
            return

    # What there is

    async def standing(self) -> Standing:
        """How things stand: the law in force, the folder beside it, what is proposed."""
        async with self._database.read() as session:
            now = await register.in_force(session)
            opened = await register.open_proposals(session)
        if now is None:
            raise NotFound("law_no_text", digest="")
        folder = await asyncio.to_thread(self._compare_folder, now)
        return Standing(now, folder, "" if now.way == Way.LOAD else now.way, tuple(opened))

    async def history(self) -> list[Enactment]:
        """Every law that came into force, newest first."""
        async with self._database.read() as session:
            return await register.history(session)

    async def proposals(self, before: int | None = None) -> list[Proposal]:
        """A hundred proposals, newest first, of those ``before`` a number."""
        async with self._database.read() as session:
            return await register.proposals(session, before)

    async def dossier(self, number: int) -> Dossier:
        """A proposal with what was found about it. Raises ``NotFound`` (``law_no_proposal``)."""
        async with self._database.read() as session:
            return await register.dossier(session, number)

    async def text(self, digest: str) -> tuple[str, dict[str, str]]:
        """The id of a kept law and its files by name; ``digest`` is the beginning of its id or digest, ``""`` the law in force.

        Raises ``NotFound`` (``law_no_text``), ``Conflict`` (``law_digest_ambiguous``).
        """
        async with self._database.read() as session:
            now = await register.in_force(session)
            found = await register.find_texts(session, digest) if digest or now is None else [now.text]
            text = only(found, digest, "law_no_text")
            return text, (await register.text_files(session, text)).texts()

    # Inside

    @abstractmethod
    async def _vouch(self, known: Enactment) -> None:
        """Raise ``Unavailable`` where the log does not say what the database says to be in force."""

    async def _tried(self, files: LawFiles) -> Tried:
        # Beside a proof that takes its time: an emergency does not queue behind it.
        return await asyncio.to_thread(self._try_files, files)

    def _put(self, tried: Tried, number: int) -> None:
        self.law.put(tried)
        self._number = number
        self._turns += 1

    def _compare_folder(self, now: Enactment) -> str:
        try:
            return "same" if LawFiles.read(self._folder).id() == now.text else "differs"
        except DaffaError:
            return "unreadable"


def only(found: list[str], digest: str, code: str) -> str:
    """The one that was found. Raises ``NotFound`` of this code, ``Conflict`` (``law_digest_ambiguous``)."""
    if not found:
        raise NotFound(code, digest=ascii(digest)[1:-1][:64])
    if len(set(found)) > 1:
        raise Conflict("law_digest_ambiguous", digest=digest, found=", ".join(sorted(set(found))))
    return found[0]
