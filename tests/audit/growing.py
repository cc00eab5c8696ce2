"""Logs that a test makes up: trees over leaves in memory, as long and as forked as it likes. Knows no file."""

from __future__ import annotations

from daffa.audit import Checkpoint
from daffa.audit.merkle import consistency_proof, fold, leaf_hash, tree_root
from daffa.audit.note import sign_checkpoint
from daffa.audit.submission import write_submission


class Branch:
    """The leaves of one history of a log, signed by its key."""

    def __init__(self, origin, key, leaves=()):
        self.origin, self.key, self.leaves = origin, key, list(leaves)

    def node(self, height, index):
        """The root over a complete subtree."""
        return fold([leaf_hash(leaf) for leaf in self.leaves[index << height : (index + 1) << height]])

    def checkpoint(self, size=None):
        """The signed checkpoint at a size."""
        size = len(self.leaves) if size is None else size
        return sign_checkpoint(Checkpoint(self.origin, size, tree_root(size, self.node)), self.key)

    def proof(self, old, size=None):
        """That the first ``old`` leaves are a prefix of the first ``size``."""
        return consistency_proof(old, len(self.leaves) if size is None else size, self.node)

    def submission(self, old, size=None):
        """What a client sends to have it cosigned."""
        return write_submission(old, self.proof(old, size), self.checkpoint(size))
