"""Who may use how much: budgets, limits, and whose turn it is at a scarce engine. Knows no log, no model, no prices.

Amounts are integers: money in millionths of the house's currency, requests and tokens by the piece.
"""

from .fair import Priority, Turn
from .money import cost_of
from .quota import Quota
from .reservation import Charge, Reservation
from .rule import LARGEST, MEASURES, PERIODS, SCOPES, Rule, Standing

__all__ = [
    "LARGEST",
    "MEASURES",
    "PERIODS",
    "SCOPES",
    "Charge",
    "Priority",
    "Quota",
    "Reservation",
    "Rule",
    "Standing",
    "Turn",
    "cost_of",
]
