"""A model that the house serves itself, as the settings read it: a file, and no address."""

from __future__ import annotations

from pathlib import Path

import pytest

from daffa.errors import Invalid
from daffa.settings import Settings, read_settings

GOOD = """\
[[place]]
id = "here"
hw = "MA"
operator = "MA"
reach = ["MA"]

[[place]]
id = "there"
hw = "FR"
operator = "FR"
reach = ["FR"]

[[model]]
id = "guichet"
wire = "llamacpp"
file = "models/x.gguf"
place = "here"
context = 4096
threads = 2
parallel = 3
capabilities = ["json_schema", "tools"]

[[model]]
id = "seine"
wire = "openai"
url = "http://127.0.0.1:9/v1"
place = "there"
"""


def read(folder: Path, text: str) -> Settings:
    """The settings of a house with a model file."""
    (folder / "models").mkdir()
    (folder / "models" / "x.gguf").write_bytes(b"GGUF and more")
    (folder / "models" / "no.gguf").write_bytes(b"GGU")
    (folder / "daffa.toml").write_text(text, encoding="utf-8")
    return read_settings(folder, {})


def test_a_file_is_looked_for_in_the_folder_of_the_house(tmp_path: Path):
    """A relative name stands in the folder; the model has no address, and the other no file."""
    settings = read(tmp_path, GOOD)
    model = settings.models["guichet"]
    assert model.file is not None
    assert (model.file.path, model.file.threads, model.file.parallel) == (tmp_path / "models" / "x.gguf", 2, 3)
    assert (model.url, model.upstream_model, model.context) == ("", "guichet", 4096)
    assert settings.models["seine"].file is None


def test_a_file_elsewhere_is_named_whole(tmp_path: Path):
    """An absolute name is taken as it is."""
    other = tmp_path / "elsewhere.gguf"
    other.write_bytes(b"GGUF")
    model = read(tmp_path, GOOD.replace("models/x.gguf", str(other))).models["guichet"]
    assert model.file is not None
    assert model.file.path == other


@pytest.mark.parametrize(
    ("change", "line", "field", "expected"),
    [
        (('file = "models/x.gguf"', 'file = "models/y.gguf"'), 16, "file", "a GGUF file"),
        (('file = "models/x.gguf"', 'file = "models"'), 16, "file", "a GGUF file"),
        (('file = "models/x.gguf"', 'file = "models/no.gguf"'), 16, "file", "a GGUF file"),
        (('file = "models/x.gguf"\n', ""), 13, "file", "a GGUF file"),
        (('file = "models/x.gguf"', 'file = "models/x.gguf"\nurl = "http://x/v1"'), 17, "url", "nothing"),
        (('file = "models/x.gguf"', 'file = "models/x.gguf"\nkey_env = "PATH"'), 17, "key_env", "nothing"),
        (("context = 4096\n", ""), 13, "context", "memory"),
        (("parallel = 3", "parallel = 0"), 20, "parallel", ">= 1"),
        (("threads = 2", "threads = -1"), 19, "threads", ">= 0"),
        (('capabilities = ["json_schema", "tools"]', 'capabilities = ["images"]'), 21, "capabilities", "json_schema | tools"),
        (('wire = "llamacpp"', 'wire = "openai"\nurl = "http://x/v1"'), 17, "file", "only the wire llamacpp"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, field: str, expected: str):
    """Each mistake stops the reading with the line, the field and what was expected."""
    assert change[0] in GOOD
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD.replace(*change))
    facts = raised.value.facts
    assert (facts["line"], facts["field"].rpartition(".")[2]) == (line, field)
    assert expected in facts["expected"]


@pytest.mark.parametrize("said", ['file = "x.gguf"', "threads = 1", "parallel = 2"])
def test_only_its_own_wire_serves_a_file(tmp_path: Path, said: str):
    """A setting of an engine on a model that is asked elsewhere is a mistake, and not passed over."""
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD + said)
    assert (raised.value.facts["line"], raised.value.facts["expected"]) == (28, "nothing: only the wire llamacpp serves a file")


def test_one_machine_stands_at_one_place(tmp_path: Path):
    """Two models of one house cannot be said to run on the soil of two states."""
    second = GOOD.replace('id = "guichet"', 'id = "guichet-2"').partition("[[model]]")[2].partition("[[model]]")[0]
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD + "\n[[model]]" + second.replace('place = "here"', 'place = "there"'))
    facts = raised.value.facts
    assert (facts["field"], facts["got"]) == ("model[0].place", "here, there")
    assert "one place for all models that this machine serves" in facts["expected"]
