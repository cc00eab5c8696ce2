"""The end of the tour: the log verified, a receipt checked offline, a tampered copy caught. Knows the log's files."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from daffa.audit import Reader, verify_receipt
from daffa.errors import DaffaError, Unavailable

__all__ = ["receipt", "tamper", "verify"]


def verify(audit: Path) -> int:
    """Verify the whole log; how many entries it has. Raises what was found damaged."""
    report = Reader(audit).verify()
    if report.damage:
        raise report.damage[0]
    return report.size


def receipt(audit: Path, reference: str) -> str:
    """The receipt of a decision, verified with the log's public key alone."""
    reader, index = Reader(audit), int(reference.rpartition("#")[2])
    proof = reader.prove(index)
    written = proof.receipt()
    verify_receipt(written, proof.entry, str(reader.vkey()))
    return written


def tamper(audit: Path, reference: str) -> tuple[int, DaffaError]:
    """Turn a refusal into a permission in a copy of the log; which entry was touched and what the verification found."""
    index = int(reference.rpartition("#")[2])
    entry = Reader(audit).entry(index)
    forged = json.dumps({**json.loads(entry), "verdict": "allow"}, separators=(",", ":")).encode()
    with tempfile.TemporaryDirectory(prefix="daffa-tampered-") as folder:
        copy = Path(folder) / "audit"
        shutil.copytree(audit / "tile", copy / "tile")
        for name in ("checkpoint", "log.vkey"):
            shutil.copy(audit / name, copy / name)
        for bundle in (copy / "tile" / "entries").rglob("*"):
            if bundle.is_file() and _measured(entry) in (content := bundle.read_bytes()):
                bundle.write_bytes(content.replace(_measured(entry), _measured(forged)))
        report = Reader(copy).verify()
    if not report.damage:
        raise Unavailable("tour_not_caught")
    return index, report.damage[0]


def _measured(entry: bytes) -> bytes:
    """An entry as it stands in a bundle, behind its length."""
    return len(entry).to_bytes(2, "big") + entry
