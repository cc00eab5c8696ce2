"""The signing key of a log: made, kept in a file for its owner alone, read again. Knows no log."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.errors import Invalid, Unavailable

from .files import sync_folder, write_at

__all__ = ["load_or_create_key", "new_log_key"]


def new_log_key() -> Ed25519PrivateKey:
    """A fresh Ed25519 key."""
    return Ed25519PrivateKey.generate()


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The key in the file (PEM, PKCS #8), which is made, mode 0600, whole or not at all, where it is absent.

    Raises ``Invalid`` (``audit_key_unreadable``) for another content, ``Unavailable`` where the disk refuses.
    """
    try:
        if not path.exists():
            _create(path)
        pem = path.read_bytes()
    except OSError as error:
        raise Unavailable("audit_unavailable", reason=str(error)) from error
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid("audit_key_unreadable", file=path.name)
    return key


def _create(path: Path) -> None:
    pem = new_log_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
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
