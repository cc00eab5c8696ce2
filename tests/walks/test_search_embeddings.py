"""Search with a model of embeddings: asked through the gateway like any, about what the law lets it see, and missed by nobody.

A house, and a simulated provider in Paris that gives vectors by the letters of a text: what is misspelt is near.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import Server, serving

from daffa.app import adapters
from daffa.settings import read_settings
from daffa.worlds.provider import Provider
from daffa.worlds.world import World

CONFIG = """
search_embedding_model = "vectors"
breaker_failures = 0
[[place]]
id = "paris"
hw = "FR"
region = "FR-IDF"
operator = "FR"
reach = ["FR"]
seal = 2
retention_days = 0
trains = false
[[model]]
id = "vectors"
wire = "openai"
url = "{url}"
upstream_model = "sim"
place = "paris"
context = 8192
capabilities = ["embeddings"]
"""
WORD, MISSPELT = "hébergement universitaire", "hebergemen univrsitère"
SECRET = "Le budget du projet Tamuzgha est de 48 millions de dirhams."


@pytest.fixture(scope="module")
def paris() -> Iterator[Provider]:
    """The provider, in a thread of its own."""
    with World.in_thread() as world:
        yield world.paris


@pytest.fixture(scope="module")
def server(paris: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The house: a collection of guides, one of plans that are confidential, one of files."""
    with serving(tmp_path_factory.mktemp("house"), CONFIG.format(url=paris.url)) as server:
        for name, floor in (("guides", ""), ("plans", "level=confidential"), ("files", "")):
            assert server.ask("POST", "/api/collections", {"name": name, "floor": floor}).status == 201
        put(server, "plans", budget=SECRET)
        put(server, "files", named="Le dossier Azdur est suivi par M. Alaoui, CIN AB123456.", plain="Les archives du port.")
        put(server, "guides", stay=f"La demande d'{WORD} est déposée en ligne.", road="La route est fermée.")
        assert reached(paris, "archives du port", "route est fermée")
        yield server


def put(server: Server, collection: str, **texts: str) -> None:
    """Keep texts."""
    documents = [{"id": name, "text": text, "language": "fr-Latn"} for name, text in texts.items()]
    assert server.ask("POST", f"/api/collections/{collection}/documents", {"documents": documents}).status == 201


def sent(paris: Provider) -> str:
    """All that reached Paris."""
    return "\n".join(request.body.decode() for request in list(paris.requests))


def reached(paris: Provider, *texts: str) -> bool:
    """Whether ``texts`` reach Paris, some time."""
    end = time.monotonic() + 20
    while not all(text in sent(paris) for text in texts):
        assert time.monotonic() < end, texts
        time.sleep(0.05)
    return True


def search(server: Server, question: str, *collections: str, key: str = "") -> dict[str, Any]:
    """What one question finds."""
    reply = server.ask("POST", "/api/collections/search", {"queries": [question], "collections": collections}, key=key)
    assert reply.status == 200, reply.body
    (found,) = reply.json
    return found


def found_some_time(server: Server, question: str, collection: str) -> dict[str, Any]:
    """What is found once the vectors that were asked for are kept."""
    end = time.monotonic() + 20
    while not (found := search(server, question, collection))["hits"]:
        assert time.monotonic() < end, question
        time.sleep(0.05)
    return found


def entries(server: Server, references: list[str]) -> list[dict[str, Any]]:
    """The entries of decisions."""
    return [server.entries(int(reference.rpartition("#")[2]), 1)[0] for reference in references]


def test_what_is_misspelt_is_found_and_the_question_is_a_decision(server: Server):
    """A passage without a word of the question comes first; its vector and the question's are each a recorded decision."""
    found = found_some_time(server, MISSPELT, "guides")
    assert found["hits"][0]["id"] == "stay"
    assert "+vectors=sim-" in found["version"]
    (entry,) = entries(server, found["decisions"])
    assert (entry["verdict"], entry["place"], entry["door"]) == ("allow", "paris", "gateway")


def test_the_answer_tells_what_its_question_cost(server: Server):
    """The assistant lists the decision on the vector behind its own, and shows the passage."""
    reply = server.chat(f"{WORD} : quelles démarches ?", "daffa")
    outcome = json.loads(reply.body)["daffa"]
    assert "+vectors=sim-" in outcome["index"]
    own, asked = entries(server, outcome["decisions"])
    assert [(each["verdict"], each["place"]) for each in (own, asked)] == [("allow", "house"), ("allow", "paris")]


def test_what_the_law_keeps_at_home_has_no_vector_and_is_found(server: Server, paris: Provider):
    """Confidential passages and those that name a person never leave, take nothing else with them, and are found by words."""
    assert "48 millions" not in sent(paris)
    assert "Azdur" not in sent(paris)
    assert "archives du port" in sent(paris)
    assert [hit["id"] for hit in search(server, "budget du projet Tamuzgha", "plans")["hits"]] == ["budget"]
    assert "named" in [hit["id"] for hit in search(server, "dossier Azdur", "files")["hits"]]
    refused = [each for each in server.entries(0, 1) + server.history(last(server))[0] if each.get("verdict") == "refuse"]
    assert {each["level"] for each in refused} >= {3}


def last(server: Server) -> str:
    """The decision of a plain question."""
    return search(server, "route", "guides")["decisions"][0]


async def test_vectors_of_a_house_without_the_setting_are_deleted(tmp_path: Path):
    """Nobody would take out of them what is deleted: they are gone at the next start."""
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "rows.db").write_bytes(b"kept")
    index, vectors = await adapters.index(read_settings(tmp_path, {}), None)
    assert (vectors, (tmp_path / "vectors").exists()) == (None, False)
    await index.close()


def test_whoever_may_ask_no_model_asks_none(server: Server, paris: Provider):
    """A steward finds by words, and nothing of the question leaves."""
    key = server.ask("POST", "/api/keys", {"organisation": "home", "name": "s", "roles": ["steward"]})
    assert key.status == 201, key.body
    found = search(server, "route Zagora", "guides", key=key.json["token"])
    assert (found["decisions"], [hit["id"] for hit in found["hits"]]) == ([], ["road"])
    assert "Zagora" not in sent(paris)


def test_a_model_that_is_down_costs_nobody_a_document_or_an_answer(server: Server, paris: Provider):
    """Documents are kept and found by their words; once the model answers again, what was missed has its vector."""
    paris.behaviour.fail_status = 500
    try:
        put(server, "guides", late="La bourse de mérite est versée chaque trimestre.")
        assert [hit["id"] for hit in search(server, "bourse", "guides")["hits"]] == ["late"]
        assert json.loads(server.chat("bourse de mérite ?", "daffa").body)["daffa"]["citations"][0]["document"] == "late"
    finally:
        paris.behaviour.fail_status = None
    put(server, "guides", other="Le stage est gratuit.")
    found = found_some_time(server, "bourrse mérittes trimmestre", "guides")
    while found["hits"][0]["id"] != "late":
        found = found_some_time(server, "bourrse mérittes trimmestre", "guides")
    assert server.ask("DELETE", "/api/collections/guides/document?id=late").status == 200
    assert "late" not in [hit["id"] for hit in search(server, "bourrse mérittes trimmestre", "guides")["hits"]]
    assert all(b"late@" not in path.read_bytes() for path in (server.data / "vectors").iterdir())
