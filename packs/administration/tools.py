"""The last day of a delay of administrative law. Knows no public holiday that it is not told."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

from daffa.packs import At, Result, Tool, asked

_DAY = datetime.timedelta(days=1)

Procedure = Literal[
    "decision",
    "investment",
    "incomplete_file",
    "exchange",
    "tacit",
    "tacit_authority",
    "tacit_certificate",
    "appeal",
    "appeal_answer",
    "information",
    "information_urgent",
    "information_complaint",
    "information_complaint_answer",
    "commission",
    "commission_answer",
    "information_court",
    "birth",
    "death",
    "late_registration",
    "clerical_error",
    "complaint",
    "complaint_form",
]

_FIGURE = {
    "birth": "declaration_days",
    "death": "declaration_days",
}
"""The figure of a procedure where it is not the procedure's own name with ``_days``."""

_WORKING = {"information", "information_complaint"}
_DECLARED = {"birth", "death"}
_SUSPENDED = {"decision", "investment"}


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """Which delay, and from which day it runs."""

    procedure: Annotated[Procedure, asked(fr="démarche", ar="المسطرة", en="procedure")]
    start: Annotated[
        datetime.date,
        asked(
            fr="jour de départ (dépôt complet, refus, naissance...)",
            ar="يوم البداية (إيداع الملف كاملا، الرفض، الولادة...)",
            en="first day (complete filing, refusal, birth...)",
        ),
    ]
    suspended_days: Annotated[
        int, asked(fr="jours de suspension", ar="أيام توقف الأجل", en="days of suspension", ge=0, le=1000)
    ] = 0
    inquiry_days: Annotated[
        int,
        asked(fr="jours d'expertise ou d'enquête", ar="أيام الخبرة أو البحث", en="days of expertise or inquiry", ge=0, le=1000),
    ] = 0
    extended: Annotated[bool, asked(fr="délai prolongé", ar="أجل ممدد", en="extended")] = False
    abroad: Annotated[bool, asked(fr="résident à l'étranger", ar="مقيم بالخارج", en="living abroad")] = False
    holidays: Annotated[
        list[datetime.date], asked(fr="jours fériés", ar="أيام العطل", en="public holidays", max_length=400)
    ] = []


def deadline(question: Deadline, at: At) -> Result:
    """The last day, as an ISO date."""
    _refuse_what_the_law_does_not_know(question, at)
    if question.abroad:
        last, steps = _year_after(question, at)
    elif question.procedure in _WORKING:
        last, steps = _working_days_after(question, at)
    else:
        last, steps = _days_after(question, at)
    if question.procedure in _DECLARED:
        last, moved = _next_working_day(last, question, at)
        steps += moved
    steps.append(at.say(fr=f"Dernier jour : {last}.", ar=f"آخر يوم: {last}.", en=f"Last day: {last}."))
    return at.result(str(last), "date", steps, _warning(question, at))


def _refuse_what_the_law_does_not_know(question: Deadline, at: At) -> None:
    nothing = at.say(fr="0 pour cette démarche", ar="0 لهذه المسطرة", en="0 for this procedure")
    no = at.say(fr="faux pour cette démarche", ar="لا لهذه المسطرة", en="false for this procedure")
    if question.procedure not in _SUSPENDED:
        for field in ("suspended_days", "inquiry_days"):
            if getattr(question, field):
                at.refuse(field, nothing, getattr(question, field))
    if question.extended and question.procedure not in ("information", "information_urgent"):
        at.refuse("extended", no, True)
    if question.abroad and question.procedure not in _DECLARED:
        at.refuse("abroad", no, True)


def _figure(name: str, question: Deadline, at: At) -> int:
    # The delay is that of the law in force on the day from which it runs, not on the day of the question.
    value = at.on(name, question.start)
    if not isinstance(value, (int, float)):
        at.refuse("procedure", "number", value)
    return int(value)


def _days_after(question: Deadline, at: At) -> tuple[datetime.date, list[str]]:
    days = _figure(_FIGURE.get(question.procedure, question.procedure + "_days"), question, at)
    steps = [
        at.say(
            fr=f"Le délai est de {days} jours et part du {question.start}.",
            ar=f"الأجل {days} يوما ويبدأ من {question.start}.",
            en=f"The delay is {days} days and runs from {question.start}.",
        )
    ]
    added = question.suspended_days + question.inquiry_days
    if added:
        steps.append(
            at.say(
                fr=f"S'y ajoutent {added} jours de suspension, d'expertise ou d'enquête.",
                ar=f"تضاف {added} من أيام التوقف أو الخبرة أو البحث.",
                en=f"{added} days of suspension, expertise or inquiry are added.",
            )
        )
    if question.extended:
        return _extended(question, question.start + days * _DAY, steps, at)
    return question.start + (days + added) * _DAY, steps


