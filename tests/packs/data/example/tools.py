"""The delay of an answer, counted."""

from typing import Annotated

import msgspec

from daffa.packs import At, Result, Tool, asked


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """How many files."""

    files: Annotated[int, asked(fr="nombre de dossiers", ar="عدد الملفات", en="number of files", ge=1, le=1000)] = 1


def deadline(question: Deadline, at: At) -> Result:
    """So many days for so many files."""
    days = at.number("delay_days")
    total = days * question.files
    count = f"{question.files} × {days:g} = {total:g}"
    return at.result(total, "day", [at.say(fr=f"{count} jours", ar=f"{count} يوما", en=f"{count} days")])


TOOLS = (
    Tool(
        name="deadline",
        title={"fr": "Délai de réponse", "ar": "أجل الجواب", "en": "Time to answer"},
        input=Deadline,
        run=deadline,
        cues={"fr": ("délai", "combien de jours"), "ar": ("أجل", "كم يوما")},
    ),
)
