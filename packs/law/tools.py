"""What the labour code gives in figures: indemnity, damages, notice, leave, bonus. Knows no agreement of an enterprise."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from daffa.packs import At, Result, Tool, asked

_MOST_YEARS = 70
_MOST_PAY = 1e9

Years = Annotated[
    int,
    asked(
        fr="années d'ancienneté ou de service",
        ar="سنوات الأقدمية أو الخدمة",
        en="years of seniority or service",
        ge=0,
        le=_MOST_YEARS,
    ),
]
Months = Annotated[
    int, asked(fr="mois d'ancienneté en plus", ar="أشهر الأقدمية الإضافية", en="further months of seniority", ge=0, le=11)
]


_MISCONDUCT = ("faute grave", "fautes graves", "serious misconduct", "gross misconduct", "خطأ جسيم", "الخطأ الجسيم")
_MINOR = ("mineur", "mineure", "minor", "قاصر", "قاصرة")


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """How long, and at what pay an hour, an employee with a contract without a term worked."""

    hourly_wage: Annotated[
        float, asked(fr="salaire horaire en dirhams", ar="أجر الساعة بالدرهم", en="pay an hour in dirhams", gt=0, le=_MOST_PAY)
    ]
    years: Years
    months: Months = 0
    serious_misconduct: Annotated[bool, asked(fr="faute grave", ar="خطأ جسيم", en="serious misconduct", words=_MISCONDUCT)] = (
        False
    )


def dismissal_indemnity(question: Dismissal, at: At) -> Result:
    """In dirhams: hours of pay for each year or part of a year, by the year's rank."""
    least = at.number("dismissal_months")
    if question.serious_misconduct or question.years * 12 + question.months < least:
        return at.result(0.0, "MAD", [_no_indemnity(question, at, least)], _agreement(at))
    rows = at.rows("dismissal_hours")
    started = question.years + (question.months > 0)
    hours = 0.0
    steps = [
        at.say(
            fr=f"Ancienneté : {question.years} ans et {question.months} mois, {started} années (l'année commencée compte).",
            ar=f"الأقدمية: {question.years} سنوات و{question.months} أشهر، أي {started} سنوات (السنة التي بدأت تحتسب).",
            en=f"Seniority: {question.years} years and {question.months} months, so {started} years (a year begun counts).",
        )
    ]
    ends = [row[0] for row in rows[1:]] + [float(_MOST_YEARS + 1)]
    for (after, rate), end in zip(rows, ends, strict=True):
        counted = min(started, end) - after
        if counted <= 0:
            break
        hours += counted * rate
        steps.append(
            at.say(
                fr=f"{counted:g} années × {rate:g} heures = {counted * rate:g} heures.",
                ar=f"{counted:g} سنوات × {rate:g} ساعة = {counted * rate:g} ساعة.",
                en=f"{counted:g} years × {rate:g} hours = {counted * rate:g} hours.",
            )
        )
    amount = round(hours * question.hourly_wage, 2)
    wage = f"{question.hourly_wage:.2f}"
    steps.append(
        at.say(
            fr=f"{hours:g} heures × {wage} dirhams = {amount:.2f} dirhams.",
            ar=f"{hours:g} ساعة × {wage} درهم = {amount:.2f} درهم.",
            en=f"{hours:g} hours × {wage} dirhams = {amount:.2f} dirhams.",
        )
    )
    return at.result(amount, "MAD", steps, _agreement(at))


def _no_indemnity(question: Dismissal, at: At, least: float) -> str:
    if question.serious_misconduct:
        return at.say(
            fr="La faute grave ne donne pas d'indemnité (loi 65-99, art. 61).",
            ar="الخطأ الجسيم لا يخول التعويض (القانون 65-99، المادة 61).",
            en="Serious misconduct gives no indemnity (law 65-99, art. 61).",
        )
    return at.say(
        fr=f"L'indemnité demande {least:g} mois de travail dans la même entreprise.",
        ar=f"التعويض يتطلب {least:g} أشهر من الشغل في نفس المقاولة.",
        en=f"The indemnity needs {least:g} months of work in the same enterprise.",
    )


def _agreement(at: At) -> str:
    return at.say(
        fr="Le contrat, la convention collective ou le règlement intérieur peut donner plus.",
        ar="قد يمنح العقد أو الاتفاقية الجماعية أو النظام الداخلي أكثر من ذلك.",
        en="The contract, the collective agreement or the internal rules may give more.",
    )


