"""Conversations are their owner's alone, kept for so many days, and gone from the files when they are deleted."""

from __future__ import annotations

from pathlib import Path

import databases
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.assistant import Conversations, Feedback
from daffa.errors import Invalid, NotFound
from daffa.storage import Database

DAY = 86_400
NOW = 1_800_000_000
OUTCOME = {"status": "answered", "sentences": [{"text": "Quinze jours.", "cites": ["c1"], "verdict": "verbatim"}]}


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = float(NOW)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """The time."""
    return Clock()


fresh, url = databases.fresh, databases.url


@pytest.fixture
async def database(url):
    """A database of its own, of each kind."""
    opened = await Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def conversations(database, clock):
    """Conversations that are kept for thirty days."""
    return Conversations(database, 30, clock)


@pytest.fixture
def feedback(database, clock):
    """What is said of answers."""
    return Feedback(database, clock)


# Laws


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.integers(0, 40),
    ages=st.lists(st.integers(0, 60 * DAY), max_size=8),
)
async def test_nothing_is_kept_longer_than_it_may_be(tmp_path_factory, days, ages):
    """After ``forget`` there is exactly what is younger than the days that it may be kept."""
    database = await Database.open(tmp_path_factory.mktemp("law") / "daffa.db")
    clock = Clock()
    conversations = Conversations(database, days, clock)
    for age in ages:
        clock.now = NOW - age
        await conversations.ask("amina", f"{age}")
    clock.now = NOW
    young = [age for age in ages if days and age < days * DAY]
    assert await conversations.forget() == len(ages) - len(young)
    left = await conversations.conversations("amina")
    assert sorted(int(found.title) for found in left) == sorted(young)
    await database.close()


# The walk


async def test_a_question_and_its_outcome_are_kept_in_order(conversations, feedback):
    """A question is there before it has an outcome, then with it, and the next one of the conversation comes after it."""
    conversation, number = await conversations.ask("amina", "Quel délai ?")
    found = await conversations.conversation("amina", conversation)
    assert (number, found.title, found.turns[0].outcome) == (1, "Quel délai ?", None)
    await conversations.end(conversation, number, OUTCOME)
    assert await conversations.ask("amina", "Et après ?", conversation=conversation, task={"name": "draft"}) == (
        conversation,
        2,
    )
    await feedback.give("amina", conversation, 1, useful=False, reason="trop court")
    turns = (await conversations.conversation("amina", conversation)).turns
    assert [turn.question for turn in turns] == ["Quel délai ?", "Et après ?"]
    assert turns[0].outcome == OUTCOME
    assert turns[0].opinion is not None
    assert (turns[0].opinion.useful, turns[0].opinion.reason) == (False, "trop court")
    assert turns[1].task == {"name": "draft"}


async def test_what_was_said_of_answers_is_exported_with_their_outcome_and_no_name(conversations, feedback):
    """The export has the question, the outcome and the opinion, and nothing of whose they are."""
    conversation, number = await conversations.ask("amina", "Quel délai ?")
    await conversations.end(conversation, number, OUTCOME)
    await feedback.give("amina", conversation, number, useful=True)
    await feedback.give("amina", conversation, number, useful=False, reason="non")
    (row,) = await feedback.all()
    assert row == {"useful": False, "reason": "non", "given": NOW, "question": "Quel délai ?", "task": {}, "outcome": OUTCOME}
    assert "amina" not in str(row)


