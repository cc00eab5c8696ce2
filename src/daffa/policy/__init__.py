"""The written law: Cedar text read, validated, tried, proved and put into force as a table; compared; said in plain words.

Knows no request, no model, no audit: whoever asks takes ``Law.bundle`` and decides with its ``table``.
"""

from .bundle import Bundle, Host, check_cases, necessity
from .cases import Case, CaseFailure, Necessity
from .chance import NOW, random_questions
from .change_page import render_diff, render_simulation
from .changes import Change, Diff, diff
from .check import Report, examine
from .invariants import Invariant
from .law import Difference, Law, differences
from .proof_page import render_proof
from .proofs import assure, proof_key
from .proved import Proof, Proved, prove
from .reading import question_json, read_place, read_question, verdict_json
from .render import render_check, render_explain, render_table
from .rows import diff_json, proof_json, simulation_json
from .second import Opinion, Second
from .simulation import Simulation, Turn, simulate
from .words import Explained, explain, sentences_of
from .written import WrittenRule

__all__ = [
    "NOW", "Bundle", "Case", "CaseFailure", "Change", "Diff", "Difference", "Explained", "Host", "Invariant", "Law",
    "Necessity", "Opinion", "Proof", "Proved", "Report", "Second", "Simulation", "Turn", "WrittenRule", "assure",
    "check_cases", "diff", "diff_json", "differences", "examine", "explain", "necessity", "proof_json", "proof_key", "prove",
    "question_json", "random_questions", "read_place", "read_question", "render_check", "render_diff", "render_explain",
    "render_proof", "render_simulation", "render_table", "sentences_of", "simulate", "simulation_json",
    "verdict_json",
]  # fmt: skip