def _working_days_after(question: Deadline, at: At) -> tuple[datetime.date, list[str]]:
    days = _figure(question.procedure + "_days", question, at)
    steps = [
        at.say(
            fr=f"Le délai est de {days} jours ouvrables (ni samedi, ni dimanche, ni férié donné) après le {question.start}.",
            ar=f"الأجل {days} يوما من أيام العمل (دون السبت والأحد وأيام العطل المذكورة) بعد {question.start}.",
            en=f"The delay is {days} working days (no Saturdays, Sundays or given holidays) after {question.start}.",
        )
    ]
    last = _working(question.start, days, question)
    return _extended(question, last, steps, at) if question.extended else (last, steps)


def _extended(question: Deadline, last: datetime.date, steps: list[str], at: At) -> tuple[datetime.date, list[str]]:
    more = _figure("information_extension_days", question, at)
    said = at.say(
        fr=f"Il est prolongé de {more} jours ouvrables après le {last}.",
        ar=f"يمدد {more} يوما من أيام العمل بعد {last}.",
        en=f"It is extended by {more} working days after {last}.",
    )
    return _working(last, more, question), [*steps, said]


def _year_after(question: Deadline, at: At) -> tuple[datetime.date, list[str]]:
    years = _figure("declaration_abroad_years", question, at)
    start = question.start
    leap = start.month == 2 and start.day == 29
    last = start.replace(year=start.year + years, day=28 if leap else start.day)
    return last, [
        at.say(
            fr=f"Pour un Marocain résidant à l'étranger, le délai est de {years} an et part du lendemain du {start}.",
            ar=f"بالنسبة للمغربي المقيم بالخارج الأجل {years} سنة ويبدأ من اليوم الموالي ليوم {start}.",
            en=f"For a Moroccan living abroad the delay is {years} year and begins the day after {start}.",
        )
    ]


def _next_working_day(last: datetime.date, question: Deadline, at: At) -> tuple[datetime.date, list[str]]:
    moved = last
    while _rests(moved, question):
        moved += _DAY
    if moved == last:
        return last, []
    return moved, [
        at.say(
            fr=f"Le {last} n'est pas ouvrable : le délai va jusqu'au premier jour ouvrable suivant.",
            ar=f"يوم {last} يوم عطلة، فيمتد الأجل إلى أول يوم عمل بعده.",
            en=f"{last} is no working day: the delay goes on to the next working day.",
        )
    ]


def _working(after: datetime.date, days: int, question: Deadline) -> datetime.date:
    last = after
    while days:
        last += _DAY
        days -= not _rests(last, question)
    return last


def _rests(day: datetime.date, question: Deadline) -> bool:
    return day.weekday() >= 5 or day in question.holidays


def _warning(question: Deadline, at: At) -> str:
    if question.procedure in _WORKING | _DECLARED or question.extended:
        return at.say(
            fr="Seuls les jours fériés donnés sont comptés comme tels.",
            ar="لا تحتسب من أيام العطل إلا ما ذكر في الطلب.",
            en="Only the public holidays that were given count as such.",
        )
    if question.procedure in _SUSPENDED:
        return at.say(
            fr="Ce délai est un plafond et part d'un dossier complet ; un acte peut avoir un délai plus court.",
            ar="هذا الأجل سقف ويبدأ من ملف كامل، وقد يكون لبعض القرارات أجل أقصر.",
            en="This delay is a ceiling and runs from a complete file; an act may have a shorter one.",
        )
    return ""


TOOLS = (
    Tool(
        name="deadline",
        title={
            "fr": "Dernier jour d'un délai administratif",
            "ar": "آخر يوم من أجل إداري",
            "en": "Last day of an administrative delay",
        },
        input=Deadline,
        run=deadline,
        cues={
            "fr": (
                "date limite",
                "dernier jour",
                "à quelle date",
                "jusqu'à quelle date",
                "jusqu'à quand",
                "quelle date au plus tard",
            ),
            "ar": ("آخر يوم", "آخر أجل", "في أي تاريخ", "إلى أي تاريخ", "تاريخ انتهاء"),
            "en": ("last day", "by which date", "what date", "until when", "deadline date"),
        },
    ),
)
