"""A machine of the simulation: a disk that may fail, a clock that may jump, and the process that runs on it now.

A process ends at any moment or at any single operation of its disk: killed (the machine goes on, and what it wrote is seen by
the next) or with its machine (what was not synced is lost in part). Knows no log.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .storage import FileNode, FolderNode, Storage
from .world import Ended, Lane, Loop, World

__all__ = ["Faults", "Host", "Process"]

NOON = 1_800_000_000.0


@dataclass
class Faults:
    """How a machine fails: operations of the disk between two crashes (0: none), and between two errors; how slow it is.

    Attributes:
        power: how many of the crashes take the machine down, and not the process alone.
        stall: how many operations of the disk take as long as a second.
    """

    crash: int = 0
    error: int = 0
    power: float = 0.5
    seconds: float = 0.0005
    stall: float = 0.0


class Host:
    """A machine: its name, its ``storage``, its clock, and its process, if one runs."""

    def __init__(self, world: World, name: str, faults: Faults) -> None:
        self.world = world
        self.name = name
        self.faults = faults
        self.storage = Storage()
        self.offset = 0.0
        self.rate = 1.0
        self.process: Process | None = None
        self.locks: dict[str, Process] = {}
        self.crashes = 0
        self.on_end: Callable[[str], None] = lambda how: None

    def clock(self) -> float:
        """Unix seconds, as this machine has them."""
        return NOON + self.offset + self.world.now * self.rate

    def start(self) -> Process:
        """Begin a process."""
        assert self.process is None
        self.process = Process(self)
        self.world.tell(self.name, "starts")
        return self.process

    def stop(self, how: str) -> None:
        """End the process: ``killed`` or ``done`` alone, ``crash`` with the machine."""
        process = self.process
        if process is None:
            return
        self.process = None
        process.loop.dead = True
        self.locks = {path: owner for path, owner in self.locks.items() if owner is not process}
        self.world.tell(self.name, how)
        if how == "crash":
            self.storage.crash(self.world.rng)
        self.crashes += how != "done"

        def unwind() -> None:
            process.loop.end()
            self.on_end(how)

        self.world.ended.append(unwind)

    def die(self) -> None:
        """End here and now, by chance with or without the machine."""
        self.stop("crash" if self.world.rng.random() < self.faults.power else "killed")


class Process:
    """A process on a machine: its ``loop``, and the machine's disk as it sees it (see ``audit.disk.Disk``)."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.world = host.world
        self.loop = Loop(host.world, host.name, host.rate)
        self.failed = False  # whether the disk has refused anything
        rng, faults = self.world.rng, host.faults
        # Half of the ends come at one kind of operation: those that are rare have their share too.
        self._crash_at = rng.choice(("", "", "", "rename", "rename", "sync_folder", "make_folder", "open", "sync"))
        longest = max(2, faults.crash // (6 if self._crash_at else 1))
        self._crash_in = rng.randrange(1, longest) if faults.crash else 0
        self._error_in = rng.randrange(1, faults.error) if faults.error else 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return not self.loop.dead

    def worker(self, name: str) -> Lane:
        """See ``audit.machine.Machine.worker``."""
        return Lane(self.loop)

    def heal(self) -> None:
        """From now on no operation fails or is the last."""
        self._crash_in = self._error_in = 0

    def spawn(self, coroutine) -> None:
        """Begin a task in this process, from outside of it."""
        self.world.later(0.0, lambda: self.loop.create_task(coroutine), loop=self.loop)

    def touch(self, what: str, path: Path, *, writes: bool = False) -> bool:
        """One operation of the disk: it takes time, may fail, and may be the last. Whether the process ends *behind* it."""
        world = self.world
        if not self.alive:
            raise Ended
        rng = world.rng
        chance = rng.random()
        faults = self.host.faults
        world.pause(rng.random() if chance < faults.stall else faults.seconds * chance, self.loop)
        if not self.alive:
            raise Ended
        if world.lines is not None:
            world.lines.append(f"{world.now:.6f} {self.host.name}     {what} {path}")
        if self._crash_in and what.startswith(self._crash_at):
            self._crash_in -= 1
            if not self._crash_in:
                if writes and chance < 0.5:
                    return True
                self.host.die()
                raise Ended
        if self._error_in:
            self._error_in -= 1
            if not self._error_in:
                self._error_in = rng.randrange(1, 40) if rng.random() < 0.3 else 0
                self._refuse(rng.choice((errno.ENOSPC, errno.EIO)) if writes else errno.EIO)
        return False

    def end_behind(self, ends: bool) -> None:
        """End where ``touch`` said so, now that the operation has been done."""
        if ends:
            self.host.die()
            raise Ended

    def _refuse(self, code: int) -> None:
        self.failed = True
        self.world.tell(self.host.name, "disk refuses", errno.errorcode[code])
        raise OSError(code, "the disk refuses")

    # The disk

    def open(self, path: Path, *, make: bool = False, mode: int = 0o600) -> OpenFile:
        """See ``audit.disk.Disk``, as for all that follow."""
        made = make and not isinstance(self.host.storage.find(path), FileNode)
        ends = self.touch("open", path, writes=made)
        file = OpenFile(self, self.host.storage.file(path, make=make), path)
        self.end_behind(ends)
        return file

    def lock(self, path: Path) -> OpenFile | None:
        file = self.open(path, make=True)
        owner = self.host.locks.get(str(path))
        if owner is not None and owner.alive:
            return None
        self.host.locks[str(path)] = self
        return file

    def read(self, path: Path) -> bytes:
        self.touch("read", path)
        return bytes(self.host.storage.file(path).seen)

    def exists(self, path: Path) -> bool:
        if not self.alive:
            raise Ended
        return self.host.storage.find(path) is not None

    def is_folder(self, path: Path) -> bool:
        if not self.alive:
            raise Ended
        return isinstance(self.host.storage.find(path), FolderNode)

    def names(self, folder: Path) -> list[str]:
        self.touch("names", folder)
        found = self.host.storage.find(folder)
        return sorted(found.seen) if isinstance(found, FolderNode) else []

    def make_folder(self, folder: Path, mode: int) -> None:
        ends = self.touch("make_folder", folder, writes=True)
        if self.host.storage.find(folder) is not None:
            raise FileExistsError(errno.EEXIST, "there is one", str(folder))
        self._change([(self.host.storage.folder(folder.parent), folder.name, FolderNode())], ends)

    def sync_folder(self, folder: Path) -> None:
        ends = self.touch("sync_folder", folder, writes=True)
        self.host.storage.sync_folder(self.host.storage.folder(folder))
        self.end_behind(ends)

    def rename(self, old: Path, new: Path) -> None:
        ends = self.touch("rename", new, writes=True)
        storage = self.host.storage
        node = storage.file(old)
        self._change([(storage.folder(new.parent), new.name, node), (storage.folder(old.parent), old.name, None)], ends)

    def link(self, old: Path, new: Path) -> None:
        ends = self.touch("link", new, writes=True)
        storage = self.host.storage
        if storage.find(new) is not None:
            raise FileExistsError(errno.EEXIST, "there is one", str(new))
        self._change([(storage.folder(new.parent), new.name, storage.file(old))], ends)

    def remove(self, path: Path) -> None:
        ends = self.touch("remove", path, writes=True)
        if self.host.storage.find(path) is not None:
            self._change([(self.host.storage.folder(path.parent), path.name, None)], ends)

    def remove_folder(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            storage = self.host.storage
            for name in self.names(folder):
                if isinstance(storage.find(folder / name), FolderNode):
                    self.remove_folder(folder / name)
                else:
                    self.remove(folder / name)
            self.remove(folder)

    def _change(self, change, ends: bool) -> None:
        self.host.storage.change(change)
        self.end_behind(ends)


class OpenFile:
    """An open file of a process; see ``audit.disk.File``."""

    def __init__(self, process: Process, node: FileNode, path: Path) -> None:
        self._process = process
        self._node = node
        self._path = path

    def size(self) -> int:
        if not self._process.alive:
            raise Ended
        return len(self._node.seen)

    def read(self, length: int, offset: int) -> bytes:
        self._process.touch("read", self._path)
        return bytes(self._node.seen[offset : offset + length])

    def write(self, data: bytes, offset: int) -> None:
        process = self._process
        try:
            ends = process.touch(f"write {len(data)} at {offset}", self._path, writes=True)
        except OSError:
            if data:  # a disk that is full took a part
                self._node.write(offset, bytes(data[: process.world.rng.randrange(len(data))]))
            raise
        self._node.write(offset, bytes(data))
        process.end_behind(ends)

    def truncate(self, size: int) -> None:
        ends = self._process.touch(f"truncate {size}", self._path, writes=True)
        if len(self._node.seen) != size:
            self._node.write(size, None)
        self._process.end_behind(ends)

    def sync(self) -> None:
        process = self._process
        try:
            ends = process.touch("sync", self._path, writes=True)
        except OSError:
            self._node.fail()
            raise
        self._node.sync()
        process.end_behind(ends)

    def close(self) -> None:
        process = self._process
        if process.alive and process.host.locks.get(str(self._path)) is process:
            del process.host.locks[str(self._path)]
