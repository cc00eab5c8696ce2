"""The lines that a model may learn from and those that it is judged by, read with their licences. Knows no feature.

The layout of the folder (``lang/<tag>.jsonl.gz`` and what else is read) is that of the project's shared data. A line is
never on both sides: by source where a class has two, else by a licence that forbids learning, else by a fixed hash; then
whatever is nearly the same sentence as a line learned from, in whatever script, is taken out of the judging side.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from daffa.errors import Invalid

from ..data import PERMISSIVE, digests, objects, required
from .twins import Twins, skeleton
from .words import ALL

__all__ = ["Corpus", "Line", "read"]

_SEED = "openlanguagedata/seed"
_HELD_ONE_IN = 32
_SIGNS = " .,;:!?…؟،؛\"'«»()"
_JUDGED: Final = 1200
"""Lines at most that judge one language from one source."""
_FITTED: Final = 600
"""Lines at most of one language and source that confidence is fitted on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text.

    Attributes:
        language: its tag, e.g. ``"ary-Latn"``; ``"oth-it"``, ``"taq-Tfng"`` for what is answered ``other``.
        source: where it is from, in a few words.
        licence: as stated there, e.g. ``"CC0-1.0"``.
    """

    text: str
    language: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Lines to learn from, lines to fit confidence on, lines to judge by; no line is in two of them.

    Attributes:
        fitted: permissive as well; the weights never see them.
        digests: path below the folder -> SHA-256, of each file read.
    """

    learned: tuple[Line, ...]
    fitted: tuple[Line, ...]
    judged: tuple[Line, ...]
    digests: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the lines that weights and confidence come from: a model says it, and a score compares it."""
        rows = (f"{line.language}\t{line.text}\n".encode() for line in (*self.learned, *self.fitted))
        return hashlib.sha256(b"".join(rows)).hexdigest()


def read(folder: Path, *, all_lines: bool = False) -> Corpus:
    """Read ``folder`` and part it. ``all_lines`` learns from every licence too; such a model is never shipped.

    Raises ``Invalid("invalid_field")`` where the folder is not such a folder.
    """
    files = sorted((folder / "lang").glob("*.jsonl.gz"))
    required(folder, _OTHER_FILES)
    if not files:
        raise Invalid("invalid_field", field="--corpus", expected="a folder with lang/*.jsonl.gz", got=str(folder))
    held = _held_in_every_script(folder)
    parts: dict[str, list[Line]] = {"learned": [], "fitted": [], "judged": _laws(folder, 0) + _foreign(folder)}
    for line in (line for file in files for line in _lines(file)):
        if not _is_mislabelled(line):
            parts[_part(line, held)].append(line)
    judged = _sample(parts["judged"], _JUDGED)
    if all_lines:
        chosen = {line.text for line in judged}
        parts["learned"] += [line for line in parts["judged"] if line.licence not in PERMISSIVE and line.text not in chosen]
    twins = Twins(line.text for line in parts["learned"])
    judged = [line for line in judged if line.text.strip(_SIGNS).lower() not in ALL and not twins.has(line.text)]
    fitted = _sample(parts["fitted"] + _laws(folder, 1), _FITTED)
    names = [*(path.relative_to(folder).as_posix() for path in files), *_OTHER_FILES]
    return Corpus(tuple(parts["learned"]), tuple(fitted), tuple(judged), digests(folder, names))


_OTHER_FILES: Final = (
    "docs/laws_ar_articles.jsonl.gz", "docs/laws_ar_index.jsonl.gz", "docs/laws_fr_articles.jsonl.gz",
    "parallel/oldi_seed_en_ary_zgh_taq.tsv.gz", "qa/smartly_domain_phrases.jsonl.gz", "translit/ary_arabizi_arab_pairs.tsv.gz",
)  # fmt: skip


def _lines(file: Path) -> Iterator[Line]:
    language = file.name.removesuffix(".jsonl.gz")
    for row in objects(file):
        yield Line(row["text"], language, row["src"], row["lic"])


def _part(line: Line, held: dict[str, int]) -> str:
    """Which side a line is on: by licence, then by a hash that is the same for one sentence in all its scripts."""
    if line.licence not in PERMISSIVE:
        return "judged"
    reduced = skeleton(line.text)
    if _SEED in line.source:
        return {0: "judged", 1: "fitted"}.get(held.get(reduced, 2), "learned")
    turn = zlib.crc32(reduced.encode()) % 20
    if line.language == "es-Latn" or line.language.startswith("oth-"):  # one source alone: some lines are held back
        return "judged" if turn < 3 else "fitted" if turn == 3 else "learned"
    return "fitted" if turn == 3 and line.language in {"ary-Latn", "kab-Latn"} else "learned"


_MOROCCAN: Final = frozenset("ⴽⴳⵅⵖⵇⵄⵃⴹⵚⵟⵕⵥⵢⵡ")
_TUAREG: Final = frozenset("ⴾⴶⵆⵗⵈⵂⵋⵌⵘⵤⵞ")


def _is_mislabelled(line: Line) -> bool:
    """Lines of the Tuareg column that are written in the Moroccan alphabet are Moroccan; their words are so too."""
    if line.language != "taq-Tfng":
        return False
    return sum(letter in _MOROCCAN for letter in line.text) > sum(letter in _TUAREG for letter in line.text)


def _held_in_every_script(folder: Path) -> dict[str, int]:
    """Skeletons of parallel sentences, in all their scripts -> 0: they judge; 1: confidence is fitted on them."""
    held: dict[str, int] = {}
    with gzip.open(folder / "parallel/oldi_seed_en_ary_zgh_taq.tsv.gz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            turn = zlib.crc32(row["id"].encode()) % _HELD_ONE_IN
            if turn < 2:
                held |= {skeleton(text): turn for name, text in row.items() if name != "id"}
    held.pop("", None)
    return held


def _sample(candidates: list[Line], most: int) -> list[Line]:
    """At most ``most`` lines of one language and source, drawn by a fixed seed; no text twice."""
    kinds: dict[tuple[str, str], dict[str, Line]] = {}
    for line in candidates:
        kinds.setdefault((line.language, line.source.split(" (")[0]), {})[line.text] = line
    drawn: list[Line] = []
    for _, kind in sorted(kinds.items()):
        rows = sorted(kind.values(), key=lambda line: line.text)
        drawn += Random(4).sample(rows, min(len(rows), most))  # noqa: S311 - no secret
    return drawn


def _foreign(folder: Path) -> list[Line]:
    return [*_titles(folder), *_standard_phrases(folder), *_everyday_english(folder)]


_SENTENCE: Final = re.compile(r"[^.؛;!؟?\n]{12,240}[.؛;!؟?]")
_SWAPPED: Final = re.compile(r"\bا([أإآ])ل(?=\w)")


def _titles(folder: Path) -> Iterator[Line]:
    for row in objects(folder / "docs/laws_ar_index.jsonl.gz"):
        if "اال" not in row["title"]:
            yield Line(row["title"], "ar-Arab", "titles of laws", "official text")


def _laws(folder: Path, turn: int) -> list[Line]:
    """Sentences of the articles of some laws; ``turn`` 0 and 1 share no law."""
    lines: list[Line] = []
    for name, language, laws in (("laws_ar_articles", "ar-Arab", 16), ("laws_fr_articles", "fr-Latn", 4)):
        texts: set[str] = set()
        for row in objects(folder / f"docs/{name}.jsonl.gz"):
            if (zlib.crc32(row["law"].encode()) % laws == 1) == bool(turn):
                texts.update(_sentences(_SWAPPED.sub(r"ال\1", row["text"]), language))
        lines += [Line(text, language, "articles of laws", "official text") for text in sorted(texts)]
    return lines


def _sentences(text: str, language: str) -> Iterator[str]:
    """Clean sentences; Arabic ones alone that the extraction from PDF has not visibly damaged."""
    for sentence in _SENTENCE.findall(" ".join(text.split())):
        letters = sum(map(str.isalpha, sentence))
        damaged = language == "ar-Arab" and re.search(r"[A-Za-z]|[أإآ]ل\w|\d[^\W\d]|[^\W\d]\d|اال|\.\.", sentence)
        if letters > 0.7 * len(sentence) and not damaged:
            yield sentence.strip()


def _standard_phrases(folder: Path) -> Iterator[Line]:
    """Standard Arabic of a phrase book, where the Darija beside it is written otherwise."""
    for row in objects(folder / "qa/smartly_domain_phrases.jsonl.gz"):
        standard, darija = row.get("Arabe_Standard") or "", row.get("Darija_Arabe") or ""
        if standard.strip() and not set(standard.split()) <= set(darija.split()):
            yield Line(standard.strip(), "ar-Arab", "phrase book", "CC-BY-NC-4.0")


def _everyday_english(folder: Path) -> Iterator[Line]:
    with gzip.open(folder / "translit/ary_arabizi_arab_pairs.tsv.gz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["en"] and len(row["en"]) > 3:
                yield Line(row["en"], "en-Latn", "translations of everyday Darija", row["lic"])
