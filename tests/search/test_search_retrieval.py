"""Questions find their articles: floors under what ``bench/retrieval.py`` prints, on the questions that weights saw."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from daffa.search import Glossary, Planner, everyday, shipped_reranker
from daffa.search.engines.tantivy import TantivyIndex

BENCH = Path(__file__).parents[2] / "bench" / "retrieval.py"
FLOORS = {"fr": 0.84, "arabic": 0.76, "arabizi": 0.74}
ACROSS = 0.95


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark as a module: its corpus, its questions, its ranks."""
    spec = importlib.util.spec_from_file_location("bench_retrieval", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there for what their annotations name
    spec.loader.exec_module(module)
    return module


def hit_at_ten(places: list[int]) -> float:
    """The share of ranks from 1 to 10."""
    return sum(0 < place <= 10 for place in places) / len(places)


@pytest.mark.scale
async def test_questions_find_their_articles(bench: ModuleType, shared: Path, tmp_path: Path) -> None:
    """Through the real engine, over 10,507 articles: hit@10 by the language of the question, and articles across languages."""
    index = await TantivyIndex.open(tmp_path)
    try:
        await index.put(list(bench.articles(shared)))
        found = await bench.ranks(
            bench.questions("dev"), bench.planned(index, Planner(everyday()), reranker=shipped_reranker())
        )
        for group, floor in FLOORS.items():
            assert hit_at_ten(found[group]) >= floor, group
        held = bench.held_out(shared)[:150]
        learned = bench.tables(shared, {french for french, *_ in held})
        across = await bench.ranks(list(bench.across(held)), bench.planned(index, Planner(Glossary(), learned)))
        for group, places in across.items():
            assert hit_at_ten(places) >= ACROSS, group
    finally:
        await index.close()


def test_no_question_holds_an_id(bench: ModuleType) -> None:
    """Ids that the index sees say nothing of law or number, and every question has an answer."""
    for name in ("known", "dev", "test", "fresh"):
        for question in bench.questions(name):
            assert question.gold
            assert all(len(gold) == 16 and int(gold, 16) >= 0 for gold in question.gold)


def test_no_need_is_in_two_files(bench: ModuleType) -> None:
    """What the test asks was asked by nobody who tuned: no article answers both a test question and another of its group."""
    seen = {gold for name in ("known", "dev") for question in bench.questions(name) for gold in question.gold}
    shared_gold = [question.text for question in bench.questions("test") if question.gold & seen and question.group != "fr-ar"]
    assert len(shared_gold) == 0
