"""Summaries and letters, without a model and with scripted ones that help, lie or are silent."""

import re

import pytest
from task_pack import FILE, REPORT, Scripted, asked, inside, small_pack

from daffa.assistant import Status, tasks_of
from daffa.errors import Refused, Unavailable
from daffa.search import Planner, everyday


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """A small pack with a letter in two languages and a form."""
    return small_pack(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def planner():
    """For everybody the planner with the words that come with Daffa."""
    return lambda _: Planner(everyday())


async def test_a_summary_without_a_model_is_sentences_of_the_text(packs, planner):
    """The points are sentences of the text in its order, each cited where it stands, the empty ones left out."""
    outcome = await tasks_of(lambda: packs, planner, None)["summarise"](
        asked({"name": "summarise", "text": REPORT, "points": 3})
    )
    texts = [sentence.text for sentence in outcome.sentences]
    assert outcome.status == Status.ANSWERED
    assert outcome.mode == "extract"
    assert [text.split()[0] for text in texts] == ["Le", "L'irrigation", "L'État"]
    assert "Bonne lecture." not in texts
    assert inside(outcome, REPORT)
    for point in outcome.result["points"]:
        ((start, end),) = point["spans"]
        assert " ".join(REPORT[start:end].split()) == point["text"]


async def test_a_summary_of_the_question_itself(packs, planner):
    """Where the task has no text, the question is the text."""
    outcome = await tasks_of(lambda: packs, planner, None)["summarise"](asked({"name": "summarise"}, question=REPORT))
    assert outcome.sentences
    assert inside(outcome, REPORT)


async def test_the_points_of_a_model_are_shown_where_the_text_supports_them(packs, planner):
    """A true point is shown with its words; a wrong number, a denial that was dropped and an unknown passage are withheld."""

    def answer(said):
        names = dict(re.findall(r'<passage id="(p\d+)">\n(.+)', said))
        name = next(name for name, text in names.items() if "goutte à goutte économise" in text)
        return {"points": [
            {"text": "L'irrigation goutte à goutte économise 40 pour cent de l'eau.", "cites": [name]},
            {"text": "L'irrigation goutte à goutte économise 60 pour cent de l'eau.", "cites": [name]},
            {"text": "La commission n'interdit pas l'irrigation gravitaire des agrumes à partir de 2027.", "cites": [name]},
            {"text": "L'irrigation goutte à goutte économise 40 pour cent de l'eau partout.", "cites": ["p99"]},
        ]}  # fmt: skip

    model = Scripted(answer)
    outcome = await tasks_of(lambda: packs, planner, model)["summarise"](asked({"name": "summarise", "text": REPORT}))
    assert [sentence.text for sentence in outcome.sentences] == [
        "L'irrigation goutte à goutte économise 40 pour cent de l'eau."
    ]
    assert (outcome.status, outcome.withheld, outcome.mode, outcome.model) == (Status.PARTIAL, 3, "model", "scripted")
    assert outcome.decisions == ["daffa/test#1", "daffa/test#2"]
    assert inside(outcome, REPORT)


@pytest.mark.parametrize(
    "wrong",
    [
        Refused("refused_by_policy"), Unavailable("assistant_model", reason="x"), {}, {"points": "x"},
        {"points": [{"text": 3}]},
        {"points": [{"text": "Le roi est mort.", "cites": ["p1"]}]},
    ],
    ids=str,
)  # fmt: skip
async def test_a_summary_comes_out_whatever_the_model_does(packs, planner, wrong):
    """Where the law or the model gives nothing that holds, the summary is sentences of the text, and a word says why."""
    outcome = await tasks_of(lambda: packs, planner, Scripted(lambda _: wrong))["summarise"](
        asked({"name": "summarise", "text": REPORT})
    )
    assert outcome.status == Status.ANSWERED
    assert outcome.mode == "extract"
    assert {sentence.verdict for sentence in outcome.sentences} == {"verbatim"}
    assert outcome.message


async def test_a_letter_is_the_template_with_its_facts(packs, planner):
    """Dates and amounts are written as the language does, an optional fact that is missing takes its sentence along."""
    facts = {"applicant": "Karim Bennani", "cin": "AB123456", "filed": "2026-03-01", "amount": "1500,5 DH"}
    outcome = await tasks_of(lambda: packs, planner, None)["draft"](
        asked({"name": "draft", "pack": "essais", "template": "request", "facts": facts})
    )
    assert outcome.status == Status.ANSWERED
    assert outcome.result["text"] == (
        "Karim Bennani\n\nJe soussigné Karim Bennani, carte AB123456, ai déposé le 1er mars 2026 "
        "une demande de 1\u00a0500,50\u00a0DH."
        "\n\nJe vous prie de statuer dans le délai de 30 jours prévu par la loi (art. 21)."
    )
    for place in outcome.result["places"]:
        assert outcome.result["text"][place["start"] : place["end"]]
    arabic = await tasks_of(lambda: packs, planner, None)["draft"](
        asked({"name": "draft", "pack": "essais", "template": "request", "language": "ar",
               "facts": {"filed": "05/03/2026", "amount": "12000"}}, language="ar")
    )  # fmt: skip
    assert arabic.result["text"] == "أودعت الطلب بتاريخ 5 مارس 2026، ومبلغه 12.000."


async def test_what_is_missing_is_a_blank_that_shows(packs, planner):
    """A required fact that nobody gave is a blank with its name, listed, and never invented."""
    outcome = await tasks_of(lambda: packs, planner, None)["draft"](
        asked({"name": "draft", "pack": "essais", "template": "request", "facts": {"applicant": "Karim Bennani"}})
    )
    assert outcome.status == Status.PARTIAL
    assert outcome.result["missing"] == ["cin", "filed", "amount"]
    assert "carte [… Carte nationale …], ai déposé le [… Date du dépôt …]" in outcome.result["text"]
    assert "Carte nationale" in outcome.message


async def test_facts_are_taken_from_a_file_with_their_place(packs, planner):
    """Facts that stand in an attached text are cited; one that is given is not looked for."""
    outcome = await tasks_of(lambda: packs, planner, None)["draft"](
        asked(
            {
                "name": "draft",
                "pack": "essais",
                "template": "request",
                "text": FILE,
                "file": "a.docx",
                "facts": {"cin": "X1"},
            }
        )
    )
    assert (
        "Je soussigné Karim Bennani, carte X1, ai déposé le 5 mars 2026 une demande de 1\u00a0500,50\u00a0DH."
        in outcome.result["text"]
    )
    found = {fact["name"]: FILE[fact["start"] : fact["end"]] for fact in outcome.result["facts"] if fact["cites"]}
    assert found == {"applicant": "Karim Bennani", "filed": "5 mars 2026", "amount": "1 500,50 DH"}
    assert {citation.document for citation in outcome.citations} == {"a.docx"}
    assert inside(outcome, FILE)


@pytest.mark.parametrize(
    ("change", "polished"),
    [
        (lambda letter: letter.replace("Je vous prie", "Je vous prie respectueusement"), True),
        (lambda letter: letter.replace("30 jours", "15 jours"), False),
        (lambda letter: letter.replace("Bennani", "Benani"), False),
        (lambda letter: letter.replace("[… Date du dépôt …]", "5 mars"), False),
        (lambda letter: letter + " Mon avocat, Maître Driss Tazi, vous écrira.", False),
        (lambda letter: letter.replace("AB123456", "CD654321"), False),
        (lambda letter: letter + " Merci de me verser 200 DH.", False),
        (lambda letter: letter[:40], False),
        (lambda _: 7, False),
    ],
)
async def test_a_model_may_polish_words_alone(packs, planner, change, polished):
    """A polished letter is taken where every fact, number, name and blank is as it was; else the letter stays."""
    model = Scripted(lambda said: {"letter": change(re.search(r"<letter[^>]*>\n(.*)\n</letter>", said, re.DOTALL)[1])})
    task = {"name": "draft", "pack": "essais", "template": "request", "polish": True}
    task["facts"] = {"applicant": "Karim Bennani", "cin": "AB123456", "amount": "1500 DH"}
    outcome = await tasks_of(lambda: packs, planner, model)["draft"](asked(task))
    plain = await tasks_of(lambda: packs, planner, None)["draft"](asked({**task, "polish": False}))
    assert outcome.result["polished"] is polished
    assert (outcome.result["text"] == plain.result["text"]) is not polished
    for place in outcome.result["places"]:
        words = outcome.result["text"][place["start"] : place["end"]]
        assert words in plain.result["text"]
