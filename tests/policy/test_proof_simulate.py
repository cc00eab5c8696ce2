"""What was asked, asked again under another law: counts, directions, examples."""

from __future__ import annotations

import collections
import random

from daffa.decision import Table
from daffa.policy import Bundle, random_questions, simulate, simulation_json


def asked_of(bundle: Bundle, count: int = 2000) -> list:
    """Random questions with the verdicts that a law gives."""
    questions = random_questions(random.Random(5), count, bundle.table.rules, bundle.country)
    return [(question, bundle.table.decide(question).allowed) for question in questions]


def test_the_law_itself_turns_nothing(morocco):
    """Asked again under the law that decided it, everything stays."""
    found = simulate(morocco, asked_of(morocco))
    assert (found.asked, found.turned, found.opened, found.closed) == (2000, 0, (), ())


def test_nothing_asked_turns_nothing(morocco):
    """An empty log is answered too."""
    assert (simulate(morocco, iter(())).asked, simulate(morocco, []).turned) == (0, 0)


def test_what_turns_is_counted_by_door_and_rules(morocco, small_law):
    """Each turned verdict is counted once, in its direction, under the rules that would decide it."""
    asked = asked_of(small_law)
    found = simulate(morocco, asked, most=2)
    turned: collections.Counter = collections.Counter()
    for question, was in asked:
        verdict = morocco.table.decide(question)
        if verdict.allowed is not was:
            turned[question.door, verdict.allowed, verdict.rules] += 1
    turns = (*found.opened, *found.closed)
    assert {(turn.door, turn.verdict.allowed, turn.verdict.rules): turn.count for turn in turns} == turned
    assert found.turned == turned.total() > 100
    assert all(turn.verdict.allowed for turn in found.opened)
    assert not any(turn.verdict.allowed for turn in found.closed)
    for turn in turns:
        assert 1 <= len(turn.examples) <= min(2, turn.count)
        assert len(set(turn.examples)) == len(turn.examples)
        for question in turn.examples:
            verdict = morocco.table.decide(question)
            assert (verdict.allowed, verdict.rules) == (turn.verdict.allowed, turn.verdict.rules)
    for side in (found.opened, found.closed):
        counts = [turn.count for turn in side]
        assert counts == sorted(counts, reverse=True)


def test_the_log_is_gone_through_once(morocco):
    """A generator is enough: nothing is asked for twice, and what does not turn is not kept."""
    asked = asked_of(morocco, 50)
    left = iter(asked)
    assert simulate(morocco, left).asked == 50
    assert next(left, None) is None


def test_rows_count_the_whole(morocco, small_law):
    """The first row counts all, what was left out included; the others add up to what turned."""
    found = simulate(morocco, asked_of(small_law, 500))
    first, *others = simulation_json(found, {"erased": 3})
    assert (first["asked"], first["turned"], first["left_out"]) == (500, found.turned, {"erased": 3})
    assert sum(row["count"] for row in others) == found.turned
    assert all(row["examples"] for row in others)
    empty = Table(())
    assert not any(empty.decide(question).allowed for question, _ in asked_of(small_law, 5))
