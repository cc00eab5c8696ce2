"""Names of persons, in French, Arabic and Arabizi: by title, by what is said of them, by particle and shape. Knows no person.

A trigger (a title, "je m'appelle", a given name, a particle, capitals) says where to read; a name is the run of words there
that look like one. What is surest about it, the trigger or the words, makes its confidence.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from . import persons_words as words
from .finding import Finding, Type
from .given_names import GIVEN_NAMES
from .persons_runs import Run, Text, is_arabic, stands_for_place
from .persons_triggers import PATTERNS, WORDS, places, shapes, triggers
from .scan import Hit, stretches

__all__ = ["PATTERNS", "WORDS", "read"]

_GAP = {
    "label": re.compile(r"[ ]{0,3}:[ \t]{0,3}"),
    "title": re.compile(r"\.?[ ]{1,3}|[ ]?:[ ]{0,2}"),
    "role": re.compile(r"[ ]{1,2}|[ ]?:[ ]{0,2}|, "),
    "called": re.compile(r"[ ]{1,2}|[ ]?[:,][ ]{0,2}|[ ]?«[ ]?|\)? \(?"),
    "behind": re.compile(r",? ?\(?|[ ]?[،][ ]?|[ ]?: ?"),
}
_FIRM_LABEL = re.compile("(?i)nom|name|smi|ism|nasab|اسم|إسم|نسب|سمية|لقب|كنية")
_FOREIGN_LABEL = re.compile("(?i)name|first|last|sur")
_ARABIZI = re.compile("(?i)s{1,3}mi|ism|kat|kay|kan|ms|mous|almad|lmad|lmed|b smiyt|bism")
_DOES = re.compile("(?i)a |est |s'est|so|ha|tr|r[eé]cl")
_LISTED = 0.7
_FAINT = re.compile("(?i)c.est|ici|ana")
_CALLED_THING = re.compile("[تي](?:سمى|دعى)|سمه")
_WEAK_ARABIC = re.compile("مسم|حاجة|مواطن|طبيب|محامي|عدل|شيخ|مهندس|موثق|فقيه|قايد|[آا]نسة")
_SENTENCE = re.compile("[يتن][\u0621-\u064a]{3}|ال|لل|است|ا[^ل][\u0621-\u064a]ت")
_SACRED_ARABIC = re.compile("و?(?:سيدي|مولاي|لالة|لالا|للا|سي|لحاج)\\Z")

# Characters around a candidate: a long title before it, four names with their particles behind it.
_BEFORE, _BEHIND = 80, 120
_LEAST = 0.2
_Found = tuple[Run, float, str]


def read(text: str, ends: list[int], hits: list[Hit], found: list[Finding]) -> None:
    """Add every name of ``text`` that a word of ``hits`` or a shape of ``ends`` announces, holds or follows."""
    candidates = sorted({*shapes(text, ends), *places(text, hits)})
    if not candidates:
        return
    for start, stop in stretches(candidates, _BEFORE, _BEHIND, len(text)):
        part = Text(text[start:stop])
        for run, sure, check in (*_announced(part), *_by_their_words(part)):
            if sure >= _LEAST:
                span = start + part.starts[run.first], start + part.ends[run.last - 1]
                found.append(Finding(Type.PERSON, *span, round(sure, 2), check))


def _announced(text: Text) -> Iterator[_Found]:
    """The names that a word beside them announces."""
    for kind, first, last in triggers(text):
        word, start, end = text.text[text.starts[first] : text.ends[last - 1]], text.starts[first], text.ends[last - 1]
        check = "title" if "title" in kind or kind == "sacred" else "context"
        for run, sure in _READINGS[kind](text, word, start, end):
            yield run, sure, check
            if sure >= _LISTED and (other := _listed(text, run)):
                yield other, 0.6, check


def _listed(text: Text, run: Run) -> Run | None:
    """The next name of a list: MM. one et another."""
    number = run.last
    if number + 1 < len(text.words) and text.words[number] in ("et", "w", "o", "and") and text.joined(number):
        other = text.capitals(number + 1) if text.joined(number + 1) else None
        return other if other and other.names > 1 else None
    return None


def _next(text: Text, end: int, gap: str) -> int | None:
    """The number of the word behind ``end``, if nothing but such a gap is between."""
    number = text.at(end)
    if number < len(text.words) and _GAP[gap].fullmatch(text.text, end, text.starts[number]):
        return number
    return None


def _run_from(text: Text, number: int, *, small: int = 0, strict: bool = False) -> Run | None:
    """The run from a word on: Arabic, of capitals, or of ``small`` names without."""
    if is_arabic(text.words[number]):
        return text.arabic(number)
    return text.capitals(number) or (text.small(number, small, strict=strict) if small else None)


def _label(text: Text, word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    firm = _FIRM_LABEL.search(word) is not None
    number = _next(text, end, "label")
    if number is None:
        return
    run = _run_from(text, number, small=3 if firm and not _FOREIGN_LABEL.match(word) else 0)
    if run and (firm or run.names > 1 or run.known > 1):
        yield run, 0.9 if firm else 0.7


def _title(text: Text, word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "title")
    if number is None:
        return
    first = number
    while number < len(text.words) and number - first < 4 and text.words[number].lower() in words.OFFICES:
        number += 1
    if number == len(text.words):
        return
    skipped = number > first
    run = text.capitals(number)
    if run and (run.names > 1 or not skipped):
        yield run, 0.9 if run.names > 1 else 0.75
    elif not run and not skipped and (small := text.small(number, 2, strict=True)):
        yield small, 0.7 if small.known else 0.55 if word.islower() and word[0] in "osld" else 0.4


def _sacred(text: Text, word: str, start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "title")
    if number is None:
        return
    run = text.capitals(number)
    with_title = text.capitals(text.at(start)) if word[0].isupper() else None
    if run is None:
        run = text.small(number, 2, strict=True)
        sure = 0.0 if run is None else 0.65 if run.known else 0.3 if word in ("si", "Si") else 0.5
    elif word in ("Si", "si"):
        sure = 0.65 if run.names > 1 or run.known else 0.5 if word == "si" else 0.4
    else:
        sure = 0.7 if run.names > 1 or run.known else 0.55
    if run and not stands_for_place(text, with_title or run) and not stands_for_place(text, run):
        yield run, sure


def _called(text: Text, word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "called")
    if number is None:
        return
    if text.words[number].lower() in ("hiya", "howa", "est", "mr", "m", "monsieur"):
        number += 1
        if number == len(text.words):
            return
    run = _run_from(text, number, small=2 if _ARABIZI.match(word) else 0)
    if run and (run.names > 1 or not _FAINT.fullmatch(word)):
        yield run, 0.9 if run.names > 1 else 0.7 if run.known or _ARABIZI.match(word) else 0.6


def _role(text: Text, _word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "role")
    run = text.capitals(number) if number is not None else None
    if run and not stands_for_place(text, run):
        yield run, 0.75 if run.names > 1 else 0.7 if run.known else 0.4


def _kin(text: Text, _word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "title")
    run = _run_from(text, number, small=2, strict=True) if number is not None else None
    if run:
        yield run, 0.75 if run.known else 0.65 if text.words[run.first][0].isupper() else 0.5


def _arabic_title(text: Text, word: str, start: int, end: int) -> Iterator[tuple[Run, float]]:
    if _WEAK_ARABIC.search(word):
        yield from _arabic_role(text, word, start, end)
        return
    number = _next(text, end, "title")
    if number is None:
        return
    first = number
    while number < len(text.words) and number - first < 2 and text.words[number] in words.ARABIC_STOP:
        number += 1
    run = text.arabic(number) if number < len(text.words) else None
    if run and number > first:
        yield run, 0.75 if run.known > 1 else 0.3
    elif run:
        yield run, 0.85 if run.names > 1 else 0.65 if _bears_a_name(text, run) else 0.4


def _arabic_called(text: Text, word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "called")
    run = text.arabic(number) if number is not None else None
    if run is None:
        return
    if _SACRED_ARABIC.match(word):
        if not stands_for_place(text, run) and not stands_for_place(text, run._replace(first=max(run.first - 1, 0))):
            yield run, 0.7 if run.known or run.family else 0.5
        return
    if _CALLED_THING.search(word):
        yield run, max(_arabic_sureness(text, run), 0.5 if run.names > 1 and not _doubtful(text, run) else 0.0)
        return
    yield run, 0.85 if run.names > 1 else 0.6


def _arabic_role(text: Text, _word: str, _start: int, end: int) -> Iterator[tuple[Run, float]]:
    number = _next(text, end, "role")
    run = text.arabic(number) if number is not None else None
    if run and not stands_for_place(text, run):
        yield run, max(_arabic_sureness(text, run), 0.5 if run.names > 1 and not _doubtful(text, run) else 0.0)


def _doubtful(text: Text, run: Run) -> bool:
    """Whether two Arabic words are more likely a verb and its object, or a noun and what it is like."""
    one, other = text.words[run.first], text.words[run.last - 1]
    if one[0] in "بلو" and not run.family and not run.known:
        return True
    return _SENTENCE.match(one) is not None or (other.startswith("ال") and not run.family)


def _bears_a_name(text: Text, run: Run) -> bool:
    """Whether one Arabic word behind a title can be a name: none with an article, but those of a family (العلوي)."""
    word = text.words[run.first]
    return run.known > 0 or not word.startswith("ال") or word[-1] in "يى"


def _behind(text: Text, word: str, start: int, _end: int) -> Iterator[tuple[Run, float]]:
    number = text.at(start)
    if not number or not _GAP["behind"].fullmatch(text.text, text.ends[number - 1], start):
        return
    run = text.before(number)
    if run and run.last == number and run.names > 1 and not stands_for_place(text, run):
        yield run, 0.55 if _DOES.match(word) else 0.75


def _by_their_words(text: Text) -> Iterator[_Found]:
    """The names that nothing announces: a given name, a particle or capitals are all there is."""
    sons = {number - 1 for number, word in enumerate(text.words) if word in ("بن", "بنت")}
    for number, reading in enumerate(map(_reading, text.words)):
        if reading or number in sons:
            yield from (reading or _arabic_words)(text, number, text.words[number])


@functools.lru_cache(maxsize=8192)
def _reading(word: str) -> Callable[[Text, int, str], Iterator[_Found]] | None:
    """How a word is read that may begin a name, wherever it stands."""
    if is_arabic(word):
        named = word not in words.ARABIC_STOP and (word in GIVEN_NAMES or word == "عبد")
        return _arabic_words if named else None
    return _latin_words if word[0].isupper() and word.lower().rstrip(".") not in words.LATIN_STOP else None


def _latin_words(text: Text, number: int, word: str) -> Iterator[_Found]:
    low = word.lower()
    if text.joined(number) and _leads(text.words[number - 1]):
        return
    run = text.capitals(number)
    if run is None or stands_for_place(text, run):
        return
    if run.known and low not in words.LATIN_PARTICLES:
        yield run, (0.8 if run.known > 1 else 0.6) if run.names > 1 else 0.35, "given_name"
    elif run.names > 1 and run.family:
        yield run, 0.6, "particle"
    elif run.names == 2 and run.last - run.first == 2 and text.words[run.last - 1].istitle() == word.istitle():
        yield run, 0.3, "format"
    elif run.names == 2 and _surname_in_capitals(text, run):
        yield run, 0.55, "format"


def _leads(word: str) -> bool:
    """Whether a word before belongs to the same run, which has then been read."""
    return word[0].isupper() and word.lower() not in words.LATIN_STOP and len(word) > 1


def _surname_in_capitals(text: Text, run: Run) -> bool:
    """Whether exactly one of two words is in capitals, and no heading goes on around them."""
    one, other = text.words[run.first], text.words[run.last - 1]
    capitals, rest = (one, other) if one.isupper() else (other, one)
    around = [text.words[number] for number in (run.first - 1, run.last) if 0 <= number < len(text.words)]
    return (
        capitals.isupper()
        and rest.istitle()
        and len(capitals) > 3
        and not any(word.isupper() and len(word) > 1 for word in around)
    )


def _arabic_words(text: Text, number: int, word: str) -> Iterator[_Found]:
    if word in words.ARABIC_STOP or not is_arabic(word):
        return
    son = number + 1 < len(text.words) and text.words[number + 1] in ("بن", "بنت")
    if text.joined(number) and text.words[number - 1] in GIVEN_NAMES:
        return
    run = text.arabic(number)
    if run and not stands_for_place(text, run):
        least = 0.55 if son and run.names > 1 else 0.0
        yield run, max(_arabic_sureness(text, run), least), "particle" if son else "given_name"


def _arabic_sureness(text: Text, run: Run) -> float:
    """How sure the words of an Arabic run alone make it."""
    if run.names > 1 and run.family and (run.known or not text.words[run.first].startswith("ال")):
        return 0.75 if run.known > 1 else 0.65 if run.known else 0.5
    given = sum(word in GIVEN_NAMES for word in text.words[run.first : run.last])
    if given > 1:
        return 0.7
    if run.names > 1 and run.known > 1:
        return 0.55
    return 0.35 if run.known else 0.25


_READINGS: dict[str, Callable[[Text, str, int, int], Iterator[tuple[Run, float]]]] = {
    "label": _label,
    "title": _title,
    "sacred": _sacred,
    "called": _called,
    "role": _role,
    "kin": _kin,
    "arabic_title": _arabic_title,
    "arabic_called": _arabic_called,
    "arabic_role": _arabic_role,
    "behind": _behind,
}
