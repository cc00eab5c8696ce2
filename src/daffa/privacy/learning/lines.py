"""What the scorer learns from and what its limits are set by: our sentences, and lines of the corpus. Knows no feature.

The layout of the folder is that of the project's shared data. Only lines of permissive licences and official texts are read.
Lines of the corpus count as about what the vocabulary finds in them, and less than ours; a line is never on both sides.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import re
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any, Final

from ..matters import worded
from .office import CODE, accompanied, code, prompts
from .said import LANGUAGES, NEUTRAL, framed, written

__all__ = ["LAWS", "Corpus", "Line", "read"]

PERMISSIVE: Final = frozenset({"CC0-1.0", "MIT", "CC-BY-4.0", "CC-BY-SA-4.0"})
_TAGS: Final = ("fr-Latn", "ar-Arab", "ary-Arab", "ary-Latn", "en-Latn")
LAWS: Final = {"law-fr": ("docs/laws_fr_articles.jsonl.gz", 4), "law-ar": ("docs/laws_ar_articles.jsonl.gz", 16)}
_TIMES, _LEARNED, _HELD = 3, 4000, 1500
_COMPANY, _PIECES, _HELD_PIECES = 4, 5000, 1000
_SURE: Final = 3.0
"""What a line of every day counts: it must not be raised."""
_GUESSED: Final = 0.5
"""What a line counts whose topic the vocabulary told, beside one that we wrote."""
_SENTENCE: Final = re.compile(r"[^.؛;!؟?\n]{25,260}[.؛;!؟?]")
_SWAPPED: Final = re.compile(r"\bا([أإآ])ل(?=\w)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, what it counts, and where it is from."""

    text: str
    about: frozenset[str]
    weight: float
    source: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Lines to learn from; lines, about nothing as far as the vocabulary knows, by which the limits are set; what was read."""

    learned: tuple[Line, ...]
    held: tuple[Line, ...]
    digests: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the lines learned from."""
        rows = (f"{' '.join(sorted(line.about))}\t{line.weight}\t{line.text}\n".encode() for line in self.learned)
        return hashlib.sha256(b"".join(rows)).hexdigest()


def read(folder: Path, seed: int = 1) -> Corpus:
    """All lines. The same folder and seed give the same lines."""
    chance = Random(seed)  # noqa: S311 - no secret
    learned = [*_ours(chance), *_listed(chance), *_everyday(chance, held=False)]
    held = [*_everyday(chance, held=True)]
    for tag in _TAGS:
        lines = sorted(set(_lines(folder / f"lang/{tag}.jsonl.gz")))
        chance.shuffle(lines)
        held += [_line(text, (tag, *source)) for text, *source in lines[:_HELD]]
        learned += [_line(text, (tag, *source)) for text, *source in lines[_HELD : _HELD + _LEARNED]]
    for tag, (name, share) in LAWS.items():
        for wanted, most, side in ((True, _HELD, held), (False, _LEARNED, learned)):
            sentences = sorted(_sentences(folder / name, share, wanted))
            chance.shuffle(sentences)
            said = (_line(text, (tag, "articles of laws", "official texts")) for text in sentences[:most])
            # Laws speak of courts, and of nobody's case: they teach what is neutral, and no more.
            side += [line for line in said if not line.about]
    names = [*(f"lang/{tag}.jsonl.gz" for tag in _TAGS), *(name for name, _ in LAWS.values())]
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return Corpus(tuple(learned), tuple(line for line in held if not line.about), digests)


def _ours(chance: Random) -> Iterator[Line]:
    for language in LANGUAGES:
        for text, topic in written(language, chance, _TIMES):
            about = frozenset({topic} - {NEUTRAL})
            yield Line(accompanied(text, chance), about, 1.0, (language, "written for this project", "CC-BY-SA-4.0"))


def _everyday(chance: Random, *, held: bool) -> Iterator[Line]:
    """Prompts, letters and questions of every day, and source code: about nothing."""
    for text, kind, language in prompts(chance, _COMPANY, held=held):
        yield Line(text, frozenset(), _SURE, (kind if held else language, f"{kind} written for this project", "CC-BY-SA-4.0"))
    for text in code(chance, _HELD_PIECES if held else _PIECES, held=held):
        yield Line(text, frozenset(), _SURE, (CODE, f"{CODE} written for this project", "CC-BY-SA-4.0"))


def _listed(chance: Random) -> Iterator[Line]:
    """The words of the vocabulary, each in two frames, hints in one: the scorer learns how such words are built."""
    table = tomllib.loads(resources.files("daffa.privacy").joinpath("matters.toml").read_text(encoding="utf-8"))
    ages = table.pop("ages")
    for topic, ranks in table.items():
        for rank, language in itertools.product(ranks, LANGUAGES):
            for entry in ranks[rank][language]:
                for word in [entry] if isinstance(entry, str) else entry:
                    for _ in range(2 if rank == "enough" else 1):
                        written = word.removesuffix("*").replace("{age}", chance.choice(ages[language]))
                        text = framed(language, "thing", written, chance)
                        yield Line(text, frozenset({topic}), _GUESSED, (language, "vocabulary of this project", "CC-BY-SA-4.0"))


def _line(text: str, source: tuple[str, ...]) -> Line:
    about = frozenset(map(str, worded(text)))
    tag, name, licence = source
    return Line(text, about, _GUESSED if about else 1.0, (tag, name, licence))


def _objects(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        yield from map(json.loads, rows)


def _lines(file: Path) -> Iterator[tuple[str, str, str]]:
    for row in _objects(file):
        if row["lic"] in PERMISSIVE:
            yield row["text"], row["src"], row["lic"]


def _sentences(file: Path, share: int, wanted: bool) -> set[str]:
    """Sentences of the laws that are held back, or of the others: no law is on both sides."""
    found: set[str] = set()
    for row in _objects(file):
        if (zlib.crc32(row["law"].encode()) % share == 0) == wanted:
            text = _SWAPPED.sub(r"ال\1", " ".join(row["text"].split()))
            found.update(sentence.strip() for sentence in _SENTENCE.findall(text))
    return found
