"""The making of law: a few steps, each checked, entered in the audit log, and only then taken. Knows no web and no gateway.

A step is one write transaction of the database: what it needs is checked, its entry is made durable, its effect is kept.
Writers wait for one another, those of other processes too, so of two who want the same step one wins and the other is told.
A crash between entry and commit leaves an entry of a step that never took effect: it may be taken again (docs/law-change.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from daffa.audit import Audit, Change, Reader
from daffa.errors import Conflict, DaffaError, Unavailable
from daffa.policy import (
    Bundle,
    Dossier,
    Enactment,
    LawFiles,
    Proposal,
    Signer,
    State,
    Step,
    Taken,
    Tried,
    Way,
    check_rollback,
    check_room,
    check_signer,
    check_step,
    examine_proposal,
    outcome_of,
    prove_proposal,
    reason_of,
    title_of,
)
from daffa.storage import WriteSession

from . import register
from .lawbook import Lawbook, only
from .vouching import Vouching

__all__ = ["Lawmaking"]

# So many may wait for the solver: each holds a whole law in memory.
_MOST_WAITING = 4

Enter = Callable[[str, Mapping[str, Any]], Awaitable[str]]

Done = TypeVar("Done")


class Lawmaking(Lawbook):
    """The lawbook and the ways to change it. Make one with ``open``, then ``begin``."""

    _log: Audit
    _vouching: Vouching

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._one_at_a_time = asyncio.Lock()  # for the solver: it takes a whole processor
        self._waiting = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def begin(self, log: Audit, reader: Reader) -> None:
        """From now on steps are entered in ``log``, of which ``reader`` reads the files.

        The law in force must be the one of which the log says so: else raises ``Unavailable`` (``law_entry_differs``,
        ``law_older_than_log``). In a house without any law, that of the folder is put into force.
        """
        self._log = log
        self._vouching = Vouching(log, reader)
        await self._vouching.begin(self._known)
        if self._known is None:
            await self._whole(self._first(self._read, self.law.bundle))

    # The steps

    async def propose(self, signer: Signer, title: str, texts: Mapping[str, str]) -> Dossier:
        """Propose a law, given as the texts of its files by name, instead of the one in force.

        It is read whole, its cases are decided, both evaluators compared, and what changes is shown. Raises ``Denied``
        (``forbidden``, ``law_needs_a_person``), ``Invalid`` for a title or a law that does not pass, ``Conflict``
        (``law_proposal_same``, ``law_changed_meanwhile``, ``law_too_many_open``), ``Unavailable`` (``law_solver_busy``).
        """
        check_signer(Step.PROPOSE, signer)
        title = title_of(title)
        files = LawFiles.of(texts)
        async with self._database.read() as session:
            base = await register.in_force(session)
            if base is None or (base.text == files.id() and base.way == Way.LOAD):
                raise Conflict("law_proposal_same")
            check_room(signer.name, await register.count_open(session, signer.name))
            old = await register.text_files(session, base.text)
        async with self._turn():
            bundle, difference = await asyncio.to_thread(examine_proposal, old, files)
        number = await self._whole(self._propose(signer, title, files, bundle, difference, base))
        return await self.dossier(number)

    async def prove(self, signer: Signer, number: int) -> Dossier:
        """Prove a proposal; what is found is kept with it, and what is not proved goes no further.

        Raises as ``approve``, and ``Unavailable`` (``law_solver_busy``, and where the solver gives no answer).
        """
        async with self._database.read() as session:
            found = await register.proposal(session, number)
            check_step(Step.PROVE, signer, found)
            files = await register.text_files(session, found.text)
        async with self._turn():
            proof = await asyncio.to_thread(prove_proposal, files)
        await self._whole(self._step(Step.PROVE, signer, number, proof=proof))
        return await self.dossier(number)

    async def approve(self, signer: Signer, number: int) -> Dossier:
        """Approve a proved proposal of somebody else.

        Raises ``NotFound`` (``law_no_proposal``), ``Denied`` and ``Conflict`` as ``check_step`` says.
        """
        await self._whole(self._step(Step.APPROVE, signer, number))
        return await self.dossier(number)

    async def reject(self, signer: Signer, number: int, reason: str) -> Dossier:
        """Put somebody else's proposal aside, approved or not, for a reason. Raises as ``approve``, and ``Invalid``."""
        await self._whole(self._step(Step.REJECT, signer, number, reason=reason_of(reason)))
        return await self.dossier(number)

    async def withdraw(self, signer: Signer, number: int, reason: str) -> Dossier:
        """Put one's own proposal aside, approved or not, for a reason. Raises as ``approve``, and ``Invalid``."""
        await self._whole(self._step(Step.WITHDRAW, signer, number, reason=reason_of(reason)))
        return await self.dossier(number)

    async def load(self, signer: Signer, number: int) -> Enactment:
        """Put an approved proposal into force: at once here, elsewhere as soon as others ``refresh``. Raises as ``approve``.

        The law is tried once more before: it passes here and now, or does not come into force.
        """
        async with self._database.read() as session:
            found = await register.proposal(session, number)
            check_step(Step.LOAD, signer, found)
            files = await register.text_files(session, found.text)
        tried = await self._tried(files)
        return await self._whole(self._load(signer, number, tried))

    async def roll_back(self, signer: Signer, digest: str, reason: str) -> Enactment:
        """Bring back a law that was in force before: one person may, for a reason, and it calls for attention.

        ``digest`` is the beginning, at least eight signs, of its digest or id. Raises ``Denied``, ``Invalid``, ``NotFound``
        (``law_never_in_force``), ``Conflict`` (``law_digest_ambiguous``, ``law_in_force_already``).
        """
        check_rollback(signer)
        why = reason_of(reason)
        async with self._database.read() as session:
            past = {one.text for one in await register.history(session)}
            found = [text for text in await register.find_texts(session, digest) if text in past]
            text = only(found, digest, "law_never_in_force")
            files = await register.text_files(session, text)
        tried = await self._tried(files)
        return await self._whole(self._roll_back(signer, text, why, tried))

    # Inside: each of these runs to its end, whoever asked for it goes away or not

    async def _first(self, files: LawFiles, bundle: Bundle) -> None:
        async with self._recorded() as (session, enter):
            if await register.in_force(session) is None:  # else another process was faster
                told = {"actor": "", "number": 1, "text": files.id(), "digest": bundle.digest, "folder": str(self._folder)}
                taken = Taken(Way.FIRST, "", "", int(time.time()), "", await enter("law_first", told))
                text = await register.keep_text(session, files, bundle, taken.time)
                await register.add_enactment(session, text, Way.FIRST, 1, taken, None)
                self._number = 1
        await self.refresh()

    async def _propose(
        self,
        signer: Signer,
        title: str,
        files: LawFiles,
        bundle: Bundle,
        difference: dict[str, Any],
        base: Enactment,
    ) -> int:
        async with self._recorded() as (session, enter):
            now = await register.in_force(session)
            if now is None or now.number != base.number:
                raise Conflict("law_changed_meanwhile")
            check_room(signer.name, await register.count_open(session, signer.name))
            number = await register.next_proposal(session)
            told = {"proposal": number, "title": title, "text": files.id(), "digest": bundle.digest, "base": base.text}
            taken = _taken(Step.PROPOSE, signer, "", await enter("law_proposed", _signed(signer, told)))
            text = await register.keep_text(session, files, bundle, taken.time)
            new = Proposal(
                number=number,
                title=title,
                author=str(signer.person),
                text=text,
                digest=bundle.digest,
                version=bundle.version,
                base=base.number,
                state=State.PROPOSED,
                stale=False,
                steps=(),
            )
            await register.add_proposal(session, new, difference)
            await register.add_step(session, number, taken)
        return number

    async def _step(
        self, step: Step, signer: Signer, number: int, *, reason: str = "", proof: dict[str, Any] | None = None
    ) -> None:
        async with self._recorded() as (session, enter):
            await self._take(session, enter, step, signer, number, reason, proof)

    async def _take(
        self,
        session: WriteSession,
        enter: Enter,
        step: Step,
        signer: Signer,
        number: int,
        reason: str = "",
        proof: dict[str, Any] | None = None,
    ) -> tuple[Proposal, Taken]:
        """Take a step on a proposal inside a transaction: check, enter, keep."""
        found = await register.proposal(session, number)
        check_step(step, signer, found)
        state = outcome_of(step, proved=proof is None or proof["holds"])
        told: dict[str, Any] = {"proposal": number, "text": found.text, "digest": found.digest}
        told |= {"author": found.author, "reason": reason}
        if step is Step.LOAD:
            told["number"] = found.base + 1
        taken = _taken(step, signer, reason, await enter(f"law_{state}", _signed(signer, told)))
        await register.add_step(session, number, taken)
        await register.set_state(session, number, state)
        if proof is not None:
            await register.set_proof(session, number, proof)
        return found, taken

    async def _load(self, signer: Signer, number: int, tried: Tried) -> Enactment:
        async with self._recorded() as (session, enter):
            found, taken = await self._take(session, enter, Step.LOAD, signer, number)
            await register.add_enactment(session, found.text, Way.LOAD, found.base + 1, taken, number)
            now = await register.in_force(session)
        return self._in_force(tried, now)

    async def _roll_back(self, signer: Signer, text: str, reason: str, tried: Tried) -> Enactment:
        async with self._recorded() as (session, enter):
            now = await register.in_force(session)
            if now is None or now.text == text:
                raise Conflict("law_in_force_already")
            told: dict[str, Any] = {"number": now.number + 1, "text": text, "digest": tried.bundle.digest}
            told |= {"instead_of": now.text, "reason": reason}
            taken = _taken(Step.LOAD, signer, reason, await enter("law_rolled_back", _signed(signer, told)))
            await register.add_enactment(session, text, Way.ROLLBACK, now.number + 1, taken, None)
            now = await register.in_force(session)
        return self._in_force(tried, now)

    def _in_force(self, tried: Tried, now: Enactment | None) -> Enactment:
        if now is None:
            raise AssertionError("an enactment that was just kept is there")
        if now.number > self._number:  # else somebody was faster to put what came after
            self._put(tried, now.number)
        return now

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One's turn with the solver. Raises ``Unavailable`` (``law_solver_busy``) where too many wait already."""
        if self._waiting >= _MOST_WAITING:
            raise Unavailable("law_solver_busy", most=_MOST_WAITING)
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                yield
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def _recorded(self) -> AsyncIterator[tuple[WriteSession, Enter]]:
        """A transaction, and the way to enter what it does. Where it fails after that, the log says so, as far as it can."""
        entered: list[str] = []

        async def enter(action: str, details: Mapping[str, Any]) -> str:
            entered.append(await self._enter(action, details))
            return entered[-1]

        try:
            async with self._database.begin() as session:
                yield session, enter
        except BaseException:
            for reference in entered:
                with contextlib.suppress(DaffaError):
                    await self._enter("law_step_failed", {"actor": "", "entry": reference})
            raise

    async def _vouch(self, known: Enactment) -> None:
        await self._vouching.take_up(known)

    async def _enter(self, action: str, details: Mapping[str, Any]) -> str:
        index = await self._log.change(Change(action, time.time(), details))
        return self._log.reference(index)

    async def _whole(self, work: Coroutine[Any, Any, Done]) -> Done:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)


def _taken(step: Step, signer: Signer, reason: str, entry: str) -> Taken:
    return Taken(step, signer.name, signer.key, int(time.time()), reason, entry)


def _signed(signer: Signer, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": signer.name, "key": signer.key, **details}
