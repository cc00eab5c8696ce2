"""What must never happen, watched from outside: the oracle sees all machines at once and believes no program. Changes nothing.

It reads a log by its files alone: as they would be after the worst crash (``durable``) when something is acknowledged or a
byte leaves, and as programs see them after each opening.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from daffa.audit import Checkpoint, Reader
from daffa.audit.entry import unseal
from daffa.audit.files import Folders
from daffa.audit.journal import log_mark, scan
from daffa.audit.merkle import tree_root
from daffa.audit.note import parse_checkpoint
from daffa.audit.records import Records
from daffa.audit.submission import read_submission
from daffa.audit.tree import Tree
from daffa.errors import DaffaError

from .host import Host, Process
from .storage import Storage, View
from .world import World

__all__ = ["FOLDER", "ORIGIN", "Forks", "LogOracle", "Promises"]

ORIGIN = "example.ma/log"
FOLDER = Path("/audit")
MEMORY = Path("/witness/logs")
_MARK = log_mark(ORIGIN)


@dataclass
class Promises:
    """What a log has promised so far.

    Attributes:
        entries: each acknowledged index with its leaf.
        erased: indexes whose erasure was acknowledged.
        asked: indexes whose erasure was asked for, and may have happened.
        receipts: receipts that were given out: index, leaf, checkpoint.
        size: entries under the largest checkpoint that was told to anybody.
    """

    entries: dict[int, bytes] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    receipts: list[tuple[int, bytes, Checkpoint]] = field(default_factory=list)
    size: int = 0

    def copy(self) -> Promises:
        """The same, as it is now."""
        return Promises(dict(self.entries), set(self.erased), set(self.asked), list(self.receipts), self.size)


class LogOracle:
    """Watches one log on one machine."""

    def __init__(self, world: World, host: Host) -> None:
        self.world = world
        self.host = host
        self.promised = Promises()
        self.sending: dict[bytes, tuple[object, str]] = {}
        self.used: dict[object, int] = {}
        self.sent = 0

    def durable(self, index: int) -> tuple[bytes, bytes, bytes] | None:
        """Leaf, record key and sealed details of an entry as the worst crash would leave them."""
        view = View(self.host.storage, durable=True)
        for name in ("a", "b"):
            path = FOLDER / "journal" / name
            if view.exists(path):
                for group in scan(view.read(path).rstrip(b"\0"), _MARK)[0]:
                    if group.first <= index < group.end:
                        record = group.records[index - group.first]
                        return record.leaf, record.key, record.sealed
        if view.exists(FOLDER / "checkpoint"):
            size = parse_checkpoint(view.read(FOLDER / "checkpoint").decode()).size
            if index < size:
                kept = Records(FOLDER, Folders(view)).get(index) or (b"", b"")
                try:
                    return Tree(FOLDER, size, view).entry(index), *kept
                except DaffaError:
                    return None
        return None

    def acknowledged(self, process: Process, index: int) -> None:
        """Somebody was told that the entry ``index`` is recorded."""
        if not process.alive:
            return
        self.world.tell(self.host.name, "acknowledges", index)
        found = self.durable(index)
        if found is None:
            self.world.violate(f"entry {index} was acknowledged before it was durable")
        elif self.promised.entries.setdefault(index, found[0]) != found[0]:
            self.world.violate(f"index {index} was given to two entries")

    def sends(self, body: bytes, permit: object, place: str) -> None:
        """A wire is given these bytes and this Permit."""
        self.sending[body] = permit, place

    def leaves(self, process: Process, model: str, body: bytes) -> None:
        """The first byte leaves for a model's upstream."""
        if not process.alive:
            return
        world, (permit, place) = self.world, self.sending.get(body, (None, ""))
        if permit is None:
            world.violate("bytes left for which nobody was asked")
            return
        self.sent += 1
        index = permit.index
        world.tell(self.host.name, "sends", index, model, len(body))
        self.used[permit] = self.used.get(permit, 0) + 1
        if self.used[permit] > 1:
            world.violate(f"the Permit of entry {index} was used twice")
        found = self.durable(index)
        if found is None:
            world.violate(f"a payload byte left before entry {index} was durable")
            return
        leaf, record_key, sealed = found
        shown, details = json.loads(leaf), unseal(leaf, record_key, sealed) if record_key else None
        if shown["kind"] != "decision" or shown["verdict"] != "allow" or shown["place"] != place:
            world.violate(f"bytes left for {place} under entry {index}, which does not allow that")
        elif details is not None and index not in self.promised.asked:
            said = details.details
            if (said["payload"], said["receiver"]) != (sha256(body).hexdigest(), model):
                world.violate(f"other bytes, or for another receiver, left under entry {index}")
        if process.host.clock() >= permit.expires:
            world.violate(f"the Permit of entry {index} was used after it had expired")

    def shown(self, process: Process, size: int) -> None:
        """A checkpoint of ``size`` entries was shown to somebody."""
        if process.alive:
            self.promised.size = max(self.promised.size, size)

    def check(self, vkey: str) -> None:
        """The log as programs see it keeps all its promises. ``vkey`` is one that it ever had."""
        view = View(self.host.storage)
        reader = Reader(FOLDER, view)
        report = reader.verify(vkey)
        if report.damage:
            self.world.violate(f"the log does not verify: {report.damage[0]}")
            return
        tree = reader.tree(Checkpoint(ORIGIN, report.size, report.root))
        leaves = [leaf for number in range((report.size + 255) // 256) for leaf in tree.bundle(number)[0]]
        self._check_promises(leaves, tree, Records(FOLDER, Folders(view)))
        self._check_outcomes(leaves)

    def _check_promises(self, leaves: list[bytes], tree: Tree, records: Records) -> None:
        promised, violate = self.promised, self.world.violate
        if len(leaves) < promised.size:
            violate(f"a checkpoint of {promised.size} entries was shown, and the log has {len(leaves)}")
        for index, leaf in promised.entries.items():
            if index >= len(leaves):
                violate(f"entry {index} was acknowledged and is lost")
                return
            if leaves[index] != leaf:
                violate(f"entry {index} is another than was acknowledged")
            kept = records.get(index)
            if index in promised.erased:
                if kept is not None:
                    violate(f"entry {index} was erased and can be opened")
            elif index not in promised.asked and (kept is None or unseal(leaf, *kept) is None):
                violate(f"the details of entry {index} are lost")
        for index, leaf, checkpoint in promised.receipts:
            if checkpoint.size > len(leaves) or tree_root(checkpoint.size, tree.node) != checkpoint.root:
                violate(f"a receipt under {checkpoint.size} entries no longer belongs to this log")
            elif leaves[index] != leaf:
                violate(f"the receipt of entry {index} is for another entry")

    def _check_outcomes(self, leaves: list[bytes]) -> None:
        """An outcome stands behind the one allowed decision that it is of, and no decision has two."""
        ended: set[int] = set()
        for index, leaf in enumerate(leaves):
            if b'"kind":"outcome"' not in leaf:
                continue
            decision = json.loads(leaf)["decision"]
            if decision >= index:
                self.world.violate(f"the outcome {index} stands before its decision {decision}")
                return
            of = json.loads(leaves[decision])
            if of["kind"] != "decision" or of["verdict"] != "allow":
                self.world.violate(f"the outcome {index} is of entry {decision}, which allowed nothing")
            if decision in ended:
                self.world.violate(f"the decision {decision} has two outcomes")
            ended.add(decision)


class Forks:
    """Watches what witnesses cosign: no two histories of one log have a quorum each."""

    def __init__(self, world: World, needed: int) -> None:
        self.world = world
        self.needed = needed
        self._by: dict[tuple[int, bytes], set[str]] = {}
        self._tops: list[tuple[int, bytes, Storage]] = []  # that had a quorum, with a disk that holds the tree
        self.size = 0

    def cosigned(self, witness: str, body: bytes, storage: Storage, memory: Storage) -> None:
        """A witness, with this memory, has answered with a cosignature on what was submitted from this disk."""
        checkpoint = read_submission(body).checkpoint
        view = View(memory, durable=True)
        kept = [parse_checkpoint(view.read(MEMORY / name / "checkpoint").decode()) for name in view.names(MEMORY)
                if view.exists(MEMORY / name / "checkpoint")]  # fmt: skip
        if not any(last.size > checkpoint.size or last.same_tree(checkpoint) for last in kept):
            self.world.violate(f"the witness {witness} cosigned {checkpoint.size} entries, which in its memory are not durable")
        self.world.tell(witness, "cosigns", checkpoint.size)
        key = checkpoint.size, checkpoint.root
        voters = self._by.setdefault(key, set())
        if witness in voters:
            return
        voters.add(witness)
        if len(voters) == self.needed:
            self._quorum(*key, storage)

    def _quorum(self, size: int, root: bytes, storage: Storage) -> None:
        for other, its_root, its_storage in self._tops:
            larger = its_storage if other > size else storage
            small, expected = (size, root) if other > size else (other, its_root)
            tree = Tree(FOLDER, max(size, other), View(larger))
            if (size == other and root != its_root) or (size != other and tree_root(small, tree.node) != expected):
                self.world.violate(f"two forks were cosigned: of {other} and of {size} entries")
                return
        self.size = max(self.size, size)
        self._tops = [*self._tops[-2:], (size, root, storage)]
