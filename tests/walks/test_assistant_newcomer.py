"""The newcomer: a fresh folder, no model, no file of settings; the first question is answered by words that can be read.

One real server, asked by the official clients of three makers over real sockets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from servers import Server, daffa, serving

QUESTIONS = {
    "fr-Latn": "J'ai perdu ma carte nationale, que faire ?",
    "ar-Arab": "ضاعت مني بطاقة التعريف الوطنية فماذا أفعل؟",
    "ary-Arab": "ضاعت ليا لاكارط شنو ندير؟",
    "ary-Latn": "da3t liya la carte chno ndir?",
    "zgh-Tfng": "ⴰⴷⴷⴰⵢ ⵜⵣⵍⴰ ⵜⴽⴰⵕⴹⴰ ⵏ ⵜⵎⴰⴳⵉⵜ",
    "en-Latn": "I lost my identity card, what should I do?",
}
"""One question, as each speaks; Darija is answered in the Arabic that the texts are written in."""
ANSWERS = {language: language for language in QUESTIONS} | {"ary-Arab": "ar-Arab", "ary-Latn": "ar-Arab"}
NONSENSE = ("Combien de lunes a Jupiter ?", "blorp zaxi quandule?", "كم قمرا للمشتري؟")
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}

SCHEMA = {"name": "x", "schema": {"type": "object"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house on its first day."""
    with serving(tmp_path_factory.mktemp("fresh")) as server:
        yield server


def client_of(server: Server) -> openai.OpenAI:
    """OpenAI's own client."""
    return openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0)


def ask(server: Server, question: str, **more: Any) -> tuple[Any, dict[str, Any], str]:
    """The completion, its extension ``daffa``, and the decision that its header names."""
    messages = [{"role": "user", "content": question}]
    raw = client_of(server).chat.completions.with_raw_response.create(model="daffa", messages=messages, **more)
    answer = raw.parse()
    return answer, answer.model_extra["daffa"], raw.headers["x-daffa-decision"]


def shown(outcome: dict[str, Any]) -> str:
    """The sentences of an outcome, as a reader sees them."""
    return " ".join(sentence["text"] for sentence in outcome["sentences"])


@pytest.mark.parametrize("language", QUESTIONS)
def test_the_first_question_is_answered_in_its_language(server: Server, language: str):
    """Each speaker reads words of the texts in their own language, each of them under a source that says exactly this."""
    answer, outcome, _ = ask(server, QUESTIONS[language])
    assert (outcome["status"], outcome["mode"], outcome["language"]) == ("answered", "extract", ANSWERS[language])
    assert "identity-card" in outcome["citations"][0]["document"]
    cited = {citation["id"]: citation for citation in outcome["citations"]}
    for sentence in outcome["sentences"]:
        assert sentence["verdict"] == "verbatim"
        for name in sentence["cites"]:
            citation = cited[name]
            assert citation["language"] == ANSWERS[language]
            assert citation["text"][citation["start"] : citation["end"]] == sentence["text"]
            assert all(0 <= start < end <= len(citation["text"]) for start, end in citation["highlights"])
    assert answer.choices[0].message.content.startswith(shown(outcome))


@pytest.mark.parametrize("language", ["fr-Latn", "ar-Arab", "zgh-Tfng"])
def test_annotations_stand_over_the_sentences_that_they_are_for(server: Server, language: str):
    """What an annotation points at in the content, by code points, is a sentence that cites its source."""
    answer, outcome, _ = ask(server, QUESTIONS[language])
    message = answer.choices[0].message
    found = [each.model_dump() for each in message.annotations]
    assert len(found) == sum(len(sentence["cites"]) for sentence in outcome["sentences"])
    titles = {citation["id"]: citation["title"] for citation in outcome["citations"]}
    links = {citation["id"]: citation["link"] for citation in outcome["citations"]}
    pairs = [(sentence["text"], name) for sentence in outcome["sentences"] for name in sentence["cites"]]
    for annotation, (text, name) in zip(found, pairs, strict=True):
        said = annotation["url_citation"]
        assert message.content[said["start_index"] : said["end_index"]] == text
        assert (said["title"], said["url"]) == (titles[name], links[name])


