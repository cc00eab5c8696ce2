"""Configurations of other gateways, imported: what is carried loads, what is not is listed, and no secret travels."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa import sentences
from daffa.cli import main
from daffa.decision import STATES
from daffa.errors import Invalid
from daffa.importing import Draft, read_litellm, read_opengatellm, read_source, write
from daffa.policy import Bundle
from daffa.settings import read_settings

LAW = Bundle.read(Path(__file__).resolve().parents[2] / "policies" / "ma")

LITELLM = """
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://my-endpoint.openai.azure.com/
      api_key: os.environ/AZURE_EU
      api_version: "2024-10-21"
      rpm: 6
      timeout: 30
    model_info:
      supports_function_calling: true
      max_input_tokens: 128000
      input_cost_per_token: 2.5e-6
      output_cost_per_token: 1e-5
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: sk-live-THESECRET}
  - model_name: Qwen/Qwen-Max
    litellm_params: {model: dashscope/qwen-max, api_key: os.environ/DASHSCOPE_API_KEY}
  - model_name: home
    litellm_params: {model: hosted_vllm/mistral-small, api_base: "http://10.1.2.3:8000"}
  - model_name: small
    litellm_params: {model: ollama_chat/llama3.1, api_base: "http://localhost:11434"}
  - model_name: other
    litellm_params: {model: openai/x, api_base: "https://llm.example.org/api/v1", api_key: sk-live-THESECRET}
  - model_name: amazon
    litellm_params: {model: bedrock/x, aws_secret_access_key: THESECRET}
  - model_name: hidden
    litellm_params: {model: openai/y, api_base: os.environ/BASE}
  - model_name: pictures
    litellm_params: {model: openai/dall-e-3}
    model_info: {mode: image_generation}
  - model_name: "*"
    litellm_params: {model: "*"}
  - model_name: gem
    litellm_params: {model: gemini/gemini-2.5-flash, api_key: os.environ/GEMINI_API_KEY}
  - model_name: vectors
    litellm_params: {model: mistral/mistral-embed}
    model_info: {mode: embedding, supports_function_calling: false}
  - model_name: haiku
    litellm_params: {model: anthropic/haiku}
litellm_settings:
  drop_params: true
  fallbacks: [{"gpt-4o": ["gem", "nope"]}]
  max_budget: 100
  budget_duration: 30d
router_settings:
  routing_strategy: least-busy
  model_group_alias: {"fast": "gem"}
general_settings: {master_key: sk-THESECRET, database_url: "postgresql://u:THESECRET@h/db"}
environment_variables: {LANGFUSE: THESECRET}
surprise: {a: 1}
"""

OPENGATELLM = """
models:
  - name: albert-testbed
    type: text-generation
    aliases: [openweight-small]
    load_balancing_strategy: shuffle
    cost_prompt_tokens: 0.1
    cost_completion_tokens: 0.3
    providers:
      - type: vllm
        url: http://albert-testbed.example.fr:8000
        key: sk-THESECRET
        model_name: "gemma3:1b"
        timeout: 60
        model_hosting_zone: FRA
        model_active_params: 8
        model_total_params: 8
        qos_metric: inflight
        qos_limit: 5
      - type: albert
        key: ${ALBERT_API_KEY}
        model_name: small
  - name: whisper
    type: automatic-speech-recognition
    providers: [{type: albert, key: "${ALBERT_API_KEY}", model_name: whisper}]
  - name: defaulted
    type: text-embeddings-inference
    providers: [{type: mistral, key: "${MISTRAL:-THESECRET}", model_name: m}]
settings: {auth_sso_client_secret: THESECRET, auth_secret_key: THESECRET, log_level: INFO}
dependencies: {postgres: {url: "postgresql://u:THESECRET@h/db"}}
"""


def imported(text: str, read) -> Draft:
    """The draft of a file."""
    return read(read_source(text.encode(), "config.yaml"), LAW.host)


def loaded(draft: Draft, folder: Path, language: str = "en"):
    """The settings that a draft is, once its variables hold something."""
    (folder / "daffa.toml").write_text(write(draft, "config.yaml", language), encoding="utf-8")
    return read_settings(folder, {variable: "k" for variable in {model.get("key_env") for model in draft.models} if variable})


def told(draft: Draft) -> dict[str, list[str]]:
    """The paths of a draft's notes, by code."""
    found = defaultdict(list)
    for note in draft.notes:
        found[note.code].append(note.facts.get("path", note.facts.get("place", "")))
    return found


