"""The written law: Cedar text read, validated, tried, proved and put into force as a table; compared; said in plain words.

Knows no request, no model, no audit: whoever asks takes ``Law.bundle`` and decides with its ``table``.
"""

from .bundle import Bundle, Host, check_cases, necessity
from .cases import Case, CaseFailure, Necessity
from .chance import NOW, random_questions
from .change_page import render_diff, render_simulation
from .changes import Change, Diff, diff
from .check import Report, examine
from .files import LawFiles
from .findings import examine_proposal, prove_proposal
from .four_eyes import OPEN, check_rollback, check_room, check_signer, check_step, outcome_of, reason_of, title_of
from .invariants import Invariant
from .law import Difference, Law, Tried, differences, try_law
from .proof_page import render_proof
from .proofs import assure, proof_key
from .proposal import Dossier, Enactment, Proposal, Signer, Standing, State, Step, Taken, Way
from .proposal_page import render_dossier, render_history, render_proposals, render_standing
from .proved import Proof, Proved, prove
from .reading import question_json, read_place, read_question, verdict_json
from .render import render_check, render_explain, render_table
from .rows import diff_json, proof_json, simulation_json
from .second import Opinion, Second
from .simulation import Simulation, Turn, simulate
from .words import Explained, explain, sentences_of
from .written import WrittenRule

__all__ = [
    "NOW", "OPEN", "Bundle", "Case", "CaseFailure", "Change", "Diff", "Difference", "Dossier", "Enactment", "Explained",
    "Host", "Invariant", "Law", "LawFiles", "Necessity", "Opinion", "Proof", "Proposal", "Proved", "Report", "Second",
    "Signer", "Simulation", "Standing", "State", "Step", "Taken", "Tried", "Turn", "Way", "WrittenRule", "assure",
    "check_cases", "check_rollback", "check_room", "check_signer", "check_step", "diff", "diff_json", "differences", "examine",
    "examine_proposal", "explain", "necessity", "outcome_of", "proof_json", "proof_key", "prove", "prove_proposal",
    "question_json", "random_questions", "read_place", "read_question", "reason_of", "render_check", "render_diff",
    "render_dossier", "render_explain", "render_history", "render_proof", "render_proposals", "render_simulation",
    "render_standing", "render_table", "sentences_of", "simulate", "simulation_json", "title_of", "try_law", "verdict_json",
]  # fmt: skip