def test_the_decision_stands_in_the_log(server: Server):
    """The reference in the header is that of the outcome, and anybody can prove that its entry stands in the log."""
    _, outcome, reference = ask(server, QUESTIONS["fr-Latn"])
    assert outcome["decisions"] == [reference]
    server.history(reference)
    proved = daffa("audit", "prove", reference, "--data", str(server.data), "--json")
    assert proved.returncode == 0, proved.stderr
    entry = json.loads(proved.stdout)["entry"]
    assert (entry["door"], entry["verdict"], entry["place"]) == ("gateway", "allow", "house")
    assert QUESTIONS["fr-Latn"] not in proved.stdout


@pytest.mark.parametrize("language", ["fr-Latn", "ary-Latn"])
def test_a_stream_says_the_same_sentences(server: Server, language: str):
    """Streamed, each sentence comes as a piece of its own with its new sources, and all together are the whole answer."""
    whole, outcome, _ = ask(server, QUESTIONS[language])
    messages = [{"role": "user", "content": QUESTIONS[language]}]
    chunks = list(client_of(server).chat.completions.create(model="daffa", messages=messages, stream=True))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == whole.choices[0].message.content
    extensions = [chunk.model_extra["daffa"] for chunk in chunks if chunk.model_extra.get("daffa")]
    *sentences, last = extensions
    assert [each["sentence"] for each in sentences] == outcome["sentences"] == last["sentences"]
    assert [citation for each in sentences for citation in each["citations"]] == outcome["citations"] == last["citations"]
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"


@pytest.mark.parametrize("question", NONSENSE)
def test_what_no_text_speaks_of_is_not_covered(server: Server, question: str):
    """A question that the texts do not answer gets one sentence that says so, and no source."""
    answer, outcome, _ = ask(server, question)
    assert (outcome["status"], outcome["sentences"], outcome["citations"]) == ("not_covered", [], [])
    assert answer.choices[0].message.content == outcome["message"] != ""
    assert answer.choices[0].message.annotations in (None, [])


def test_clients_of_other_makers_read_the_same_words(server: Server):
    """Through Anthropic's and Google's own clients the answer comes as plain text, whole and streamed."""
    question = QUESTIONS["fr-Latn"]
    answer, _, _ = ask(server, question)
    expected = answer.choices[0].message.content
    asked: Any = {"model": "daffa", "max_tokens": 500, "messages": [{"role": "user", "content": question}]}
    with anthropic.Anthropic(api_key=server.key, base_url=server.url, max_retries=0) as client:
        assert [block.text for block in client.messages.create(**asked).content] == [expected]
        with client.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == expected
    with genai.Client(api_key=server.key, http_options={"base_url": server.url}) as client:
        assert client.models.generate_content(model="daffa", contents=question).text == expected
        pieces = client.models.generate_content_stream(model="daffa", contents=question)
        assert "".join(piece.text or "" for piece in pieces) == expected


def test_the_assistant_is_listed_and_auto_is_another(server: Server):
    """The list names the assistant; ``auto`` never stands for it: without a model, whoever asks for one is told so."""
    assert [model.id for model in client_of(server).models.list()] == ["auto", "daffa"]
    for name in ("auto", "gpt-4o"):
        with pytest.raises(openai.NotFoundError) as caught:
            client_of(server).chat.completions.create(model=name, messages=[{"role": "user", "content": "Bonjour"}])
        assert caught.value.code == "no_model_configured"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"tools": [WEATHER]}, "tools"),
        ({"response_format": {"type": "json_schema", "json_schema": SCHEMA}}, "json_schema"),
        ({"extra_body": {"daffa": {"collections": "all"}}}, "daffa.collections"),
        ({"extra_body": {"daffa": {"colections": []}}}, "daffa.colections"),
        ({"extra_body": {"daffa": {"task": {"name": "sing"}}}}, "daffa.task.name"),
    ],
    ids=["tools", "schema", "wrong type", "misspelt", "unknown task"],
)
def test_what_the_assistant_cannot_do_is_named(server: Server, more: dict[str, Any], named: str):
    """A request for more than the assistant does, or one that is misspelt, is refused with the name of what is wrong."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(server, QUESTIONS["fr-Latn"], **more)
    assert named in str(caught.value)