# Laws

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
names = st.sampled_from(
    "model_name litellm_params model api_base api_key rpm tpm model_info mode id max_tokens fallbacks model_group_alias "
    "input_cost_per_token name type providers url key aliases cost_prompt_tokens model_hosting_zone qos_limit".split()
) | st.text(max_size=10)
values = st.recursive(
    scalars
    | st.sampled_from(
        ["openai/gpt", "azure/x", "http://h:1", "https://u:p@h", "http://[", "os.environ/A", "${A}", "vllm", "text-generation"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=30,
)
tops = st.dictionaries(
    st.sampled_from(["model_list", "models", "litellm_settings", "router_settings", "general_settings", "settings"])
    | st.text(max_size=8),
    values,
    max_size=4,
)
likely = st.lists(
    st.fixed_dictionaries(
        {
            "model_name": st.text(max_size=80),
            "litellm_params": st.fixed_dictionaries(
                {"model": st.sampled_from(["openai/a", "azure/b", "ollama/c", "gpt-4", "x/y"]) | st.text(max_size=20)},
                optional={"api_base": st.text(max_size=20) | st.just("https://api.openai.com/"), "api_key": values},
            ),
        },
        optional={"model_info": values},
    ),
    max_size=5,
).map(lambda rows: {"model_list": rows})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(tops, likely), st.sampled_from([read_litellm, read_opengatellm]))
def test_whatever_is_imported_loads(tmp_path, source, read):
    """From any values at all comes a draft that the settings take, in whatever language its comments are."""
    draft = read(source, LAW.host)
    found = loaded(draft, tmp_path, "ar")
    assert set(found.models) == {model["id"] for model in draft.models}
    for note in draft.notes:
        for language in ("fr", "ar", "en"):
            assert "{" + "path}" not in sentences.say(note.code, language, **note.facts)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_what_is_no_configuration_is_said_by_line(content):
    """Any bytes are a mapping or an error that names the file and a line."""
    try:
        assert isinstance(read_source(content, "c.yaml"), dict)
    except Invalid as error:
        assert (error.facts["file"], error.facts["line"] >= 1) == ("c.yaml", True)  # noqa: PT017 - either is right


# The walk


def test_litellm_is_carried_or_listed(tmp_path):
    """Models, addresses, prices, fallbacks and aliases are carried; all the rest is named."""
    draft = imported(LITELLM, read_litellm)
    found = loaded(draft, tmp_path)
    rows = {model.id: model for model in found.models.values()}
    assert list(rows) == ["gpt-4o", "gpt-4o-2", "qwen-qwen-max", "home", "small", "other", "gem", "vectors", "haiku", "fast"]
    first = rows["gpt-4o"]
    assert (first.url, first.upstream_model) == ("https://my-endpoint.openai.azure.com/openai/v1", "gpt-4o-eu")
    assert (first.price_in, first.price_out, first.context, first.capabilities) == (2.5, 10.0, 128_000, {"tools"})
    assert first.fallback == ("gpt-4o-2", "gem")
    assert rows["home"].url == "http://10.1.2.3:8000/v1"
    assert (rows["vectors"].wire, rows["vectors"].capabilities) == ("mistral", {"embeddings"})
    assert rows["small"].url == "http://localhost:11434/v1"
    assert (rows["gem"].wire, rows["haiku"].wire, rows["fast"].url) == ("gemini", "anthropic", rows["gem"].url)
    keys = {model["id"]: model["key_env"] for model in draft.models}
    assert (keys["gpt-4o"], keys["gpt-4o-2"], keys["other"], keys["home"]) == ("AZURE_EU", "OPENAI_API_KEY", "OTHER_KEY", "")
    notes = told(draft)
    assert notes["import_no_wire"] == [f"model_list[{number}]" for number in (6, 7, 8, 9)]
    assert notes["import_unknown_model"] == ["litellm_settings.fallbacks[0]"]
    assert [note.facts["command"] for note in draft.notes if note.code == "import_limit"] == [
        "./daffa quota set --organisation ID --requests 6 --period minute --model gpt-4o",
        "./daffa quota set --organisation ID --money 100.00 --period month",
    ]
    assert {"model_list[0].litellm_params.timeout", "model_list[0].litellm_params.api_version"} <= set(notes["import_left"])
    assert {"litellm_settings.drop_params", "router_settings.routing_strategy", "surprise"} <= set(notes["import_left"])
    assert notes["import_people"] == ["general_settings.master_key"]


def test_opengatellm_is_carried_or_listed(tmp_path):
    """Engines behind one name, aliases, prices and parameters are carried; all the rest is named."""
    draft = imported(OPENGATELLM, read_opengatellm)
    rows = loaded(draft, tmp_path).models
    assert list(rows) == ["albert-testbed", "albert-testbed-2", "openweight-small", "defaulted"]
    first = rows["albert-testbed"]
    assert (first.url, first.upstream_model) == ("http://albert-testbed.example.fr:8000/v1", "gemma3:1b")
    assert (first.price_in, first.price_out, first.params_active) == (0.1, 0.3, 8e9)
    assert first.fallback == ("albert-testbed-2",)
    keys = {model["id"]: model["key_env"] for model in draft.models}
    assert (keys["albert-testbed"], keys["albert-testbed-2"], keys["defaulted"]) == (
        "ALBERT_TESTBED_KEY",
        "ALBERT_API_KEY",
        "MISTRAL",
    )
    notes = told(draft)
    assert notes["import_no_wire"] == ["models[1].providers[0]"]
    assert "models[0].providers[0].qos_limit" in notes["import_left"]
    assert notes["import_zone"] == ["albert-testbed-example-fr"]
    assert notes["import_sign_on"] == ["settings.auth_sso_client_secret"]
    assert {"models[0].load_balancing_strategy", "models[0].providers[0].timeout", "dependencies.postgres"} <= set(
        notes["import_left"]
    )
    assert notes["import_currency"] == [""]


@pytest.mark.parametrize(("text", "read"), [(LITELLM, read_litellm), (OPENGATELLM, read_opengatellm)])
def test_no_secret_travels(text, read):
    """No key, password or secret of the file stands in the draft or in what is said of it, in any language."""
    draft = imported(text, read)
    for language in ("fr", "ar", "en"):
        said = "\n".join(sentences.say(note.code, language, **note.facts) for note in draft.notes)
        assert "THESECRET" not in write(draft, "config.yaml", language) + said
    assert "THESECRET" not in json.dumps([note.facts for note in draft.notes])


@pytest.mark.parametrize(("text", "read"), [(LITELLM, read_litellm), (OPENGATELLM, read_opengatellm)])
def test_every_leaf_of_the_file_is_carried_or_told(text, read):
    """Nothing is dropped in silence: each leaf is in the draft by its value, or told by its path or one above it."""
    draft = imported(text, read)
    paths = [note.facts["path"] for note in draft.notes if "path" in note.facts]
    carried = write(draft, "x", "en")
    consumed = {"model_name", "model", "name", "type", "providers", "budget_duration", "qos_metric", "mode"}
    lost = []
    for path, value in leaves(yaml.safe_load(text), ""):
        name = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
        told_of = any(path == at or path.startswith((at + ".", at + "[")) for at in paths)
        shown = str(value).removeprefix("os.environ/").strip("${}").rstrip("/") in carried
        price = isinstance(value, float) or name.startswith(
            ("cost_", "model_active", "model_hosting", "supports_", "output_cost")
        )
        if not (told_of or shown or price or name in consumed):
            lost.append((path, value))
    assert lost == []


def leaves(value, path):
    """Path and value of each leaf."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield path, value


def test_a_place_says_what_the_law_knows_and_else_the_worst(tmp_path):
    """A catalogued host has its vendor's state; of any other nothing is known, and nothing is where nobody has said it."""
    places = loaded(imported(LITELLM, read_litellm), tmp_path).places
    assert (places["azure-com"].operator, places["azure-com"].hw, places["azure-com"].reach) == ("US", "ZZ", {"US", "ZZ"})
    assert places["aliyuncs-com"].operator == "CN"
    for unknown in ("10-1-2-3", "localhost", "llm-example-org"):
        place = places[unknown]
        assert (place.hw, place.operator, place.qual, place.seal, place.trains) == ("ZZ", "ZZ", 0, 0, True)
        assert place.reach >= STATES


# Edges


def test_a_name_ends_no_comment():
    """The name of a file or a host with line ends in it stays inside its comment."""
    draft = imported(LITELLM, read_litellm)
    text = write(draft, 'x"\nprefer = ["price"]\r\u2028\x00', "ar")
    assert "prefer" not in tomllib.loads(text)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a: 1\na: 2\n", 2),
        (b"a: [1\n", 2),
        (b"- a\n", 1),
        (b"", 1),
        (b"a: !!python/object/apply:os.system ['true']\n", 1),
        (b"a: \xff\n", 1),
        (b"a: {b: 1, b: 2}\n", 1),
        (b"[" * 50_000, 1),
        (b"? [a]\n: 1\n? [a]\n: 2\n", 1),
        (b"a: 2026-99-99\n", 1),
        (b"x" * ((4 << 20) + 1), 1),
    ],
)
def test_what_cannot_be_read_whole_is_not_read(content: bytes, line: int):
    """A key that stands twice, code in the file, what is no mapping and what is too long are refused by line."""
    with pytest.raises(Invalid) as caught:
        read_source(content, "c.yaml")
    assert (caught.value.code, caught.value.facts["file"]) == ("invalid_settings", "c.yaml")
    assert caught.value.facts["line"] == line


def test_the_command_writes_where_nothing_is_and_speaks_three_languages(tmp_path, capsys):
    """The draft goes to a new file or to the output, what is to be read to the other side, as JSON where a program reads it."""
    (tmp_path / "config.yaml").write_text(LITELLM)
    words = ["import", "litellm", str(tmp_path / "config.yaml"), "--data", str(tmp_path / "house")]
    for language, word in (("fr", "un secret y figure en clair"), ("ar", "سر مكتوب"), ("en", "a secret stands there")):
        assert main([*words, "--lang", language]) == 0
        said = capsys.readouterr()
        assert (said.out.count("[[model]]"), word in said.err) == (10, True)
    kept = tmp_path / "draft.toml"
    assert (main([*words, "--output", str(kept)]), capsys.readouterr().out) == (0, "")
    assert kept.read_text(encoding="utf-8").count("[[model]]") == 10
    assert main([*words, "--output", str(kept), "--lang", "en"]) == 1
    assert "already" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "draft.toml"]
    main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["toml"].count("[[place]]"), all(note["said"] for note in found["notes"])) == (9, True)
    assert main(["import", "litellm", str(tmp_path / "missing"), "--data", str(tmp_path)]) == 1
