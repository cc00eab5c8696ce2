"""How well the assistant answers the questions of the packs: each question once, each step alone, by language and half."""

from .fitting import fit
from .questions import Asking, questions_of
from .report import html
from .running import Evaluation, Row, evaluate, is_right

__all__ = ["Asking", "Evaluation", "Row", "evaluate", "fit", "html", "is_right", "questions_of"]
