"""How well questions find their articles, with and without each ingredient of a query; prints Markdown.

    .venv/bin/python bench/retrieval.py [--data ../shared/data] [--questions known|dev|test|fresh] [--ingredients]

Questions are our own (``bench/retrieval/*.jsonl``): a need each, in French, in Arabic letters (standard Arabic or Darija) and
in Darija in Latin letters; and questions whose only answer is in the other language (``fr-ar``, ``ar-fr``).

- ``known``: written first, of needs that came to mind; the glossary was written beside them, so its figure flatters.
- ``dev``: of articles drawn by chance; weights were chosen on them and gaps of the glossary closed.
- ``test``: of articles drawn by chance after that, when glossary and weights were fixed.
- ``fresh``: by another hand, who had seen neither glossary nor questions and left out the words of the article.

The second look learned from none of them, and from no question of an article that answers one of them.

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
import math
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from daffa.language import normalise
from daffa.search import (
    Found,
    Glossary,
    Index,
    Passage,
    Planner,
    Query,
    Reranker,
    Scope,
    Weights,
    everyday,
    search_across,
    shipped_reranker,
)
from daffa.search.analyser import words
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.learning import tables
from daffa.search.tables import shipped

HERE = Path(__file__).parent
ARABIC = tuple(
    f"ma-adala-{name}"
    for name in (
        "civil-31", "civil-32", "commercial-45", "constitutional-16", "criminal-89", "electronic-38", "electronic-43",
        "family-118", "labor-428", "road-transport-7848",
    )
)  # fmt: skip
NAMES = {
    "code_obligations_contrats": "Dahir formant code des obligations et des contrats", "civil-31": "قانون الالتزامات والعقود",
    "code_commerce": "Code de commerce", "commercial-45": "مدونة التجارة", "code_penal": "Code pénal",
    "criminal-89": "مجموعة القانون الجنائي", "code_du_travail": "Code du travail (loi 65-99)", "labor-428": "مدونة الشغل",
    "code_de_la_famille": "Code de la famille", "family-118": "مدونة الأسرة",
}  # fmt: skip
"""Laws by the names that they call themselves; the other texts go without."""
GROUPS = ("fr", "arabic", "arabizi", "fr-ar", "ar-fr")
ACROSS = ("fr > ar", "ar > fr")
MOST = 50
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
    """One article, with its number and the name of its law."""
    law, _, number = name.partition("#")
    work = NAMES.get(law.removeprefix("fr:").removeprefix("ar:ma-adala-"), "")
    return Passage(opaque(name), COLLECTION, opaque(law), text, language=language, number=number, work=work)


def questions(half: str) -> list[Question]:
    """The questions of one file."""
    whole = Scope(frozenset({COLLECTION}))
    with (HERE / "retrieval" / f"questions_{half}.jsonl").open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [Question(row["group"], row["question"], frozenset(map(opaque, row["gold"])), whole) for row in read]


def held_out(data: Path) -> list[tuple[str, str, str, str]]:
    """Aligned articles that are kept from the table: both ids and both texts."""
    aligned = [
        (row["fr_id"], row["ar_id"], row["fr"], row["ar"]) for row in rows(data / "parallel/laws_fr_ar_aligned.jsonl.gz")
    ]
    return random.Random(6).sample(aligned, HELD_OUT)


def across(held: Iterable[tuple[str, str, str, str]]) -> Iterator[Question]:
    """Each article asked by its text among those of the other language."""
    for french, arabic, text, texte in held:
        yield Question(
            "fr > ar", text, frozenset({opaque(arabic)}), Scope(frozenset({COLLECTION}), languages=frozenset({"ar-Arab"}))
        )
        yield Question(
            "ar > fr", texte, frozenset({opaque(french)}), Scope(frozenset({COLLECTION}), languages=frozenset({"fr-Latn"}))
        )


class Plain:
    """BM25 (k1 1.2, b 0.75) over words without their accents and hamzas: what one begins with."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._ids = [(one.id, one.language) for one in passages]
        self._found: dict[str, list[tuple[int, int]]] = {}
        self._lengths = []
        for place, one in enumerate(passages):
            counts = Counter(normalise(word, loose=True) for word, _, _ in words(one.text))
            self._lengths.append(sum(counts.values()))
            for word, count in counts.items():
                self._found.setdefault(word, []).append((place, count))
        self._mean = sum(self._lengths) / len(self._lengths)

    def best(self, question: Question, most: int) -> list[str]:
        """The ids of the best passages."""
        scores: Counter[int] = Counter()
        for word in {normalise(word, loose=True) for word, _, _ in words(question.text)}:
            having = self._found.get(word, ())
            rarity = math.log1p((len(self._ids) - len(having) + 0.5) / (len(having) + 0.5))
            for place, count in having:
                length = 0.25 + 0.75 * self._lengths[place] / self._mean
                scores[place] += rarity * count * 2.2 / (count + 1.2 * length)
        languages = question.scope.languages
        ranked = (self._ids[place] for place, _ in scores.most_common())
        return list(islice((name for name, language in ranked if not languages or language in languages), most))


Way = Callable[[Question], Awaitable[Sequence[str]]]


async def ranks(asked: Sequence[Question], way: Way) -> dict[str, list[int]]:
    """The rank (from 1) of the first right article of each question by group; 0 where there is none among the first 50."""
    found: dict[str, list[int]] = {}
    for question in asked:
        best = await way(question)
        place = next((place for place, name in enumerate(best, 1) if name in question.gold), 0)
        found.setdefault(question.group, []).append(place)
    return found


