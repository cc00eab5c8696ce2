"""A witness's folder: its key, and what it cosigned last of each log. One process; nothing forgotten by a crash. Knows no rule.

    witness.key  witness.vkey       the private key, for its owner alone, and the line that others verify it with
    logs/<SHA-256 of origin>/checkpoint   the last checkpoint that was cosigned, with the log's signature and the witness's
    lock  scratch/                  so that one process serves; files that are not whole yet

Whoever puts this folder back to an older state makes a witness that would cosign a fork: see ``docs/howto/witness.md``.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from daffa.errors import Conflict, Invalid, Unavailable

from .cosignature import LONGEST_NAME, Cosigner, cosigned
from .files import PRIVATE, lock, make_folder, publish
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

    def __init__(self, folder: Path, name: str, kind: KeyKind = KeyKind.ML_DSA_44) -> None:
        """Open the folder, or begin one with a fresh key of ``kind``.

        Raises ``Conflict`` (``witness_is_served``), ``Unavailable`` where the disk refuses, and ``Invalid``: the name,
        ``witness_key_unreadable``, or ``audit_damaged`` for what this witness did not write.
        """
        if not good_name(name) or len(name.encode()) > LONGEST_NAME:
            raise unreadable("name", f"1 to {LONGEST_NAME} bytes without space or +", name)
        self._folder = folder
        self._scratch = folder / "scratch"
        try:
            make_folder(folder, PRIVATE)
            make_folder(self._scratch, PRIVATE)
            descriptor = lock(folder / "lock")
        except OSError as error:
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error
        if descriptor is None:
            raise Conflict("witness_is_served", folder=str(folder))
        self._lock = descriptor
        try:
            self.cosigner = Cosigner(name, load_or_create_witness_key(folder / _KEY, kind))
            for path in sorted(folder.glob(f"{_LOGS}/*/{CHECKPOINT}")):
                self._read(str(path.relative_to(folder)))
            publish(folder, [(_VKEY, f"{self.cosigner.vkey}\n".encode())], self._scratch)
        except OSError as error:
            self.close()
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error
        except BaseException:
            self.close()
            raise

    def last(self, origin: str) -> Checkpoint | None:
        """See ``Memory.last``. Raises ``Invalid`` (``audit_damaged``) for a file that this witness did not write."""
        file = self._file(origin)
        if not (self._folder / file).exists():
            return None
        checkpoint = self._read(file)
        if checkpoint.origin != origin:
            raise damaged(file, f"a checkpoint of {origin}", checkpoint.origin)
        return checkpoint

    def keep(self, checkpoint: Checkpoint) -> None:
        """See ``Memory.keep``. Raises ``Unavailable``."""
        try:
            publish(self._folder, [(self._file(checkpoint.origin), checkpoint.note.encode())], self._scratch)
        except OSError as error:
            raise Unavailable("witness_folder_refuses", reason=str(error)) from error

    def note_of(self, digest: str) -> str | None:
        """The note that was kept of the log whose origin has this SHA-256 (hex), for whoever watches that log."""
        file = f"{_LOGS}/{digest}/{CHECKPOINT}"
        return read_text(self._folder, file) if (self._folder / file).is_file() else None

    def close(self) -> None:
        """Let another process serve this witness."""
        os.close(self._lock)

    def _file(self, origin: str) -> str:
        return f"{_LOGS}/{sha256(origin.encode()).hexdigest()}/{CHECKPOINT}"

    def _read(self, file: str) -> Checkpoint:
        expected = f"a checkpoint that {self.cosigner.name} cosigned"
        try:
            checkpoint = parse_checkpoint(read_text(self._folder, file))
            mine = cosigned(checkpoint, [self.cosigner.vkey])
        except Invalid as error:
            raise damaged(file, expected, str(error)) from None
        if not mine:
            raise damaged(file, expected, "another one")
        return checkpoint
