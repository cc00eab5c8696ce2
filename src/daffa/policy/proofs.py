"""Proofs kept: which law was proved under which invariants by which prover, so that it is proved once. Proves nothing.

A record is believed because of where it lies, not because of what it says: whoever can write into the folder can forge
one, and could as well change the law or the log beside it. So the folder is that of the house's own data, never the law's.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
from pathlib import Path

from daffa.errors import Invalid

from .bundle import Bundle
from .proved import Proved, prove
from .reading import question_json
from .wire import rules_json

__all__ = ["assure", "proof_key"]

_HERE = Path(__file__).parent


def assure(bundle: Bundle, folder: Path | None = None) -> None:
    """Raise ``Invalid`` unless the invariants of a law are proved, now or by a record in ``folder``.

    The code is ``law_invariant_broken``, ``_unaskable``, ``_unshown`` or ``_implied``, for the first that does not stand.
    Raises ``Unavailable`` where the solver gives no answer. A law without invariants needs no proof.
    """
    if not bundle.invariants:
        return
    record = None if folder is None else folder / f"{bundle.digest}.json"
    wanted = {"bundle": bundle.digest, "proof": proof_key(bundle), "invariants": [one.id for one in bundle.invariants]}
    if record is not None and _read(record) == wanted:
        return
    for proved in prove(bundle, thorough=False).faults:
        raise _fault(proved)
    if record is not None:
        _write(record, json.dumps(wanted, indent=1) + "\n")


def proof_key(bundle: Bundle) -> str:
    """What a proof of this law would prove: SHA-256 (hex) over the law, its invariants, and the prover with its axioms."""
    invariants = [rules_json((invariant.never.rule, invariant.may.rule)) for invariant in bundle.invariants]
    said = json.dumps([bundle.digest, bundle.country, invariants, _prover()])
    return hashlib.sha256(said.encode()).hexdigest()


@functools.cache
def _prover() -> str:
    """The prover: the solver's version, and every file that reads, translates or proves a law, the axioms among them."""
    total = hashlib.sha256(importlib.metadata.version("z3-solver").encode())
    for path in sorted([*_HERE.rglob("*.py"), *(_HERE.parent / "decision").glob("*.py")]):
        content = path.read_bytes()
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def _fault(proved: Proved) -> Invalid:
    name = proved.invariant.id
    if proved.broken:
        rules, question = ", ".join(proved.broken.verdict.rules), json.dumps(question_json(proved.broken.question))
        return Invalid("law_invariant_broken", invariant=name, rules=rules, question=question)
    if not proved.askable:
        return Invalid("law_invariant_unaskable", invariant=name)
    if proved.shown is None:
        return Invalid("law_invariant_unshown", invariant=name, may=proved.invariant.may.id)
    return Invalid("law_invariant_implied", invariant=name, others=", ".join(proved.implied))


def _read(record: Path) -> object:
    """What a record says; ``None`` where there is none or it cannot be read: then the law is proved again."""
    try:
        said: object = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said


def _write(record: Path, text: str) -> None:
    """Whole or not at all. A disk that refuses costs the next start a proof, no more."""
    aside = record.with_name(f"{record.name}.{os.getpid()}.new")
    with contextlib.suppress(OSError):
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8")
        aside.replace(record)
    with contextlib.suppress(OSError):
        aside.unlink(missing_ok=True)
