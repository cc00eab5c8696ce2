"""The sounds of one Arabic word in Latin letters, with guessed short vowels, best guess first. Knows no list of names."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["spelled"]

_CONSONANTS = {
    **dict(zip("بپتثجچحخدذرزسشصض", "b p t t j tch h kh d d r z s ch s d".split(), strict=True)),
    **dict(zip("طظغفڤقكگڭلمنه", "t d gh f v k k g g l m n h".split(), strict=True)),
    **dict.fromkeys("عءؤئ", ""),
}
_LONG = {"ا": "a", "أ": "a", "آ": "a", "إ": "i", "ى": "a", "ة": "a"}
_VERBAL = re.compile("[اإ].ت.ا.")  # ابتسام, انتصار: the alef is heard as i
_DOUBLED = re.compile("[^اوي][^اوي]ا[^اوي]")  # عباس, رزاق: the second consonant is often double
_BETWEEN_VOWELS = re.compile("(?<=[aeiou])s(?=[aeiou])")
_REPEATED = re.compile(r"([aeiou])\1+")

Slot = tuple[tuple[str, float], ...]
"""What may stand at one place of a spelling, each with its cost, best first."""

_FIRST: Slot = (("a", 0.0), ("ou", 1.0), ("i", 1.1), ("", 1.6))
_MIDDLE: Slot = (("a", 0.0), ("e", 0.6))
_LAST: Slot = (("i", 0.0), ("e", 0.4), ("a", 0.9))
_INNER: Slot = (("", 0.0), ("i", 0.4))
_BEFORE_TA: Slot = (("i", 0.0), ("", 0.4))
_AIN: Slot = (("a", 0.0), ("", 0.8))
_LAST_OF_THREE: Slot = (("a", 0.0), ("", 0.6), ("i", 0.9), ("e", 1.0))


@dataclass(frozen=True, slots=True)
class _Sound:
    vowel: bool
    slot: Slot


def spelled(word: str, limit: int) -> list[tuple[str, float]]:
    """At most ``limit`` spellings in small letters with their costs. ``word``: Arabic letters without vowel signs."""
    ending = ""
    if len(word) > 3 and word.endswith("وي") and word[-3] not in "وي":
        word, ending = word[:-2].removesuffix("ا"), "aoui"
    sounds = _sounds(f"إ{word[1:]}" if _VERBAL.match(word) else word.replace("إي", "إ", 1))
    if ending:
        sounds.append(_Sound(True, ((ending, 0.0), ("awi", 1.0))))
    slots = _with_short_vowels(sounds)
    if limit == 1:
        return _finished("".join(slot[0][0] for slot in slots))[:1]
    ways = [("", 0.0)]
    for slot in slots:
        longer = [(before + text, cost + more) for before, cost in ways for text, more in slot]
        ways = sorted(longer, key=lambda way: way[1])[: 2 * limit]
    return [(way, cost + extra) for raw, cost in ways for way, extra in _finished(raw) if "ouou" not in way][:limit]


def _sounds(word: str) -> list[_Sound]:
    """Each letter as a consonant or a vowel; waw and yeh are both, by what stands around them."""
    sounds: list[_Sound] = []
    for place, letter in enumerate(word):
        after_consonant = bool(sounds) and not sounds[-1].vowel
        before_vowel = word[place + 1 : place + 2] in ("ا", "ى", "ة")
        if letter in _LONG:
            at_end = letter == "ة" and bool(sounds) and sounds[-1].vowel and word[place - 1] == "ا"
            sounds.append(_Sound(not at_end, (("t" if at_end else _LONG[letter], 0.0),)))
        elif letter == "و":
            vowel = after_consonant and not before_vowel
            sounds.append(_Sound(vowel, (("ou", 0.0), ("aou", 1.2)) if vowel else (("ou", 0.0), ("w", 0.5))))
        elif letter == "ي":
            other = 0.9 if place == len(word) - 1 else 1.8
            sounds.append(_Sound(after_consonant, (("i", 0.0), ("y", other)) if after_consonant else (("y", 0.0), ("i", 0.8))))
        elif letter == "ع" and sounds and word[place + 1 : place + 2] not in ("", *"اويىة"):
            sounds.append(_Sound(False, _AIN))
        else:
            one = _CONSONANTS.get(letter, "")
            twice = ((f"{one}{one}", 0.5),) if place == 1 and len(one) == 1 and _DOUBLED.fullmatch(word) else ()
            sounds.append(_Sound(False, ((one, 0.0), *twice)))
    return sounds


def _with_short_vowels(sounds: list[_Sound]) -> list[Slot]:
    """The slots of a spelling: short vowels where too many consonants would meet."""
    slots: list[Slot] = []
    run = 0
    vowels = sum(sound.vowel for sound in sounds)
    for place, sound in enumerate(sounds):
        if sound.vowel:
            run = 0
        else:
            run += 1
            last = place == len(sounds) - 1
            initial = run == place + 1
            if initial and run == 2 and len(sounds) > 2:
                slots.append(_FIRST)
                run = 1
            elif last and run == 2:
                slots.append(_LAST if vowels else _LAST_OF_THREE)
            elif run == 2 and place > 1 and sounds[place - 2].slot[0][0] == "a":
                slots.append(_BEFORE_TA if place == len(sounds) - 2 and sounds[-1].slot[0][0] == "a" else _INNER)
            elif run == 3:
                slots.append(_MIDDLE)
                run = 1
        slots.append(sound.slot)
    return slots


def _finished(raw: str) -> list[tuple[str, float]]:
    """Double s between vowels, single vowels, and the mute e that French sets after -in and -an."""
    way = _BETWEEN_VOWELS.sub("ss", _REPEATED.sub(r"\1", raw))
    if len(way) > 4 and way.endswith(("ine", "in", "an")):
        return [(f"{way}e", 0.0), (way, 0.5)]
    return [(way, 0.0)]