class Damages(msgspec.Struct, frozen=True, kw_only=True):
    """How long, and at what pay a month, an employee worked who was dismissed abusively."""

    monthly_wage: Annotated[
        float,
        asked(fr="salaire mensuel en dirhams", ar="الأجر الشهري بالدرهم", en="pay a month in dirhams", gt=0, le=_MOST_PAY),
    ]
    years: Years
    months: Months = 0


def dismissal_damages(question: Damages, at: At) -> Result:
    """In dirhams: months of pay for each year or part of a year, up to a ceiling."""
    rule = at.table("damages")
    started = question.years + (question.months > 0)
    months = min(started * rule["a_year"], rule["at_most"])
    amount = round(months * question.monthly_wage, 2)
    wage = f"{question.monthly_wage:.2f}"
    steps = [
        at.say(
            fr=f"{started} années × {rule['a_year']:g} mois, {rule['at_most']:g} mois au plus : {months:g} mois.",
            ar=f"{started} سنوات × {rule['a_year']:g} شهر، في حدود {rule['at_most']:g} شهرا: {months:g} شهر.",
            en=f"{started} years × {rule['a_year']:g} months, at most {rule['at_most']:g} months: {months:g} months.",
        ),
        at.say(
            fr=f"{months:g} mois × {wage} dirhams = {amount:.2f} dirhams.",
            ar=f"{months:g} شهر × {wage} درهم = {amount:.2f} درهم.",
            en=f"{months:g} months × {wage} dirhams = {amount:.2f} dirhams.",
        ),
    ]
    warning = at.say(
        fr="Le tribunal décide si le licenciement est abusif ; il peut aussi ordonner la réintégration.",
        ar="المحكمة هي التي تقرر هل الفصل تعسفي، ويمكنها أن تأمر بالإرجاع إلى الشغل.",
        en="The court decides whether the dismissal is abusive; it may also order that the employee be taken back.",
    )
    return at.result(amount, "MAD", steps, warning)


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Months of service of the leave, and years of service in all."""

    service_months: Annotated[
        int, asked(fr="mois de service comptés", ar="أشهر الخدمة المحتسبة", en="months of service counted", ge=0, le=12)
    ] = 12
    years: Years = 0
    minor: Annotated[bool, asked(fr="moins de 18 ans", ar="أقل من 18 سنة", en="under 18", words=_MINOR)] = False


def annual_leave(question: Leave, at: At) -> Result:
    """In working days: for each month of service, and more for each whole five years, up to a total."""
    least = at.number("leave_months")
    if question.years * 12 + question.service_months < least:
        step = at.say(
            fr=f"Le congé annuel demande {least:g} mois de service continu.",
            ar=f"العطلة السنوية تتطلب {least:g} أشهر من الخدمة المتصلة.",
            en=f"Annual leave needs {least:g} months of continuous service.",
        )
        return at.result(0.0, "day", [step], _agreement(at))
    rate = at.table("leave_days")["minor" if question.minor else "adult"]
    more = at.table("leave_seniority")
    days = question.service_months * rate
    periods = question.years // int(more["years"])
    # The ceiling holds for the increase by seniority alone.
    total = max(days, min(days + periods * more["days"], more["at_most"]))
    steps = [
        at.say(
            fr=f"{question.service_months} mois × {rate:g} jours = {days:g} jours de travail.",
            ar=f"{question.service_months} أشهر × {rate:g} يوم = {days:g} يوما من الشغل.",
            en=f"{question.service_months} months × {rate:g} days = {days:g} working days.",
        )
    ]
    if periods:
        steps.append(
            at.say(
                fr=f"Ancienneté : {periods} × {more['days']:g} jours, {more['at_most']:g} jours au plus : {total:g} jours.",
                ar=f"الأقدمية: {periods} × {more['days']:g} يوم، في حدود {more['at_most']:g} يوما: {total:g} يوما.",
                en=f"Seniority: {periods} × {more['days']:g} days, at most {more['at_most']:g} days: {total:g} days.",
            )
        )
    return at.result(total, "day", steps, _agreement(at))


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Whose notice, after how many years."""

    category: Annotated[
        Literal["employee", "manager"],
        asked(fr="employé ou ouvrier, ou cadre", ar="مستخدم أو عامل، أو إطار", en="employee or worker, or manager"),
    ] = "employee"
    years: Years
    months: Months = 0


