"""The signing key in its file: made once, for its owner alone, and read again."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from daffa.audit import load_or_create_key, new_log_key
from daffa.errors import Invalid, Unavailable


def public(path):
    return load_or_create_key(path).public_key().public_bytes_raw()


def test_a_key_is_made_once_and_read_again(tmp_path):
    """The first call makes the file, mode 0600 and nothing beside it; later calls read the same key."""
    first = public(tmp_path / "log.key")
    assert public(tmp_path / "log.key") == first
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["log.key"]


def test_processes_that_start_together_get_one_key(tmp_path):
    """Three processes that all find no key end up with the same one."""
    child = "import sys; from pathlib import Path; from daffa.audit import load_or_create_key as key; "
    child += "print(key(Path(sys.argv[1])).public_key().public_bytes_raw().hex())"
    started = [subprocess.Popen([sys.executable, "-c", child, tmp_path / "log.key"], stdout=subprocess.PIPE) for _ in range(3)]
    assert {process.communicate()[0] for process in started} == {f"{public(tmp_path / 'log.key').hex()}\n".encode()}


def test_fresh_keys_differ():
    """Two new keys are not the same."""
    assert new_log_key().private_bytes_raw() != new_log_key().private_bytes_raw()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_another_content_is_refused(tmp_path, content):
    """A file that holds no Ed25519 key is an error that names it, and is left as it is."""
    (tmp_path / "log.key").write_bytes(content)
    with pytest.raises(Invalid, match=r"log\.key"):
        load_or_create_key(tmp_path / "log.key")
    assert (tmp_path / "log.key").read_bytes() == content


def test_a_key_of_another_kind_is_refused(tmp_path):
    """A private key that cannot sign is not taken."""
    pem = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "log.key").write_bytes(pem)
    with pytest.raises(Invalid):
        load_or_create_key(tmp_path / "log.key")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """Where the file cannot be made, the error says so."""
    with pytest.raises(Unavailable):
        load_or_create_key(tmp_path / "none" / "log.key")
