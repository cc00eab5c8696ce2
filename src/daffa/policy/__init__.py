"""The written law: Cedar text read, validated, tried and put into force as a table; said in plain words.

Knows no request, no model, no audit: whoever asks takes ``Law.bundle`` and decides with its ``table``.
"""

from .bundle import Bundle, Host, check_cases, necessity
from .cases import Case, CaseFailure, Necessity
from .chance import NOW, random_questions
from .check import Report, examine
from .law import Difference, Law, differences
from .reading import question_json, read_place, read_question
from .render import render_check, render_explain, render_table
from .second import Opinion, Second
from .words import Explained, explain, sentences_of
from .written import WrittenRule

__all__ = [
    "NOW",
    "Bundle",
    "Case",
    "CaseFailure",
    "Difference",
    "Explained",
    "Host",
    "Law",
    "Necessity",
    "Opinion",
    "Report",
    "Second",
    "WrittenRule",
    "check_cases",
    "differences",
    "examine",
    "explain",
    "necessity",
    "question_json",
    "random_questions",
    "read_place",
    "read_question",
    "render_check",
    "render_explain",
    "render_table",
    "sentences_of",
]
