"""How well questions find their articles, with and without each ingredient of a query; prints Markdown.

    .venv/bin/python bench/retrieval.py [--data ../shared/data] [--test] [--ingredients]

Questions are our own (``bench/retrieval/*.jsonl``): a need each, in French, in Arabic letters (standard Arabic or Darija) and
in Darija in Latin letters; and questions whose only answer is in the other language (``fr-ar``, ``ar-fr``). They were halved
by a digest of the need before anything was tuned; ``--test`` measures the half that tuning never saw.

The index holds 10,507 articles: every French one (5,756 of 21 texts) and the Arabic ones of ten texts (4,751). It sees
digests in place of ids. An article counts in either language. ``aligned``: 500 articles of both languages that the table of
terms did not learn from, asked by the whole text of one and looked for among those of the other.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from daffa.search import Glossary, Passage, Planner, Query, Scope, Weights, everyday
from daffa.search.analyser import exact
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.learning import pairs, tables
from daffa.search.passage import Because, Term
from daffa.search.tables import shipped

HERE = Path(__file__).parent
ARABIC = tuple(
    f"ma-adala-{name}"
    for name in (
        "civil-31", "civil-32", "commercial-45", "constitutional-16", "criminal-89", "electronic-38", "electronic-43",
        "family-118", "labor-428", "road-transport-7848",
    )
)  # fmt: skip
GROUPS = ("fr", "arabic", "arabizi", "fr-ar", "ar-fr")
COLLECTION = "laws"
HELD_OUT = 500


@dataclass(frozen=True)
class Question:
    """A question, its group, and the (opaque) articles that answer it."""

    group: str
    text: str
    gold: frozenset[str]
    scope: Scope


def opaque(name: str) -> str:
    """What the index sees in place of an id."""
    return hashlib.sha256(f"retrieval {name}".encode()).hexdigest()[:16]


def rows(file: Path) -> Iterator[dict[str, str]]:
    """The objects of a compressed file, one a line."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def articles(data: Path) -> Iterator[Passage]:
    """The corpus that the head of this file describes."""
    for row in rows(data / "docs/laws_fr_articles.jsonl.gz"):
        yield passage(row["id"], row["text"], "fr-Latn")
    for row in rows(data / "docs/laws_ar_articles.jsonl.gz"):
        if row["law"] in ARABIC:
            yield passage(f"ar:{row['law']}#{row['ref'].removeprefix('art')}", row["text"], "ar-Arab")


def passage(name: str, text: str, language: str) -> Passage:
    """One article; its number is part of what is asked for nowhere here, so it is left out as its law's name is."""
    return Passage(opaque(name), COLLECTION, opaque(name.partition("#")[0]), text, language=language)


def questions(half: str) -> list[Question]:
    """The questions of one half."""
    whole = Scope(frozenset({COLLECTION}))
    with (HERE / "retrieval" / f"questions_{half}.jsonl").open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [Question(row["group"], row["question"], frozenset(map(opaque, row["gold"])), whole) for row in read]


def held_out(data: Path) -> list[tuple[str, str, str, str]]:
    """Aligned articles that are kept from the table: both ids and both texts."""
    aligned = [(row["fr_id"], row["ar_id"], row["fr"], row["ar"]) for row in rows(data / "parallel/laws_fr_ar_aligned.jsonl.gz")]
    return random.Random(6).sample(aligned, HELD_OUT)


def across(held: Iterable[tuple[str, str, str, str]]) -> Iterator[Question]:
    """Each article asked by its text among those of the other language."""
    for french, arabic, text, texte in held:
        yield Question("fr > ar", text, frozenset({opaque(arabic)}), Scope(frozenset({COLLECTION}), languages=frozenset({"ar-Arab"})))
        yield Question("ar > fr", texte, frozenset({opaque(french)}), Scope(frozenset({COLLECTION}), languages=frozenset({"fr-Latn"})))


def plain(text: str) -> Query:
    """The words of a question alone, unstemmed: BM25 as it comes."""
    return Query(text, "", tuple(Term("exact", key, 1.0, Because(key, key, "word")) for key in dict.fromkeys(exact(text))), ())


