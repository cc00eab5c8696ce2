"""Income tax, company taxes and direct social aid, computed from dated figures. Knows nobody's file and decides no right."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from daffa.packs import At, Result, Tool, asked

_MOST = 1_000_000_000_000


def _money(at: At, amount: float) -> str:
    """``17 800`` or ``166,67`` in French and Arabic; ``17,800`` or ``166.67`` in English."""
    text = f"{amount:,.2f}".removesuffix(".00")
    return text if at.language == "en" else text.replace(",", " ").replace(".", ",")


def _percent(at: At, rate: float) -> str:
    text = f"{rate * 100:.4g}"
    return (text if at.language == "en" else text.replace(".", ",")) + " %"


def _band(rows: list[list[float]], amount: float) -> list[float]:
    """The last row whose first number is below ``amount``: an amount on the edge belongs to the row before."""
    return [row for row in rows if amount > row[0]][-1] if amount > rows[0][0] else rows[0]


class IncomeTax(msgspec.Struct, frozen=True, kw_only=True):
    income: Annotated[float, asked(fr="revenu net imposable en dirhams", ar="الدخل الصافي الخاضع للضريبة بالدرهم", en="net taxable income in dirhams", ge=0, le=_MOST)]
    period: Annotated[Literal["year", "month"], asked(fr="par an ou par mois", ar="في السنة أو في الشهر", en="a year or a month")] = "year"
    dependants: Annotated[int, asked(fr="personnes à charge", ar="الأشخاص المعالون", en="dependants", ge=0, le=50)] = 0


def income_tax(question: IncomeTax, at: At) -> Result:
    """Article 73-I: income times the rate of its band, less the amount of that band; article 74: less so much a dependant, to zero."""
    months = 12 if question.period == "month" else 1
    income = question.income * months
    _above, rate, less = _band(at.rows("income_tax_scale"), income)
    gross = max(0.0, income * rate - less)
    counted = min(question.dependants, int(at.number("family_charge_persons")))
    reduction = counted * at.number("family_charge")
    tax = max(0.0, gross - reduction)
    steps = _income_steps(at, question, income, rate, less, gross, counted, reduction, tax)
    warning = at.say(
        fr="Estimation : le revenu net imposable est ce qui reste après les cotisations et les frais professionnels ; seule l'administration fiscale établit l'impôt.",
        ar="تقدير فقط: الدخل الصافي الخاضع للضريبة هو ما يبقى بعد الاشتراكات والمصاريف المهنية، والإدارة الضريبية وحدها تحدد الضريبة.",
        en="An estimate: net taxable income is what remains after contributions and professional expenses; only the tax administration sets the tax.",
    )
    return at.result(round(tax / months, 2), "MAD/month" if months == 12 else "MAD/year", steps, warning)


def _income_steps(at: At, question: IncomeTax, income: float, rate: float, less: float, gross: float, counted: int, reduction: float, tax: float) -> list[str]:
    yearly, percent, deducted, raw = _money(at, income), _percent(at, rate), _money(at, less), _money(at, gross)
    steps = []
    if question.period == "month":
        monthly = _money(at, question.income)
        steps.append(
            at.say(
                fr=f"Revenu annuel : {monthly} × 12 = {yearly} dirhams.",
                ar=f"الدخل السنوي: {monthly} × 12 = {yearly} درهم.",
                en=f"Yearly income: {monthly} × 12 = {yearly} dirhams.",
            )
        )
    steps.append(
        at.say(
            fr=f"Barème (article 73-I) : {yearly} × {percent} − {deducted} = {raw} dirhams par an.",
            ar=f"الجدول (المادة 73-I): {yearly} × {percent} − {deducted} = {raw} درهم في السنة.",
            en=f"Scale (article 73-I): {yearly} × {percent} − {deducted} = {raw} dirhams a year.",
        )
    )
    if question.dependants:
        each, off = _money(at, at.number("family_charge")), _money(at, reduction)
        steps.append(
            at.say(
                fr=f"Charges de famille (article 74) : {counted} × {each} = {off} dirhams de moins.",
                ar=f"التحملات العائلية (المادة 74): {counted} × {each} = {off} درهم تخصم.",
                en=f"Family charges (article 74): {counted} × {each} = {off} dirhams less.",
            )
        )
    due, month = _money(at, tax), _money(at, tax / 12)
    steps.append(
        at.say(
            fr=f"Impôt : {due} dirhams par an, soit {month} par mois.",
            ar=f"الضريبة: {due} درهم في السنة، أي {month} في الشهر.",
            en=f"Tax: {due} dirhams a year, which is {month} a month.",
        )
    )
    return steps


class ProfessionalExpenses(msgspec.Struct, frozen=True, kw_only=True):
    gross: Annotated[float, asked(fr="revenu brut annuel imposable en dirhams", ar="الدخل السنوي الإجمالي الخاضع للضريبة بالدرهم", en="gross taxable income of the year in dirhams", ge=0, le=_MOST)]


def professional_expenses(question: ProfessionalExpenses, at: At) -> Result:
    """Article 59-I-A: one rate up to the limit, a lower one above it, at most the ceiling."""
    table = at.table("professional_expenses")
    rate = table["rate_up_to_limit"] if question.gross <= table["limit"] else table["rate_above_limit"]
    uncapped = question.gross * rate
    deduction = min(uncapped, table["ceiling"]) if question.gross > table["limit"] else uncapped
    gross, percent, raw, top, kept = _money(at, question.gross), _percent(at, rate), _money(at, uncapped), _money(at, table["ceiling"]), _money(at, deduction)
    steps = [
        at.say(
            fr=f"Frais professionnels (article 59-I-A) : {gross} × {percent} = {raw} dirhams.",
            ar=f"المصاريف المهنية (المادة 59-I-A): {gross} × {percent} = {raw} درهم.",
            en=f"Professional expenses (article 59-I-A): {gross} × {percent} = {raw} dirhams.",
        )
    ]
    if deduction < uncapped:
        steps.append(
            at.say(
                fr=f"La déduction ne peut pas dépasser {top} dirhams par an : {kept} dirhams.",
                ar=f"لا يمكن أن يتجاوز الخصم {top} درهم في السنة: {kept} درهم.",
                en=f"The deduction cannot exceed {top} dirhams a year: {kept} dirhams.",
            )
        )
    warning = at.say(
        fr="Règle générale ; certaines professions ont un autre taux (article 59-I-B et C).",
        ar="القاعدة العامة؛ لبعض المهن سعر آخر (المادة 59-I-B و C).",
        en="The general rule; some professions have another rate (article 59-I-B and C).",
    )
    return at.result(round(deduction, 2), "MAD/year", steps, warning)


class CorporateTax(msgspec.Struct, frozen=True, kw_only=True):
    profit: Annotated[float, asked(fr="bénéfice net fiscal en dirhams", ar="الربح الصافي الجبائي بالدرهم", en="net taxable profit in dirhams", ge=0, le=_MOST)]
    sector: Annotated[Literal["ordinary", "financial"], asked(fr="société ordinaire, ou banque et assurance", ar="شركة عادية أو بنك وتأمين", en="ordinary company, or bank and insurance")] = "ordinary"


def corporate_tax(question: CorporateTax, at: At) -> Result:
    """Article 19: one proportional rate on the whole profit."""
    table = at.table("corporate_tax")
    if question.sector == "financial":
        rate = table["financial"]
    else:
        rate = table["large"] if question.profit >= table["large_from"] else table["ordinary"]
    tax = question.profit * rate
    profit, percent, due = _money(at, question.profit), _percent(at, rate), _money(at, tax)
    steps = [
        at.say(
            fr=f"Impôt sur les sociétés (article 19) : {profit} × {percent} = {due} dirhams.",
            ar=f"الضريبة على الشركات (المادة 19): {profit} × {percent} = {due} درهم.",
            en=f"Corporate tax (article 19): {profit} × {percent} = {due} dirhams.",
        )
    ]
    warning = at.say(
        fr="Sans la cotisation minimale, les exonérations, les régimes particuliers ni la contribution sociale de solidarité.",
        ar="دون الحد الأدنى للضريبة ولا الإعفاءات ولا الأنظمة الخاصة ولا المساهمة الاجتماعية للتضامن.",
        en="Without the minimum contribution, exemptions, special regimes or the social solidarity contribution.",
    )
    return at.result(round(tax, 2), "MAD/year", steps, warning)


class SolidarityContribution(msgspec.Struct, frozen=True, kw_only=True):
    profit: Annotated[float, asked(fr="bénéfice ou revenu net en dirhams", ar="الربح أو الدخل الصافي بالدرهم", en="net profit or income in dirhams", ge=0, le=_MOST)]


def solidarity_contribution(question: SolidarityContribution, at: At) -> Result:
    """Article 269: the rate of the band that the profit reaches, on the whole profit; nothing below the first band."""
    rows = at.rows("solidarity_scale")
    reached = [rate for start, rate in rows if question.profit >= start]
    rate = reached[-1] if reached else 0.0
    due = question.profit * rate
    profit, percent, amount, first = _money(at, question.profit), _percent(at, rate), _money(at, due), _money(at, rows[0][0])
    if reached:
        step = at.say(
            fr=f"Contribution sociale de solidarité (article 269) : {profit} × {percent} = {amount} dirhams.",
            ar=f"المساهمة الاجتماعية للتضامن (المادة 269): {profit} × {percent} = {amount} درهم.",
            en=f"Social solidarity contribution (article 269): {profit} × {percent} = {amount} dirhams.",
        )
    else:
        step = at.say(
            fr=f"{profit} dirhams est moins que {first} dirhams : pas de contribution (article 268).",
            ar=f"{profit} درهم أقل من {first} درهم: لا مساهمة (المادة 268).",
            en=f"{profit} dirhams is less than {first} dirhams: no contribution (article 268).",
        )
    return at.result(round(due, 2), "MAD/year", [step])


class SocialAid(msgspec.Struct, frozen=True, kw_only=True):
    ages: Annotated[list[int], asked(fr="âge de chaque enfant", ar="سن كل ولد", en="age of each child", max_length=20)] = []
    out_of_school: Annotated[list[int], asked(fr="âge des enfants non scolarisés", ar="سن الأولاد غير المتمدرسين", en="age of the children out of school", max_length=20)] = []
    severe_handicap: Annotated[list[int], asked(fr="âge des enfants en situation de handicap profond", ar="سن الأولاد في وضعية إعاقة عميقة", en="age of the severely disabled children", max_length=20)] = []
    fatherless: Annotated[bool, asked(fr="enfants orphelins de père", ar="أولاد أيتام من جهة الأب", en="children whose father has died")] = False


def social_aid(question: SocialAid, at: At) -> Result:
    """Law 58-23 article 2 and the annex of decree 2-23-1067: by rank, schooling and handicap, at least the floor, at most six children."""
    rules = at.table("aid_children")
    children = _children(question, at, rules)
    steps, total = [], 0.0
    for rank, (age, in_school, handicap) in enumerate(children, start=1):
        amount = _child(at, rules, rank, age, in_school, handicap, question.fatherless)
        total += amount
        steps.append(
            at.say(
                fr=f"Enfant n° {rank}, {age} ans : {_money(at, amount)} dirhams par mois.",
                ar=f"الولد رقم {rank}، {age} سنة: {_money(at, amount)} درهم في الشهر.",
                en=f"Child {rank}, aged {age}: {_money(at, amount)} dirhams a month.",
            )
        )
    floor = at.number("aid_floor")
    steps.append(_closing(at, bool(children), total, floor))
    warning = at.say(
        fr="Montant seul : le droit dépend de l'inscription au Registre social unifié, du seuil et de l'absence d'allocations familiales, et la décision revient à l'Agence nationale du soutien social.",
        ar="المبلغ فقط: الحق رهين بالتقييد في السجل الاجتماعي الموحد وبالعتبة وبعدم الاستفادة من التعويضات العائلية، والقرار للوكالة الوطنية للدعم الاجتماعي.",
        en="The amount alone: the right depends on the Unified Social Register, the threshold and the absence of family allowances, and the National Social Support Agency decides.",
    )
    return at.result(max(total, floor), "MAD/month", steps, warning)


def _closing(at: At, has_children: bool, total: float, floor: float) -> str:
    least, sum_ = _money(at, floor), _money(at, total)
    if not has_children:
        return at.say(
            fr=f"Sans enfant compté : aide forfaitaire de {least} dirhams par mois.",
            ar=f"دون ولد محتسب: إعانة جزافية قدرها {least} درهم في الشهر.",
            en=f"No child counts: flat aid of {least} dirhams a month.",
        )
    if total < floor:
        return at.say(
            fr=f"Total {sum_} dirhams, porté au minimum de {least} dirhams par mois (décret n° 2-23-1067, article 2).",
            ar=f"المجموع {sum_} درهم، ويرفع إلى الحد الأدنى {least} درهم في الشهر (المرسوم رقم 2.23.1067، المادة 2).",
            en=f"Total {sum_} dirhams, raised to the least of {least} dirhams a month (decree 2-23-1067, article 2).",
        )
    return at.say(fr=f"Total : {sum_} dirhams par mois.", ar=f"المجموع: {sum_} درهم في الشهر.", en=f"Total: {sum_} dirhams a month.")


def _children(question: SocialAid, at: At, rules: dict[str, float]) -> list[tuple[int, bool, bool]]:
    """(age, counts as in school, severe handicap), eldest first, those who count, at most six."""
    out, handicaps = list(question.out_of_school), list(question.severe_handicap)
    children = []
    for age in sorted(question.ages, reverse=True):
        if not 0 <= age <= 120:
            at.refuse("ages", "0 … 120", str(age))
        handicap, out_of_school = _take(handicaps, age), _take(out, age)
        in_school = handicap or age < rules["school_age"] or not out_of_school
        if question.fatherless and out_of_school and age >= rules["school_age"]:
            at.refuse("fatherless", _unknown(at), str(age))
        if age < rules["age"] or (handicap and question.fatherless):
            children.append((age, in_school, handicap))
    for field, left in (("out_of_school", out), ("severe_handicap", handicaps)):
        if left:
            at.refuse(field, at.say(fr="des âges qui sont dans la liste des enfants", ar="أعمار من لائحة الأولاد", en="ages that are in the list of children"), str(left[0]))
    return children[: int(rules["most"])]


def _unknown(at: At) -> str:
    return at.say(
        fr="des orphelins de moins de 6 ans ou scolarisés : le complément des autres n'est pas dans les sources lues",
        ar="أيتام دون 6 سنوات أو متمدرسون: الدعم التكميلي لغيرهم غير موجود في المصادر المقروءة",
        en="fatherless children under 6 or in school: the supplement of others is not in the sources read",
    )


def _take(ages: list[int], age: int) -> bool:
    """Whether ``age`` is in the list; one of it is taken out, so that twins are two."""
    if age not in ages:
        return False
    ages.remove(age)
    return True


def _child(at: At, rules: dict[str, float], rank: int, age: int, in_school: bool, handicap: bool, fatherless: bool) -> float:
    if rank > rules["full"]:
        amount = at.table("aid_next_three")["in_school" if in_school else "out_of_school"]
    else:
        amount = at.number("aid_first_three_in_school" if in_school else "aid_first_three_out_of_school")
        amount += at.number("aid_fatherless") if fatherless else 0.0
    return amount + (at.number("aid_handicap") if handicap else 0.0)


TOOLS = (
    Tool(
        name="income_tax",
        title={"fr": "Impôt sur le revenu", "ar": "الضريبة على الدخل", "en": "Income tax"},
        input=IncomeTax,
        run=income_tax,
        cues={
            "fr": ("combien d'impôt", "impôt sur le revenu", "IR", "net imposable"),
            "ar": ("الضريبة على الدخل", "شحال الضريبة", "كم الضريبة", "شحال ديال الضريبة"),
            "en": ("income tax", "how much tax"),
        },
    ),
    Tool(
        name="professional_expenses",
        title={"fr": "Frais professionnels d'un salarié", "ar": "المصاريف المهنية للأجير", "en": "Professional expenses of an employee"},
        input=ProfessionalExpenses,
        run=professional_expenses,
        cues={"fr": ("frais professionnels", "abattement"), "ar": ("المصاريف المهنية",), "en": ("professional expenses",)},
    ),
    Tool(
        name="corporate_tax",
        title={"fr": "Impôt sur les sociétés", "ar": "الضريبة على الشركات", "en": "Corporate tax"},
        input=CorporateTax,
        run=corporate_tax,
        cues={"fr": ("impôt sur les sociétés", "IS", "bénéfice de la société"), "ar": ("الضريبة على الشركات", "ربح الشركة"), "en": ("corporate tax", "company tax")},
    ),
    Tool(
        name="solidarity_contribution",
        title={"fr": "Contribution sociale de solidarité", "ar": "المساهمة الاجتماعية للتضامن", "en": "Social solidarity contribution"},
        input=SolidarityContribution,
        run=solidarity_contribution,
        cues={"fr": ("contribution sociale de solidarité", "contribution de solidarité"), "ar": ("المساهمة الاجتماعية للتضامن", "مساهمة التضامن"), "en": ("solidarity contribution",)},
    ),
    Tool(
        name="social_aid",
        title={"fr": "Montant de l'aide sociale directe", "ar": "مبلغ الدعم الاجتماعي المباشر", "en": "Amount of direct social aid"},
        input=SocialAid,
        run=social_aid,
        cues={
            "fr": ("aide sociale directe", "aide directe", "ASD"),
            "ar": ("الدعم الاجتماعي", "الدعم المباشر", "شحال الدعم"),
            "en": ("direct social aid", "direct aid"),
        },
    ),
)
