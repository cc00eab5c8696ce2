"""A house before one simulated provider that is reached in every protocol: what the tests of real clients ask."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers import Server, serving

from daffa.worlds import Provider, World

WIRES = ("openai", "anthropic", "gemini")
"""Protocols of models' servers. ``on-<wire>`` is the model behind each."""

MISTRAL = "on-mistral"
"""The model behind a server that speaks as Mistral's own do."""

VECTORS = "vectors"
"""The model that gives embeddings."""

SIMULATED = "sim"
"""What the provider itself calls its model."""

_PLACE = """
[[place]]
id = "rabat"
hw = "MA"
region = "MA-04"
operator = "MA"
reach = ["MA"]
qual = 2
seal = 4
key = "state"
retention_days = 0
trains = false
"""


@dataclass(frozen=True)
class Speaking:
    """A running house and the provider behind it.

    Attributes:
        server: the house.
        provider: the provider; its ``behaviour`` may be turned at any time.
    """

    server: Server
    provider: Provider

    @property
    def direct(self) -> str:
        """The base address of the provider itself, with ``/v1``."""
        return self.provider.url

    @property
    def as_mistral(self) -> str:
        """The base address under which the provider speaks as Mistral's own servers do, with ``/v1``."""
        return self.provider.url.removesuffix("/v1") + "/mistral/v1"

    @property
    def through(self) -> str:
        """The base address of the house, with ``/v1``."""
        return f"{self.server.url}/v1"


@contextlib.contextmanager
def speaking(folder: Path, wires: tuple[str, ...] = WIRES) -> Iterator[Speaking]:
    """A house with a model behind each of ``wires``, and one that gives embeddings."""
    with World.in_thread() as world:
        url = world.home.url
        models = [_model(f"on-{wire}", wire, _base(wire, url), "tools", "json_schema", "images") for wire in wires]
        models.append(_model(MISTRAL, "mistral", _base("mistral", url), "tools", "json_schema", "images"))
        config = "\n".join([_PLACE, *models, _model(VECTORS, "openai", url, "embeddings")])
        with serving(folder, config) as server:
            yield Speaking(server, world.home)


def _base(wire: str, url: str) -> str:
    """Where a wire begins: Gemini's has a version of its own in its paths; under ``/mistral`` the provider has its manners."""
    return url.removesuffix("/v1") + {"gemini": "/v1beta", "mistral": "/mistral/v1"}.get(wire, "/v1")


def _model(name: str, wire: str, url: str, *capabilities: str) -> str:
    can = ", ".join(f'"{each}"' for each in capabilities)
    return f"""
[[model]]
id = "{name}"
wire = "{wire}"
url = "{url}"
upstream_model = "{SIMULATED}"
place = "rabat"
capabilities = [{can}]
"""
