"""Keys, stems, sentences and scripts: how fast, and what they find.

Speed: one core, CPU time, on the sentences of the parallel seed (Tifinagh, Darija, English), the French lines and the law
articles; beside it, in the same run, the recipe that is common elsewhere (NFKD, marks off, lower case) and Snowball.
Finding: BM25 over articles of Moroccan laws. A query is the title of a law without its numbers; it is answered when an
article of that law is among the first ten. Titles are clean and articles came damaged out of PDFs, so each row but the
first is measured on repaired text. For French there are only 21 laws: the share of the first ten that is of the law.

Needs the shared data beside the repository. Knows no clock but that of the processor.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import platform
import re
import statistics
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from snowballstemmer import stemmer

from daffa.language import (
    latin_names,
    latin_to_tifinagh,
    name_key,
    normalise,
    normalise_with_map,
    repair,
    sentences,
    stem,
    tifinagh_to_latin,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WORD = re.compile(r"[\w']+")
ARABIC = re.compile("[ء-ي]")
NUMBERS = re.compile(r"\d\S*")
K1, B = 1.2, 0.6
COMMON = 0.2
"""A term that stands in more articles than this share is no help and is left out."""


def rows(name: str) -> list[str]:
    """The lines of a packed file."""
    return gzip.decompress((DATA / name).read_bytes()).decode().splitlines()


def recipe(text: str) -> str:
    """The key that is common elsewhere."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def rate(work: Callable[[str], object], texts: list[str], rounds: int) -> float:
    """Texts per CPU-second: the median of some rounds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        for text in texts:
            work(text)
        found.append(len(texts) / (time.process_time() - start))
    return statistics.median(found)


def speeds(rounds: int) -> list[dict[str, object]]:
    """How many texts a second each function does."""
    seed = [row.split("\t") for row in rows("parallel/oldi_seed_en_ary_zgh_taq.tsv.gz")[1:]]
    french = [json.loads(row)["text"] for row in rows("lang/fr-Latn.jsonl.gz")[:6000]]
    texts = {"fr": french, "ary-Arab": [row[2] for row in seed], "zgh-Tfng": [row[3] for row in seed]}
    latin = [tifinagh_to_latin(text) for text in texts["zgh-Tfng"]]
    laws = [json.loads(row)["text"] for row in rows("docs/laws_ar_articles.jsonl.gz")[:4000]]
    names = [
        " ".join(pair) for pair in zip(*[iter("محمد بنعلي كريم العلوي سعيد منصور حفيظ الصحراوي".split())] * 2, strict=True)
    ]
    arabic = stemmer("arabic")
    works: list[tuple[str, str, Callable[[str], object], list[str]]] = []
    for name, some in texts.items():
        works += [
            ("common recipe", name, recipe, some),
            ("normalise, strict", name, normalise, some),
            ("normalise, loose", name, lambda text: normalise(text, loose=True), some),
            ("normalise_with_map, loose", name, lambda text: normalise_with_map(text, loose=True), some[:1000]),
        ]
    works += [
        ("tifinagh_to_latin", "zgh-Tfng", tifinagh_to_latin, texts["zgh-Tfng"]),
        ("latin_to_tifinagh", "zgh-Latn", latin_to_tifinagh, latin),
        ("sentences", "law articles", sentences, laws),
        ("stem, words are remembered", "ary-Arab", lambda text: [stem(w, "ary") for w in text.split()], texts["ary-Arab"]),
        (
            "Snowball Arabic, no memory",
            "ary-Arab",
            lambda text: arabic.stemWords(text.split()),
            texts["ary-Arab"][:1000],
        ),
        ("latin_names", "names", latin_names, names * 500),
        ("name_key", "names", name_key, names * 500),
    ]
    return [
        {
            "work": work,
            "text": text,
            "characters": round(sum(map(len, some)) / len(some)),
            "per_cpu_second": round(rate(do, some, rounds)),
        }
        for work, text, do, some in works
    ]


class Index:
    """BM25 over terms that one function makes."""

    def __init__(self, texts: list[str], term: Callable[[str], str]) -> None:
        self._memory: dict[str, str] = {}
        self._term = term
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for place, text in enumerate(texts):
            counts = Counter(self.terms(text))
            lengths.append(sum(counts.values()))
            for word, count in counts.items():
                self._postings[word].append((place, count))
        mean = sum(lengths) / len(lengths)
        self._fixed = [K1 * (1 - B + B * length / mean) for length in lengths]
        self.vocabulary = len(self._postings)

    def terms(self, text: str) -> Iterable[str]:
        """The terms of a text; each word is made a term once."""
        for word in WORD.findall(normalise(text)):
            if word not in self._memory:
                self._memory[word] = self._term(word)
            yield self._memory[word]

    def best(self, query: str, count: int = 10) -> list[int]:
        """The places of the best texts."""
        scores: dict[int, float] = defaultdict(float)
        number = len(self._fixed)
        for word in set(self.terms(query)):
            found = self._postings.get(word, ())
            if not 0 < len(found) <= COMMON * number:
                continue
            rarity = math.log(1 + (number - len(found) + 0.5) / (len(found) + 0.5))
            for place, times in found:
                scores[place] += rarity * times * (K1 + 1) / (times + self._fixed[place])
        return sorted(scores, key=lambda place: -scores[place])[:count]


def arabic_finding(laws: int, queries: int) -> list[dict[str, object]]:
    """What each kind of term finds in Arabic."""
    articles: dict[str, list[str]] = defaultdict(list)
    for row in map(json.loads, rows("docs/laws_ar_articles.jsonl.gz")):
        if len(row["text"]) > 60:
            articles[row["law"]].append(row["text"])
    titles = {row["law"]: NUMBERS.sub("", row["title"]) for row in map(json.loads, rows("docs/laws_ar_index.jsonl.gz"))}
    rng = Random(1)
    chosen = rng.sample(sorted(law for law in titles if len(articles[law]) >= 3), laws)
    asked = rng.sample(chosen, queries)
    owners = [law for law in chosen for _ in articles[law]]
    damaged = [text for law in chosen for text in articles[law]]
    mended = [repair(text).text for text in damaged]
    snowball = stemmer("arabic")
    kinds: list[tuple[str, list[str], Callable[[str], str]]] = [
        ("strict key, damaged text", damaged, str),
        ("strict key", mended, str),
        ("loose key", mended, lambda word: normalise(word, loose=True)),
        ("stem", mended, lambda word: stem(word, "ar")),
        ("Snowball Arabic", mended, snowball.stemWord),
    ]
    table = []
    for name, texts, term in kinds:
        index = Index(texts, term)
        ranks = [[owners[place] for place in index.best(titles[law])] for law in asked]
        places = [found.index(law) + 1 for law, found in zip(asked, ranks, strict=True) if law in found]
        table.append(
            {
                "terms": name,
                "language": "ar",
                "articles": len(texts),
                "queries": len(asked),
                "hit@1": round(places.count(1) / len(asked), 3),
                "hit@10": round(len(places) / len(asked), 3),
                "mrr": round(sum(1 / place for place in places) / len(asked), 3),
                "vocabulary": index.vocabulary,
            }
        )
    return table


def french_finding() -> list[dict[str, object]]:
    """What each kind of term finds in French: the share of the first ten that is of the law."""
    articles = list(map(json.loads, rows("docs/laws_fr_articles.jsonl.gz")))
    titles = {row["law"]: NUMBERS.sub("", row["law_title"]) for row in articles if not ARABIC.search(row["law_title"])}
    kinds: list[tuple[str, Callable[[str], str]]] = [
        ("strict key", str),
        ("loose key", lambda word: normalise(word, loose=True)),
        ("stem", lambda word: stem(word, "fr")),
    ]
    table = []
    for name, term in kinds:
        index = Index([row["text"] for row in articles], term)
        right = [articles[place]["law"] == law for law, title in titles.items() for place in index.best(title)]
        table.append(
            {
                "terms": name,
                "language": "fr",
                "articles": len(articles),
                "queries": len(titles),
                "precision@10": round(sum(right) / len(right), 3),
                "vocabulary": index.vocabulary,
            }
        )
    return table


def machine() -> dict[str, str]:
    """The processor and the interpreter."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "python": platform.python_version()}


