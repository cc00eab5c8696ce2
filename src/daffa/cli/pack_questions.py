"""A pack's own questions, asked of the assistant in a house that is there for nothing else. Knows no page."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from daffa.errors import Conflict, DaffaError
from daffa.packs import Origin, Pack, PackQuestion

from .reach import reach

__all__ = ["Answer", "ask_all", "enough", "refuse_unless_enough", "tally"]

# The share of the answerable questions that must be answered right, and of the others that must be refused.
_ANSWERED, _NOT_COVERED = 0.8, 0.9


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question: the status expected and got, whether it is right, and what was said."""

    id: str
    language: str
    question: str
    expected: str
    got: str
    right: bool
    said: str


def ask_all(pack: Pack) -> Iterator[Answer]:
    """Ask each question of the pack, looked for in the pack alone, without a model.

    A house of its own is made in a temporary folder, with the law and the packs that come along; nothing of the
    real one is read, written or recorded, whatever the environment says.
    """
    with tempfile.TemporaryDirectory(prefix="daffa-") as folder:
        data = Path(folder)
        if pack.origin is Origin.FOLDER:
            shutil.copytree(pack.folder, data / "packs" / pack.id)
        from daffa.assistant import collection_of, status_of

        with reach(data, environment={}) as call:
            for question in pack.questions:
                asked: dict[str, Any] = {"question": question.question, "collections": [collection_of(pack.id)]}
                if question.day is not None:
                    asked["day"] = str(question.day)
                try:
                    outcome = call("POST", "/api/assistant/ask", asked)
                except DaffaError as error:  # what cannot be asked is not answered; the next one may be
                    outcome = {"status": status_of(error), "sentences": [], "message": str(error)}
                yield _answer(pack, question, outcome)


def tally(answers: Sequence[Answer]) -> dict[str, int]:
    """How many are answered right of those that can be, and refused of those that cannot."""
    answerable = [one for one in answers if one.expected == "answered"]
    others = [one for one in answers if one.expected == "not_covered"]
    return {
        "answered": sum(one.right for one in answerable),
        "answerable": len(answerable),
        "refused": sum(one.right for one in others),
        "unanswerable": len(others),
    }


def enough(answers: Sequence[Answer]) -> bool:
    """Whether a pack may be installed by what its questions show."""
    counts = tally(answers)
    answered, refused = round(_ANSWERED * counts["answerable"]), round(_NOT_COVERED * counts["unanswerable"])
    return counts["answered"] >= answered and counts["refused"] >= refused


def refuse_unless_enough(pack: Pack) -> None:
    """Raise ``Conflict`` (``pack_questions_fail``) where too many of the pack's questions go wrong."""
    answers = list(ask_all(pack)) if pack.questions else []
    if not enough(answers):
        raise Conflict("pack_questions_fail", pack=pack.id, **tally(answers))


def _answer(pack: Pack, question: PackQuestion, outcome: dict[str, Any]) -> Answer:
    from daffa.assistant import Asking, Outcome, is_right

    said = [sentence["text"] for sentence in outcome["sentences"]] or [outcome.get("message", "")]
    right = is_right(Asking(pack.id, question), msgspec.convert(outcome, Outcome))
    return Answer(question.id, question.language, question.question, question.status, outcome["status"], right, " ".join(said))
