"""The families of models in docs/howto/provider.md: each row loads, says its place, and works before its vendor's manner."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from google import genai
from google.genai import types
from servers import Server, serving

from daffa.decision import FOREVER, STATES, Place
from daffa.policy import Law
from daffa.settings import Settings, read_settings
from daffa.worlds import World

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "provider.md"
POLICIES = Path(__file__).parents[2] / "policies" / "ma"
ROWS = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
KEYS = dict.fromkeys(re.findall(r'key_env = "(\w+)"', ROWS), "k-simulated")

MANNERS = {
    "gpt": "/openai/v1",
    "gpt-azure": "/azure/openai/v1",
    "gemini": "/v1beta",
    "haiku": "",
    "llama-vllm": "/vllm/v1",
    "llama-cpp": "/llamacpp/v1",
    "llama-ollama": "/ollama/v1",
    "qwen": "/dashscope/compatible-mode/v1",
    "ernie": "/qianfan/v2",
    "mistral": "/mistral/v1",
}
"""Where the simulated provider answers in the manner of each row's vendor."""

PLACES: dict[str, tuple[str, str, frozenset[str], int, bool]] = {
    "openai-us": ("US", "US", frozenset({"US"}), 30, False),
    "azure-france": ("FR", "US", frozenset({"FR", "US"}), 30, False),
    "google": ("US", "US", STATES, 55, False),
    "anthropic": ("US", "US", frozenset({"US"}), 30, False),
    "rabat-1": ("MA", "MA", frozenset({"MA"}), 0, False),
    "alibaba-singapore": ("SG", "CN", frozenset({"CN", "SG"}), FOREVER, True),
    "baidu": ("CN", "CN", frozenset({"CN"}), FOREVER, True),
    "mistral-eu": ("FR", "FR", frozenset({"FR", "US"}), 30, False),
}
"""Hardware, operator, reach, days of retention, and whether it trains: what is unsaid counts as the worst."""

HEADERS = {"X-Daffa-Purpose": "health_care", "X-Daffa-Label": "basis=law"}
WEATHER = {
    "name": "weather",
    "description": "What the weather is.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["الرباط"]}, "days": {"type": "integer", "minimum": 2}},
        "required": ["city", "days"],
    },
}


def settings(folder: Path, rows: str = ROWS) -> Settings:
    """The settings that ``rows`` are."""
    (folder / "daffa.toml").write_text(rows, encoding="utf-8")
    return read_settings(folder, KEYS)


def test_every_family_has_a_row_that_loads(tmp_path: Path):
    """GPT, Gemini, Anthropic's, LLaMA in three servers, Qwen, ERNIE and Mistral are read, each with its key."""
    models = settings(tmp_path).models
    assert list(models) == list(MANNERS)
    assert all(model.key == "k-simulated" for model in models.values() if model.place != "rabat-1")


@pytest.mark.parametrize("name", PLACES)
def test_a_place_says_what_is_known_of_it(tmp_path: Path, name: str):
    """Whose soil, whose control, whose law, how long kept, whether trained on; not a word of it is shown by a document yet."""
    place: Place = settings(tmp_path).places[name]
    assert (place.hw, place.operator, place.reach, place.retention_days, place.trains) == PLACES[name]
    assert not place.evidence


def test_the_catalogue_of_hosts_knows_every_vendor(tmp_path: Path):
    """No row for one of these hosts may name another operator: the law set knows who controls it."""
    law, read = Law.load(POLICIES).bundle, settings(tmp_path)
    for model in read.models.values():
        place = read.places[model.place]
        host = law.host(urlsplit(model.url).hostname or "")
        assert (host.operator if host else "MA") == place.operator
        assert (host is None) == (model.place == "rabat-1")


