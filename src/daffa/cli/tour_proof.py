"""The end of the tour: the log verified, a receipt checked offline, a tampered copy caught. Knows the log's files."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from daffa.audit import Reader, verify_receipt
from daffa.errors import Unavailable

__all__ = ["receipt", "tamper", "verify"]


def verify(audit: Path) -> int:
    """Verify the whole log; how many entries it has. Raises what was found damaged."""
    report = Reader(audit).verify()
    if report.damage:
        raise report.damage[0]
    return report.size


def receipt(audit: Path, reference: str) -> int:
    """Write the receipt of a decision and verify it with the key alone; how many lines it has."""
    reader, index = Reader(audit), int(reference.rpartition("#")[2])
    proof = reader.prove(index)
    written = proof.receipt()
    verify_receipt(written, proof.entry, str(reader.vkey()))
    return len(written.splitlines())


def tamper(audit: Path, reference: str, language: str) -> tuple[int, str]:
    """Turn a refusal into a permission in a copy of the log; which entry was touched and what the verification says."""
    index = int(reference.rpartition("#")[2])
    entry = Reader(audit).entry(index)
    before = json.loads(entry)["verdict"].encode()
    changed = entry.replace(b'"' + before + b'"', b'"' + bytes([before[0] ^ 1]) + before[1:] + b'"', 1)
    with tempfile.TemporaryDirectory(prefix="daffa-tampered-") as folder:
        copy = Path(folder) / "audit"
        shutil.copytree(audit / "tile", copy / "tile")
        for name in ("checkpoint", "log.vkey"):
            shutil.copy(audit / name, copy / name)
        for bundle in (copy / "tile" / "entries").rglob("*"):
            if bundle.is_file() and entry in (content := bundle.read_bytes()):
                bundle.write_bytes(content.replace(entry, changed))
        report = Reader(copy).verify()
    if not report.damage:
        raise Unavailable("tour_not_caught")
    return index, report.damage[0].say(language)
