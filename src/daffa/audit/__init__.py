"""The proof afterwards: an append-only Merkle log of decisions, outcomes and changes that anybody can verify.

Knows neither the law nor the doors, only what they tell it. Its formats stand in ``docs/audit.md``.
"""

from .cosigning import Cosigning, Standing, WitnessPolicy
from .entry import Change, ChangeLeaf, Decision, DecisionLeaf, Details, Erasure, Outcome, OutcomeLeaf, read_leaf
from .index import Ended, Found, Index, Total, Usage
from .keys import change_key, load_or_create_key, new_log_key, previous_key, retire_key
from .log import Audit
from .note import Checkpoint
from .reader import Proof, Reader
from .receipt import Proven, verify_receipt
from .site import Reply, WitnessClient, WitnessStanding
from .trust import Trust
from .verify import Report
from .vkey import KeyKind, VerifyingKey
from .witness import Witness
from .witness_folder import WitnessFolder
from .witness_http import witness_app

# fmt: off
__all__ = [
    "Audit", "Change", "ChangeLeaf", "Checkpoint", "Cosigning", "Decision", "DecisionLeaf", "Details", "Ended", "Erasure",
    "Found", "Index", "KeyKind", "Outcome", "OutcomeLeaf", "Proof", "Proven", "Reader", "Reply", "Report", "Standing", "Total",
    "Trust", "Usage", "VerifyingKey", "Witness", "WitnessClient", "WitnessFolder", "WitnessPolicy", "WitnessStanding",
    "change_key", "load_or_create_key", "new_log_key", "previous_key", "read_leaf", "retire_key", "verify_receipt",
    "witness_app",
]
# fmt: on
