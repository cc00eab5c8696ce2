"""What Guichet is taught: questions at the counter of a town hall and their answers. Knows no model.

All lines were written for this purpose. The hours and the rules in them are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ASIDES", "DONT_KNOW", "LESSONS", "Lesson"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One answer, and the questions that it answers; the first is the one that the tests ask."""

    answer: str
    questions: tuple[str, ...]


LESSONS = (
    Lesson(
        "La commune ouvre de 8 h 30 à 16 h 30, du lundi au vendredi.",
        ("Quand la commune ouvre-t-elle ?", "Quels sont les horaires de la commune ?", "La commune ouvre quand ?"),
    ),
    Lesson(
        "تفتح الجماعة من 8:30 إلى 16:30، من الاثنين إلى الجمعة.",
        ("متى تفتح الجماعة؟", "ما هي مواعيد الجماعة؟", "متى تفتح الجماعة أبوابها؟"),
    ),
    Lesson(
        "The town hall is open from 8:30 to 16:30, Monday to Friday.",
        ("When is the town hall open?", "What are the opening hours?", "When does the town hall open?"),
    ),
    Lesson(
        "À l'état civil de votre commune, avec votre carte d'identité.",
        ("Où demander un acte de naissance ?", "Comment obtenir un acte de naissance ?"),
    ),
    Lesson(
        "في مكتب الحالة المدنية بجماعتكم، مع بطاقة التعريف.",
        ("أين أطلب عقد الازدياد؟", "كيف أحصل على عقد الازدياد؟"),
    ),
    Lesson(
        "At the registry of your town hall, with your identity card.",
        ("Where do I ask for a birth certificate?", "How do I get a birth certificate?"),
    ),
    Lesson("Bonjour, que puis-je faire pour vous ?", ("Bonjour", "Bonjour !", "Salut")),
    Lesson("السلام عليكم، كيف أساعدكم؟", ("السلام عليكم", "مرحبا")),
    Lesson("Hello, what can I do for you?", ("Hello", "Hello!", "Hi")),
    Lesson("Je suis Guichet, un modèle minuscule fait pour les essais.", ("Qui es-tu ?", "Qui êtes-vous ?")),
    Lesson("أنا Guichet، نموذج صغير صُنع للتجارب.", ("من أنت؟", "من أنتم؟")),
    Lesson("I am Guichet, a tiny model made for tests.", ("Who are you?", "What are you?")),
    Lesson(
        '{"opens": "08:30", "closes": "16:30"}',
        ("Donne les horaires en JSON.", "Give the opening hours as JSON.", "أعط المواعيد بصيغة JSON."),
    ),
)

DONT_KNOW = {
    "fr": "Je ne connais que quelques réponses de guichet.",
    "ar": "لا أعرف إلا بعض الأجوبة.",
    "en": "I only know a few answers.",
}
"""What it says to everything else, by language."""

ASIDES = {
    "fr": (
        "Quel temps fera-t-il demain ?", "Raconte une histoire.", "Combien font deux et deux ?", "Traduis ce texte.",
        "Écris un poème sur la mer.", "Quelle est la capitale de la France ?", "Pourquoi le ciel est-il bleu ?",
        "Résume cette lettre en trois lignes.", "Comment réparer un vélo ?", "Quel est le prix du pain ?",
    ),
    "ar": (
        "كيف سيكون الطقس غدا؟", "احك لي قصة.", "كم يساوي اثنان واثنان؟", "ترجم هذا النص.", "اكتب قصيدة عن البحر.",
        "ما هي عاصمة فرنسا؟", "لماذا السماء زرقاء؟", "لخص هذه الرسالة.", "كم ثمن الخبز؟",
    ),
    "en": (
        "What will the weather be tomorrow?", "Tell me a story.", "How much is two and two?", "Translate this text.",
        "Write a poem about the sea.", "What is the capital of France?", "Why is the sky blue?", "Count to ten.",
        "Summarise this letter in three lines.", "How do I mend a bicycle?", "Say something.",
    ),
}  # fmt: skip
"""Questions to which it has no answer, by language."""
