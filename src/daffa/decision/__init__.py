"""The one decision: may data with this label, for this purpose, go to this place, asked by this actor, through this door?

Pure and total; knows no clock, no file, no network, no text of law. Silence is refusal.
"""

from .label import NEUTRAL, Basis, Category, Form, Label, Level
from .place import FOREVER, STATES, UNKNOWN, Evidence, KeyHolder, Place
from .purpose import Door, Purpose
from .question import Actor, Facts, Question, ask
from .rule import ATTRIBUTES, Clause, Effect, Op, Rule
from .table import Table
from .verdict import Near, Verdict

__all__ = [
    "ATTRIBUTES",
    "FOREVER",
    "NEUTRAL",
    "STATES",
    "UNKNOWN",
    "Actor",
    "Basis",
    "Category",
    "Clause",
    "Door",
    "Effect",
    "Evidence",
    "Facts",
    "Form",
    "KeyHolder",
    "Label",
    "Level",
    "Near",
    "Op",
    "Place",
    "Purpose",
    "Question",
    "Rule",
    "Table",
    "Verdict",
    "ask",
]
