"""What a claim must not change of what it rests on: numbers, denials, actors, opposites, names, links. Pure functions over text."""

from .actors import swapped
from .names import unnamed
from .negation import denials, turned_round
from .numbers import Number, missing, numbers_of
from .orders import gives_orders

__all__ = ["Number", "denials", "gives_orders", "missing", "numbers_of", "swapped", "turned_round", "unnamed"]