async def alone(index: Index, query: Query, scope: Scope, k: int) -> Found:
    """One search, whatever the languages."""
    return await index.search(query, scope, k)


def planned(index: TantivyIndex, planner: Planner, both: bool = True, reranker: Reranker | None = None) -> Way:
    """Questions by ``planner`` through the real engine, as the library searches.

    ``both``: in the other language too; ``reranker``: with a second look.
    """

    async def best(question: Question) -> Sequence[str]:
        query = planner.plan(question.text)
        if both:
            found = await search_across(index, query, question.scope, MOST, reranker)
        else:
            found = await alone(index, query, question.scope, MOST)
        return [hit.id for hit in found.hits]

    return best


def cell(places: Sequence[int]) -> str:
    """hit@1 / hit@10 / mean reciprocal rank within ten."""
    if not places:
        return "-"
    count = len(places)
    first = sum(place == 1 for place in places) / count
    ten = sum(0 < place <= 10 for place in places) / count
    mean = sum(1 / place for place in places if 0 < place <= 10) / count
    return f"{first:.2f} / {ten:.2f} / {mean:.2f}"


NOTHING = Weights(to_arabic=0, to_french=0, arabizi=0, latin=0, glossary=0, told=1, kind=0, number=0, name=0)
FULL = Weights()
TURN, ALL = "+ the other language in turn", "+ a second look (all)"
STEPS = {
    "stems": NOTHING,
    "+ table of terms": (second := replace(NOTHING, to_arabic=FULL.to_arabic, to_french=FULL.to_french)),
    "+ Arabizi": (third := replace(second, arabizi=FULL.arabizi, latin=FULL.latin)),
    "+ glossary": replace(third, glossary=FULL.glossary, told=FULL.told),
    "+ kinds of question": FULL,
    TURN: FULL,
    ALL: FULL,
    "all but the table": replace(FULL, to_arabic=0, to_french=0),
    "all but Arabizi": replace(FULL, arabizi=0),
    "all but the glossary": replace(FULL, glossary=0, told=1),
    "all but kinds of question": replace(FULL, kind=0),
}
AGAIN = {"all", *(name for name in STEPS if name == ALL or name.startswith("all but"))}
"""The ways with a second look; of the others ``TURN`` alone searches in the other language too."""


def anchors(passages: Sequence[Passage]) -> Iterator[Question]:
    """Articles asked for by their number and their law, 150 in each language."""
    known = [one for one in passages if one.work and one.number.isdigit()]
    for language, asked in {"fr-Latn": "article {} du {}", "ar-Arab": "المادة {} من {}"}.items():
        of = [one for one in known if one.language == language]
        scope = Scope(frozenset({COLLECTION}), languages=frozenset({language}))
        for one in random.Random(7).sample(of, 150):
            yield Question("by number", asked.format(one.number, one.work), frozenset({one.id}), scope)


async def measure(data: Path, half: str, every: bool) -> None:
    """Index the articles, ask all questions by each way, print."""
    passages = list(articles(data))
    words_alone = Plain(passages)

    async def plain(question: Question) -> Sequence[str]:
        return words_alone.best(question, MOST)

    with tempfile.TemporaryDirectory() as folder:
        index = await TantivyIndex.open(Path(folder))
        await index.put(passages)
        steps = STEPS if every else {"all": FULL}
        ways = {"words alone (plain BM25)": plain}
        second = shipped_reranker()
        for name, weights in steps.items():
            planner, again = Planner(everyday(), weights=weights), name in AGAIN
            ways[name] = planned(index, planner, again or name == TURN, second if again else None)
        asked = questions(half)
        counts = {group: sum(question.group == group for question in asked) for group in GROUPS}
        await table(f"Questions, {half}", [f"{group} ({count})" for group, count in counts.items()], GROUPS, asked, ways)
        blind = replace(FULL, number=0)
        works = Glossary.of(HERE.parent / "packs" / "law" / "works.csv")
        ways = {
            "words alone (plain BM25)": plain,
            "all, without cues": planned(index, Planner(everyday(), works=works, weights=blind), reranker=second),
            "all": planned(index, Planner(everyday(), works=works), reranker=second),
        }
        await table("Articles by number, 300", ["by number"], ["by number"], list(anchors(passages)), ways)
        held = held_out(data)
        learned = tables(data, {french for french, *_ in held})
        ways = {
            "words alone (plain BM25)": plain,
            "table learned without them": planned(index, Planner(Glossary(), learned), reranker=second),
            "shipped table (learned with them)": planned(index, Planner(Glossary(), shipped()), reranker=second),
        }
        await table(f"Articles across languages, {HELD_OUT} pairs", ACROSS, ACROSS, list(across(held)), ways)
        await index.close()


async def table(
    title: str, head: Sequence[str], groups: Sequence[str], asked: Sequence[Question], ways: Mapping[str, Way]
) -> None:
    """Print one table, a row a way."""
    print(f"\n## {title}: hit@1 / hit@10 / MRR@10\n\n| | {' | '.join(head)} |\n" + "|---" * (len(head) + 1) + "|")
    for name, way in ways.items():
        found = await ranks(asked, way)
        print(f"| {name} | " + " | ".join(cell(found.get(group, ())) for group in groups) + " |", flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--questions", choices=("known", "dev", "test", "fresh"), default="dev", help="which (%(default)s)")
    parser.add_argument("--ingredients", action="store_true", help="with and without each ingredient")
    options = parser.parse_args()
    asyncio.run(measure(options.data, options.questions, options.ingredients))


if __name__ == "__main__":
    main()