def main() -> None:
    """Measure, print the tables, and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each speed (%(default)s)")
    parser.add_argument("--laws", type=int, default=1500, help="laws to search in (%(default)s)")
    parser.add_argument("--queries", type=int, default=400, help="titles to ask for (%(default)s)")
    options = parser.parse_args()
    speed = speeds(options.rounds)
    for row in speed:
        print(f"{row['work']:36}{row['text']:14}{row['characters']:>6} characters{row['per_cpu_second']:>12,} /s")
    print()
    found = [*arabic_finding(options.laws, options.queries), *french_finding()]
    for row in found:
        figures = "  ".join(f"{name} {value}" for name, value in row.items() if name not in ("terms", "language"))
        print(f"{row['language']:4}{row['terms']:28}{figures}")
    by = {(row["work"], row["text"]): row["per_cpu_second"] for row in speed}
    ratios = {f"normalise, {kind} / common recipe, {text}": round(by[f"normalise, {kind}", text] / by["common recipe", text], 2)
              for kind in ("strict", "loose") for text in ("fr", "ary-Arab", "zgh-Tfng")}  # fmt: skip
    print(json.dumps({"bench": "scripts", "machine": machine(), "rows": [*speed, *found], "ratios": ratios}))


if __name__ == "__main__":
    main()
