"""Tools of a pack: what they answer, what they refuse, and what their process cannot do."""

import datetime
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import DaffaError, Invalid, NotFound, Unavailable
from daffa.packs import Origin, Tools, read_pack

EXAMPLE = Path(__file__).parent / "data" / "example"
DAY = datetime.date(2026, 6, 1)


def test_a_tool_answers_with_its_value_steps_and_sources(tools):
    """The result holds what was computed, how, and each figure with its article and first day."""
    result = tools.call("example", "deadline", {"files": 3}, day=DAY, language="en")
    assert (result.value, result.unit, result.valid_on) == (90, "day", "2026-06-01")
    assert result.steps == ["3 × 30 = 90 days"]
    (used,) = result.used
    assert (used.name, used.value, used.since, used.source) == ("delay_days", 30, "2026-01-01", "law-1")
    assert used.reference == "Law 1, article 16, as amended"
    assert used.title == "General delay"


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "jours"), ("ar", "يوما"), ("en", "days"), ("zgh", "jours"), ("xx", "jours")]
)
def test_a_tool_speaks_the_language_of_the_asker(tools, language, word):
    """Steps are in the language asked for; French where a tool has no words in it."""
    assert word in tools.call("example", "deadline", {}, day=DAY, language=language).steps[0]


def test_a_tool_may_be_written_with_words_dates_lists_and_late_annotations(tools, pack):
    """Literal words, dates, lists, classes and decimals work, and their schema says what they are."""
    code = """
from __future__ import annotations
import dataclasses, datetime, decimal, enum
from typing import Annotated, Literal
import msgspec
from daffa.packs import At, Result, Tool, asked

class Kind(enum.Enum):
    ONE = "one"

@dataclasses.dataclass
class Half:
    part: decimal.Decimal

class Asked(msgspec.Struct, frozen=True, kw_only=True):
    start: Annotated[datetime.date, asked(fr="d", ar="ي", en="start")]
    way: Annotated[Literal["up", "down"], asked(fr="s", ar="ج", en="way")] = "up"
    ages: list[Annotated[int, msgspec.Meta(ge=0)]] = []
    kind: Kind = Kind.ONE

def it(question: Asked, at: At) -> Result:
    half = Half(decimal.Decimal(sum(question.ages)) / 2)
    end = question.start + datetime.timedelta(days=int(half.part))
    return at.result([str(end), question.way, question.kind.value], "date", [])

TOOLS = (Tool(name="it", title={}, input=Asked, run=it),)
"""
    tools.renew([pack, replace(pack, id="rich", code=code)])
    (card,) = tools.cards("rich")
    assert card.schema["properties"]["start"]["format"] == "date"
    assert card.schema["properties"]["way"]["enum"] == ["down", "up"]
    assert card.schema["required"] == ["start"]
    result = tools.call("rich", "it", {"start": "2026-02-27", "ages": [4, 2]}, day=DAY)
    assert result.value == ["2026-03-02", "up", "one"]
    for field, bad in (("start", "soon"), ("way", "left"), ("ages[2]", [1, -1]), ("kind", "two")):
        with pytest.raises(Invalid) as refused:
            tools.call("rich", "it", {"start": "2026-02-27", field.partition("[")[0]: bad}, day=DAY)
        assert refused.value.facts["field"] == field


def test_the_day_of_the_arguments_goes_before_the_day_of_the_call(tools):
    """Who names a day is answered for that day, with the figure that held on it."""
    assert tools.call("example", "deadline", {"day": "2025-12-31"}, day=DAY).value == 60
    assert tools.call("example", "deadline", {"day": "2026-01-01"}, day=DAY).value == 30


