"""Income tax, company taxes and direct social aid, computed from dated figures. Knows nobody's file and decides no right."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from daffa.packs import At, Result, Tool, asked

_MOST = 1_000_000_000_000

# What a step, a warning or a refusal says: in French, Arabic, English.
_WORDS = {
    "year_of_income": (
        "Revenu annuel : {month} × 12 = {year} dirhams.",
        "الدخل السنوي: {month} × 12 = {year} درهم.",
        "Yearly income: {month} × 12 = {year} dirhams.",
    ),
    "scale": (
        "Barème (article 73-I) : {income} × {rate} − {less} = {gross} dirhams par an.",
        "الجدول (المادة 73-I): {income} × {rate} − {less} = {gross} درهم في السنة.",
        "Scale (article 73-I): {income} × {rate} − {less} = {gross} dirhams a year.",
    ),
    "family": (
        "Charges de famille (article 74) : {counted} × {each} = {off} dirhams de moins.",
        "التحملات العائلية (المادة 74): {counted} × {each} = {off} درهم تخصم.",
        "Family charges (article 74): {counted} × {each} = {off} dirhams less.",
    ),
    "tax": (
        "Impôt : {year} dirhams par an, soit {month} par mois.",
        "الضريبة: {year} درهم في السنة، أي {month} في الشهر.",
        "Tax: {year} dirhams a year, which is {month} a month.",
    ),
    "estimate": (
        (
            "Estimation : le revenu net imposable est ce qui reste après les cotisations et les frais professionnels ; "
            "seule l'administration fiscale établit l'impôt."
        ),
        (
            "تقدير فقط: الدخل الصافي الخاضع للضريبة هو ما يبقى بعد الاشتراكات والمصاريف المهنية، "
            "والإدارة الضريبية وحدها تحدد الضريبة."
        ),
        (
            "An estimate: net taxable income is what remains after contributions and professional expenses; "
            "only the tax administration sets the tax."
        ),
    ),
    "expenses": (
        "Frais professionnels (article 59-I-A) : {gross} × {rate} = {raw} dirhams.",
        "المصاريف المهنية (المادة 59-I-A): {gross} × {rate} = {raw} درهم.",
        "Professional expenses (article 59-I-A): {gross} × {rate} = {raw} dirhams.",
    ),
    "ceiling": (
        "La déduction ne peut pas dépasser {top} dirhams par an.",
        "لا يمكن أن يتجاوز الخصم {top} درهم في السنة.",
        "The deduction cannot exceed {top} dirhams a year.",
    ),
    "general_rule": (
        "Règle générale ; certaines professions ont un autre taux (article 59-I-B et C).",
        "القاعدة العامة؛ لبعض المهن سعر آخر (المادة 59-I-B و C).",
        "The general rule; some professions have another rate (article 59-I-B and C).",
    ),
    "corporate": (
        "Impôt sur les sociétés (article 19) : {profit} × {rate} = {due} dirhams.",
        "الضريبة على الشركات (المادة 19): {profit} × {rate} = {due} درهم.",
        "Corporate tax (article 19): {profit} × {rate} = {due} dirhams.",
    ),
    "corporate_without": (
        "Sans la cotisation minimale, les exonérations, les régimes particuliers ni la contribution sociale de solidarité.",
        "دون الحد الأدنى للضريبة ولا الإعفاءات ولا الأنظمة الخاصة ولا المساهمة الاجتماعية للتضامن.",
        "Without the minimum contribution, exemptions, special regimes or the social solidarity contribution.",
    ),
    "solidarity": (
        "Contribution sociale de solidarité (article 269) : {profit} × {rate} = {due} dirhams.",
        "المساهمة الاجتماعية للتضامن (المادة 269): {profit} × {rate} = {due} درهم.",
        "Social solidarity contribution (article 269): {profit} × {rate} = {due} dirhams.",
    ),
    "no_solidarity": (
        "Moins de {first} dirhams ({profit}) : pas de contribution (article 268).",
        "أقل من {first} درهم ({profit}): لا مساهمة (المادة 268).",
        "Less than {first} dirhams ({profit}): no contribution (article 268).",
    ),
    "child": (
        "Enfant n° {rank}, {age} ans : {amount} dirhams par mois.",
        "الولد رقم {rank} (العمر {age}): {amount} درهم في الشهر.",
        "Child {rank}, aged {age}: {amount} dirhams a month.",
    ),
    "no_child": (
        "Sans enfant compté : aide forfaitaire de {least} dirhams par mois.",
        "دون ولد محتسب: إعانة جزافية قدرها {least} درهم في الشهر.",
        "No child counts: flat aid of {least} dirhams a month.",
    ),
    "raised": (
        "Total {total} dirhams, porté au minimum de {least} dirhams par mois (décret n° 2-23-1067, article 2).",
        "المجموع {total} درهم، ويرفع إلى الحد الأدنى {least} درهم في الشهر (المرسوم رقم 2.23.1067، المادة 2).",
        "Total {total} dirhams, raised to the least of {least} dirhams a month (decree 2-23-1067, article 2).",
    ),
    "total": (
        "Total : {total} dirhams par mois.",
        "المجموع: {total} درهم في الشهر.",
        "Total: {total} dirhams a month.",
    ),
    "amount_alone": (
        (
            "Montant seul : le droit dépend de l'inscription au Registre social unifié, du seuil et de l'absence d'allocations "
            "familiales, et la décision revient à l'Agence nationale du soutien social."
        ),
        (
            "المبلغ فقط: الحق رهين بالتقييد في السجل الاجتماعي الموحد وبالعتبة وبعدم الاستفادة من التعويضات العائلية، "
            "والقرار للوكالة الوطنية للدعم الاجتماعي."
        ),
        (
            "The amount alone: the right depends on the Unified Social Register, the threshold and the absence of family "
            "allowances, and the National Social Support Agency decides."
        ),
    ),
    "ages_listed": ("des âges de la liste des enfants", "أعمار من لائحة الأولاد", "ages that are in the list of children"),
    "known_orphans": (
        "des orphelins de moins de 6 ans ou scolarisés : le complément des autres n'est pas dans les sources lues",
        "أيتام دون 6 سنوات أو متمدرسون: الدعم التكميلي لغيرهم غير موجود في المصادر المقروءة",
        "fatherless children under 6 or in school: the supplement of others is not in the sources read",
    ),
}


def _say(at: At, name: str, **facts: object) -> str:
    fr, ar, en = (words.format(**facts) for words in _WORDS[name])
    return at.say(fr=fr, ar=ar, en=en)


def _money(at: At, amount: float) -> str:
    """``17 800`` or ``166,67`` in French and Arabic; ``17,800`` or ``166.67`` in English."""
    text = f"{amount:,.2f}".removesuffix(".00")
    return text if at.language == "en" else text.replace(",", " ").replace(".", ",")


def _percent(at: At, rate: float) -> str:
    text = f"{rate * 100:.4g}"
    return (text if at.language == "en" else text.replace(".", ",")) + " %"


# Whom article 74 counts, as people call them.
_DEPENDANTS = (
    "personne à charge", "personnes à charge", "charges de famille", "enfant", "enfants", "fils", "fille", "filles", "bébé",
    "gosses", "épouse", "époux", "conjoint", "femme", "mari", "marié", "mariée",
    "dependant", "dependants", "dependent", "dependents", "child", "children", "kid", "kids", "son", "sons", "daughter",
    "daughters", "wife", "husband", "spouse", "married",
    "ولد", "أولاد", "ولدين", "ولدان", "طفل", "أطفال", "طفلين", "طفلان", "ابن", "أبناء", "ابنين", "ابنان", "بنت", "بنات",
    "بنتين", "معال", "معالين", "معالون", "زوجة", "زوج", "متزوج", "متزوجة",
    "الدري", "دري", "دراري", "الدراري", "لولاد", "ولادي", "وليدات", "المرا", "مرا", "مراتي", "الراجل", "راجلي", "مزوج", "مزوجة",
    "weld", "wlad", "lwlad", "wladi", "drari", "dri", "derri", "bnt", "bnat", "bent", "lmra", "mra", "mrati", "rajli", "mzowej",
    "mzewej", "mzewja",
    "ⵜⴰⵔⵡⴰ", "ⴰⵔⵔⴰⵡ", "ⵉⵡⵉ", "ⵉⵍⵍⵉ", "ⵜⴰⵎⵖⴰⵔⵜ", "ⴰⵔⴳⴰⵣ",
)  # fmt: skip


class IncomeTax(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for the tax of a person: income after contributions and professional expenses, and of which period."""

    income: Annotated[
        float,
        asked(
            fr="revenu net imposable en dirhams",
            ar="الدخل الصافي الخاضع للضريبة بالدرهم",
            en="net taxable income in dirhams",
            ge=0,
            le=_MOST,
        ),
    ]
    period: Annotated[
        Literal["year", "month"], asked(fr="par an ou par mois", ar="في السنة أو في الشهر", en="a year or a month")
    ]
    dependants: Annotated[
        int,
        asked(fr="personnes à charge", ar="الأشخاص المعالون", en="dependants", words=_DEPENDANTS, ge=0, le=50),
    ] = 0


