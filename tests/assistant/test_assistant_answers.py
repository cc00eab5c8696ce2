"""Questions to the assistant without a model: extracts, tools, small talk, what is not covered, who may see what."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daffa.assistant import Assistant
from daffa.assistant.reading import read_request
from daffa.documents import read_document
from daffa.errors import Invalid, NotFound, Unavailable
from daffa.library import NewDocument, Results, date_of
from daffa.search import Query, Scope

pytestmark = pytest.mark.asyncio(loop_scope="session")

DELAY = "Quel est le délai maximal de réponse de l'administration ?"


def spans(outcome: Any) -> list[str]:
    """The words that the citations point to."""
    return [citation.text[citation.start : citation.end] for citation in outcome.citations]


@pytest.mark.parametrize(
    ("question", "language", "found"),
    [
        (DELAY, "fr-Latn", "60 jours"),
        ("كم أجل جواب الإدارة عن الطلب؟", "ar-Arab", "60 يوما"),
        ("شحال ديال الوقت عند الإدارة باش تجاوب على الطلب", "ar-Arab", "60 يوما"),
        ("ch7al dyal lwe9t 3nd lidara bach tjawb 3la talab", "ar-Arab", "60 يوما"),
        ("How long may the administration take to answer?", "en-Latn", "60 days"),
    ],
)
async def test_a_question_gets_extracts_of_its_language(desk: Any, question: str, language: str, found: str):
    """Each sentence is a passage's own words, in the asker's language, and a citation points to exactly these words."""
    outcome = await desk.outcome(desk.asked(question))
    assert (outcome.status, outcome.mode, outcome.language) == ("answered", "extract", language)
    assert any(found in sentence.text for sentence in outcome.sentences)
    by_id = {citation.id: citation for citation in outcome.citations}
    for sentence in outcome.sentences:
        (cited,) = (by_id[cite] for cite in sentence.cites)
        assert cited.text[cited.start : cited.end] == sentence.text
        assert sentence.verdict == "verbatim"
        assert cited.language == language
    assert [step.name for step in outcome.steps] == ["rewrite", "route", "retrieve", "compose", "check"]
    assert outcome.index


async def test_a_word_of_the_glossary_is_told(desk: Any):
    """Where a passage says it in other words, the pair that made the match is there."""
    outcome = await desk.outcome(desk.asked("فين كندير لاكارط ناسيونال"))
    pairs = [(because.asked, because.by) for citation in outcome.citations for because in citation.because]
    assert any(by == "glossary" for _, by in pairs), pairs


@pytest.mark.parametrize(
    "question", ["Qui a gagné la coupe du monde de football ?", "من فاز بكأس العالم؟", "Combien de bleu pèse un mardi ?"]
)
async def test_what_no_text_answers_is_not_covered(desk: Any, question: str):
    """Nonsense and what the packs do not know has no sentence, and one word about that in the asker's language."""
    outcome = await desk.outcome(desk.asked(question))
    assert (outcome.status, outcome.sentences, outcome.citations) == ("not_covered", [], [])
    assert outcome.message


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("Bonjour !", "Bonjour"),
        ("السلام عليكم", "مرحبا"),
        ("ⴰⵣⵓⵍ", "ⴰⵣⵓⵍ"),
        ("Hello", "Hello"),
        ("Merci beaucoup", "prie"),
        ("who are you?", "Daffa"),
        ("شكون نتا", "دفّة"),
    ],
)
async def test_small_talk_is_answered_at_once(desk: Any, said: str, has: str):
    """A greeting, thanks and «who are you» need no passage and no model."""
    outcome = await desk.outcome(desk.asked(said))
    assert (outcome.status, outcome.mode, outcome.index) == ("answered", "canned", "")
    assert has in outcome.message


async def test_a_greeting_before_a_question_is_left_out(desk: Any):
    """What stands before the question changes nothing of it."""
    outcome = await desk.outcome(desk.asked(f"Bonjour, {DELAY}"))
    assert outcome.question == DELAY
    assert any("60 jours" in text for text in spans(outcome))


async def test_a_question_that_goes_on_takes_the_subject_before(desk: Any):
    """«And for ...?» is looked for with what the turn before it asked."""
    outcome = await desk.outcome(desk.asked(DELAY, "Et pour un projet d'investissement ?"))
    assert "30 jours" in " ".join(spans(outcome))
    assert outcome.question.startswith(DELAY)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Combien d'impôt sur le revenu pour 12000 dirhams par mois ?", 2246.67),
        ("كم الضريبة على الدخل لـ 12000 درهم شهريا؟", 2246.67),
        ("How much income tax on 144,000 dirhams a year?", 26960),
    ],
)
async def test_a_tool_computes_and_cites(desk: Any, question: str, value: float):
    """The figures are the tool's, each sentence is marked as computed, and what it rests on is cited with its law."""
    outcome = await desk.outcome(desk.asked(question))
    assert (outcome.status, outcome.mode) == ("answered", "tool")
    assert outcome.tool.result["value"] == pytest.approx(value)
    assert outcome.sentences[0].verdict == "computed"
    assert outcome.sentences[0].cites
    assert any(citation.work for citation in outcome.citations)


async def test_a_tool_that_lacks_something_asks_for_it(desk: Any):
    """Where a tool is asked for without what it must have, the answer names what is missing."""
    outcome = await desk.outcome(desk.asked("Combien d'impôt je paie ?"))
    assert "revenu net imposable" in outcome.message


