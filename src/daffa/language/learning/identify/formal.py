"""Darija sentences rewritten word by word towards Standard Arabic: not translations, but lines without a marker.

The encyclopaedic lines of the Darija source and the everyday lines of the Standard Arabic source differ in topic; a model
that sees both only so learns the topic. These lines have the topic of one and the function words of the other.
"""

from __future__ import annotations

import re
from random import Random
from typing import Final

from .words import DARIJA

__all__ = ["formal", "is_marked"]

_TABLE = """
اللي الذي|التي|الذين
لي الذي|التي
ديال -
ديل -
ديالو له|الخاص,به
ديالها لها|الخاصة,بها
ديالهم لهم|الخاصة,بهم
ديالي لي
ديالك لك
ديالنا لنا
هاد هذا|هذه
هادا هذا
هادي هذه
هادو هؤلاء
هادشي هذا,الأمر|ذلك
هاداك ذلك
هاديك تلك
داك ذلك
ديك تلك
دوك أولئك
داكشي ذلك,الشيء|ذلك
باش لكي|من,أجل,أن|حتى
حيت لأن|حيث
حيتاش لأن
حينت لأن
ملي عندما|حين|منذ
مللي عندما
فاش عندما|حين
منين عندما|من,أين
بزاف كثيرا|الكثير,من|جدا
شوية قليلا|بعض
شي بعض|أي
بحال مثل|كمثل
فحال مثل
كيما كما|مثلما
دابا الآن|حاليا
هوما هم
حنا نحن
نتا أنت
نتوما أنتم
شنو ماذا|ما
شكون من
فين أين|حيث
علاش لماذا
كيفاش كيف|كيفية
شحال كم
واش هل
كاين يوجد|هناك
كاينة توجد|هناك
كاينين يوجد|هناك
ماكاينش لا,يوجد
مكاينش لا,يوجد
غادي سوف
والو لا,شيء
حتا حتى
حدا بجانب
قدام أمام
مورا وراء|بعد
كلشي كل,شيء
كولشي كل,شيء
جوج اثنين|اثنان
تلاتة ثلاثة
تمنية ثمانية
خاص يجب
خاصو يجب,عليه
خاصها يجب,عليها
خاصهم يجب,عليهم
ماشي ليس|ليست
عندو له|لديه
عندها لها|لديها
ليه له|إليه
ليها لها|إليها
ليهم لهم
معاه معه
معاها معها
راه إنه
راها إنها
راهم إنهم
بلا دون|بدون
عاد فقط|ثم
غير فقط|سوى
غي فقط
مزيان جيد|جيدا
مزيانة جيدة
ولات أصبحت
ولا أصبح|أو
ولاو أصبحوا
بقا ظل|بقي
بقات ظلت
بقاو ظلوا
بدا بدأ
بدات بدأت
جا جاء
جات جاءت
جاو جاؤوا
مشا ذهب
مشات ذهبت
مشاو ذهبوا
دار فعل|قام,بـ
دارت فعلت
دارو فعلوا
شاف رأى
خدم عمل
خدمات عملت
خدامين يعملون
الخدمة العمل
تقريبا تقريبا
زوين جميل
كبر أكبر
الراجل الرجل
المرا المرأة
العيالات النساء
الدراري الأطفال
الولاد الأولاد
تاع -
متاع -
""".strip()
_WORDS: Final = {
    row.split()[0]: tuple(choice.replace(",", " ").replace("-", "") for choice in row.split()[1].split("|"))
    for row in _TABLE.splitlines()
}
_PATTERNS: Final = tuple(
    (re.compile(pattern), choices)
    for pattern, choices in (
        (r"^(و?)[كت]اي?ي(\w{3,})و$", (r"\1ي\2ون", r"\1ي\2وا")),
        (r"^(و?)كي(\w{3,})و$", (r"\1ي\2ون",)),
        (r"^(و?)تي(\w{3,})و$", (r"\1ي\2ون",)),
        (r"^(و?)(?:كي|كاي|تاي)(\w{3,})$", (r"\1ي\2",)),
        (r"^(و?)(?:كت|كات)(\w{3,})$", (r"\1ت\2",)),
        (r"^(و?)(?:كن|كان)(\w{3,})و$", (r"\1ن\2",)),
        (r"^(و?)كن(\w{3,})$", (r"\1أ\2", r"\1ن\2")),
        (r"^(و?)(?:غاي|غي)(\w{3,})و$", (r"\1سي\2ون",)),
        (r"^(و?)(?:غاي|غي)(\w{3,})$", (r"\1سي\2",)),
        (r"^(و?)(?:غات|غت)(\w{3,})$", (r"\1ست\2",)),
        (r"^(و?)ما([يتن]\w{2,})ش$", (r"\1لا \2", r"\1لم \2")),
        (r"^(و?)ما(\w{3,})ش$", (r"\1لم \2", r"\1ما \2")),
        (r"^(و?)فال(\w{3,})$", (r"\1في ال\2",)),
        (r"^(و?)ف(?:هاد|داك|ديك)$", (r"\1في هذا", r"\1في هذه", r"\1في تلك")),
        (r"^(و?)عال(\w{3,})$", (r"\1على ال\2",)),
        (r"^(و?)مال(\w{3,})$", (r"\1من ال\2",)),
        (r"^(\w{3,}[^اويىة])و$", (r"\1ه", r"\1وا", r"\1ه")),
        (r"^ف$", ("في",)),
        (r"^د$", ("",)),
    )
)
_EDGES: Final = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def is_marked(line: str) -> bool:
    """Whether a word of ``line`` is a marker of Darija."""
    return any(_EDGES.sub(r"\2", word) in DARIJA for word in line.split())


def formal(line: str, chance: Random) -> str | None:
    """``line`` without its marks of Darija, one version of many; ``None`` where a marker is left."""
    words = []
    for word in line.split():
        before, core, after = _EDGES.fullmatch(word).groups()  # type: ignore[union-attr]  # matches every string
        words.append(f"{before}{_formal(core, chance)}{after}")
    written = " ".join(" ".join(words).split())
    return None if is_marked(written) else written


def _formal(word: str, chance: Random) -> str:
    joined = "و" if word.startswith("و") and word[1:] in _WORDS and word not in _WORDS else ""
    choices = _WORDS.get(word[len(joined) :])
    if choices:
        return joined + chance.choice(choices)
    for pattern, forms in _PATTERNS:
        if pattern.match(word):
            return pattern.sub(chance.choice(forms), word)
    return word
