"""Bugs that are put in on purpose: each changes the real code in one place, and each must be found. Knows no seed.

Those that say so were bugs of Daffa until the simulation found them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daffa.audit import Audit, WitnessFolder, store, witness
from daffa.audit.files import Folders
from daffa.audit.note import Checkpoint
from daffa.audit.records import _PLACE, SLOTS, Records, _place, _write
from daffa.audit.recover import journalled
from daffa.audit.segment import Segment
from daffa.audit.store import Store
from daffa.audit.tiles import numbered
from daffa.decision import Table, Verdict
from daffa.guard import Guard, Permit

__all__ = ["BUGS", "RARE", "Bug"]


@dataclass(frozen=True)
class Bug:
    """One change of the code: what is replaced, by what, and words of the violation by which it is found."""

    owner: object
    name: str
    replacement: object
    found: tuple[str, ...]

    @contextlib.contextmanager
    def put_in(self) -> Iterator[None]:
        """The code with the bug, for a while."""
        real = self.owner.__dict__[self.name]
        setattr(self.owner, self.name, self.replacement)
        try:
            yield
        finally:
            setattr(self.owner, self.name, real)


def _append_unsynced(self: Segment, data: bytes) -> None:
    end = self.used + len(data)
    self._size = max(self._size, end)
    self._file.write(data, self.used)
    self.used = end


async def _recorded_at_once(self: Guard, entry: object) -> int:
    return self._log.enter(entry)[0]


def _carry_checkpoint_first(self: Store, records) -> None:
    first = self._edge.size
    files = [*self._edge.extend([record.leaf for record in records]), *self._edge.partials()]
    self._sign(self._edge.size, self._edge.root())
    self._publish(files)
    self._records.put(first, records)
    self._destroy([record.leaf for record in records])


def _keep_in_memory(self: WitnessFolder, checkpoint: Checkpoint) -> None:
    self.__dict__.setdefault("_held", {})[checkpoint.origin] = checkpoint


def _last_in_memory(self: WitnessFolder, origin: str) -> Checkpoint | None:
    return self.__dict__.setdefault("_held", {}).get(origin)


def _use_and_keep(self: Permit, *, door, place, receiver, payload, now) -> None:
    before = self._payload
    _REAL_USE(self, door=door, place=place, receiver=receiver, payload=payload, now=now)
    self._payload = before


_REAL_USE = Permit.use


def _use_for_any_bytes(self: Permit, *, door, place, receiver, payload, now) -> None:
    _REAL_USE(self, door=door, place=place, receiver=receiver, payload=self._payload or payload, now=now)


def _use_for_ever(self: Permit, *, door, place, receiver, payload, now) -> None:
    _REAL_USE(self, door=door, place=place, receiver=receiver, payload=payload, now=0.0)


def _without_the_last_group(scans, size):
    return journalled([(name, groups[:-1], []) for name, groups, _ in scans], size)


_REAL_COMMIT = Audit._commit


def _commit_outcomes_first(self: Audit) -> None:
    self._pending.sort(key=lambda record: b'"kind":"outcome"' not in record.leaf)
    _REAL_COMMIT(self)


def _make_believing(self: Folders, folder: Path, mode: int = 0o755) -> None:
    if not self.disk.is_folder(folder):
        self.make(folder.parent)
        with contextlib.suppress(FileExistsError):
            self.disk.make_folder(folder, mode)
        self.disk.sync_folder(folder.parent)


def _ensure_nothing(self: Folders, path: Path) -> None:
    """What a killed process left is taken for durable."""


_REAL_REFUSAL = witness._refusal


def _refuse_other_sizes_alone(submission, last):
    answer = _REAL_REFUSAL(submission, last)
    return None if answer is not None and answer.status == 422 else answer


_REAL_DECIDE = Table.decide


def _decide_without_one_rule(self: Table, question) -> Verdict:
    verdict = _REAL_DECIDE(self, question)
    return verdict if verdict.allowed or len(verdict.rules) != 1 else Verdict(True, verdict.rules, ())


def _destroy_whole_place(self: Records, index: int) -> None:
    number, slot = divmod(index, SLOTS)
    with contextlib.suppress(FileNotFoundError), self._opened(self._keys / numbered(number)) as keys:
        _write(keys, bytes(32), slot * 32)
    with contextlib.suppress(FileNotFoundError), self._opened(self._sealed / numbered(number)) as sealed:
        offset, length = _place(sealed, slot)
        if length:
            _write(sealed, bytes(length), offset)
            _write(sealed, bytes(_PLACE.size), slot * _PLACE.size)


def _erase_nothing(self: Store, leaves: object) -> int:
    return 0


_MIXED = ("outcome", "another", "two entries", "does not allow")
_DETAILS = ("are lost", "are gone")
_LOST = ("lost", "does not open", "durable", "was shown")

BUGS: dict[str, tuple[Bug, ...]] = {
    "acknowledged before the disk has it": (Bug(Segment, "append", _append_unsynced, ("before it was durable",)),),
    "sent before the entry is durable": (Bug(Guard, "_recorded", _recorded_at_once, ("before",)),),
    "checkpoint before its tiles": (Bug(Store, "_carry", _carry_checkpoint_first, ("does not open", "does not verify")),),
    "recovery drops the last group": (Bug(store, "journalled", _without_the_last_group, ("is lost",)),),
    "outcome before its decision": (Bug(Audit, "_commit", _commit_outcomes_first, _MIXED),),
    "Permit good for two uses": (Bug(Permit, "use", _use_and_keep, ("used twice",)),),
    "Permit good for any bytes": (Bug(Permit, "use", _use_for_any_bytes, ("other bytes",)),),
    "Permit good for ever": (Bug(Permit, "use", _use_for_ever, ("after it had expired",)),),
    "erasure that destroys nothing": (Bug(Store, "_destroy", _erase_nothing, ("was erased",)),),
    "witness that keeps in memory": (
        Bug(WitnessFolder, "keep", _keep_in_memory, ("not durable", "two forks")),
        Bug(WitnessFolder, "last", _last_in_memory, ("not durable", "two forks")),
    ),
    "witness that checks no consistency": (Bug(witness, "_refusal", _refuse_other_sizes_alone, ("two forks",)),),
    "table that drops a rule": (Bug(Table, "decide", _decide_without_one_rule, ("differ",)),),
    "a name that is there is taken for durable (was real, in part)": (
        Bug(Folders, "make", _make_believing, _LOST),
        Bug(Folders, "ensure", _ensure_nothing, _LOST),
    ),
    "the place of erased details can be torn (was real)": (Bug(Records, "destroy", _destroy_whole_place, _DETAILS),),
}

RARE = frozenset({"the place of erased details can be torn (was real)"})
"""Those that take a hundred seeds and more to be found."""
