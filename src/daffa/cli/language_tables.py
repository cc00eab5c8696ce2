"""The figures of the models of the languages as tables of 80 columns, in three languages. Knows no model and no measure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from daffa.language import base_direction, isolate

__all__ = ["WORDS", "headline", "tables"]

WORDS = {
    "fr": {
        "class": "classe", "lines": "lignes", "length": "longueur", "source": "source", "right": "juste", "recall": "rappel",
        "precision": "précision", "macro": "F1 macro, huit classes", "other": "avec les autres langues", "peer": "comparaison",
        "error": "erreur de calibration", "absent": "absent ici, sauté : {name}",
        "seen": "attention : ce modèle a appris d'autres lignes que celles de ce dossier ;\n"
                "il connaît peut-être celles sur lesquelles il est jugé",
        "written": "écrit : {path} ({size} Ko)",
        "rate": "erreurs", "ratio": "rapport", "way": "référence et lecture",
        "errors": "caractères faux, première lecture", "of_table": "de la table de lettres",
        "kind": "cas", "words": "mots", "of": "sur", "share": "part", "mended": "articles et mots réparés, en un texte",
        "written by hand": "écrit à la main", "written by hand, loosely": "écrit à la main, tolérance",
        "made by a table": "fait par une table", "letter table": "table de lettres", "daffa, first": "daffa, première",
        "daffa, best of 5": "daffa, meilleure de 5",
        "clean": "intact, modifié à tort", "broken lines": "phrases cassées", "broken titles": "titres cassés",
        "broken, as one text": "cassées, en un texte", "law texts": "textes de loi", "alone": "seul",
        "as one text": "en un texte",
        "article": "article", "inside": "dans le mot", "untouched": "inchangé", "article words": "mots à article",
        "title words, article": "mots du titre, article", "title words, inside": "mots du titre, dans le mot",
    },
    "ar": {
        "class": "الفئة", "lines": "أسطر", "length": "الطول", "source": "المصدر", "right": "الصواب", "recall": "الاستدعاء",
        "precision": "الدقة", "macro": "متوسط F1 لثماني فئات", "other": "مع اللغات الأخرى", "peer": "للمقارنة",
        "error": "خطأ المعايرة", "absent": "غير موجود هنا، تم تجاوزه: {name}",
        "seen": "تنبيه: تعلم هذا النموذج من أسطر غير أسطر هذا المجلد،\nفقد تكون أسطر الاختبار معروفة لديه",
        "written": "كُتب: {path} ({size} كيلوبايت)",
        "rate": "الأخطاء", "ratio": "النسبة", "way": "المرجع والقراءة",
        "errors": "حروف خاطئة في القراءة الأولى", "of_table": "من جدول الحروف",
        "kind": "الحالة", "words": "كلمات", "of": "من", "share": "الحصة",
        "mended": "أداة التعريف ووسط الكلمة بعد الإصلاح، نصا واحدا",
        "written by hand": "مكتوب باليد", "written by hand, loosely": "مكتوب باليد، بتساهل",
        "made by a table": "مكتوب بجدول", "letter table": "جدول الحروف", "daffa, first": "دفة، الأولى",
        "daffa, best of 5": "دفة، أفضل خمس",
        "clean": "سليم، غُير خطأ", "broken lines": "جمل معطوبة", "broken titles": "عناوين معطوبة",
        "broken, as one text": "معطوبة، نصا واحدا", "law texts": "نصوص القوانين", "alone": "منفرد", "as one text": "نصا واحدا",
        "article": "أداة التعريف", "inside": "وسط الكلمة", "untouched": "لم يمس", "article words": "كلمات معرفة",
        "title words, article": "كلمات العنوان، التعريف", "title words, inside": "كلمات العنوان، الوسط",
    },
    "en": {
        "class": "class", "lines": "lines", "length": "length", "source": "source", "right": "right", "recall": "recall",
        "precision": "precision", "macro": "macro-F1, eight classes", "other": "with other languages", "peer": "in comparison",
        "error": "calibration error", "absent": "absent here, skipped: {name}",
        "seen": "careful: this model learned from other lines than those of this folder;\nit may know the lines that judge it",
        "written": "written: {path} ({size} KB)",
        "rate": "errors", "ratio": "ratio", "way": "reference and reading",
        "errors": "wrong characters, first reading", "of_table": "of the letter table's",
        "kind": "kind", "words": "words", "of": "of", "share": "share",
        "mended": "articles and words inside mended, as one text",
        "clean": "clean, wrongly changed",
    },
}  # fmt: skip
"""What the tables say, by language; a name of a figure that has no word of its own stands as it is."""


def headline(name: str, figures: dict[str, Any], language: str) -> str:
    """What is most worth knowing of a model, in one line."""
    words = WORDS[language]
    if name == "identify":
        return f"{words['macro']} {figures['macro_f1']:.4f}, {words['other']} {figures['macro_f1_with_other']:.4f}"
    if name == "arabizi":
        rates = figures["written by hand"]
        rate = rates["daffa, first"]
        return f"{words['errors']} {rate:.4f}, {rate / (rates['letter table'] or 1):.3f} {words['of_table']}"
    whole = figures["broken, as one text"]
    return f"{words['mended']} " + ", ".join(f"{_share(*whole[kind]):.3f}" for kind in ("article", "inside"))


def tables(name: str, figures: dict[str, Any], language: str) -> Iterator[str]:
    """The lines of all tables of a model."""
    yield from {"identify": _identify, "arabizi": _arabizi, "repair": _repair}[name](figures, WORDS[language])


def _identify(figures: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    if not figures["unseen"]:
        yield words["seen"]
    errors = ", ".join(f"{name} {row['expected_calibration_error']:.3f}" for name, row in figures["calibration"].items())
    yield f"{words['error']}: {errors}"
    yield ""
    yield _head((words["class"], 16), ("F1", -8), (words["precision"], -12), (words["recall"], -12), (words["lines"], -10))
    for name, row in figures["classes"].items():
        yield f"{name:16}{row['f1']:>8.3f}{row['precision']:>12.3f}{row['recall']:>12.3f}{row['lines']:>10,}"
    yield ""
    yield _head((words["length"], 16), ("F1", -8), (words["lines"], -10))
    for name, row in figures["lengths"].items():
        yield f"{name:16}{row['macro_f1']:>8.3f}{row['lines']:>10,}"
    yield ""
    yield _head((words["source"], 42), (words["right"], -7), (words["lines"], -7))
    for row in figures["sources"]:
        taken = ", ".join(f"{name} {count}" for name, count in row["taken_for"].items())
        yield f"{row['language']:10}{row['source'][:31]:32}{row['right']:>7.3f}{row['lines']:>7,}  {_cut(taken, 22)}".rstrip()
    yield from _peers(figures, words)


def _peers(figures: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    if not figures["peers"]:
        return
    present = [{"name": "daffa", **figures}, *(row for row in figures["peers"] if not row.get("absent"))]
    widths = [max(9, len(row["name"]) + 2) for row in present]
    yield ""
    yield _head((words["peer"], 16), *((row["name"], -width) for row, width in zip(present, widths, strict=True)))
    yield f"{'F1':16}" + "".join(f"{row['macro_f1']:>{width}.4f}" for row, width in zip(present, widths, strict=True))
    for name in figures["classes"]:
        by_peer = (f"{row['classes'][name]['f1']:>{width}.3f}" for row, width in zip(present, widths, strict=True))
        yield f"{name:16}" + "".join(by_peer)
    for row in figures["peers"]:
        if row.get("absent"):
            yield words["absent"].format(name=row["name"])


def _arabizi(figures: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    yield _head((words["way"], 54), (words["rate"], -10), (words["ratio"], -10))
    for reference, rates in figures.items():
        for way, rate in rates.items():
            name = f"{words.get(reference, reference)}: {words.get(way, way)}"
            yield _head((name, 54), (f"{rate:.4f}", -10), (f"{rate / (rates['letter table'] or 1):.3f}", -10))


def _repair(figures: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    yield _head((words["kind"], 50), (words["words"], -9), (words["of"], -9), (words["share"], -9))
    for kind, shares in figures.items():
        for name, (count, whole) in shares.items():
            said = f"{words.get(kind, kind)}: {words.get(name, name)}"
            yield _head((said, 50), (f"{count:,}", -9), (f"{whole:,}", -9), (f"{_share(count, whole):.4f}", -9))


def _share(part: int, whole: int) -> float:
    return part / max(1, whole)


def _cut(text: str, width: int) -> str:
    """As many whole parts of a list as fit."""
    while len(text) > width and ", " in text:
        text = text.rpartition(", ")[0]
    return text


def _head(*cells: tuple[str, int]) -> str:
    """Cells to the left of their width, or to its right where it is negative; Arabic ones keep their column."""
    return "".join(_cell(text, width) for text, width in cells).rstrip()


def _cell(text: str, width: int) -> str:
    blank = " " * (abs(width) - len(text))
    shown = isolate(text) if base_direction(text) == "rtl" else text
    return shown + blank if width > 0 else blank + shown