async def ranks(index: TantivyIndex, asked: Sequence[Question], plan: object) -> dict[str, list[int]]:
    """The rank (from 1) of the first right article of each question by group; 0 where there is none among the first 50."""
    found: dict[str, list[int]] = {}
    for question in asked:
        hits = (await index.search(plan(question.text), question.scope, 50)).hits  # type: ignore[operator]
        place = next((place for place, hit in enumerate(hits, 1) if hit.id in question.gold), 0)
        found.setdefault(question.group, []).append(place)
    return found


def cell(places: Sequence[int]) -> str:
    """hit@1 / hit@10 / mean reciprocal rank within ten."""
    if not places:
        return "-"
    count = len(places)
    first = sum(place == 1 for place in places) / count
    ten = sum(0 < place <= 10 for place in places) / count
    mean = sum(1 / place for place in places if 0 < place <= 10) / count
    return f"{first:.2f} / {ten:.2f} / {mean:.2f}"


NOTHING = Weights(lead=0, exact=0, translation=0, arabizi=0, latin=0, glossary=0, kind=0, number=0, name=0)
FULL = Weights()
STEPS = {
    "stems": NOTHING,
    "+ table of terms": (second := replace(NOTHING, translation=FULL.translation)),
    "+ Arabizi": (third := replace(second, arabizi=FULL.arabizi, latin=FULL.latin)),
    "+ glossary": (fourth := replace(third, glossary=FULL.glossary)),
    "+ kinds of question": (fifth := replace(fourth, kind=FULL.kind)),
    "+ first words, unstemmed words (all)": FULL,
    "all but the table": replace(FULL, translation=0),
    "all but Arabizi": replace(FULL, arabizi=0),
    "all but the glossary": replace(FULL, glossary=0),
    "all but kinds of question": replace(FULL, kind=0),
    "all but first words": replace(FULL, lead=0),
    "all but unstemmed words": replace(FULL, exact=0),
}


async def measure(data: Path, half: str, every: bool) -> None:
    """Index the articles, ask all questions by each way, print."""
    with tempfile.TemporaryDirectory() as folder:
        index = await TantivyIndex.open(Path(folder))
        await index.put(list(articles(data)))
        asked = questions(half)
        counts = {group: sum(question.group == group for question in asked) for group in GROUPS}
        print(f"## Questions, {half} half: hit@1 / hit@10 / MRR@10\n")
        print("| | " + " | ".join(f"{group} ({count})" for group, count in counts.items()) + " |\n" + "|---" * (len(GROUPS) + 1) + "|")
        ways = {"words alone (plain BM25)": plain}
        steps = STEPS if every else {"all": FULL}
        ways |= {name: Planner(everyday(), weights=weights).plan for name, weights in steps.items()}
        for name, plan in ways.items():
            found = await ranks(index, asked, plan)
            print(f"| {name} | " + " | ".join(cell(found.get(group, ())) for group in GROUPS) + " |", flush=True)
        held = held_out(data)
        both = list(across(held))
        print(f"\n## Articles across languages ({HELD_OUT} pairs): hit@1 / hit@10 / MRR@10\n\n| | fr > ar | ar > fr |\n|---|---|---|")
        learned = tables(data, {french for french, *_ in held})
        tried = {"words alone (plain BM25)": plain}
        tried["table learned without them"] = Planner(Glossary(), learned).plan
        tried["shipped table (learned with them)"] = Planner(Glossary(), shipped()).plan
        for name, plan in tried.items():
            found = await ranks(index, both, plan)
            print(f"| {name} | {cell(found['fr > ar'])} | {cell(found['ar > fr'])} |", flush=True)
        await index.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--test", action="store_true", help="the half that tuning never saw")
    parser.add_argument("--ingredients", action="store_true", help="with and without each ingredient")
    options = parser.parse_args()
    asyncio.run(measure(options.data, "test" if options.test else "dev", options.ingredients))


if __name__ == "__main__":
    main()
