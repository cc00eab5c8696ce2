"""The doorframe of every door: decide, record, Permit. Knows the law by its table and the log by its face."""

from .guard import Candidate, Guard
from .permit import Permit

__all__ = ["Candidate", "Guard", "Permit"]
