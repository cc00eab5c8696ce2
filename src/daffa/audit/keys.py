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
from .files import sync_folder, write_at
from .vkey import KeyKind

__all__ = ["change_key", "load_or_create_key", "load_or_create_witness_key", "new_log_key", "previous_key", "retire_key"]


def new_log_key() -> Ed25519PrivateKey:
    """A fresh Ed25519 key."""
    return Ed25519PrivateKey.generate()


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The key of a log in its file (PEM, PKCS #8), which is made, mode 0600, whole or not at all, where it is absent.

    Raises ``Invalid`` (``audit_key_unreadable``) for another content, ``Unavailable`` where the disk refuses.
    """
    try:
        if not path.exists():
            _create(path, new_log_key())
        return _ed25519(path)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def load_or_create_witness_key(path: Path, kind: KeyKind) -> WitnessKey:
    """The key of a witness in its file, made as one of ``kind`` where it is absent.

    Raises ``Invalid`` (``witness_key_unreadable``) for another content or another kind, ``OSError``.
    """
    if not path.exists():
        _create(path, new_witness_key(kind))
    key = _load(path)
    if isinstance(key, MLDSA44PrivateKey if kind is KeyKind.ML_DSA_44 else Ed25519PrivateKey):
        return key
    raise Invalid("witness_key_unreadable", file=path.name, expected=kind.name)


def previous_key(path: Path) -> Ed25519PrivateKey | None:
    """The key that the one in the file came after, as long as it is kept beside it (``log.key.previous``).

    Raises as ``load_or_create_key`` does.
    """
    previous = _previous(path)
    try:
        # Equal keys: the change was interrupted before the new key was in its place.
        if not previous.exists() or previous.read_bytes() == path.read_bytes():
            return None
        return _ed25519(previous)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def change_key(path: Path) -> None:
    """Put a fresh key in the place of a log's key, which is kept as the previous one. After a crash, either or the other.

    Raises ``Unavailable`` where the disk refuses.
    """
    following, aside = path.with_name(f"{path.name}.next"), path.with_name(f"{path.name}.aside")
    try:
        for left in (following, aside):
            left.unlink(missing_ok=True)
        _create(following, new_log_key())
        os.link(path, aside)
        aside.replace(_previous(path))
        sync_folder(path.parent)
        following.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def retire_key(path: Path) -> None:
    """Forget the previous key: the log is signed by the newest alone from its next opening on. Raises ``Unavailable``."""
    try:
        _previous(path).unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.name}.previous")


def _ed25519(path: Path) -> Ed25519PrivateKey:
    key = _load(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid("audit_key_unreadable", file=path.name)
    return key


def _load(path: Path) -> object:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _create(path: Path, key: WitnessKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_at(descriptor, pem, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(aside, path)  # unlike a rename, this never replaces the key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    sync_folder(path.parent)
