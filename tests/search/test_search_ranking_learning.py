"""How the second look is learned: from made-up examples, from what is found for a question, and from the questions written."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from daffa.errors import Invalid
from daffa.search import Passage
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.learning import HOME, Examples, learn_ranking, make_reranker
from daffa.search.learning.asked import ASKED, COLLECTION, TONGUES, Asked, asked, corpus
from daffa.search.learning.corpus import twins
from daffa.search.learning.examples import MOST, examples
from daffa.search.reranking import Network, write
from daffa.search.traits import TRAITS

BENCH = Path(__file__).parents[2] / "bench" / "retrieval"
DECIDES = 2


def made_up(questions: int, seed: int, places: int = 12) -> Examples:
    """Questions whose answer is the passage that has most of one trait; where no passage is, the trait says so too."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(questions, places, 5)).astype(np.float32)
    there = np.arange(places) < chance.integers(places // 2, places + 1, size=(questions, 1))
    best = np.where(there, rows[:, :, DECIDES], -np.inf).argmax(1)
    right = np.arange(places) == best[:, None]
    rows[~there] = 9.0
    rows = rows * np.array([1, 100, 0.01, 1, 1], np.float32) + np.array([0, 500, 3, 0, -7], np.float32)
    return Examples(rows, there, right, ["fr"] * questions, np.zeros(questions, bool))


def first(examples: Examples, network: Network) -> float:
    """The share of the questions whose answer the network puts before all others."""
    scores = network.scores(examples.rows.reshape(-1, examples.rows.shape[2])).reshape(examples.there.shape)
    best = np.where(examples.there, scores, -np.inf).argmax(1)
    return float(examples.right[np.arange(len(best)), best].mean())


def packed(network: Network) -> bytes:
    """The file that a network is."""
    file = BytesIO()
    write(file, network)
    return file.getvalue()


# Learning


def test_what_decides_is_learned() -> None:
    """Where one trait of five tells the answer, whatever its scale, it is found among others that were never seen."""
    network = learn_ranking(made_up(600, seed=1))
    other = made_up(300, seed=2)
    untaught = Network(((np.ones((5, 1), np.float32), np.zeros(1, np.float32)),))
    assert first(other, untaught) < 0.3
    assert first(other, network) > 0.8


def test_the_same_examples_and_seed_give_the_same_bytes() -> None:
    """Nothing but examples and seed goes in; questions without an answer teach nothing."""
    some, seldom = made_up(100, seed=1), made_up(40, seed=2)
    network = packed(learn_ranking(some))
    assert packed(learn_ranking(some)) == network
    assert packed(learn_ranking(some, seed=1)) != network
    unanswered = replace(seldom, right=np.zeros_like(seldom.right))
    both = (np.concatenate(pair) for pair in zip(fields(unanswered), fields(some), strict=True))
    assert packed(learn_ranking(Examples(*both, ["fr"] * 140, np.zeros(140, bool)))) == network


def fields(examples: Examples) -> tuple[np.ndarray, ...]:
    """What is an array of examples."""
    return examples.rows, examples.there, examples.right


def test_shares_are_of_the_first_ten_by_tongue() -> None:
    """An answer in the tenth place is found, one in the eleventh is not, and what is no passage has no place."""
    there = np.ones((4, MOST), bool)
    there[2, :5] = False
    right = np.zeros((4, MOST), bool)
    right[[0, 1, 2, 3], [9, 10, 14, MOST - 1]] = True
    held_out = np.array([True, False, True, False])
    made = Examples(np.zeros((4, MOST, len(TRAITS)), np.float32), there, right, ["fr", "fr", "ar", "ary"], held_out)
    scores = np.broadcast_to(-np.arange(MOST, dtype=np.float32), (4, MOST))
    assert made.found(scores) == {"fr": 0.5, "ar": 1.0, "ary": 0.0}
    some = made.of(held_out)
    assert (some.tongues, some.held_out.tolist()) == (["fr", "ar"], [True, True])
    assert some.found(scores[:2]) == {"fr": 1.0, "ar": 1.0}


async def test_examples_are_what_is_found() -> None:
    """Each question has its passages in the order of their score, those that answer are marked, the rest is empty."""
    texts = {"1": "Le divorce est prononcé.", "2": "Le divorce est prononcé par le tribunal.", "3": "Le salaire est payé."}
    passages = [Passage(name, COLLECTION, "law", text, language="fr-Latn", number=name) for name, text in texts.items()]
    questions = [
        Asked("Quel tribunal pour prononcer le divorce ?", "fr", frozenset({"1"}), False),
        Asked("Que dit l'article 3 de la loi ?", "fr", frozenset({"3"}), True),
        Asked("Comment est payé le salaire ?", "situation", frozenset({"elsewhere"}), False),
    ]
    made = await examples(TantivyIndex.open, passages, questions)
    assert made.rows.shape == (3, MOST, len(TRAITS))
    assert made.there.sum(1).tolist() == [2, 0, 1]
    assert [np.flatnonzero(row).tolist() for row in made.right] == [[1], [], []]
    scores = made.rows[0, :, TRAITS.index("score")]
    assert scores[0] > scores[1] > 0
    assert not made.rows[~made.there].any()
    assert (made.tongues, made.held_out.tolist()) == (["fr", "fr", "situation"], [False, True, False])


# The questions written for it


def written() -> list[dict[str, str]]:
    """Every line of every file of questions."""
    found: list[dict[str, str]] = []
    for file in sorted(ASKED.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return found


def test_every_line_has_its_five_questions() -> None:
    """An article and a question in each tongue, none empty, nothing behind them, and no article twice."""
    lines = written()
    assert len(lines) > 5000
    for line in lines:
        assert set(line) == {"article", *TONGUES}, line["article"]
        assert all(value and value == value.strip() for value in line.values()), line["article"]
        assert re.fullmatch(r"(fr|ar):[^#]+#.+", line["article"])
    assert len({line["article"] for line in lines}) == len(lines)


def test_questions_are_told_with_their_tongue() -> None:
    """All five of each line, each in its tongue, with its article as the answer; about a tenth is kept to measure on."""
    lines, told = written(), list(asked({}))
    assert [(one.tongue, one.text, one.answers) for one in told] == [
        (tongue, line[tongue], frozenset({line["article"]})) for line in lines for tongue in TONGUES
    ]
    assert 0.08 < sum(one.held_out for one in told) / len(told) < 0.12


def test_twins_are_kept_together(tmp_path: Path) -> None:
    """Both articles of a pair answer the questions of either, and both are kept from learning, or none is."""
    pairs = {f"fr:law#{number}": f"ar:law#{number}" for number in range(60)}
    table = ["\t".join(("article", *TONGUES)), *("\t".join((name, *TONGUES)) for pair in pairs.items() for name in pair)]
    (tmp_path / "some.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    told = list(asked({**pairs, **{arabic: french for french, arabic in pairs.items()}}, tmp_path))
    assert len(told) == 2 * len(pairs) * len(TONGUES)
    of: dict[frozenset[str], set[bool]] = {}
    for one in told:
        of.setdefault(one.answers, set()).add(one.held_out)
    assert set(of) == {frozenset(pair) for pair in pairs.items()}
    assert all(len(held_out) == 1 for held_out in of.values())
    assert {True, False} == set().union(*of.values())


def test_no_article_answers_a_question_of_the_benchmark(shared: Path) -> None:
    """What is measured was not learned: none of these articles, and no twin of one, is gold of any file there."""
    files = sorted(BENCH.glob("questions_*.jsonl"))
    gold = {name for file in files for line in file.read_text("utf-8").splitlines() for name in json.loads(line)["gold"]}
    assert len(files) >= 4
    assert len(gold) > 500
    learned = {name for one in asked(twins(shared)) for name in one.answers}
    assert len(learned & gold) == 0


# Making it


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    """What is missing is named, and nothing is written."""
    with pytest.raises(Invalid) as refused:
        make_reranker(tmp_path, tmp_path / "out", TantivyIndex.open)
    assert refused.value.facts["field"] == "--corpus"
    assert not (tmp_path / "out").exists()


def figures(folder: Path) -> Mapping[str, tuple[float, float]]:
    """What the card of a network says was measured on what was kept, by tongue: by score, and with the second look."""
    card = (folder / "reranker.MODEL_CARD.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| (0\.\d{3}|1\.000) \| (0\.\d{3}|1\.000) \|$", card, re.MULTILINE)
    return {tongue: (float(before), float(after)) for tongue, before, after in rows}


@pytest.mark.scale
def test_the_shipped_network_is_made_again(shared: Path, tmp_path: Path) -> None:
    """Every question is of an article that is there, and the figures of the card are found again, on any machine."""
    assert {line["article"] for line in written()} <= {passage.id for passage in corpus(shared)}
    make_reranker(shared, tmp_path, TantivyIndex.open)
    shipped = figures(HOME)
    assert set(shipped) == set(TONGUES)
    for tongue, (before, after) in figures(tmp_path).items():
        assert before == pytest.approx(shipped[tongue][0], abs=0.002), tongue
        assert after == pytest.approx(shipped[tongue][1], abs=0.015), tongue
        assert after > before, tongue
