"""The training set: learned lines and what is made from them, by script. Knows neither feature nor trainer.

Each step was kept for what it brought on other sources' lines; the page on language identification has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Final

from .formal import formal, is_marked
from .lines import Line
from .render import arabizi_of, in_arabic, respelled, without_accents
from .words import DARIJA, DARIJA_IN_LATIN, EVERYDAY, FRENCH_IN_DARIJA, STANDARD

__all__ = ["Example", "examples"]

Example = tuple[str, str]
"""A text and the class it teaches."""

_OTHER: Final = "other"
_CAP: Final = 20_000


def examples(lines: Iterable[Line], seed: int, scale: float = 1.0) -> dict[str, list[Example]]:
    """Script code -> examples, the same for the same lines and seed. ``scale`` shrinks what is drawn at random."""
    texts: dict[str, list[str]] = {}
    for line in lines:
        texts.setdefault(line.language, []).append(line.text)
    draw = _Draw(texts, Random(seed), scale)  # noqa: S311 - no secret
    return {"Latn": _latin(draw), "Arab": _arabic(draw), "Tfng": _tifinagh(draw)}


class _Draw:
    """Texts by language and one chance for all draws."""

    def __init__(self, texts: dict[str, list[str]], chance: Random, scale: float) -> None:
        self.texts = texts
        self.chance = chance
        self._scale = scale

    def of(self, language: str) -> list[str]:
        return self.texts.get(language, [])

    def many(self, count: int, pool: list[str], make: Callable[[str], str | None]) -> list[str]:
        """``count`` draws from ``pool``, each made into something; what cannot be made is left out."""
        drawn = (make(self.chance.choice(pool)) for _ in range(int(count * self._scale))) if pool else ()
        return [text for text in drawn if text]

    def fragment(self, text: str, shortest: int, longest: int) -> str:
        """Some words of ``text`` in a row."""
        words = text.split()
        length = min(self.chance.randint(shortest, longest), len(words))
        first = self.chance.randint(0, len(words) - length)
        return " ".join(words[first : first + length])

    def with_word(self, text: str, longest: int, words: list[str]) -> str:
        """Some words of ``text`` with a foreign one put in."""
        kept = self.fragment(text, 1, longest).split()
        kept.insert(self.chance.randint(0, len(kept)), self.chance.choice(words))
        return " ".join(kept)


def _arabic(draw: _Draw) -> list[Example]:
    chance, standard = draw.chance, draw.of("ar-Arab")
    rendered = [in_arabic(line, chance) for line in draw.of("ary-Latn") for _ in range(4)]
    darija = draw.of("ary-Arab") + rendered
    darija += draw.many(15_000, darija, lambda line: _only_marked(draw.fragment(line, 2, 5)))
    darija += draw.many(10_000, draw.of("ary-Arab"), lambda line: _only_marked(draw.fragment(line, 4, 12)))
    darija += sorted(DARIJA) * 10
    darija += draw.many(15_000, standard, lambda line: draw.with_word(line, 12, sorted(DARIJA)))
    versions = {formal(line, chance) for line in draw.of("ary-Arab") for _ in range(3)}
    unmarked = sorted(line for line in versions if line)
    standard = standard + unmarked + draw.many(12_000, unmarked, lambda line: draw.fragment(line, 1, 5))
    standard += draw.many(8_000, draw.of("ar-Arab"), lambda line: draw.fragment(line, 1, 4))
    standard += list(STANDARD) * 10
    others = [text for language in ("oth-fa", "oth-ur") for text in draw.of(language)]
    others += draw.many(4_000, others, lambda line: draw.fragment(line, 2, 5))
    return [*_as(darija, "ary-Arab"), *_as(standard, "ar-Arab"), *_as(others, _OTHER)]


def _only_marked(fragment: str) -> str | None:
    return fragment if is_marked(fragment) else None


def _latin(draw: _Draw) -> list[Example]:
    made = list(_as(_darija_in_latin(draw), "ary-Latn"))
    for language in ("fr-Latn", "en-Latn", "es-Latn", "kab-Latn", "zgh-Latn"):
        lines = draw.of(language)
        kept = draw.chance.sample(lines, _CAP) if len(lines) > _CAP else lines
        fragments = draw.many(8_000, lines, lambda line: draw.fragment(line, 1, 4).lower())
        made += _as([*kept, *fragments, *EVERYDAY[language] * 10], language)
    made += _as(draw.many(4_000, draw.of("fr-Latn"), lambda line: without_accents(draw.fragment(line, 2, 10))), "fr-Latn")
    made += _as(
        draw.many(3_000, draw.of("zgh-Latn"), lambda line: _by_hand(draw.fragment(line, 3, 12), draw.chance)), "zgh-Latn"
    )
    others = [text for language in sorted(draw.texts) if language.startswith("oth-") for text in draw.of(language)]
    others = [text for text in others if text.isascii() or max(text) < "\u0600"] + draw.of("taq-Latn")
    others += draw.many(10_000, others, lambda line: draw.fragment(line, 2, 5).lower())
    return [*made, *_as(others, _OTHER)]


def _darija_in_latin(draw: _Draw) -> list[str]:
    chance, lines = draw.chance, draw.of("ary-Latn")
    made = lines + [respelled(line, chance) for line in lines for _ in range(2)]
    made += [arabizi_of(line, chance) for line in draw.of("ary-Arab")]
    made += list(DARIJA_IN_LATIN) * 10
    made += draw.many(4_000, lines, lambda line: draw.fragment(line, 1, 3))
    made += draw.many(8_000, draw.of("fr-Latn"), lambda french: _mixed(draw, french, 6))
    return made + draw.many(2_000, draw.of("en-Latn"), lambda english: _mixed(draw, english, 4))


def _mixed(draw: _Draw, foreign: str, longest: int) -> str:
    """Two to eight words of Arabizi with some foreign ones among them."""
    chance = draw.chance
    words = draw.fragment(chance.choice(draw.of("ary-Latn")), 2, 8).split()
    inserted = chance.choice(FRENCH_IN_DARIJA) if chance.random() < 0.3 else draw.fragment(foreign, 1, longest).lower()
    words.insert(chance.randint(0, len(words)), inserted.strip(".,;:!?«» "))
    return " ".join(words)


_KEYBOARD: Final = (("ɣ", "gh"), ("ɛ", "3"), ("ɛ", "a"), ("ḥ", "h"), ("ḥ", "7"), ("c", "ch"), ("x", "kh"), ("q", "9"))


def _by_hand(line: str, chance: Random) -> str:
    """Tamazight as it is typed without its letters: no dot below, ``gh`` for ɣ, at times a schwa written as e."""
    for letter, typed in chance.sample(_KEYBOARD, 5):
        line = line.replace(letter, typed)
    return line.translate(str.maketrans("ḍṭṣẓṛḥɣɛ", "dtszrhgâ"))


def _tifinagh(draw: _Draw) -> list[Example]:
    made: list[Example] = []
    # Twice as many pieces of Tamazight: what is short and good in both is likelier Tamazight in Morocco.
    for language, taught, pieces in (("zgh-Tfng", "zgh-Tfng", 12_000), ("taq-Tfng", _OTHER, 6_000)):
        lines = draw.of(language)
        made += _as(lines + draw.many(pieces, lines, lambda line: draw.fragment(line, 1, 5)), taught)
    return made + list(_as(EVERYDAY["zgh-Tfng"] * 10, "zgh-Tfng"))


def _as(texts: Iterable[str], taught: str) -> Iterable[Example]:
    return [(text, taught) for text in texts if text.strip()]
