"""Masked: what the law lets a foreign place have only under pseudonyms arrives there so, and comes back as it was.

One real server, one simulated provider in Paris that repeats what it was told, in each of its three protocols.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from servers import Reply, Server, serving

from daffa.worlds import Behaviour, Provider, World

MAIL, PHONE = "s.amrani@example.ma", "0661234567"
SAID = f"Confirmez le rendez-vous par courriel à {MAIL} ou au {PHONE}."
CONFIG = """
[[place]]
id = "paris"
hw = "FR"
region = "FR-IDF"
operator = "FR"
reach = ["FR"]
key = "provider"
retention_days = 0
trains = false
"""
MODEL = """
[[model]]
id = "{wire}"
wire = "{wire}"
url = "{url}"
upstream_model = "sim"
place = "paris"
capabilities = ["tools", "json_schema"{more}]
"""


@dataclass
class Abroad:
    """The server, the provider, and a key whose organisation has a ground for sending personal data abroad."""

    server: Server
    provider: Provider
    key: str

    def chat(self, text: str, model: str = "openai", **fields: object) -> Reply:
        """One question in OpenAI's words."""
        body = {"model": model, "messages": [{"role": "user", "content": text}], **fields}
        return self.server.ask("POST", "/v1/chat/completions", body, key=self.key)

    def client(self) -> openai.OpenAI:
        """The official client."""
        return openai.OpenAI(api_key=self.key, base_url=f"{self.server.url}/v1", max_retries=0)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abroad]:
    """A server whose models all stand in Paris."""
    with World.in_thread() as world:
        url = world.paris.url
        bases = {"openai": url, "anthropic": url, "gemini": url.removesuffix("/v1") + "/v1beta"}
        rows = [MODEL.format(wire=wire, url=base, more=', "images"') for wire, base in bases.items()]
        with serving(tmp_path_factory.mktemp("masked"), CONFIG + "".join(rows)) as server:
            floor = "level=internal; basis=consent"
            made = server.ask(
                "POST", "/api/organisations", {"id": "wilaya", "name": "Wilaya", "region": "MA-04", "floor": floor}
            )
            assert made.status == 201, made.json
            wanted = {"organisation": "wilaya", "name": "portal", "roles": ["agent"], "floor": floor}
            made = server.ask("POST", "/api/keys", wanted)
            assert made.status == 201, made.json
            yield Abroad(server, world.paris, made.json["token"])


@pytest.fixture
def abroad(running: Abroad) -> Iterator[Abroad]:
    """The same, its provider behaving well at first."""
    running.provider.behaviour = Behaviour()
    yield running
    running.provider.behaviour = Behaviour()


def left(abroad: Abroad) -> bytes:
    """What the provider was last sent."""
    return abroad.provider.requests[-1].body


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini"])
def test_a_person_leaves_under_pseudonym_and_comes_back(abroad: Abroad, wire: str):
    """In each protocol of the model's server: no value leaves, the answer has it, and the headers say what was done."""
    reply = abroad.chat(SAID, wire)
    assert reply.status == 200, reply.body
    assert MAIL.encode() not in left(abroad)
    assert PHONE.encode() not in left(abroad)
    assert MAIL in reply.json["choices"][0]["message"]["content"]
    assert PHONE in reply.json["choices"][0]["message"]["content"]
    assert (reply.headers["x-daffa-masked"], reply.headers["x-daffa-place"]) == ("2", "paris")
    assert "form=pseudonymised" in reply.headers["x-daffa-label"]


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini"])
@pytest.mark.parametrize("pieces", [None, 400], ids=["by_word", "by_character"])
def test_a_stream_is_restored_however_it_is_cut(abroad: Abroad, wire: str, pieces: int | None):
    """Cut into words, characters and single bytes, the client reads what it would have read at once."""
    named = {"metadata": {"daffa_conversation": f"{wire}, {pieces}"}}
    whole = abroad.chat(SAID, wire, **named).json["choices"][0]["message"]["content"]
    abroad.provider.behaviour = Behaviour(chunks=pieces, chunk_bytes=1 if pieces is None else 50, crlf=True, comments=True)
    asked = {"model": wire, "messages": [{"role": "user", "content": SAID}], "stream": True}
    with abroad.client().chat.completions.create(**asked, **named) as stream:
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert MAIL.encode() not in left(abroad)
    assert said == whole
    assert MAIL in said


