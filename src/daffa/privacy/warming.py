"""Makes what the first look would otherwise wait for. Knows where automata are; not what they look for."""

from __future__ import annotations

from . import addresses
from .finder import scan as of_persons
from .matters import scan as of_matters
from .scan import Kept
from .skim import skim

__all__ = ["warm"]


def warm(kept: Kept | None = None) -> None:
    """Have the automata and the model there; ``kept``, where given, keeps the automata for the next process."""
    of_persons.build(kept)
    of_matters().build(kept)
    addresses.warm()
    # What the arrays of many words need is loaded when they are first made; these are words that say nothing.
    skim().spoken(b" ".join(b"%d" % number for number in range(99)))
