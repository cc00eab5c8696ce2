"""The evaluation: what counts as right, the halves, the report, and that what is learned is the same each time."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from daffa.assistant import collection_of, evaluate, fit, html, questions_of
from daffa.packs import begin

pytestmark = pytest.mark.asyncio(loop_scope="session")


def some(desk: Any, most: int) -> list[Any]:
    """A few questions of one pack, of every kind."""
    found = [asking for asking in questions_of(desk.packs) if asking.pack == "administration"]
    return found[:most] + [asking for asking in found if asking.question.status == "not_covered"][:3]


async def test_every_question_has_its_row_and_each_step_alone(desk: Any):
    """A row a question; the scores add up by half; an answer is right only by the words that it cites."""
    questions = some(desk, 8)
    found = await evaluate(desk.assistant(), questions, desk.asker(), collections=lambda each: [collection_of(each.pack)])
    assert [row.id for row in found.rows] == [asking.question.id for asking in questions]
    whole, tuning, held = (
        next(s for s in found.scores if (s.language, s.half) == ("", half)) for half in ("", "tuning", "held")
    )
    assert whole.answerable == tuning.answerable + held.answerable == 8
    assert whole.unanswerable == 3
    spans = {asking.question.id: asking.question.spans for asking in questions}
    for row in found.rows:
        if row.right and row.expected == "answered" and spans[row.id]:
            assert any(span in text for text in row.said for span in spans[row.id])


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("en", "ltr")])
async def test_the_report_is_one_page_in_the_readers_direction(desk: Any, language: str, direction: str):
    """One file that fetches nothing, with every question, and what was said escaped."""
    found = await evaluate(desk.assistant(), some(desk, 3), desk.asker())
    page = html(found, language)
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "src=" not in page
    assert "http" not in page.split("</style>")[0]
    assert all(row.id in page for row in found.rows)


async def test_the_same_questions_teach_the_same(desk: Any):
    """Learning has no chance in it."""
    questions = some(desk, 12)
    first, second = [
        await fit(desk.assistant(), questions, desk.asker(), collections=lambda each: [collection_of(each.pack)])
        for _ in (1, 2)
    ]
    assert first == second
    assert first.startswith("threshold = ")


async def test_an_unknown_pack_is_an_error_in_a_line(tmp_path: Any):
    """The command names what it does not know, and exits with 1."""
    command = [sys.executable, "-m", "daffa", "eval", "assistant", "--pack", "nothing", "--data", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "nothing" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_no_database_of_another_house_is_touched(tmp_path: Any):
    """What the environment names is not opened: the house of the measurement has its own, and goes."""
    folder = begin("measured", tmp_path, datetime.date(2026, 11, 26))
    command = [sys.executable, "-m", "daffa", "eval", "assistant", "--pack", str(folder), "--data", str(tmp_path / "data")]
    elsewhere = os.environ | {"DAFFA_DATABASE": "postgresql://nobody@127.0.0.1:1/none"}
    ended = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, env=elsewhere)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["rows"]
    assert not (tmp_path / "data").exists()
