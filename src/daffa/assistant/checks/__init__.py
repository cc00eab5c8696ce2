"""What a claim must not change of what it rests on: numbers, denials, actors, opposites, names. Pure functions over text."""

from .actors import swapped
from .names import places_of, proper, unnamed
from .negation import denials, turned_round
from .numbers import Number, carried, missing, month_of, numbers_of
from .orders import gives_orders

__all__ = [
    "Number", "carried", "denials", "gives_orders", "missing", "month_of", "numbers_of", "places_of", "proper", "swapped",
    "turned_round", "unnamed",
]  # fmt: skip
