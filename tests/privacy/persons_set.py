"""Sentences with names of persons that no list of the project has, and hard ones with none. Knows no finder.

A template is filled with names made of given and family names that are in no gazetteer; every second template, and every
second name, is held out.
"""

import random
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "persons"
LANGUAGES = ("fr", "ar", "ary")

GIVEN = """Chouaib شعيب chou3aib|Aymane أيمن aymane|Marwa مروة marwa|Ghassane غسان ghassan|Bachir البشير lbachir|
Zaki زكي zaki|
Haroun هارون haroun|Sabri صبري sabri|Lokmane لقمان lo9mane|Basma بسمة basma|Ibtihal ابتهال ibtihal|Rihab رحاب ri7ab|
Salwa سلوى salwa|Widad وداد widad|Razane رزان razan|Dalal دلال dalal|Fairouz فيروز fairouz|Firdaous فردوس firdaous|
Yaqout ياقوت ya9out|Chaouki شوقي chaw9i|Bouselham بوسلهام bouselham|Rahal رحال re77al|Hommad حماد 7emmad|
Belaid بلعيد bel3id|
Ouardia وردية wardia|Yetto يطو yetto|Toudert تودرت toudert|Fadma فاضمة fadma|Ijja إجا ijja|Anir أنير anir|Sifaw سيفاو sifaw|
Dihya دهيا dihya|Tanirt تانيرت tanirt|Siman سيمان siman|Bahae بهاء bahae|Charaf شرف charaf|Chihab شهاب chihab|
Labib لبيب labib|Moufid مفيد moufid|Mazine مازن mazine|Nidal نضال nidal|Raed رائد raed|Wadie وديع wadi3|Yazan يزن yazan|
Cherine شيرين chirine|Dina دينا dina|Farah فرح fara7|Ghofrane غفران ghofrane|Israe إسراء israe|Maissae ميساء mayssae|
Nisrine نسرين nissrine|Oulaya علياء 3oulaya|Rawan روان rawan|Tasnime تسنيم tasnim|Takwa تقوى ta9wa"""
FAMILY = """Lamernissi المرنيسي lmernissi|Bennouna بنونة bennouna|Benjelloun بنجلون benjelloun|Berrada برادة berrada|
Tazi التازي tazi|Lahlou لحلو la7lou|Sqalli الصقلي s9elli|Filali الفيلالي filali|Alaoui العلوي 3alaoui|
Idrissi الإدريسي idrissi|
Chraibi الشرايبي chraybi|Bouazzaoui البوعزاوي bou3ezzaoui|Ouazzani الوزاني wazzani|Tahiri الطاهري tahiri|
Amrani العمراني l3emrani|Kettani الكتاني kettani|Belkadi بلقاضي bel9adi|Boutaleb بوطالب boutaleb|Zniber زنيبر zniber|
Cherkaoui الشرقاوي cher9aoui|
Haddaoui الحداوي 7eddaoui|Ait_Taleb آيت_الطالب ait_taleb|Ait_Oufkir آيت_أوفقير ait_oufkir|Ben_Moussa بن_موسى ben_moussa|
El_Khattabi الخطابي lkhettabi|El_Guerrab الكراب lguerrab|Ouhssine أوحسين ou7ssine|Aghzaf أغزاف aghzaf|Oulhaj أولحاج oul7aj|
Amhaouch أمهاوش amhaouch|Boukhris بوخريص boukhriss|Guessous كسوس guessous|Laraki العراقي l3ira9i|Jettou جطو jettou|
Kabbaj القباج lkebbaj|Sebti السبتي sebti|Rifai الرفاعي rifa3i|Doukkali الدكالي doukkali|Soussi السوسي soussi|
Naciri الناصري naciri|Hajji الحجي 7ejji|Lamrabet المرابط lmrabet|Bouhlal بوهلال bouhlal|Ez-Zahidi الزاهيدي zahidi|
Er-Rami الرامي rami|Moutawakil المتوكل lmoutawakil|Ghazouani الغزواني ghezwani|Khiari الخياري khiari|
Mansouri المنصوري mensouri|
Daoudi الداودي daoudi|Aouad عواد 3ouad|Hakkaoui الحقاوي 7e99aoui|Fikri فكري fikri|Mechbal مشبال mechbal|Zaim الزعيم z3im|
Ouchen أوشن ouchen|Azulay أزولاي azoulay|Toledano طوليدانو toledano|Ohana أوحنا ohana"""
ABD = ("الودود", "الشكور", "المنعم", "البديع", "الرؤوف", "الكبير")


class Sentence(NamedTuple):
    text: str
    spans: tuple
    language: str
    held_out: bool


def names(table, held_out):
    """(Latin, Arabic, Arabizi) of the half of a table."""
    rows = [row.strip().split(" ") for row in table.replace("\n", "").split("|")]
    return [[word.replace("_", " ") for word in row] for place, row in enumerate(rows) if place % 2 == held_out]


def filled(template, language, draw, held_out):
    """The template with names in its slots, and where they stand."""
    given, family = names(GIVEN, held_out), names(FAMILY, held_out)
    one, other, also, father = draw.choice(given), draw.choice(family), draw.choice(family), draw.choice(given)
    script = {"fr": 0, "ar": 1, "ary": 2}[language]
    capital = [" ".join(part[0].upper() + part[1:] for part in word.split()) for word in (one[2], other[2])]
    slots = {
        "full": f"{one[script]} {other[script]}",
        "full2": f"{father[script]} {also[script]}",
        "given": one[script],
        "given2": father[script],
        "family": other[script],
        "family2": also[script],
        "FAMILY": other[script].upper(),
        "Full": " ".join(capital),
        "Family": capital[1],
        "ar": f"{one[1]} {other[1]}",
        "arg": one[1],
        "abd": draw.choice(ABD),
    }
    text, spans = "", []
    for piece in re.split(r"(\{\w+\})", template):
        written = slots[piece[1:-1]] if piece.startswith("{") else piece
        if piece.startswith("{"):
            spans.append([len(text), len(text) + len(written)])
        text += written
    return text, joined(text, spans)


def joined(text, spans):
    """Parts of one name with only a space, a hyphen or a particle between are one name."""
    whole = []
    for start, end in spans:
        between = text[whole[-1][1] : start] if whole else "."
        if whole and between in (" ", "-", " بن "):
            whole[-1][1] = end
        else:
            whole.append([start - 4 if text[:start].endswith("عبد ") else start, end])
    return tuple(map(tuple, whole))


def sentences(fills=4, seed=5):
    """Every template of every language, filled ``fills`` times."""
    draw = random.Random(seed)
    every = []
    for language in LANGUAGES:
        for place, template in enumerate((FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()):
            held_out = bool(place % 2)
            every += [Sentence(*filled(template, language, draw, held_out), language, held_out) for _ in range(fills)]
    return every


def neutral():
    """(language, sentence, held out) without any name of a person."""
    lines = (FOLDER / "neutral.txt").read_text(encoding="utf-8").splitlines()
    return [(*line.split("\t"), bool(place % 2)) for place, line in enumerate(lines)]
