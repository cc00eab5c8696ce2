"""AuthZEN 1.0: the same answers as ``daffa decide``, in the shapes of the specification."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, daffa, serving

from daffa.errors import Invalid
from daffa.policy import Bundle, question_json, random_questions, read_question

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
PLACES = '[[place]]\nid = "paris"\nhw = "FR"\noperator = "FR"\nreach = ["FR"]\nretention_days = 30\ntrains = false\n'
ASKED = {
    "subject": {"type": "actor", "id": "amina", "properties": {"organisation": "home", "roles": ["agent"]}},
    "action": {"name": "gateway"},
    "resource": {"type": "place", "id": "paris"},
    "context": {"purpose": "public_service", "label": "level=internal; form=raw; basis="},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows one place and no model."""
    with serving(tmp_path_factory.mktemp("house"), PLACES) as server:
        yield server


def test_one_evaluation_is_answered_with_its_reasons(server: Server):
    """The decision, the rules that decided it and their sentences in the caller's language."""
    answer = server.ask("POST", "/access/v1/evaluation", ASKED, Accept_Language="fr")
    assert (answer.status, answer.json["decision"]) == (200, True)
    assert answer.json["context"]["rules"] == ["P-gateway-internal-abroad"]
    secret = {**ASKED, "context": {**ASKED["context"], "label": "level=secret; form=raw"}}
    refused = server.ask("POST", "/access/v1/evaluation", secret, Accept_Language="fr").json
    assert refused["decision"] is False
    assert any("territoire" in reason for reason in refused["context"]["reasons"])


def test_a_thousand_questions_are_answered_as_by_decide(server: Server):
    """AuthZEN and the command line give the same verdicts and rules on random questions."""
    law = Bundle.read(POLICIES)
    asked = [question_json(question) for question in random_questions(random.Random(7), 2600, law.table.rules, law.country)]
    # Some random names are such as nobody could have: both doors refuse those questions alike.
    asked = [question for question in asked if readable(question)][:1000]
    assert len(asked) == 1000
    told = daffa("decide", "--json", "--data", str(server.data), stdin="\n".join(map(json.dumps, asked)))
    assert told.returncode == 0, told.stderr
    verdicts = [json.loads(line) for line in told.stdout.splitlines()]
    items = [evaluation_of(question) for question in asked]
    answers = [row for start in range(0, 1000, 250) for row in many(server, {"evaluations": items[start : start + 250]})]
    assert [answer["decision"] for answer in answers] == [verdict["allowed"] for verdict in verdicts]
    assert [answer["context"]["rules"] for answer in answers] == [verdict["rules"] for verdict in verdicts]
    assert 100 < sum(answer["decision"] for answer in answers) < 900


def readable(question: dict) -> bool:
    """Whether a question can be asked at all."""
    try:
        read_question(question, {}, 0)
    except Invalid:
        return False
    return True


def evaluation_of(question: dict) -> dict:
    """A question of ``decide`` as an AuthZEN evaluation."""
    actor, place = dict(question["actor"]), dict(question["place"])
    context = {"purpose": question["purpose"], "label": question["label"], "evaluated": question["evaluated"]}
    return {
        "subject": {"type": "actor", "id": actor.pop("id"), "properties": actor},
        "action": {"name": question["door"]},
        "resource": {"type": "place", "id": place.pop("id"), "properties": place},
        "context": context,
    }


def many(server: Server, body: dict) -> list[dict]:
    """The answers to many evaluations."""
    reply = server.ask("POST", "/access/v1/evaluations", body)
    assert reply.status == 200, reply.body
    return reply.json["evaluations"]


def test_items_take_from_the_top_what_they_do_not_say(server: Server):
    """Subject, action and context are said once; a wrong item is a refusal that says why and stops nobody."""
    secret = {**ASKED["context"], "label": "level=secret; form=raw"}
    items = [{}, {"context": secret}, {"resource": {"type": "place", "id": "atlantis"}}, "nonsense", {}]
    answers = many(server, {**ASKED, "evaluations": items})
    assert [answer["decision"] for answer in answers] == [True, False, False, False, True]
    assert answers[2]["context"]["error"]["status"] in (400, 404)
    assert "atlantis" in answers[2]["context"]["error"]["message"]


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [("execute_all", [True, False, True]), ("deny_on_first_deny", [True, False]), ("permit_on_first_permit", [True])],
)
def test_the_semantics_of_many(server: Server, semantic: str, decisions: list[bool]):
    """All are executed, or the first refusal or the first permission ends them."""
    secret = {"context": {**ASKED["context"], "label": "level=secret; form=raw"}}
    body = {**ASKED, "evaluations": [{}, secret, {}], "options": {"evaluations_semantic": semantic}}
    assert [answer["decision"] for answer in many(server, body)] == decisions


def test_without_items_many_is_one(server: Server):
    """A request without evaluations is a single evaluation."""
    assert server.ask("POST", "/access/v1/evaluations", ASKED).json["decision"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": None}, "subject"),
        ({"subject": {"type": "dog", "id": "x"}}, "subject.type"),
        ({"resource": {"type": "record", "id": "1"}}, "resource.type"),
        ({"action": {"name": "window"}}, "door"),
        ({"context": {"purpose": "gossip", "label": ""}}, "purpose"),
        ({"context": {"purpose": "research", "label": "level=top"}}, "level"),
    ],
)
def test_what_is_wrong_is_named(server: Server, change: dict, field: str):
    """A malformed evaluation is 400 with the field; it is never a decision."""
    reply = server.ask("POST", "/access/v1/evaluation", {**ASKED, **change})
    assert reply.status == 400
    assert field in reply.json["detail"]


def test_strangers_learn_nothing(server: Server):
    """Without a key there is no decision; where the endpoints are is public."""
    assert server.ask("POST", "/access/v1/evaluation", ASKED, key=None).status == 401
    found = server.ask("GET", "/.well-known/authzen-configuration", key=None).json
    assert found["access_evaluation_endpoint"] == f"{server.url}/access/v1/evaluation"
    assert found["access_evaluations_endpoint"] == f"{server.url}/access/v1/evaluations"
    assert found["policy_decision_point"] == server.url
