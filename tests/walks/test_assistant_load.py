"""Many at once: 200 questions to the assistant in seven tongues, whole and streamed, some for a tool; nobody waits for all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers import Server, serving
from sockets import request

CLOSE = b"Connection: close\r\n"
MANY = 200
QUESTIONS = (
    "J'ai perdu ma carte nationale, que faire ?",
    "ضاعت مني بطاقة التعريف الوطنية فماذا أفعل؟",
    "ضاعت ليا لاكارط شنو ندير؟",
    "da3t liya la carte chno ndir?",
    "ⴰⴷⴷⴰⵢ ⵜⵣⵍⴰ ⵜⴽⴰⵕⴹⴰ ⵏ ⵜⵎⴰⴳⵉⵜ",
    "I lost my identity card, what should I do?",
    "Combien d'impôt sur le revenu pour un salaire imposable de 12 000 dirhams par mois ?",
    "كم الضريبة على الدخل لراتب خاضع للضريبة قدره 12000 درهم في الشهر؟",
    "Combien de lunes a Jupiter ?",
    "Quel est le délai maximal de réponse de l'administration ?",
)
COMPUTED = QUESTIONS[6:8]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house without a model."""
    with serving(tmp_path_factory.mktemp("many"), "") as server:
        yield server


async def exchange(server: Server, data: bytes) -> bytes:
    """What a server answers until it closes the connection."""
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(data)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def ask(server: Server, question: str, *, stream: bool) -> dict[str, Any]:
    """The outcome of a question."""
    body = json.dumps({"model": "daffa", "messages": [{"role": "user", "content": question}], "stream": stream}).encode()
    answer = await exchange(server, request(server, body, CLOSE))
    head, _, said = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), answer
    if not stream:
        return dict(json.loads(said)["daffa"])
    assert b"data: [DONE]" in said
    whole = [line for line in said.split(b"\n") if line.startswith(b"data: {") and b'"daffa":{"status"' in line]
    return dict(json.loads(whole[-1].removeprefix(b"data: "))["daffa"])


def told(outcome: dict[str, Any]) -> dict[str, Any]:
    """An outcome without what is another one each time."""
    steps = [(step["name"], step["status"], step["note"]) for step in outcome["steps"]]
    return {**outcome, "steps": steps, "decisions": len(outcome["decisions"])}


async def test_each_of_two_hundred_at_once_is_answered_as_if_it_were_alone(server: Server):
    """Every question has its own decision and the very outcome that it has by itself, and others are answered meanwhile."""
    alone = {question: told(await ask(server, question, stream=False)) for question in QUESTIONS}
    assert [alone[question]["status"] for question in QUESTIONS] == ["answered"] * 8 + ["not_covered", "answered"]
    values = [alone[question]["tool"]["result"]["value"] for question in COMPUTED]
    assert values[0] == values[1] > 0
    asked = [QUESTIONS[number % len(QUESTIONS)] for number in range(MANY)]
    work = [ask(server, question, stream=number % 3 == 0) for number, question in enumerate(asked)]
    asking, others = asyncio.gather(*work), 0
    while not asking.done():
        answer = await exchange(server, request(server, None, CLOSE + b"\r\n", b"GET /healthz HTTP/1.1"))
        assert answer.startswith(b"HTTP/1.1 200 ")
        others += 1
    outcomes = await asking
    assert [told(outcome) for outcome in outcomes] == [alone[question] for question in asked]
    assert len({reference for outcome in outcomes for reference in outcome["decisions"]}) == MANY
    # Were the loop held by the questions, next to nobody else would have had a turn.
    assert others > 20
