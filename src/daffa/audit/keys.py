"""Private keys in files: made once, for their owner alone, read again, changed for new ones. Knows no log and no witness."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from daffa.errors import Invalid, Unavailable

from .cosignature import WitnessKey, new_witness_key
from .disk import LOCAL, Disk
from .vkey import KeyKind

__all__ = ["change_key", "load_or_create_key", "load_or_create_witness_key", "new_log_key", "previous_key", "retire_key"]


def new_log_key() -> Ed25519PrivateKey:
    """A fresh Ed25519 key."""
    return Ed25519PrivateKey.generate()


def load_or_create_key(path: Path, disk: Disk = LOCAL) -> Ed25519PrivateKey:
    """The key of a log in its file (PEM, PKCS #8), which is made, mode 0600, whole or not at all, where it is absent.

    Raises ``Invalid`` (``audit_key_unreadable``) for another content, ``Unavailable`` where the disk refuses.
    """
    try:
        if disk.exists(path):
            disk.sync_folder(path.parent)  # whoever made the key may have been killed before that
        else:
            _create(path, new_log_key(), disk)
        return _ed25519(path, disk)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def load_or_create_witness_key(path: Path, kind: KeyKind, disk: Disk = LOCAL) -> WitnessKey:
    """The key of a witness in its file, made as one of ``kind`` where it is absent.

    Raises ``Invalid`` (``witness_key_unreadable``) for another content or another kind, ``OSError``.
    """
    if disk.exists(path):
        disk.sync_folder(path.parent)  # as above
    else:
        _create(path, new_witness_key(kind), disk)
    key = _load(path, disk)
    if isinstance(key, MLDSA44PrivateKey if kind is KeyKind.ML_DSA_44 else Ed25519PrivateKey):
        return key
    raise Invalid("witness_key_unreadable", file=path.name, expected=kind.name)


def previous_key(path: Path, disk: Disk = LOCAL) -> Ed25519PrivateKey | None:
    """The key that the one in the file came after, as long as it is kept beside it (``log.key.previous``).

    Raises as ``load_or_create_key`` does.
    """
    previous = _previous(path)
    try:
        # Equal keys: the change was interrupted before the new key was in its place.
        if not disk.exists(previous) or disk.read(previous) == disk.read(path):
            return None
        return _ed25519(previous, disk)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def change_key(path: Path, disk: Disk = LOCAL) -> None:
    """Put a fresh key in the place of a log's key, which is kept as the previous one. After a crash, either or the other.

    Raises ``Unavailable`` where the disk refuses.
    """
    following, aside = path.with_name(f"{path.name}.next"), path.with_name(f"{path.name}.aside")
    try:
        for left in (following, aside):
            disk.remove(left)
        _create(following, new_log_key(), disk)
        disk.link(path, aside)
        disk.rename(aside, _previous(path))
        disk.sync_folder(path.parent)
        disk.rename(following, path)
        disk.sync_folder(path.parent)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def retire_key(path: Path, disk: Disk = LOCAL) -> None:
    """Forget the previous key: the log is signed by the newest alone from its next opening on. Raises ``Unavailable``."""
    try:
        disk.remove(_previous(path))
        disk.sync_folder(path.parent)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.name}.previous")


def _ed25519(path: Path, disk: Disk) -> Ed25519PrivateKey:
    key = _load(path, disk)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid("audit_key_unreadable", file=path.name)
    return key


def _load(path: Path, disk: Disk) -> object:
    try:
        return serialization.load_pem_private_key(disk.read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _create(path: Path, key: WitnessKey, disk: Disk) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    file = disk.open(aside, make=True)
    try:
        file.truncate(0)
        file.write(pem, 0)
        file.sync()
    finally:
        file.close()
    try:
        disk.link(aside, path)  # unlike a rename, this never replaces the key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        disk.remove(aside)
    disk.sync_folder(path.parent)