def income_tax(question: IncomeTax, at: At) -> Result:
    """Article 73-I: income times the rate of its band, less the amount of the band; article 74: less so much a dependant."""
    months = 12 if question.period == "month" else 1
    income = question.income * months
    rows = at.rows("income_tax_scale")
    # The end of a band belongs to it: exactly 40,000 is still exempt.
    _above, rate, less = [row for row in rows if income > row[0]][-1] if income > 0 else rows[0]
    gross = max(0.0, income * rate - less)
    each = at.number("family_charge")
    counted = min(question.dependants, int(at.number("family_charge_persons")))
    tax = max(0.0, gross - counted * each)
    steps = []
    if months == 12:
        steps.append(_say(at, "year_of_income", month=_money(at, question.income), year=_money(at, income)))
    facts = {"income": _money(at, income), "rate": _percent(at, rate), "less": _money(at, less), "gross": _money(at, gross)}
    steps.append(_say(at, "scale", **facts))
    if counted:
        steps.append(_say(at, "family", counted=counted, each=_money(at, each), off=_money(at, counted * each)))
    steps.append(_say(at, "tax", year=_money(at, tax), month=_money(at, tax / 12)))
    unit = "MAD/month" if months == 12 else "MAD/year"
    return at.result(round(tax / months, 2), unit, steps, _say(at, "estimate"))


