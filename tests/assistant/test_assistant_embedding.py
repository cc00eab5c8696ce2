"""Vectors asked for through the gateway: what goes together, what is left out, and what an answer must be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from daffa.assistant import GatewayEmbedder, embedding
from daffa.decision import Actor, Label, Purpose
from daffa.errors import Exhausted, Invalid, Refused, Unavailable
from daffa.gateway import Answer, Asker, Model
from daffa.identity import Caller, Role

OPEN, CLOSED = Label.parse("level=internal"), Label.parse("level=secret")


class Asked:
    """In the place of ``Gateway.ask``: gives each text's length; refuses what is secret or says so, rejects what is long."""

    def __init__(self) -> None:
        self.texts: list[list[str]] = []
        self.declared: list[Any] = []
        self.model, self.data, self.hangs = "m", None, False

    async def __call__(self, _surface: Any, _caller: Caller, raw: bytes, declared: Any, **_: Any) -> Answer:
        """See ``daffa.gateway``."""
        texts = json.loads(raw)["input"]
        self.texts.append(texts)
        self.declared.append(declared)
        if self.hangs:
            await asyncio.Event().wait()
        if "secret" in (declared.label or "") or any("refuse" in text for text in texts):
            raise Refused("refused_by_policy", reference="o#9")
        if any("spent" in text for text in texts):
            raise Exhausted("budget_spent")
        if any("unfit" in text for text in texts):
            raise Invalid("no_capable_model")
        status = 400 if any(len(text) > 60 for text in texts) else 200
        rows = [{"index": at, "embedding": [float(len(text)), 1.0]} for at, text in reversed(list(enumerate(texts)))]
        body = json.dumps({"data": rows if self.data is None else self.data}).encode()
        return Answer(status, True, chunks(body), "o#1", OPEN, "p", self.model)


async def chunks(body: bytes) -> AsyncGenerator[bytes]:
    """A body that came whole."""
    yield body


def embedder(ask: Asked, context: int = 0) -> GatewayEmbedder:
    """An embedder of one model."""
    return GatewayEmbedder(ask, Model("m", wire="openai", url="", upstream_model="u", place="p", context=context), "home")


def asker(*roles: Role) -> Asker:
    """Somebody with roles."""
    return Asker(Caller(Actor("a", "town"), OPEN, "k", "town", frozenset(roles)), OPEN, Purpose.TAXATION)


async def test_passages_of_a_kind_go_together_and_come_back_in_their_order():
    """By label and by what they show of persons; in requests that fit the model's context; what is everybody's is published."""
    ask = Asked()
    texts = [("un", OPEN), ("La CIN AB123456 de M. Alaoui", OPEN), ("trois", OPEN), ("quatre", CLOSED), ("  ", OPEN)]
    assert await embedder(ask).passages("town", texts) == [(2.0, 1.0), (28.0, 1.0), (5.0, 1.0), None, None]
    assert ask.texts == [["un", "trois"], ["La CIN AB123456 de M. Alaoui"], ["quatre"]]
    assert [(one.label, one.priority, one.published) for one in ask.declared[:1]] == [("level=internal", "low", ())]
    ask = Asked()
    assert await embedder(ask, context=8).passages("", [("a" * 10, OPEN), ("b" * 10, OPEN), ("c" * 40, OPEN)]) == [
        (10.0, 1.0),
        (10.0, 1.0),
        (40.0, 1.0),
    ]
    assert [[len(text) for text in some] for some in ask.texts] == [[10, 10], [40]]
    assert ask.declared[0].published == ("a" * 10, "b" * 10)


async def test_one_text_that_is_not_taken_takes_no_other_with_it():
    """Too long or refused, it alone stays without; where the first two are not taken either, the rest is not asked for."""
    ask = Asked()
    for odd in ("x" * 70, "refuse", "unfit"):
        texts = [("un", OPEN), (odd, OPEN), ("deux", OPEN)]
        assert await embedder(ask).passages("town", texts) == [(2.0, 1.0), None, (4.0, 1.0)]
    ask = Asked()
    assert await embedder(ask).passages("town", [("unfit", OPEN)] * 40) == [None] * 40
    assert [len(some) for some in ask.texts] == [40, 1, 1]


async def test_the_law_is_not_asked_the_same_thousands_of_times():
    """Two refusals stand for all passages of a kind; those of another label or organisation are asked for."""
    ask = Asked()
    one = embedder(ask)
    for _ in range(3):
        assert await one.passages("town", [("un", CLOSED), ("deux", CLOSED), ("trois", CLOSED)]) == [None] * 3
    assert len(ask.texts) == 3
    assert await one.passages("town", [("un", OPEN)]) == [(2.0, 1.0)]
    assert await one.passages("port", [("un", CLOSED)]) == [None]
    assert len(ask.texts) == 5


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"embedding": [1.0]}],
        [{"embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
        [{"embedding": [0.0]}, {"index": 1, "embedding": [0.0]}],
        [{"embedding": []}, {"index": 1, "embedding": []}],
        [{"embedding": [1e39, 1.0]}, {"index": 1, "embedding": [1.0, 1.0]}],
        [{"embedding": "AAAA"}, {"embedding": "AAAA"}],
    ],
)
async def test_an_answer_that_is_no_vectors_is_none(data: list[Any]):
    """Too few, of several lengths, nothing, no numbers: the model counts as one that does not answer, and is asked again."""
    ask = Asked()
    ask.data = data
    with pytest.raises(Unavailable):
        await embedder(ask).passages("town", [("un", OPEN), ("deux", OPEN)])
    assert await embedder(ask).questions(["un", "deux"], asker(Role.AGENT)) == embedding.Meaning([(), ()], [])


async def test_a_spent_budget_and_another_model_are_for_later():
    """Whoever stands in for the model gives vectors of another space."""
    ask = Asked()
    with pytest.raises(Unavailable):
        await embedder(ask).passages("town", [("spent", OPEN)])
    ask.model = "other"
    with pytest.raises(Unavailable):
        await embedder(ask).passages("town", [("un", OPEN)])


async def test_a_question_is_its_askers_and_never_fails(monkeypatch: pytest.MonkeyPatch):
    """Under their label and purpose; a refusal is told, whoever may ask no model asks none, and nobody waits for long."""
    ask = Asked()
    one = embedder(ask)
    assert await one.questions(["un"], asker(Role.AGENT)) == embedding.Meaning([(2.0, 1.0)], ["o#1"])
    assert (ask.declared[0].label, ask.declared[0].purpose, ask.declared[0].priority) == ("level=internal", "taxation", None)
    assert await one.questions(["refuse"], asker(Role.AGENT)) == embedding.Meaning([()], ["o#9"])
    asked = len(ask.texts)
    assert await one.questions(["un"], asker(Role.STEWARD)) == embedding.Meaning([()], [])
    assert len(ask.texts) == asked
    ask.hangs = True
    monkeypatch.setattr(embedding, "_PATIENCE_S", 0.01)
    assert await one.questions(["un"], asker(Role.AGENT)) == embedding.Meaning([()], [])
