"""A house in another country: ``country = "example"`` serves under the law of Orsane, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, daffa, serving

from daffa.policy import Bundle
from daffa.worlds import World

EXAMPLE = Path(__file__).resolve().parents[2] / "policies" / "example"
NAMED = "Écris à M. Alaoui, CIN AB123456, que son dossier est complet."
PATIENT = "Summarise the state of the patient in bed 12."
FLOOR = "level=internal; basis=law,treaty"
HEALTH = {"X_Daffa_Label": "level=internal; categories=health,personal; basis=law", "X_Daffa_Purpose": "health_care"}


def configuration(world: World) -> str:
    """The simulated providers, each in another state than that for which they were named: Norvale, Zurich, Virginia."""
    rows = (
        ("norvale", world.home, "XO", "XO-NV", 'qual = 2\nseal = 0\nkey = "state"\nretention_days = 0', 0.60),
        ("zurich", world.paris, "CH", "CH-ZH", 'qual = 1\nseal = 3\nkey = "customer"\nretention_days = 30', 0.40),
        ("virginia", world.virginia, "US", "US-VA", 'qual = 0\nseal = 0\nkey = "provider"\nretention_days = 7', 0.10),
    )
    places = [
        f'[[place]]\nid = "{name}"\nhw = "{state}"\nregion = "{region}"\noperator = "{state}"\nreach = ["{state}"]\n{rest}\n'
        "trains = false\n"
        for name, _, state, region, rest, _ in rows
    ]
    models = [
        f'[[model]]\nid = "{name}-model"\nwire = "openai"\nurl = "{provider.url}"\nupstream_model = "sim"\nplace = "{name}"\n'
        f"price_in = {price}\nprice_out = {price}\n"
        for name, provider, _, _, _, price in rows
    ]
    return "\n".join(['country = "example"\nprefer = ["price"]\n', *places, *models])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def house(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in Orsane that prefers the cheapest lawful model."""
    with serving(tmp_path_factory.mktemp("orsane"), configuration(world)) as server:
        yield server


def key_of(house: Server, state: str) -> str:
    """A key of a new hospital that sits in this state."""
    name = f"hospital-{state[3:].lower()}"
    made = house.ask("POST", "/api/organisations", {"id": name, "name": name, "region": state, "floor": FLOOR})
    assert made.status == 201, made.body
    key = {"organisation": name, "name": "ward", "roles": ["agent"], "floor": "", "expires": None, "person": None}
    return house.ask("POST", "/api/keys", key).json["token"]


@pytest.fixture(scope="module")
def norvale(house: Server) -> str:
    """A key of a hospital of Norvale."""
    return key_of(house, "XO-NV")


@pytest.fixture(scope="module")
def costamar(house: Server) -> str:
    """A key of a hospital of Costamar."""
    return key_of(house, "XO-CM")


def ask(house: Server, key: str, text: str, model: str = "auto", **headers: str):
    """One chat question with a key."""
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return house.ask("POST", "/v1/chat/completions", body, key=key, **headers)


def test_internal_text_goes_to_the_cheapest_anywhere(house: Server):
    """Internal text that speaks of nobody may go to Virginia, which erases it in seven days."""
    assert house.chat("How do I word a polite reminder?").headers["x-daffa-place"] == "virginia"


def test_a_name_goes_to_an_adequate_country_and_no_further(house: Server, world: World):
    """A named person may leave for Switzerland without a ground, never for Virginia; Morocco would have kept him at home."""
    before = world.virginia.bytes_received
    reply = house.chat(NAMED)
    assert (reply.status, reply.headers["x-daffa-place"]) == (200, "zurich")
    assert "personal" in reply.headers["x-daffa-label"]
    assert world.virginia.bytes_received == before


def test_a_patient_stays_in_the_state_of_the_hospital(house: Server, norvale: str, world: World):
    """The hospital of Norvale is answered by the model of Norvale, however cheap the others are."""
    before = world.paris.bytes_received + world.virginia.bytes_received
    reply = ask(house, norvale, PATIENT, **HEALTH)
    assert (reply.status, reply.headers["x-daffa-place"]) == (200, "norvale")
    assert world.paris.bytes_received + world.virginia.bytes_received == before