class ProfessionalExpenses(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for the flat expenses of an employee."""

    gross: Annotated[
        float,
        asked(
            fr="revenu brut annuel imposable en dirhams",
            ar="الدخل السنوي الإجمالي الخاضع للضريبة بالدرهم",
            en="gross taxable income of the year in dirhams",
            ge=0,
            le=_MOST,
        ),
    ]


def professional_expenses(question: ProfessionalExpenses, at: At) -> Result:
    """Article 59-I-A: one rate up to the limit, a lower one above it and then at most the ceiling."""
    table = at.table("professional_expenses")
    above = question.gross > table["limit"]
    rate = table["rate_above_limit"] if above else table["rate_up_to_limit"]
    raw = question.gross * rate
    deduction = min(raw, table["ceiling"]) if above else raw
    steps = [_say(at, "expenses", gross=_money(at, question.gross), rate=_percent(at, rate), raw=_money(at, raw))]
    if deduction < raw:
        steps.append(_say(at, "ceiling", top=_money(at, table["ceiling"])))
    return at.result(round(deduction, 2), "MAD/year", steps, _say(at, "general_rule"))


class CorporateTax(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for the tax of a company."""

    profit: Annotated[
        float,
        asked(
            fr="bénéfice net fiscal en dirhams", ar="الربح الصافي بالدرهم", en="net taxable profit in dirhams", ge=0, le=_MOST
        ),
    ]
    sector: Annotated[
        Literal["ordinary", "financial"],
        asked(
            fr="société ordinaire, ou banque et assurance", ar="شركة عادية أو بنك وتأمين", en="ordinary, or bank and insurance"
        ),
    ] = "ordinary"


def corporate_tax(question: CorporateTax, at: At) -> Result:
    """Article 19: one proportional rate on the whole profit."""
    table = at.table("corporate_tax")
    size = "large" if question.profit >= table["large_from"] else "ordinary"
    rate = table["financial" if question.sector == "financial" else size]
    due = question.profit * rate
    step = _say(at, "corporate", profit=_money(at, question.profit), rate=_percent(at, rate), due=_money(at, due))
    return at.result(round(due, 2), "MAD/year", [step], _say(at, "corporate_without"))


class SolidarityContribution(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for the contribution on profits and income."""

    profit: Annotated[
        float,
        asked(
            fr="bénéfice ou revenu net en dirhams",
            ar="الربح أو الدخل الصافي بالدرهم",
            en="net profit or income in dirhams",
            ge=0,
            le=_MOST,
        ),
    ]


def solidarity_contribution(question: SolidarityContribution, at: At) -> Result:
    """Article 269: the rate of the band that the profit reaches, on the whole profit; nothing below the first band."""
    rows = at.rows("solidarity_scale")
    reached = [rate for start, rate in rows if question.profit >= start]
    profit = _money(at, question.profit)
    if not reached:
        return at.result(0.0, "MAD/year", [_say(at, "no_solidarity", profit=profit, first=_money(at, rows[0][0]))])
    due = question.profit * reached[-1]
    step = _say(at, "solidarity", profit=profit, rate=_percent(at, reached[-1]), due=_money(at, due))
    return at.result(round(due, 2), "MAD/year", [step])


_FATHERLESS = (
    "orphelin", "orphelins", "orpheline", "orphelines", "père est mort", "père est décédé", "père décédé",
    "orphan", "orphans", "fatherless", "father has died", "father died", "father is dead",
    "يتيم", "أيتام", "يتامى", "أبوهم متوفى", "توفي أبوهم", "توفي والدهم", "والدهم متوفى", "مات أبوهم",
    "باهم ميت", "باهم مات", "باهوم ميت", "مات باهم", "bahom mat", "bahom mayt", "mat bahom", "ytama", "aytam",
)  # fmt: skip


class SocialAid(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for the aid of a family: its children by age, and which of them are out of school or disabled."""

    ages: Annotated[list[int], asked(fr="âge de chaque enfant", ar="سن كل ولد", en="age of each child", max_length=20)] = []
    out_of_school: Annotated[
        list[int],
        asked(fr="âge des non scolarisés", ar="سن غير المتمدرسين", en="ages of those out of school", max_length=20),
    ] = []
    severe_handicap: Annotated[
        list[int],
        asked(
            fr="âge de ceux en situation de handicap profond",
            ar="سن من هم في وضعية إعاقة عميقة",
            en="ages of the severely disabled",
            max_length=20,
        ),
    ] = []
    fatherless: Annotated[
        bool, asked(fr="orphelins de père", ar="أيتام من جهة الأب", en="their father has died", words=_FATHERLESS)
    ] = False


def social_aid(question: SocialAid, at: At) -> Result:
    """Law 58-23 article 2 and the annex of decree 2-23-1067: by rank, schooling and handicap; never less than the floor."""
    rules = at.table("aid_children")
    steps, total = [], 0.0
    children = _children(question, at, rules)
    for rank, (age, in_school, handicap) in enumerate(children, start=1):
        amount = _amount(at, rank <= rules["full"], in_school, handicap, question.fatherless)
        total += amount
        steps.append(_say(at, "child", rank=rank, age=age, amount=_money(at, amount)))
    floor = at.number("aid_floor")
    closing = "no_child" if not children else "raised" if total < floor else "total"
    steps.append(_say(at, closing, total=_money(at, total), least=_money(at, floor)))
    return at.result(max(total, floor), "MAD/month", steps, _say(at, "amount_alone"))


def _children(question: SocialAid, at: At, rules: dict[str, float]) -> list[tuple[int, bool, bool]]:
    """(age, counts as in school, severe handicap) of those who count, eldest first."""
    out, handicaps = list(question.out_of_school), list(question.severe_handicap)
    children = []
    for age in sorted(question.ages, reverse=True):
        if not 0 <= age <= 120:
            at.refuse("ages", "0 … 120", age)
        handicap, stays_home = _take(handicaps, age), _take(out, age) and age >= rules["school_age"]
        grown = age >= rules["age"]
        if question.fatherless and (stays_home or (grown and handicap)):
            at.refuse("fatherless", _say(at, "known_orphans"), age)
        if not grown:
            children.append((age, handicap or not stays_home, handicap))
    for field, left in (("out_of_school", out), ("severe_handicap", handicaps)):
        if left:
            at.refuse(field, _say(at, "ages_listed"), left[0])
    return children[: int(rules["most"])]


def _take(ages: list[int], age: int) -> bool:
    """Whether ``age`` is in the list; one of it is taken out, so that twins are two."""
    if age not in ages:
        return False
    ages.remove(age)
    return True


def _amount(at: At, full: bool, in_school: bool, handicap: bool, fatherless: bool) -> float:
    where = "in_school" if in_school else "out_of_school"
    amount = at.number(f"aid_first_three_{where}") if full else at.table("aid_next_three")[where]
    orphan = at.number("aid_fatherless") if fatherless and full else 0.0
    return amount + orphan + (at.number("aid_handicap") if handicap else 0.0)


TOOLS = (
    Tool(
        name="income_tax",
        title={"fr": "Impôt sur le revenu", "ar": "الضريبة على الدخل", "en": "Income tax"},
        input=IncomeTax,
        run=income_tax,
        cues={
            "fr": (
                "combien d'impôt",
                "quel impôt",
                "impôt pour",
                "impôt sur",
                "impôt sur le revenu",
                "IR",
                "lir",
                "net imposable",
            ),
            "ar": ("الضريبة على الدخل", "شحال الضريبة", "كم الضريبة", "شحال ديال الضريبة"),
            "en": ("income tax", "how much tax", "tax on", "tax for"),
        },
    ),
    Tool(
        name="professional_expenses",
        title={"fr": "Frais professionnels d'un salarié", "ar": "المصاريف المهنية للأجير", "en": "Professional expenses"},
        input=ProfessionalExpenses,
        run=professional_expenses,
        cues={"fr": ("frais professionnels", "abattement"), "ar": ("المصاريف المهنية",), "en": ("professional expenses",)},
    ),
    Tool(
        name="corporate_tax",
        title={"fr": "Impôt sur les sociétés", "ar": "الضريبة على الشركات", "en": "Corporate tax"},
        input=CorporateTax,
        run=corporate_tax,
        cues={"fr": ("impôt sur les sociétés",), "ar": ("الضريبة على الشركات",), "en": ("corporate tax", "company tax")},
    ),
    Tool(
        name="solidarity_contribution",
        title={
            "fr": "Contribution sociale de solidarité",
            "ar": "المساهمة الاجتماعية للتضامن",
            "en": "Solidarity contribution",
        },
        input=SolidarityContribution,
        run=solidarity_contribution,
        cues={"fr": ("contribution de solidarité",), "ar": ("مساهمة التضامن",), "en": ("solidarity contribution",)},
    ),
    Tool(
        name="social_aid",
        title={"fr": "Montant de l'aide sociale directe", "ar": "مبلغ الدعم الاجتماعي المباشر", "en": "Amount of direct aid"},
        input=SocialAid,
        run=social_aid,
        cues={
            "fr": ("aide sociale directe", "aide directe", "ASD"),
            "ar": ("الدعم الاجتماعي", "الدعم المباشر", "شحال الدعم"),
            "en": ("direct social aid", "direct aid"),
        },
    ),
)
