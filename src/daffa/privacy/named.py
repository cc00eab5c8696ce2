"""Identifiers without a control digit, which a word before them names: CNSS, IF, RC, Massar, passport, residence card.

A text is cut at every word that names a number, these and others; what stands close behind a word is its number. Knows no date.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .finding import Finding, Type
from .pieces import HAS_DIGIT, LATIN, in_text, spellings
from .scan import Hit
from .towns import TOWNS

__all__ = ["PATTERNS", "WORDS", "read"]

_WORDS = {
    Type.CNSS: (
        "cnss",
        "c.n.s.s",
        "sécurité sociale",
        "social security",
        "ضمان الاجتماعي",
        "ص.و.ض.ا",
        "ص.و.ض.ج",
        "لاسيناسيس",
        "سي إن إس إس",
        "daman ijtima3i",
        "daman lijtima3i",
        "damane ijtimai",
    ),
    Type.IF: (
        "identifiant fiscal",
        "identification fiscale",
        "numéro fiscal",
        "n° fiscal",
        "id fiscal",
        "matricule fiscal",
        "tax id",
        "تعريف الضريبي",
        "تعريفي الضريبي",
        "تعريفه الضريبي",
        "تعريفها الضريبي",
        "تعريف ضريبي",
        "تعريف الجبائي",
        "معرف الضريبي",
        "معرف الجبائي",
        "الرقم الضريبي",
        "الرقم الجبائي",
        "رقم الضريبة",
        "الهوية الجبائية",
        "الهوية الضريبية",
        "ta3rif dribi",
        "ta3rif jiba2i",
        "ra9m dribi",
    ),
    Type.RC: (
        "registre du commerce",
        "registre de commerce",
        "reg. com",
        "reg. du commerce",
        "trade register",
        "commercial register",
        "سجل التجاري",
        "سجل تجاري",
        "سجله التجاري",
        "سجلها التجاري",
        "sijil tijari",
        "sijill tijari",
        "sijil attijari",
    ),
    Type.MASSAR: (
        "massar",
        "code élève",
        "code de l'élève",
        "code national",
        "code étudiant",
        "student code",
        "مسار",
        "رقم التلميذ",
        "رمز التلميذ",
        "رقم الطالب",
        "الرقم الوطني للطالب",
        "الرمز الوطني",
        "code talib",
        "code tilmid",
        "code tlmid",
    ),
    Type.PASSPORT: (
        "passeport",
        "passport",
        "pasport",
        "paspor",
        "passpor",
        "جواز",
        "باسبور",
        "بسبور",
        "jawaz safar",
        "jawaz",
    ),
    Type.RESIDENCE_CARD: (
        "carte de séjour",
        "titre de séjour",
        "carte séjour",
        "carte de résidence",
        "carte de résident",
        "permis de séjour",
        "carte d'immatriculation",
        "certificat d'immatriculation",
        "residence card",
        "residence permit",
        "بطاقة الإقامة",
        "بطاقة إقامة",
        "بطاقة إقامته",
        "بطاقة إقامتها",
        "بطاقة إقامتي",
        "سند الإقامة",
        "رخصة الإقامة",
        "بطاقة التسجيل",
        "لاكارط سيجور",
        "lakart séjour",
        "lakart dyal séjour",
        "carta d séjour",
        "kart d séjour",
        "carte dyal séjour",
        "bita9at l2i9ama",
        "bita9at i9ama",
        "ta9a dyal l2i9ama",
        "bitaqat iqama",
    ),
}
# Words that own the number behind them, none of the above.
_OTHERS = tuple(
    (
        "tél|téléphone|gsm|fax|mobile|whatsapp|portable|cin|cine|cni|cnie|rib|iban|ice|patente|t.p|tp|"
        "taxe professionnelle|capital|"
        "montant|somme|total|loi|dahir|décret|arrêté|article|art|bulletin|assurance|facture|commande|dossier|affaire|"
        "isbn|imei|siret|"
        "siren|tva|amo|cimr|email|nmra d tel|telifoun|lfaktora|hsab|compte|solde|mot de passe|code postal|année|exercice|"
        "هاتف|هاتفي|فاكس|بطاقة التعريف|بطاقة الوطنية|التعريف الموحد|حساب|قانون|ظهير|مرسوم|قرار|مادة|فصل|مبلغ|رأسمال|فاتورة|ملف|"
        "جريدة الرسمية|سنة|تاريخ"
    ).split("|")
)
WORDS = tuple(spellings(word) for words in _WORDS.values() for word in words)
"""The words, by type."""
PATTERNS = (
    rb"(?:\A|[^A-Za-z])(?:I\.?F\.?[^A-Za-z.]|l?if[\"']?\x20?[:=n#])",
    rb"(?i)(?:\A|[^a-z])(?:r\.?c\.?(?:[^a-z.]|\z)|c\.?n\.?e(?:[^a-z]|\z))",
)
"""Their short forms, which stand in too many other words."""

_KINDS = tuple(kind for kind, words in _WORDS.items() for _ in words)
# Where a word begins; small words of Darija and of Arabic are glued to what they stand before.
_LATIN_START = re.compile(rf"(?<![{LATIN}])[dflDFL]{{0,2}}['’]?\Z")
_ARABIC_START = re.compile(r"(?<![\u0621-\u064a])[وبفكل]{0,2}(?:ال)?\Z")
_SHORT = re.compile(
    rf"(?<![{LATIN}.])(?:(?P<if>I\.?F\.?(?![{LATIN}])|(?i:l?if)(?=[\"']? ?(?:[:=#]|n[°º])))|"
    rf"(?i:(?P<rc>l?r\.?c\.?)|(?P<massar>c\.?n\.?e))(?![{LATIN}]))"
)
# Of the others it counts only whether one stands between a word and its number.
_OTHER = (
    rf"(?:(?<![{LATIN}])[dfl]{{0,2}}['’]?{in_text(word for word in _OTHERS if word < 'ء')}(?![{LATIN}])|"
    rf"(?<![\u0621-\u064a])[وبفكل]{{0,2}}(?:ال)?{in_text(word for word in _OTHERS if word > 'ء')})"
)
_OTHERS_NUMBER = re.compile(_OTHER, re.IGNORECASE)
# Two names of numbers with one colon (IF/ICE : 1 / 2): the numbers stand in the same order.
_PAIR = "(?:[ ]?[/&,|-][ ]?| et | و ?)"
_PAIRED = re.compile(_PAIR)
_AFTER_OTHER = re.compile(_OTHER + _PAIR + r"\Z", re.IGNORECASE)

_EDGE, _END = f"(?<![{LATIN}])(?<![0-9][.,/-])", f"(?![{LATIN}]|[.,/-][0-9])"
_VALUES = {
    Type.CNSS: re.compile(f"{_EDGE}(?!0[5-8](?:[ .-]?[0-9]){{8}}(?![0-9]))[0-9](?:[ .-]?[0-9]){{6,9}}{_END}"),
    Type.IF: re.compile(f"{_EDGE}[0-9](?:[ .-]?[0-9]){{5,7}}{_END}"),
    Type.RC: re.compile(f"{_EDGE}(?:[0-9]{{1,3}}(?:[ .][0-9]{{3}}){{1,2}}|[0-9]{{2,8}}){_END}"),
    Type.MASSAR: re.compile(f"{_EDGE}(?:[A-Z][ -]?[0-9](?:[ .-]?[0-9]){{8}}|[0-9]{{9}} ?[A-Z]){_END}", re.IGNORECASE),
    Type.PASSPORT: re.compile(
        f"{_EDGE}(?:[A-Z]{{1,2}}[ -]?[0-9](?:[ .-]?[0-9]){{5,6}}|[0-9]{{6,7}} ?[A-Z]{{1,2}}){_END}", re.IGNORECASE
    ),
    Type.RESIDENCE_CARD: re.compile(
        f"{_EDGE}(?:[A-Z]{{1,2}}[ -]?[0-9]{{5,8}}(?:[ -]?[A-Z](?![{LATIN}]))?|[0-9]{{5,8}} ?[A-Z]{{1,2}}|[0-9]{{6,10}}){_END}",
        re.IGNORECASE,
    ),
}
_OLD_CNE = re.compile(f"{_EDGE}[0-9]{{10}}{_END}")

# A number of money, people or things is none that identifies.
_COUNTED = re.compile(
    r"[ ]{0,2}(?:dhs?(?![a-z])|mad(?![a-z])|dirhams?|centimes?|euros?|€|\$|%|درهم|درهما|دراهم|drhm|derhem|points?|"
    r"affilié|assuré|salarié|adhérent|personne|élève|"
    r"passeport|entreprise|société|dossier|km|مؤمن|منخرط|أجير|شخص|مقاولة|شركة|نقطة|تلميذ|جواز|wa7d|nas|bnadem)",
    re.IGNORECASE,
)
# RC is short and its numbers are too: it takes them only beside a sign that a number follows, or just behind itself.
_LEADS = re.compile(
    r"(?:n[°ºo]?|nº|num[ée]ro|num|nmra|noumra|ra9m|raqm|number|no|:|=|#|رقم|عدد|تحت|(?:dyal[a-z]{0,3}|"
    r"ديال[\u0621-\u064a]{0,2})(?: [^ ]{3,12})?)[ .:\"'=#(]{0,4}\Z|\A[\"' .:=|(]{0,4}\Z",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z")
_LIABILITY = re.compile(r"assur|responsabilit|تأمين|garanti", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<!n)[.!?؟] {1,3}(?=[A-ZÉÀ\u0621-\u064a])(?!N[°ºo])|\n\s{0,8}\n|[;؛]")
# Digits by themselves; those of Arabizi (ra9m, l3am) stand in words.
_NUMBER = re.compile(f"(?<![{LATIN}])[0-9]{{1,40}}(?![{LATIN}])")
_TOWN = re.compile(in_text(TOWNS), re.IGNORECASE)
_BEFORE_WORD = re.compile(r"[ :=()\]\[|]{0,4}(?:(?:رقم|عدد|n°|numéro|code)[ :]{0,2})?")
_ARABIC = re.compile("[\u0621-\u064a]")
_REACH, _BESIDE = 64, 28
_GLUED, _APOSTROPHES = 6, ("'", "’")


class _Word(NamedTuple):
    """What a word names and where it stands."""

    kind: Type
    start: int
    end: int


class _Near(NamedTuple):
    """The end of the word before, and the starts of the two behind."""

    before: int
    following: int
    second: int


def read(text: str, ends: list[int], hits: list[Hit], found: list[Finding]) -> None:
    """Add every identifier of ``text`` that a word, one of ``hits`` or a short one at one of ``ends``, names."""
    words = _words(text, ends, hits)
    starts = [*(start for _, start, _ in words), len(text), len(text)]
    free = before = 0
    for number, word in enumerate(words):
        value = None
        if HAS_DIGIT(text, word.end, min(starts[number + 2], word.end + _REACH)):
            value = _behind(text, word, _Near(before, starts[number + 1], starts[number + 2]))
        if value is None and HAS_DIGIT(text, max(free, word.start - 32), word.start):
            value = _ahead(text, word, free)
        before = free = word.end
        if value:
            free = max(free, value.end())
            found.append(Finding(word.kind, *value.span(), *_sureness(text, word, value)))


def _words(text: str, ends: list[int], hits: list[Hit]) -> list[_Word]:
    """The words of ``text`` that stand where a word begins, in order; of those that overlap, the first and longest."""
    words = []
    for end, size, word in hits:
        start = end - size
        if text[start - 1 : start].isalpha() or text[start - 1 : start] in _APOSTROPHES:
            glued = (_ARABIC_START if text[start] >= "\u0600" else _LATIN_START).search(text, max(start - _GLUED, 0), start)
            if glued is None:
                continue
            start = glued.start()
        words.append(_Word(_KINDS[word], start, end))
    seen = 0
    for end in ends:
        for match in _SHORT.finditer(text, max(end - 9, seen), end + 3):
            words.append(_Word(Type(str(match.lastgroup)), *match.span()))
            seen = match.end()
    words.sort(key=_by_place)
    apart: list[_Word] = []
    for each in words:
        if not apart or each.start >= apart[-1].end:
            apart.append(each)
    return apart


def _by_place(word: _Word) -> tuple[int, int]:
    return word.start, -word.end


def _behind(text: str, word: _Word, near: _Near) -> re.Match[str] | None:
    """The number behind a word and before the next, in the same sentence; behind both, where they are a pair."""
    start, stop = word.end, near.following
    pair = _PAIRED.match(text, start)
    if pair and pair.end() == stop:
        stop = near.second
    elif pair and (other := _OTHERS_NUMBER.match(text, pair.end())):
        start = other.end()
    value = _VALUES[word.kind].search(text, start, min(stop + 1, word.end + _REACH + 24))
    if value is None and word.kind is Type.MASSAR and text[word.start : word.end].lower().lstrip("l").startswith("c"):
        value = _OLD_CNE.search(text, start, min(stop, word.end + _REACH))
    if value is None or value.end() > stop or value.start() - word.end > _REACH or _COUNTED.match(text, value.end()):
        return None
    gap = text[word.end : value.start()]
    if gap.strip(" :=n°.") and not _leads(text, word, near, gap, start, value.start()):
        return None
    if word.kind is Type.RC and not _of_register(text, word, value, gap):
        return None
    return value


def _leads(text: str, word: _Word, near: _Near, gap: str, start: int, end: int) -> bool:
    """Whether what stands between a word and a number lets the word name it: no sentence ends, nothing else names or is one."""
    if _SENTENCE_END.search(gap) or _OTHERS_NUMBER.search(text, start, end):
        return False
    numbers = len(_NUMBER.findall(gap))
    return numbers == 0 or (numbers == 1 and _is_second(text, word, near))


def _is_second(text: str, word: _Word, near: _Near) -> bool:
    """Whether a word is the second of a pair, and its number stands behind another."""
    paired = near.before > 0 and _PAIRED.fullmatch(text, near.before, word.start)
    return bool(paired or _AFTER_OTHER.search(text, max(word.start - 40, 0), word.start))


def _of_register(text: str, word: _Word, value: re.Match[str], gap: str) -> bool:
    if _YEAR.match(value.group()) and len(gap) < 3 and ":" not in gap:
        return False
    if _LIABILITY.search(text, max(word.start - 40, 0), word.start):
        return False
    whole_words = word.end - word.start > 6
    return bool(_LEADS.search(_TOWN.sub("", gap))) or (whole_words and len(gap) <= 16 and len(value.group()) >= 4)


def _ahead(text: str, word: _Word, free: int) -> re.Match[str] | None:
    """The number just before a word, where right-to-left extraction turned the line round. Not one that another word took."""
    if word.kind in (Type.RC, Type.CNSS) and ":" not in text[max(word.start - 4, 0) : word.start]:
        return None
    for value in _VALUES[word.kind].finditer(text, max(word.start - 32, free), word.start):
        if _BEFORE_WORD.fullmatch(text[value.end() : word.start]) and _ARABIC.search(
            text, max(value.start() - 40, 0), word.end + 40
        ):
            return value
    return None


def _sureness(text: str, word: _Word, value: re.Match[str]) -> tuple[float, str]:
    if value.start() < word.start:
        return 0.7, "context"
    if word.kind is Type.RC:
        court = _TOWN.search(text, word.end, value.start()) or _TOWN.search(text, value.end(), value.end() + _BESIDE)
        return (0.95, "court") if court else (0.85, "context")
    if word.kind is Type.IF and sum(map(str.isdigit, value.group())) == 6:
        return 0.6, "context"
    near = value.start() - word.end <= _BESIDE
    if word.kind in (Type.PASSPORT, Type.RESIDENCE_CARD, Type.MASSAR):
        return (0.98 if near else 0.9), "context"
    return (0.95 if near else 0.7), "context"
