"""What is found about a proposed law, told as it is kept: pages in three languages, and rows for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .bundle import Bundle
from .change_page import render_diff
from .changes import diff
from .files import LawFiles
from .law import judge
from .proof_page import render_proof
from .proved import prove
from .rows import diff_json, proof_json
from .second import Second
from .written import TEXT_LANGUAGES

__all__ = ["examine_proposal", "prove_proposal"]


def examine_proposal(old: LawFiles, new: LawFiles) -> tuple[Bundle, dict[str, Any]]:
    """A proposed law, read, judged and compared with the one in force: ``pages``, ``rows``, ``invariants``, ``cases``.

    Raises ``Invalid`` as ``Bundle.of`` and ``judge`` do, ``Unavailable`` as ``diff`` does.
    """
    before, after = Bundle.of(old), Bundle.of(new)
    judge(after, Second(after.cedar, after.schema))
    found = diff(before, after)
    pages = {language: render_diff(found, language) for language in TEXT_LANGUAGES}
    invariants, cases = _judged_by(_invariants(before), _invariants(after)), _judged_by(_cases(before), _cases(after))
    return after, {"pages": pages, "rows": list(diff_json(found)), "invariants": invariants, "cases": cases}


def prove_proposal(files: LawFiles) -> dict[str, Any]:
    """What is proved of a proposed law: ``holds``, ``pages`` by language, ``rows``. Raises as ``prove`` does."""
    proof = prove(Bundle.of(files))
    pages = {language: render_proof(proof, language) for language in TEXT_LANGUAGES}
    return {"holds": not proof.faults, "pages": pages, "rows": list(proof_json(proof))}


def _judged_by(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, list[str]]:
    """A law judged by less passes more easily: whoever approves it shall see what judges it no more, or otherwise."""
    return {
        "removed": [name for name in old if name not in new],
        "altered": [name for name in old if name in new and old[name] != new[name]],
    }


def _invariants(bundle: Bundle) -> dict[str, object]:
    return {one.id: (one.never.rule, one.may.rule) for one in bundle.invariants}


def _cases(bundle: Bundle) -> dict[str, object]:
    return {case.id: (case.question, case.allowed, case.rules) for case in bundle.cases}
