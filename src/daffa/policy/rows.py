"""Proofs, changes and simulations as rows of plain JSON, for programs. Knows no page and no sentence.

A row that has a question tells it as ``decide`` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from daffa.decision import Question, Verdict

from .bundle import Bundle
from .changes import Diff
from .fields import LAST_INSTANT
from .proved import Proof
from .reading import question_json
from .simulation import Simulation

__all__ = ["diff_json", "proof_json", "simulation_json"]

_EVIDENT = ("hw", "region", "operator", "reach", "qual", "seal", "key", "retention_days", "trains")


def proof_json(proof: Proof) -> Iterator[dict[str, Any]]:
    """A row for each invariant (``question`` is its counter-example), then one for each rule."""
    for proved in proof.invariants:
        yield {
            "invariant": proved.invariant.id,
            "holds": not proved.fault,
            "fault": proved.fault,
            "implied_by": list(proved.implied),
            "question": _asked(proved.broken.question, proof.bundle) if proved.broken else None,
            "allowed_by": list(proved.broken.verdict.rules) if proved.broken else [],
            "shown": _asked(proved.shown.question, proof.bundle) if proved.shown else None,
        }
    for need in proof.rules:
        yield {"rule": need.rule, "needed": need.needed, "decides": need.decides}


def diff_json(found: Diff) -> Iterator[dict[str, Any]]:
    """A row on the two laws, then one for each change."""
    yield {
        "old": found.old.digest,
        "new": found.new.digest,
        "widens": found.widens,
        "narrows": found.narrows,
        "reasons": found.reasons,
        **{name: list(getattr(found, name)) for name in ("added", "removed", "altered", "reworded", "beside")},
    }
    for change in found.changes:
        yield {
            "door": change.door.value,
            "allows": change.allows,
            "rules": list(change.rules),
            "concerned": [str(clause) for clause in change.concerned],
            "question": _asked(change.question, found.new),
            "before": _verdict(change.before),
            "after": _verdict(change.after),
        }


def simulation_json(found: Simulation, left_out: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """A row on the whole, then one for each way in which verdicts would turn."""
    yield {"new": found.bundle.digest, "asked": found.asked, "turned": found.turned, "left_out": dict(left_out)}
    for turn in (*found.opened, *found.closed):
        yield {
            "door": turn.door.value,
            "verdict": _verdict(turn.verdict),
            "count": turn.count,
            "examples": [_asked(question, found.bundle) for question in turn.examples],
        }


def _asked(question: Question, bundle: Bundle) -> dict[str, Any]:
    """The question as ``decide`` reads it; under a law that wants evidence, with evidence."""
    said = question_json(question)
    if not bundle.accept_declared:
        said["place"]["evidence"] = {name: {"source": "example", "until": LAST_INSTANT} for name in _EVIDENT}
    return said


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"allowed": verdict.allowed, "rules": list(verdict.rules)}