async def test_an_empty_question_is_asked_back(desk: Any):
    """Blanks and signs are no question."""
    for said in ("", "  ?!  "):
        assert (await desk.outcome(desk.asked(said))).status == "clarification"


async def test_an_unseen_collection_and_an_absent_one_are_the_same(desk: Any):
    """Somebody of another organisation learns nothing of a collection: neither by errors nor by answers."""
    await desk.library.create("court", "secret")
    text = b"# Planning\n\nLe secret du tribunal de Zagora porte le nom de quetzal.\n"
    await desk.library.put("court", "secret", [NewDocument(id="one", document=read_document(text, "one.md"))])
    question = "Quel nom porte le secret du tribunal de Zagora ?"
    own = await desk.outcome(desk.asked(question, organisation="court"))
    assert own.status == "answered"
    other = await desk.outcome(desk.asked(question))
    assert other.status == "not_covered"
    errors = []
    for wanted in ("court.secret", "court.nothing"):
        with pytest.raises(NotFound) as caught:
            await desk.outcome(desk.asked(question, collections=(wanted,)))
        errors.append((caught.value.code, {**caught.value.facts, "collection": ""}))
    assert errors[0] == errors[1]


async def test_a_text_that_is_no_longer_in_force_is_flagged(desk: Any):
    """A superseded text is not shown before one in force, and says until when it held."""
    await desk.library.create("town", "tariffs")
    for name, price, first, last in (("old", 20, 19000, 19999), ("new", 35, 20000, 0)):
        text = f"# Tarif de la piscine ({name})\n\nLe ticket de la piscine de Tarfaya coûte {price} dirhams.\n".encode()
        document = read_document(text, f"{name}.md")
        await desk.library.put("town", "tariffs", [NewDocument(id=name, document=document, valid_from=first, valid_to=last)])
    question = "Combien coûte le ticket de la piscine de Tarfaya ?"
    outcome = await desk.outcome(desk.asked(question, collections=("town.tariffs",)))
    assert "35 dirhams" in outcome.sentences[0].text
    assert {citation.document: citation.valid_to for citation in outcome.citations}.get("old", "2024-10-03") == "2024-10-03"
    then = await desk.outcome(desk.asked(question, collections=("town.tariffs",), day=19500))
    assert ["20 dirhams" in text for text in spans(then)] == [True]


@pytest.mark.parametrize(
    ("zone", "day"),
    [(datetime.UTC, "2026-11-26"), (ZoneInfo("Pacific/Kiritimati"), "2026-11-27"), (ZoneInfo("Pacific/Niue"), "2026-11-25")],
)
async def test_today_is_the_day_of_the_house(desk: Any, zone: datetime.tzinfo, day: str):
    """At one instant it is one of three dates, by where the house is: on that one a tool computes and texts are in force."""
    now = datetime.datetime(2026, 11, 26, 10, 30, tzinfo=datetime.UTC).timestamp()
    assistant = Assistant(
        desk.library, lambda _: desk.planner, clock=time.perf_counter, wall=lambda: now, zone=zone, tools=desk.tools
    )
    walk, outcome = await assistant.trace(desk.asked("How much income tax on 144,000 dirhams a year?"))
    assert (date_of(walk.day).isoformat(), outcome.tool.result["valid_on"]) == (day, day)


async def test_the_first_day_of_1970_is_a_day(desk: Any):
    """It is asked about as any other: not today, and texts that came into force later are left out."""
    await desk.library.create("town", "old")
    texts = {
        "then": ("Le péage du pont de Bab coûte 1 dirham.", -900, 0),
        "now": ("Le péage du pont de Bab coûte 9 dirhams.", 1, 0),
    }
    for name, (text, first, last) in texts.items():
        document = read_document(text.encode(), f"{name}.md")
        await desk.library.put("town", "old", [NewDocument(id=name, document=document, valid_from=first, valid_to=last)])
    body = json.dumps(
        {"messages": [{"role": "user", "content": "Combien coûte le péage du pont de Bab ?"}], "daffa": {"day": "1970-01-01"}}
    )
    asked = read_request(body.encode(), desk.asker(), "daffa/test#1").asked
    walk, outcome = await desk.assistant().trace(asked)
    assert (asked.day, walk.day) == (0, 0)
    assert [citation.document for citation in outcome.citations] == ["then"]
    assert (await desk.outcome(desk.asked(asked.question))).citations[0].document == "now"


async def test_a_search_that_does_not_answer_is_told(desk: Any):
    """An index that is away ends in its own status, not in an error."""

    class Away:
        def __init__(self, library: Any) -> None:
            self.scope, self.passage = library.scope, library.passage

        async def find(self, query: Query, scope: Scope, k: int) -> Results:
            assert query.concepts and scope.collections and k  # noqa: PT018 - it was asked as ever
            raise Unavailable("search_index_unusable", folder="x", reason="gone")

    away = type(desk)(Away(desk.library), desk.planner, desk.tools, desk.packs)
    outcome = await away.outcome(desk.asked(DELAY))
    assert (outcome.status, bool(outcome.message)) == ("error_search", True)


async def test_a_step_that_takes_too_long_is_cut_off(desk: Any):
    """Whatever a step waits for, the asker hears of it in time."""
    outcome = await desk.outcome(desk.asked(DELAY), seconds=0.0)
    assert outcome.status == "error_timeout"


async def test_an_unknown_task_names_the_field(desk: Any):
    """A task that nobody does is refused with the field and what there is."""
    with pytest.raises(Invalid) as caught:
        await desk.outcome(desk.asked("x", task={"name": "dance"}))
    assert caught.value.facts["field"] == "daffa.task.name"