async def test_each_turn_is_forgotten_by_its_own_age(conversations, feedback, clock):
    """A conversation that goes on loses its old turns with what was said of them; a number is not given twice."""
    conversation, _ = await conversations.ask("amina", "vieux")
    await conversations.end(conversation, 1, OUTCOME)
    await feedback.give("amina", conversation, 1, useful=True)
    clock.now += 20 * DAY
    await conversations.ask("amina", "jeune", conversation=conversation)
    clock.now += 11 * DAY
    assert await conversations.forget() == 1
    assert [turn.question for turn in (await conversations.conversation("amina", conversation)).turns] == ["jeune"]
    assert await feedback.all() == []
    assert (await conversations.ask("amina", "encore", conversation=conversation))[1] == 3


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
async def test_deleted_words_are_in_no_file(conversations, feedback, tmp_path):
    """After a deletion neither the database nor its write-ahead log has a byte of what was said."""
    words = ("grenadine-asked", "grenadine-answered", "grenadine-said")
    conversation, number = await conversations.ask("amina", words[0] * 50)
    await conversations.end(conversation, number, {"status": "answered", "message": words[1] * 50})
    await feedback.give("amina", conversation, number, useful=False, reason=words[2] * 50)
    assert found_in(tmp_path, words) == set(words)
    await conversations.delete("amina", conversation)
    assert found_in(tmp_path, words) == set()


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
async def test_forgotten_words_are_in_no_file(conversations, clock, tmp_path):
    """What has grown too old leaves the files too."""
    await conversations.ask("amina", "grenadine" * 50)
    clock.now += 31 * DAY
    await conversations.forget()
    assert found_in(tmp_path, ["grenadine"]) == set()


def found_in(folder: Path, words):
    """Which words stand in any file of a folder."""
    content = b"".join(file.read_bytes() for file in folder.iterdir())
    return {word for word in words if word.encode() in content}


# Edges


async def test_what_is_not_mine_does_not_exist(conversations, feedback):
    """Reading, asking on, deleting and judging somebody else's conversation raise what is raised for one that is not there."""
    conversation, number = await conversations.ask("amina", "privé")
    await conversations.end(conversation, number, OUTCOME)
    said = []
    for name in (conversation, "0" * 32):
        for call in (
            conversations.conversation("said", name),
            conversations.ask("said", "moi aussi", conversation=name),
            conversations.delete("said", name),
            feedback.give("said", name, 1, useful=True),
            conversations.conversation("", name),
        ):
            with pytest.raises(NotFound) as caught:
                await call
            said.append((caught.value.code, caught.value.facts))
    assert said == [("unknown_conversation", {})] * 10
    assert await conversations.conversations("said") == []
    assert len((await conversations.conversation("amina", conversation)).turns) == 1


async def test_an_answer_that_has_not_come_cannot_be_judged(conversations, feedback):
    """There is no opinion of an answer that is not there yet."""
    conversation, number = await conversations.ask("amina", "Quel délai ?")
    with pytest.raises(NotFound):
        await feedback.give("amina", conversation, number, useful=True)


async def test_a_reason_has_its_length(conversations, feedback):
    """A reason of two thousand characters is kept, a longer one is refused."""
    conversation, number = await conversations.ask("amina", "Quel délai ?")
    await conversations.end(conversation, number, OUTCOME)
    await feedback.give("amina", conversation, number, useful=False, reason="é" * 2000)
    with pytest.raises(Invalid) as caught:
        await feedback.give("amina", conversation, number, useful=False, reason="é" * 2001)
    assert caught.value.facts["field"] == "reason"


async def test_an_outcome_that_comes_after_the_deletion_brings_nothing_back(conversations):
    """Whoever deletes while the answer is under way has deleted."""
    conversation, number = await conversations.ask("amina", "Quel délai ?")
    await conversations.delete("amina", conversation)
    await conversations.end(conversation, number, OUTCOME)
    assert await conversations.conversations("amina") == []


@pytest.mark.parametrize("question", ["x" * 4000, "  deux\n lignes ", "؟", "ⵜ" * 300, "mot " * 100])
async def test_a_title_is_short_whatever_was_asked(conversations, question):
    """A title is one line of at most eighty characters, and never empty."""
    await conversations.ask("amina", question)
    (found,) = await conversations.conversations("amina")
    assert 0 < len(found.title) <= 80
    assert "\n" not in found.title


async def test_a_character_that_is_none_is_left_out(conversations, feedback):
    """U+0000, which PostgreSQL keeps in no text, becomes a blank in a question and in a reason."""
    name, number = await conversations.ask("amina", "quel\0délai", task={"name": "fill", "file": "a\0b.md"})
    await conversations.end(name, number, OUTCOME)
    await feedback.give("amina", name, number, useful=True, reason="très\0clair")
    turn = (await conversations.conversation("amina", name)).turns[0]
    assert (turn.question, turn.opinion.reason) == ("quel délai", "très clair")
