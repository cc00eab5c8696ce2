"""The ``llm`` command, unmodified, as a process of its own with a folder of its own: prompts, tools, schemas, conversations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openai
import pytest
from speaking import SIMULATED, WIRES, Speaking

# Each run of the command takes a second or two: two wires are enough of it.
ON = [f"on-{wire}" for wire in WIRES[:2]]
QUESTION = "كم الساعة؟ 👋 what time is it"
TOOL = '''
def weather(city: str) -> str:
    """What the weather is in a city."""
    return city + ": sunny, 24°"
'''


@pytest.fixture
def folder(house: Speaking, tmp_path: Path) -> Path:
    """The command's folder: the models of the house, with their key."""
    rows = [
        f'- model_id: "{name}"\n  model_name: "{name}"\n  api_base: "{house.through}"\n'
        '  api_key_name: "house"\n  supports_tools: true\n  supports_schema: true\n'
        for name in ON
    ]
    (tmp_path / "extra-openai-models.yaml").write_text("".join(rows), encoding="utf-8")
    (tmp_path / "keys.json").write_text(json.dumps({"house": house.server.key}), encoding="utf-8")
    return tmp_path


def llm(folder: Path, *words: str) -> str:
    """What the command says."""
    environment = {**os.environ, "LLM_USER_PATH": str(folder), "PYTHONWARNINGS": "ignore", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "llm", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def directly(house: Speaking, text: str) -> str:
    """What the provider itself says."""
    with openai.OpenAI(api_key="none", base_url=house.direct, max_retries=0) as client:
        answer = client.chat.completions.create(model=SIMULATED, messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content or ""


@pytest.mark.parametrize("model", ON)
def test_a_prompt_whole_and_a_tool_streamed(house: Speaking, folder: Path, model: str):
    """A whole answer is the direct one; then the command runs the function that the model asks for, and streams the answer."""
    assert llm(folder, "-m", model, "--no-stream", QUESTION).rstrip() == directly(house, QUESTION).rstrip()
    assert "sunny" in llm(folder, "-m", model, "--functions", TOOL, "weather please")


def test_a_schema_and_a_conversation(folder: Path):
    """An answer has the shape that was asked for, and the next question is sent with the first, to another model."""
    assert set(json.loads(llm(folder, "-m", ON[0], "--schema", "town, people int", QUESTION))) == {"town", "people"}
    assert "two" in llm(folder, "-c", "-m", ON[1], "two")
