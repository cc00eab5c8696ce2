"""The proof afterwards: an append-only Merkle log of decisions, outcomes and changes that anybody can verify.

Knows neither the law nor the doors, only what they tell it. Its formats stand in ``docs/audit.md``.
"""

from .entry import Change, ChangeLeaf, Decision, DecisionLeaf, Details, Outcome, OutcomeLeaf, read_leaf
from .index import Ended, Found, Index, Usage
from .keys import load_or_create_key, new_log_key
from .log import Audit
from .note import Checkpoint, VerifyingKey
from .reader import Proof, Reader
from .receipt import Proven, verify_receipt
from .verify import Report

__all__ = [
    "Audit",
    "Change",
    "ChangeLeaf",
    "Checkpoint",
    "Decision",
    "DecisionLeaf",
    "Details",
    "Ended",
    "Found",
    "Index",
    "Outcome",
    "OutcomeLeaf",
    "Proof",
    "Proven",
    "Reader",
    "Report",
    "Usage",
    "VerifyingKey",
    "load_or_create_key",
    "new_log_key",
    "read_leaf",
    "verify_receipt",
]
