"""A witness's folder: its key, and what it cosigned last of each log. One process; nothing forgotten by a crash. Knows no rule.

    witness.key  witness.vkey       the private key, for its owner alone, and the line that others verify it with
    logs/<SHA-256 of origin>/checkpoint   the last checkpoint that was cosigned, with the log's signature and the witness's
    lock  scratch/                  so that one process serves; files that are not whole yet

Whoever puts this folder back to an older state makes a witness that would cosign a fork: see ``docs/howto/witness.md``.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from daffa.errors import Conflict, Invalid, Unavailable

from .cosignature import LONGEST_NAME, Cosigner, cosigned
from .disk import LOCAL, Disk
from .files import PRIVATE, Folders, publish
from .keys import load_or_create_witness_key
from .notation import good_name, unreadable
from .note import Checkpoint, parse_checkpoint
from .tree import CHECKPOINT, damaged, read_text
from .vkey import KeyKind

__all__ = ["WitnessFolder"]

_KEY = "witness.key"
_VKEY = "witness.vkey"
_LOGS = "logs"


class WitnessFolder:
    """The open folder of a witness: its ``cosigner`` and its memory. Used by one thread at a time."""

    def __init__(self, folder: Path, name: str, kind: KeyKind = KeyKind.ML_DSA_44, disk: Disk = LOCAL) -> None:
        """Open the folder, or begin one with a fresh key of ``kind``.

        Raises ``Conflict`` (``witness_is_served``), ``Unavailable`` where the disk refuses, and ``Invalid``: the name,
        ``witness_key_unreadable``, or ``audit_damaged`` for what this witness did not write.
        """
        if not good_name(name) or len(name.encode()) > LONGEST_NAME:
            raise unreadable("name", f"1 to {LONGEST_NAME} bytes without space or +", name)
        self._folder = folder
        self._disk = disk
        self._folders = Folders(disk)
        self._scratch = folder / "scratch"
        try:
            self._folders.make(folder, PRIVATE)
            self._folders.make(self._scratch, PRIVATE)
            lock = disk.lock(folder / "lock")
        except OSError as error:
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error
        if lock is None:
            raise Conflict("witness_is_served", folder=str(folder))
        self._lock = lock
        try:
            self.cosigner = Cosigner(name, load_or_create_witness_key(folder / _KEY, kind, disk))
            for name in disk.names(folder / _LOGS):
                self._folders.make(folder / _LOGS)
                self._folders.make(folder / _LOGS / name)
                if disk.exists(folder / _LOGS / name / CHECKPOINT):
                    self._read(f"{_LOGS}/{name}/{CHECKPOINT}")
            self._publish(_VKEY, f"{self.cosigner.vkey}\n")
        except OSError as error:
            self.close()
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error
        except BaseException:
            self.close()
            raise

    def last(self, origin: str) -> Checkpoint | None:
        """See ``Memory.last``. What is returned is durable: of what is not, nothing may be said to anybody.

        Raises ``Invalid`` (``audit_damaged``) for a file that this witness did not write, ``Unavailable``.
        """
        file = self._file(origin)
        if not self._disk.exists(self._folder / file):
            return None
        try:
            self._folders.ensure(self._folder / file)
        except OSError as error:
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error
        checkpoint = self._read(file)
        if checkpoint.origin != origin:
            raise damaged(file, f"a checkpoint of {origin}", checkpoint.origin)
        return checkpoint

    def keep(self, checkpoint: Checkpoint) -> None:
        """See ``Memory.keep``. Raises ``Unavailable``."""
        file = self._file(checkpoint.origin)
        try:
            self._publish(file, checkpoint.note)
        except OSError as error:
            self._folders.doubt(self._folder / file)
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error

    def note_of(self, digest: str) -> str | None:
        """The note that was kept of the log whose origin has this SHA-256 (hex), for whoever watches that log."""
        file = f"{_LOGS}/{digest}/{CHECKPOINT}"
        return read_text(self._folder, file, self._disk) if self._disk.exists(self._folder / file) else None

    def close(self) -> None:
        """Let another process serve this witness."""
        self._lock.close()

    def _publish(self, file: str, text: str) -> None:
        publish(self._folder, [(file, text.encode())], self._scratch, self._folders)

    def _file(self, origin: str) -> str:
        return f"{_LOGS}/{sha256(origin.encode()).hexdigest()}/{CHECKPOINT}"

    def _read(self, file: str) -> Checkpoint:
        expected = f"a checkpoint that {self.cosigner.name} cosigned"
        try:
            checkpoint = parse_checkpoint(read_text(self._folder, file, self._disk))
            mine = cosigned(checkpoint, [self.cosigner.vkey])
        except Invalid as error:
            raise damaged(file, expected, str(error)) from None
        if not mine:
            raise damaged(file, expected, "another one")
        return checkpoint