def test_the_entry_names_the_masked_bytes_and_how_many(abroad: Abroad):
    """The log has the decision on the pseudonymised label, and what was sealed with it says how many values were masked."""
    reply = abroad.chat(SAID)
    index = reply.headers["x-daffa-decision"].rpartition("#")[2]
    opened = abroad.server.ask("GET", f"/api/audit/entries/{index}")
    assert opened.status == 200, opened.body
    assert opened.json["details"]["masked"] == "2"
    assert "pseudonymised" in opened.json["details"]["label"]
    assert MAIL not in opened.body.decode()


def test_what_the_law_keeps_at_home_in_any_form_is_not_masked(abroad: Abroad):
    """Health stays home whatever is masked: the law says no to the pseudonymised data too, and nothing leaves."""
    before = abroad.provider.bytes_received
    assert abroad.chat(f"{SAID} Son diabète s'aggrave, il est hospitalisé.").status == 451
    assert abroad.provider.bytes_received == before


def test_an_image_is_never_masked(abroad: Abroad):
    """What is no text cannot be looked through: it goes to no place that may have persons only under pseudonyms."""
    before = abroad.provider.bytes_received
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "openai", "messages": [{"role": "user", "content": [{"type": "text", "text": SAID}, image]}]}
    assert abroad.server.ask("POST", "/v1/chat/completions", body, key=abroad.key).status == 451
    assert abroad.provider.bytes_received == before


def test_what_cannot_be_masked_does_not_leave(abroad: Abroad):
    """An identifier as the name of a tool is refused with the rule that keeps it here, and the refusal is recorded."""
    before = abroad.provider.bytes_received
    tool = {
        "type": "function",
        "function": {"name": "f", "parameters": {"type": "object", "properties": {PHONE: {"type": "null"}}}},
    }
    reply = abroad.chat("hello", tools=[tool | {"function": tool["function"] | {"name": MAIL}}])
    assert reply.status == 451
    assert reply.json["error"]["decision"]
    assert abroad.provider.bytes_received == before


def test_arguments_of_a_tool_come_back_restored(abroad: Abroad):
    """The model calls a tool with what it was told: the client's program gets the value and valid JSON, whole and streamed."""
    schema = {"type": "object", "properties": {"to": {"type": "string", "default": SAID}}, "required": ["to"]}
    tool = {"type": "function", "function": {"name": "send", "parameters": schema}}
    asked = {"tools": [tool], "tool_choice": "required"}
    whole = abroad.chat(SAID, **asked).json["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert MAIL in json.dumps(json.loads(whole), ensure_ascii=False)
    abroad.provider.behaviour = Behaviour(chunks=200)
    messages = [{"role": "user", "content": SAID}]
    with abroad.client().chat.completions.create(model="openai", messages=messages, stream=True, **asked) as stream:
        calls = [call for chunk in stream for choice in chunk.choices for call in choice.delta.tool_calls or []]
    streamed = "".join(call.function.arguments or "" for call in calls if call.function)
    assert json.loads(streamed) == json.loads(whole)
    assert MAIL.encode() not in left(abroad)


def test_two_conversations_share_no_placeholder(abroad: Abroad):
    """A named conversation keeps its placeholders from one request to the next; another, and one without a name, has others."""

    def sent(name: str | None) -> bytes:
        fields = {"metadata": {"daffa_conversation": name}} if name else {}
        assert abroad.chat(SAID, **fields).status == 200
        return json.loads(left(abroad))["messages"][0]["content"]

    assert sent("a") == sent("a")
    assert len({sent("a"), sent("b"), sent(None), sent(None)}) == 4


def test_masking_can_be_turned_off(running: Abroad, tmp_path: Path):
    """With ``masking = false`` the same question is refused, and nothing leaves."""
    config = "masking = false\n" + CONFIG + MODEL.format(wire="openai", url=running.provider.url, more="")
    with serving(tmp_path, config) as server:
        before = running.provider.bytes_received
        floor = "level=internal; basis=consent"
        server.ask("POST", "/api/organisations", {"id": "wilaya", "name": "Wilaya", "region": "MA-04", "floor": floor})
        key = server.ask("POST", "/api/keys", {"organisation": "wilaya", "name": "p", "roles": ["agent"], "floor": floor}).json[
            "token"
        ]
        assert Abroad(server, running.provider, key).chat(SAID).status == 451
        assert running.provider.bytes_received == before