def moved(url: str) -> str:
    """The rows, each asked at the simulated provider, all in one place at home."""
    document = tomllib.loads(ROWS)
    home = re.search(r'\[\[place\]\]\nid = "rabat-1".*?\n\n', ROWS, re.DOTALL)
    assert home is not None
    rows = [home[0]]
    for row in document["model"]:
        row |= {"url": url.removesuffix("/v1") + MANNERS[row["id"]], "place": "rabat-1"}
        rows.append("[[model]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in row.items()))
    return "\n".join(rows)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house with every row, before a provider that answers in each vendor's manner."""
    with World.in_thread() as world:
        world.home.models = tuple(row["upstream_model"] for row in tomllib.loads(ROWS)["model"])
        with serving(tmp_path_factory.mktemp("families") / "house", moved(world.home.url), environment=KEYS) as server:
            yield server


@pytest.fixture
def client(house: Server) -> Iterator[openai.OpenAI]:
    """OpenAI's client before the house."""
    with openai.OpenAI(api_key=house.key, base_url=f"{house.url}/v1", max_retries=0, default_headers=HEADERS) as client:
        yield client


@pytest.fixture
def google(house: Server) -> Iterator[genai.Client]:
    """Google's client before the house."""
    options = types.HttpOptions(
        base_url=house.url, api_version="v1beta", headers=HEADERS, retry_options=types.HttpRetryOptions(attempts=1)
    )
    with genai.Client(api_key=house.key, vertexai=False, http_options=options) as client:
        yield client


@pytest.mark.parametrize("model", MANNERS)
def test_openais_client_speaks_with_every_family(client: openai.OpenAI, model: str):
    """Whole and streamed, with fields that some vendors name otherwise; tokens are counted in both."""
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": "Réponds."}, {"role": "user", "content": "سلام 👋 parle"}],
        "max_completion_tokens": 40,
    }
    if model != "haiku":  # Anthropic has no seed: refused by name
        asked["seed"] = 7
    whole = client.chat.completions.create(**asked)
    said = whole.choices[0].message.content or ""
    assert "simulated provider in Rabat" in said
    with client.chat.completions.create(**asked, stream=True) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == said
    with client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}) as stream:
        counted = [chunk.usage for chunk in stream if chunk.usage]
    assert whole.usage is not None
    assert [usage.completion_tokens for usage in counted][-1] == whole.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MANNERS)
def test_openais_client_calls_tools_of_every_family(client: openai.OpenAI, model: str):
    """A call comes whole and streamed; it goes back with its result as the client's own object, whatever made its id."""
    tools: Any = [{"type": "function", "function": WEATHER}]
    messages: list[Any] = [{"role": "user", "content": "weather please"}]
    message = client.chat.completions.create(model=model, messages=messages, tools=tools).choices[0].message
    (call,) = message.tool_calls or ()
    assert json.loads(call.function.arguments) == {"city": "الرباط", "days": 2}
    with client.chat.completions.stream(model=model, messages=messages, tools=tools) as stream:
        (again,) = stream.get_final_completion().choices[0].message.tool_calls or ()
    assert (again.function.name, json.loads(again.function.arguments)) == ("weather", {"city": "الرباط", "days": 2})
    for name in (call.id, "call_of_another_vendor"):
        call.id = name
        result = {"role": "tool", "tool_call_id": name, "content": "مشمس"}
        last = client.chat.completions.create(model=model, messages=[*messages, message, result], tools=tools)
        assert "مشمس" in (last.choices[0].message.content or "")


@pytest.mark.parametrize("model", MANNERS)
def test_googles_client_speaks_with_every_family(google: genai.Client, model: str):
    """Text and calls, whole and streamed, out of one protocol into each vendor's manner of another."""
    declared = types.FunctionDeclaration(
        name="weather", description="What the weather is.", parameters_json_schema=WEATHER["parameters"]
    )
    config = types.GenerateContentConfig(max_output_tokens=40, tools=[types.Tool(function_declarations=[declared])])
    for contents in ("سلام 👋 parle", "weather please"):
        whole = google.models.generate_content(model=model, contents=contents, config=config)
        pieces = list(google.models.generate_content_stream(model=model, contents=contents, config=config))
        parts = [part for piece in pieces for part in piece.candidates[0].content.parts]
        assert "".join(part.text or "" for part in parts) == (whole.text or "")
        assert [part.function_call.args for part in parts if part.function_call] == [c.args for c in whole.function_calls or ()]
        assert (whole.text or "").startswith("Simulation") is not bool(whole.function_calls)
        assert pieces[-1].candidates[0].finish_reason == whole.candidates[0].finish_reason == types.FinishReason.STOP


@pytest.mark.parametrize("model", [model for model in MANNERS if model not in ("gemini", "haiku")])
def test_what_a_vendor_refuses_is_said_in_its_words(client: openai.OpenAI, model: str):
    """The status and the words of a refusal come through, in whatever shape the vendor gives them."""
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "a"}], n=3)
    assert "one choice" in raised.value.response.text