@pytest.mark.parametrize("day", ["2020-09-27", "2027-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_outside_the_known_span_is_refused(tools, day):
    """No figure stands for another year than its own; the refusal names the span that is known."""
    with pytest.raises(Invalid) as refused:
        tools.call("example", "deadline", {"day": day}, day=DAY)
    assert refused.value.code == "parameter_not_valid"
    assert refused.value.facts == {"name": "delay_days", "day": day, "first": "2020-09-28", "last": "2026-12-31"}


@pytest.mark.parametrize(
    ("arguments", "field", "expected"),
    [
        ({"files": "three"}, "files", "a whole number"),
        ({"files": 1.5}, "files", "a whole number"),
        ({"files": None}, "files", "a whole number"),
        ({"files": True}, "files", "a whole number"),
        ({"files": 0}, "files", "a whole number >= 1"),
        ({"files": 1001}, "files", "a whole number <= 1000"),
        ({"file": 1}, "file", "one of files, day"),
        ({"day": "tomorrow"}, "day", "a date such as 2026-06-01"),
        ({"day": ""}, "day", "a date such as 2026-06-01"),
        ({"day": 0}, "day", "a date such as 2026-06-01"),
        ({"day": 5}, "day", "a date such as 2026-06-01"),
        ({"files": object()}, "arguments", "values of JSON"),
        ({"files": "x" * 70_000}, "arguments", "at most 65536 bytes"),
    ],
)
def test_wrong_arguments_name_the_field(tools, arguments, field, expected):
    """What is wrong is said in the caller's words: the field as it was written, and what it must be."""
    with pytest.raises(Invalid) as refused:
        tools.call("example", "deadline", arguments, day=DAY)
    assert refused.value.code == "invalid_field"
    assert (refused.value.facts["field"], refused.value.facts["expected"]) == (field, expected)


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(arguments=st.dictionaries(st.sampled_from(["files", "day", "x", ""]), _json, max_size=3))
def test_whatever_is_given_is_answered_or_refused_by_name(tools, arguments):
    """Any arguments end in a result or in an error of the caller; never in a fault of the tool."""
    ended = ""
    try:
        ended = tools.call("example", "deadline", arguments, day=DAY).unit
    except Invalid as error:
        ended = error.code
    assert ended in ("day", "invalid_field", "parameter_not_valid")


def test_unknown_packs_and_tools_are_named(tools):
    """A name that is not there is an error that says which are."""
    with pytest.raises(NotFound) as pack:
        tools.call("nowhere", "deadline", {}, day=DAY)
    assert pack.value.code == "unknown_pack"
    with pytest.raises(NotFound) as tool:
        tools.call("example", "nothing", {}, day=DAY)
    assert tool.value.facts == {"tool": "nothing", "known": "deadline"}


def test_a_card_says_how_a_tool_is_called(tools):
    """The schema is closed, knows the day, and names each field in three languages."""
    (card,) = tools.cards("example")
    assert card.schema["additionalProperties"] is False
    assert set(card.schema["properties"]) == {"files", "day"}
    assert card.schema["properties"]["files"]["x-title"]["ar"] == "عدد الملفات"
    assert card.cues["fr"] == ["délai", "combien de jours"]


def test_a_folder_of_data_has_no_tools(tmp_path):
    """A pack that is only data is refused with a tools.py; and were it read, nothing of it would be callable."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    with pytest.raises(Invalid, match=r"tools\.jsonl|tools\.py"):
        read_pack(folder, Origin.FOLDER)
    (folder / "tools.py").unlink()
    (folder / "tools.jsonl").unlink()
    pack = read_pack(folder, Origin.FOLDER)
    assert pack.code == ""
    with Tools([pack], workers=1) as tools:
        assert tools.cards("example") == ()
        with pytest.raises(NotFound) as refused:
            tools.call("example", "deadline", {}, day=DAY)
    assert refused.value.code == "unknown_tool"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("while True: pass", "tool_too_slow"),
        ("return 10 ** (10 ** 9)", "tool_too_slow"),
        ("return 'x' * (1 << 40)", "tool_failed"),
        ("x = [0] * (1 << 28)\nreturn at.result(len(x), 'x', [])", "tool_failed"),
        ("return 5", "tool_failed"),
        ("return at.result(1, 'x', ['y' * 1000] * 10_000)", "tool_failed"),
        ("return at.result(float('nan'), 'x', [])", "tool_failed"),
        ("return at.result(float('inf'), 'x', [])", "tool_failed"),
        ("return at.result(None, 'x', [])", "tool_failed"),
        ("raise SystemExit(0)", "tool_failed"),
        ("raise KeyboardInterrupt", "tool_failed"),
        ("def down(): return down()\nreturn down()", "tool_failed"),
        ("return 1 / 0", "tool_failed"),
        ("return at.value('nothing')", "unknown_parameter"),
        ("at.refuse('text', 'a name', question.text)", "invalid_field"),
    ],
)
def test_a_tool_that_misbehaves_is_a_clear_error(run, body, code):
    """Endless, hungry, wordy or wrong: each ends in one error, in time."""
    with pytest.raises(DaffaError) as failed:
        run(body)
    assert failed.value.code == code
    assert failed.value.say("fr")


def test_a_tool_leaves_nothing_to_the_next_call(run):
    """What a call changes in its own module, in a module it imported, or in a builtin is gone with it."""
    body = """
import math
seen = getattr(math, 'left', 0)
math.left = seen + 1
Nothing.left = getattr(Nothing, 'left', 0) + 1
return at.result(seen + Nothing.left, 'x', [])"""
    assert [run(body).value for _ in range(3)] == [1, 1, 1]


def test_code_that_does_not_load_is_named(tools, pack):
    """A mistake in tools.py is told with its kind; the process goes on."""
    for code in ("def (", "TOOLS = 5", "import os", "raise ValueError('no')", ""):
        broken = replace(pack, id="broken", code=code or " ")
        tools.renew([pack, broken])
        with pytest.raises(Unavailable) as failed:
            tools.cards("broken")
        assert failed.value.code == "tool_failed"
    assert tools.call("example", "deadline", {}, day=DAY).value == 30


def test_what_a_tool_prints_does_not_reach_the_answer(run):
    """A print in a tool is lost; the answer is whole."""
    assert run("print('{\"result\": 1}')\nreturn at.result(2, 'x', [])").value == 2


def test_many_callers_share_few_processes(tools, pack):
    """Sixty calls from twelve threads are all answered, each with its own value."""
    tools.renew([pack])
    answers = {}

    def ask(first):
        for files in range(first, first + 5):
            answers[files] = tools.call("example", "deadline", {"files": files}, day=DAY).value

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(1, 61, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {files: 30.0 * files for files in range(1, 61)}


def test_a_slow_tool_holds_up_its_own_worker_alone(tools, pack, code_of):
    """While one call runs into its limit, others are answered by the other process."""
    tools.renew([pack, replace(pack, id="hostile", code=code_of("while True: pass"))])
    ended = []

    def slow():
        with pytest.raises(Unavailable):
            tools.call("hostile", "it", {}, day=DAY)
        ended.append("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    time.sleep(0.2)
    tools.call("example", "deadline", {}, day=DAY)
    ended.append("quick")
    thread.join()
    assert ended == ["quick", "slow"]
