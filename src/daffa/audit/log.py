"""The log as the rooms above write it: one durable entry before anything leaves, many entries a commit. Knows no law.

When a decision comes and the disk is idle, it is committed at once, together with all that came in the same turn of the
event loop; else with the next commit. Only where many wait does a commit wait a moment for more. An outcome delays nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.errors import NotFound, Unavailable

from .entry import KEY_SIZE, Change, Decision, Details, Entry, Erasure, Outcome, Record, Rotation, seal
from .machine import HERE, Machine
from .note import Checkpoint
from .store import Store
from .vkey import VerifyingKey
from .worker import done_in

__all__ = ["Audit"]

# Seconds: how long an outcome may wait for company, the least time between commits in a crowd, how old a
# durable entry may grow before a checkpoint covers it.
_LAZY = 0.02
_GAP = 0.0015
_PUBLISH = 1.0
_CROWD = 8
# Bytes in the journal beyond which it is emptied without waiting, and beyond which commits wait for that.
_FULL = 8 << 20
_OVERFULL = 64 << 20

_logger = logging.getLogger(__name__)


class _Firm(asyncio.Future[None]):
    """A future that many wait for, so none may cancel it: a task that is cancelled meanwhile is told when it is done."""

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002 - the face of a future
        """Not this one."""
        return False


class Audit:
    """A log and its only writer. Make it with ``open``; use it from one event loop.

    Every method that writes raises ``Unavailable``: ``audit_unavailable`` once the disk has refused anything (nothing
    more is written until the log is opened again), ``audit_closed`` after ``close``; and ``Invalid`` for an entry that
    is no JSON or too large.
    """

    def __init__(self, store: Store, machine: Machine = HERE) -> None:
        self._store = store
        self._committer = machine.worker("audit-commit")
        self._integrator = machine.worker("audit-integrate")
        self._keys = _fresh_keys(machine.chance)
        self._next = self._published = store.checkpoint.size
        self._pending: list[Record] = []
        self._durable: _Firm | None = None  # done when the pending ones are durable, for those who wait for that
        self._waiting = 0  # how many of them somebody waits for
        self._recent: list[Record] = []  # durable, not yet under a checkpoint
        self._flushes: list[tuple[int, asyncio.Future[None]]] = []
        self._timer: asyncio.Handle | None = None
        self._lazy = False
        self._publishing: asyncio.TimerHandle | None = None
        self._committing = self._integrating = self._due = self._closed = False
        self._started = 0.0
        self._failure = ""

    @classmethod
    def open(
        cls,
        folder: Path,
        origin: str,
        key: Ed25519PrivateKey,
        previous: Ed25519PrivateKey | None = None,
        machine: Machine = HERE,
    ) -> Audit:
        """Open the log in ``folder``, or begin one named ``origin``, and recover what a crash left in its journal.

        A log of the ``previous`` key goes over to ``key`` by a recorded rotation; both sign as long as both
        are given. Raises ``Conflict`` (``log_has_a_writer``, ``log_has_another_key``), ``Invalid`` (``audit_damaged`` and
        ``audit_missing`` with the place, ``invalid_field`` for the origin), ``Unavailable`` where the disk refuses.
        """
        try:
            store = Store(folder, origin, key, previous, machine.disk)
            try:
                if store.handing_over:
                    store.hand_over(seal(Rotation(str(store.vkey), machine.clock(), {}), machine.chance(KEY_SIZE)))
            except BaseException:
                store.close()
                raise
            return cls(store, machine)
        except OSError as error:
            raise Unavailable("audit_unavailable", reason=str(error)) from error

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._store.origin

    @property
    def vkey(self) -> str:
        """The line with which anybody can verify the log."""
        return str(self._store.vkey)

    @property
    def signers(self) -> tuple[VerifyingKey, ...]:
        """The verifying keys of all who sign the log now: two while its key is being changed."""
        return self._store.signers

    @property
    def size(self) -> int:
        """How many entries it was given, those that are not durable yet included; the next one gets this index."""
        return self._next

    @property
    def checkpoint(self) -> Checkpoint:
        """The newest signed checkpoint. Its note may carry cosignatures."""
        return self._store.checkpoint

    @property
    def cosigned(self) -> Checkpoint | None:
        """The last checkpoint that was published with a quorum of cosignatures."""
        return self._store.cosigned

    @property
    def writable(self) -> bool:
        """Whether entries are taken: neither closed nor failed."""
        return not self._closed and not self._failure

    def reference(self, index: int) -> str:
        """How the rest of the house names an entry: ``origin#index``."""
        return f"{self._store.origin}#{index}"

    async def decision(self, entry: Decision) -> int:
        """Record a decision. Returns its index once it is durable, and not before."""
        return await self._recorded(entry)

    async def change(self, entry: Change) -> int:
        """Record an administrative change. Returns its index once it is durable."""
        return await self._recorded(entry)

    def enter(self, entry: Decision | Change | Erasure) -> tuple[int, asyncio.Future[None]]:
        """Take an entry: its index at once, and a future that is done when the entry is durable.

        Nothing may leave before the future is done. It is that of all who come with the same commit, and not to be
        cancelled: a task that awaits it and is cancelled hears of that once the entry is durable. The entry is recorded all
        the same, and its index holds for an outcome.
        """
        index = self._add(entry)
        if self._durable is None:
            self._durable = _Firm(loop=asyncio.get_running_loop())
        self._waiting += 1
        self._hurry()
        return index, self._durable

    def outcome(self, entry: Outcome) -> None:
        """Record what became of a decision: durable within about 20 ms, and never lost by ``close``."""
        self._add(entry)
        if self._timer is None and not self._committing:
            self._timer, self._lazy = asyncio.get_running_loop().call_later(_LAZY, self._commit), True

    async def flush(self) -> None:
        """Wait until every entry so far is durable and stands under a signed checkpoint."""
        self._refuse_if_failed()
        if self._published == self._next:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flushes.append((self._next, waiter))
        self._due = True
        if self._pending:
            self._hurry()
        elif not self._committing:
            self._integrate()
        await waiter

    async def close(self) -> None:
        """Write everything that was given, end the threads and let another writer in. Twice is harmless."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self._failure:
                await self.flush()
        finally:
            for handle in (self._timer, self._publishing):
                if handle:
                    handle.cancel()
            self._committer.stop()
            self._integrator.stop()
            self._store.close()

    async def open_details(self, index: int) -> Details:
        """The exact time and the details of an entry.

        Raises ``NotFound``: ``audit_no_entry``, or ``audit_details_erased`` where its key or its details are gone.
        """
        await self.flush()
        try:
            return self._store.details(index)
        except OSError as error:
            raise Unavailable("audit_unavailable", reason=str(error)) from error

    async def open_many(self, indexes: Sequence[int]) -> list[Details | None]:
        """The details of entries of the log, in the same order; ``None`` where they are gone. Reads in a thread.

        Quickest where neighbours stand together. Raises ``IndexError`` for an index that no entry has.
        """
        await self.flush()
        try:
            return await asyncio.to_thread(self._store.many_details, indexes)
        except OSError as error:
            raise Unavailable("audit_unavailable", reason=str(error)) from error

    async def erase(self, entry: Erasure) -> int:
        """Record an erasure, then destroy the record key and the sealed details of the entry that it names.

        Returns the index of the erasure when both are durable; a crash leaves both undone or ends with both done. The leaf
        of the erased entry stays. Raises ``NotFound`` (``audit_no_entry``).
        """
        if not 0 <= entry.erased < self._next:
            raise NotFound("audit_no_entry", index=entry.erased, size=self._next)
        index = await self._recorded(entry)
        await self.flush()
        return index

    async def repeat_erasures(self) -> int:
        """Destroy again all that was ever erased: after a backup of ``keys/`` was restored. How many erasures there are.

        Raises ``Invalid`` for a damaged log.
        """
        await self.flush()
        counts: list[int] = []
        await self._in_files(lambda: counts.append(self._store.repeat_erasures()))
        return counts[0]

    async def consistency(self, old: int, checkpoint: Checkpoint) -> list[bytes]:
        """The proof that the log of ``old`` entries is a prefix of one of its checkpoints. Raises ``Invalid``."""
        return await asyncio.to_thread(self._store.consistency, old, checkpoint)

    async def publish_cosigned(self, checkpoint: Checkpoint) -> None:
        """Publish a checkpoint of this log with the cosignatures in its note, unless a later one was."""
        self._refuse_if_failed()
        await self._in_files(partial(self._store.publish_cosigned, checkpoint))

    async def _in_files(self, work: Callable[[], object]) -> None:
        """Work on the files between two checkpoints."""
        if self._closed:
            raise Unavailable("audit_closed", origin=self.origin)
        try:
            await done_in(self._integrator, work)
        except OSError as error:
            raise self._fail(error) from error

    async def _recorded(self, entry: Decision | Change | Erasure) -> int:
        """The index of ``entry`` once it is durable; whoever is cancelled leaves at once, and it is recorded all the same."""
        index, durable = self.enter(entry)
        await asyncio.shield(durable)
        return index

    def _add(self, entry: Entry) -> int:
        self._refuse_if_failed()
        if self._closed:
            raise Unavailable("audit_closed", origin=self.origin)
        self._pending.append(seal(entry, next(self._keys)))
        self._next += 1
        return self._next - 1

    def _hurry(self) -> None:
        """See to it that a commit begins with this turn of the loop, or when the running one ends."""
        if self._committing:
            return
        if self._timer is not None:
            if not self._lazy:
                return
            self._timer.cancel()  # an outcome's patience must not hold up a decision
        self._timer, self._lazy = asyncio.get_running_loop().call_soon(self._commit), False

    def _commit(self) -> None:
        self._timer = None
        if not self._pending or self._failure or (self._integrating and self._store.used > _OVERFULL):
            return
        records, self._pending = self._pending, []
        durable, self._durable, self._waiting = self._durable, None, 0
        self._committing = True
        self._started = asyncio.get_running_loop().time()
        first = self._next - len(records)
        self._committer.submit(partial(self._store.append, first, records), partial(self._committed, records, durable))

    def _committed(self, records: list[Record], durable: _Firm | None, error: Exception | None) -> None:
        self._committing = False
        if error is not None:
            self._fail(error, durable)
            return
        if durable is not None:
            durable.set_result(None)
        self._recent += records
        loop = asyncio.get_running_loop()
        self._due = self._due or self._store.used > _FULL
        if self._due:
            self._integrate()
        elif self._publishing is None:
            self._publishing = loop.call_later(_PUBLISH, self._publish)
        if self._waiting > _CROWD:
            self._timer, self._lazy = loop.call_at(self._started + _GAP, self._commit), False
        elif self._waiting:
            self._commit()
        elif self._pending:
            self._timer, self._lazy = loop.call_later(_LAZY, self._commit), True

    def _publish(self) -> None:
        self._publishing = None
        self._due = True
        if not self._committing:
            self._integrate()

    def _integrate(self) -> None:
        """Begin to carry what is durable under a checkpoint. Never called while a commit runs: it would write to both."""
        if self._integrating or self._failure or not self._recent:
            return
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        records, self._recent = self._recent, []
        self._due, self._integrating = False, True
        segment = self._store.switch()
        end = self._published + len(records)
        self._integrator.submit(partial(self._store.integrate, records, segment), partial(self._integrated, end))

    def _integrated(self, end: int, error: Exception | None) -> None:
        self._integrating = False
        if error is not None:
            self._fail(error)
            return
        self._published = end
        for _, waiter in [flush for flush in self._flushes if flush[0] <= end]:
            if not waiter.done():
                waiter.set_result(None)
        self._flushes = [flush for flush in self._flushes if flush[0] > end]
        self._due = self._due or bool(self._flushes)
        if self._due and not self._committing:
            self._integrate()
        if self._pending and self._timer is None and not self._committing:
            self._commit()

    def _fail(self, error: Exception, durable: _Firm | None = None) -> Unavailable:
        """Stop writing for good: what a disk that refused once holds is known only by opening the log again.

        Told to all who wait, those for the ``durable`` of the commit that failed among them.
        """
        self._failure = self._failure or str(error) or type(error).__name__
        _logger.error("the audit log %s stopped: %s", self.origin, error)
        for waiter in [durable, self._durable, *(waiter for _, waiter in self._flushes)]:
            if waiter is not None and not waiter.done():
                waiter.set_exception(self._unavailable())
        self._durable, self._waiting, self._flushes = None, 0, []
        return self._unavailable()

    def _refuse_if_failed(self) -> None:
        if self._failure:
            raise self._unavailable()

    def _unavailable(self) -> Unavailable:
        return Unavailable("audit_unavailable", reason=self._failure)


def _fresh_keys(chance: Callable[[int], bytes]) -> Iterator[bytes]:
    """Record keys, drawn 128 at a time."""
    while True:
        block = chance(128 * KEY_SIZE)
        for at in range(0, len(block), KEY_SIZE):
            yield block[at : at + KEY_SIZE]
