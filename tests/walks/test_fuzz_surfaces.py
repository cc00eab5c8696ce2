"""Broken requests on every model surface: whatever is sent, the answer is one, in the surface's own shape, and no 5xx.

One real server before a simulated provider that is reached in every protocol; bodies are valid ones with something changed.
"""

from __future__ import annotations

import copy
import http.client
import json
import random
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from speaking import VECTORS, Speaking, speaking

ROUNDS = 60
TEXT = {"role": "user", "content": "hello"}
TOOL = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CHAT = {"messages": [{"role": "system", "content": "s"}, TEXT], "max_tokens": 5, "temperature": 0.5, "stop": ["x"]}
BODIES: dict[str, tuple[str, dict]] = {
    "chat": (
        "/v1/chat/completions",
        {**CHAT, "tools": [{"type": "function", "function": {"name": "f", "parameters": TOOL}}], "n": 1, "stream": False},
    ),
    "responses": (
        "/v1/responses",
        {
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}],
            "instructions": "i",
            "max_output_tokens": 5,
        },
    ),
    "messages": (
        "/v1/messages",
        {
            "messages": [TEXT],
            "system": "s",
            "max_tokens": 5,
            "tools": [{"name": "f", "description": "d", "input_schema": TOOL}],
        },
    ),
    "count": ("/v1/messages/count_tokens", {"messages": [TEXT], "system": "s"}),
    "embeddings": ("/v1/embeddings", {"input": ["a", "b"], "dimensions": 4, "encoding_format": "float"}),
    "gemini": (
        "/v1beta/models/{model}:generateContent",
        {
            "contents": [{"role": "user", "parts": [{"text": "a"}]}],
            "systemInstruction": {"parts": [{"text": "s"}]},
            "generationConfig": {"temperature": 0.5, "maxOutputTokens": 5},
            "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}],
        },
    ),
}
ODD = [
    None,
    True,
    -1,
    0,
    2**63,
    1e308,
    0.1,
    "",
    "x",
    "\x00",
    "é" * 300,
    "{}",
    [],
    {},
    [[]],
    [None],
    {"": None},
    [{}],
    "auto",
    "\ud800",
]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaking]:
    """A house with a model behind each wire."""
    with speaking(tmp_path_factory.mktemp("fuzz")) as house:
        yield house


def changed(body: dict, rng: random.Random) -> bytes:
    """``body`` with one to three things changed, as bytes; sometimes no JSON at all."""
    body = copy.deepcopy(body)
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(list(places(body)))
        match rng.randrange(4):
            case 0:
                holder[key] = copy.deepcopy(rng.choice(ODD))
            case 1 if isinstance(holder, dict):
                del holder[key]
            case 2 if isinstance(holder, dict):
                holder[rng.choice(["stream", "model", "unknown", "role", "type", "metadata", key + "x"])] = copy.deepcopy(
                    rng.choice(ODD)
                )
            case _:
                holder[key] = [holder[key]] if rng.random() < 0.5 else {"a": holder[key]}
    raw = json.dumps(body).encode()
    if rng.random() < 0.1:
        at = rng.randrange(len(raw))
        raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]
    return raw[: rng.randrange(len(raw))] if rng.random() < 0.05 else raw


def places(value: object) -> Iterator[tuple[dict | list, object]]:
    """Every place in a JSON value that can be changed."""
    if isinstance(value, (dict, list)):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(inner)


@pytest.mark.parametrize("name", BODIES)
def test_no_broken_request_is_our_failure(spoken: Speaking, name: str):
    """Each of many broken bodies is answered, or refused in words of 4xx that a program can read; the server stays well."""
    rng = random.Random(f"surfaces {name}")
    path, body = BODIES[name]
    models = [VECTORS] if name == "embeddings" else ["on-openai", "on-anthropic", "on-gemini"]
    connection = http.client.HTTPConnection(urlsplit(spoken.server.url).netloc, timeout=30)
    headers = {
        "Authorization": f"Bearer {spoken.server.key}",
        "Content-Type": "application/json",
        "anthropic-version": "2023-06-01",
    }
    for number in range(ROUNDS):
        model = models[number % len(models)]
        raw = changed(body if name == "gemini" else {"model": model, **body}, rng)
        connection.request("POST", path.format(model=model), raw, headers)
        response = connection.getresponse()
        said = response.read()
        assert response.status < 500, (raw, response.status, said)
        if response.headers["content-type"].startswith("application/json"):
            answered = json.loads(said)
            assert response.status == 200 or (answered.get("error") or answered)["message"], (raw, said)
    connection.close()
    assert spoken.server.chat("hello", "on-openai").status == 200