def test_a_patient_of_another_state_has_no_lawful_model(house: Server, costamar: str, world: World):
    """No model stands in Costamar, so its hospital is refused at every place, the model of Norvale included."""
    before = sum(provider.bytes_received for provider in world.providers)
    reply = ask(house, costamar, PATIENT, "norvale-model", **HEALTH)
    assert reply.status == 451
    assert [rule["id"] for rule in reply.json["error"]["rules"]] == ["F-health-leaves-its-state"]
    assert ask(house, costamar, PATIENT, **HEALTH).status == 451
    assert sum(provider.bytes_received for provider in world.providers) == before


def test_the_published_agreement_opens_the_other_state(house: Server, costamar: str):
    """With the agreement on the label, Norvale may answer Costamar; Zurich may not."""
    agreed = {**HEALTH, "X_Daffa_Label": "level=internal; categories=health,personal; basis=treaty"}
    assert ask(house, costamar, PATIENT, **agreed).headers["x-daffa-place"] == "norvale"
    assert ask(house, costamar, PATIENT, "zurich-model", **agreed).status == 451


@pytest.mark.parametrize(("accept", "language"), [("fr", "fr"), ("ar-MA", "ar"), ("en", "en")])
def test_a_refusal_names_the_acts_of_the_country(house: Server, norvale: str, world: World, accept: str, language: str):
    """451 with rules, sentences and acts of Orsane, none of Morocco; the upstream saw no byte, and the entry names the law."""
    before = world.virginia.bytes_received
    reply = ask(house, norvale, PATIENT, "virginia-model", Accept_Language=accept, **HEALTH)
    error = reply.json["error"]
    assert (reply.status, error["code"]) == (451, "refused_by_policy")
    law = Bundle.read(EXAMPLE)
    bases = {rule["id"]: rule["base"] for rule in error["rules"]}
    assert bases == {name: law.rule(name).base for name in bases}
    assert any(base.startswith("Loi 7-2021") for base in bases.values())
    assert [rule["sentence"] for rule in error["rules"]] == [law.rule(name).say(language) for name in bases]
    assert not any(
        word in json.dumps(reply.json, ensure_ascii=False) for word in ("Maroc", "Morocc", "المغرب", "09-08", "CNDP")
    )
    assert world.virginia.bytes_received == before
    index = int(reply.headers["x-daffa-decision"].rpartition("#")[2])
    entry = house.entries(index, 1)[0]
    assert (entry["verdict"], entry["place"], entry["bundle"]) == ("refuse", "virginia", law.digest)
    assert entry["rules"] == list(bases)


def test_a_foreign_host_cannot_be_declared_at_home(tmp_path: Path, world: World):
    """Under this law Morocco's own hosts are foreign: the configuration is refused with what was expected."""
    config = configuration(world).replace(world.home.url, "https://models.gov.ma/v1")
    (tmp_path / "daffa.toml").write_text(config, encoding="utf-8")
    told = daffa("up", "--data", str(tmp_path), "--port", "0")
    assert told.returncode == 1
    assert "a place with operator MA: gov.ma" in told.stderr


def test_the_commands_speak_of_the_law_of_the_house(house: Server):
    """Beside the server, `policy explain` tells the law in force, and `decide` decides under it."""
    told = daffa("policy", "explain", "F-secret-outside-district", "--lang", "fr", "--data", str(house.data))
    assert "région du matériel : District fédéral" in told.stdout
    question = {
        "door": "cloud",
        "purpose": "taxation",
        "label": "level=restricted; categories=tax; form=raw; basis=law",
        "place": "norvale",
        "actor": {"organisation": "home"},
    }
    answered = daffa("decide", "--json", "--data", str(house.data), stdin=json.dumps(question))
    assert json.loads(answered.stdout)["rules"] == ["P-cloud-federation"]