def notice(question: Notice, at: At) -> Result:
    """In months, or in days before the first year is over."""
    rule = at.table("notice_" + question.category)
    whole = question.years * 12 + question.months
    if whole < 12:
        key = "first_year_days" if question.category == "employee" else "first_year_months"
        reason = at.say(fr="moins d'un an d'ancienneté", ar="أقل من سنة من الأقدمية", en="less than a year of seniority")
    elif whole <= 60:
        key = "to_five_years_months"
        reason = at.say(
            fr="entre un an et 5 ans d'ancienneté", ar="بين سنة و5 سنوات من الأقدمية", en="between one and 5 years of seniority"
        )
    else:
        key = "beyond_months"
        reason = at.say(fr="plus de 5 ans d'ancienneté", ar="أكثر من 5 سنوات من الأقدمية", en="more than 5 years of seniority")
    unit = "day" if key.endswith("days") else "month"
    named = {"day": at.say(fr="jours", ar="أيام", en="days"), "month": at.say(fr="mois", ar="شهر", en="months")}[unit]
    step = at.say(
        fr=f"Avec {reason}, le préavis est de {rule[key]:g} {named}.",
        ar=f"مع {reason}، أجل الإخطار هو {rule[key]:g} {named}.",
        en=f"With {reason}, the notice is {rule[key]:g} {named}.",
    )
    return at.result(rule[key], unit, [step], _agreement(at))


class Bonus(msgspec.Struct, frozen=True, kw_only=True):
    """Pay, and years of service."""

    monthly_wage: Annotated[
        float,
        asked(fr="salaire mensuel en dirhams", ar="الأجر الشهري بالدرهم", en="pay a month in dirhams", gt=0, le=_MOST_PAY),
    ]
    years: Years


def seniority_bonus(question: Bonus, at: At) -> Result:
    """In dirhams a month: a per cent of pay by whole years of service."""
    rate = max((percent for after, percent in at.rows("seniority_bonus") if question.years >= after), default=0.0)
    amount = round(question.monthly_wage * rate / 100, 2)
    wage = f"{question.monthly_wage:.2f}"
    step = at.say(
        fr=f"Après {question.years} ans de service : {rate:g} % de {wage} dirhams = {amount:.2f} dirhams par mois.",
        ar=f"بعد {question.years} سنوات من الخدمة: {rate:g} % من {wage} درهم = {amount:.2f} درهم في الشهر.",
        en=f"After {question.years} years of service: {rate:g} % of {wage} dirhams = {amount:.2f} dirhams a month.",
    )
    return at.result(amount, "MAD", [step], _agreement(at))


TOOLS = (
    Tool(
        name="dismissal_indemnity",
        title={"fr": "Indemnité de licenciement", "ar": "التعويض عن الفصل", "en": "Dismissal indemnity"},
        input=Dismissal,
        run=dismissal_indemnity,
        cues={
            "fr": ("indemnité de licenciement", "calculer l'indemnité", "combien d'indemnité"),
            "ar": ("التعويض عن الفصل", "حساب التعويض", "كم تعويضي"),
            "en": ("dismissal indemnity", "severance pay", "severance"),
        },
    ),
    Tool(
        name="dismissal_damages",
        title={
            "fr": "Dommages-intérêts pour licenciement abusif",
            "ar": "التعويض عن الفصل التعسفي",
            "en": "Damages for abusive dismissal",
        },
        input=Damages,
        run=dismissal_damages,
        cues={
            "fr": ("dommages-intérêts", "licenciement abusif combien"),
            "ar": ("التعويض عن الضرر", "تعويض الفصل التعسفي"),
            "en": ("damages for abusive dismissal", "unfair dismissal damages"),
        },
    ),
    Tool(
        name="annual_leave",
        title={"fr": "Jours de congé annuel", "ar": "أيام العطلة السنوية", "en": "Days of annual leave"},
        input=Leave,
        run=annual_leave,
        cues={
            "fr": ("combien de jours de congé", "jours de congé annuel"),
            "ar": ("كم يوما من العطلة", "أيام العطلة السنوية"),
            "en": ("how many days of leave", "days of annual leave"),
        },
    ),
    Tool(
        name="notice",
        title={"fr": "Durée du préavis", "ar": "مدة أجل الإخطار", "en": "Length of notice"},
        input=Notice,
        run=notice,
        cues={
            "fr": ("durée du préavis", "calculer le préavis", "quel préavis pour"),
            "ar": ("مدة الإخطار", "حساب أجل الإخطار"),
            "en": ("notice period",),
        },
    ),
    Tool(
        name="seniority_bonus",
        title={"fr": "Prime d'ancienneté", "ar": "علاوة الأقدمية", "en": "Seniority bonus"},
        input=Bonus,
        run=seniority_bonus,
        cues={
            "fr": ("prime d'ancienneté combien", "calculer la prime d'ancienneté", "montant de la prime d'ancienneté"),
            "ar": ("حساب علاوة الأقدمية", "كم علاوة الأقدمية"),
            "en": ("seniority bonus amount", "how much seniority bonus"),
        },
    ),
)
