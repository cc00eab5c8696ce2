"""A row of the catalogue: one model at one place, behind one wire. Knows no protocol and no law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ASSISTANT", "CAPABILITIES", "EMBEDDINGS", "PREFERENCES", "LocalFile", "Model"]

ASSISTANT = "assistant"
"""The wire of the model that is the house's own assistant."""

EMBEDDINGS = "embeddings"
"""The capability of a model that gives vectors, and nothing else."""

CAPABILITIES = frozenset({"tools", "json_schema", "images", "audio", "files", EMBEDDINGS})
"""What a request may need that not every model can do."""

PREFERENCES = ("home", "price", "speed", "energy", "quality")
"""By what lawful models may be ordered."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A model that the house itself serves, on its own machine.

    Attributes:
        path: of its GGUF file.
        threads: processor threads that it may keep busy; 0: as many as there are cores.
        parallel: requests that are answered at once; others wait.
    """

    path: Path
    threads: int = 0
    parallel: int = 1


@dataclass(frozen=True, slots=True)
class Model:
    """A model that clients may ask for.

    Attributes:
        id: what clients ask for.
        wire: the protocol that its upstream speaks (``openai``, ``anthropic``, ``gemini``, ``mistral``, ``llamacpp``);
            ``assistant`` where nothing leaves the process.
        url: base address of the upstream, up to and without the path of the call; empty where ``file`` is served.
        upstream_model: the model's name there.
        place: id of the place where it runs.
        key: secret that the upstream asks for, or ``""``.
        price_in, price_out: per million tokens, all models in one currency.
        context: tokens that fit into one request, prompt and answer; 0 where unknown.
        capabilities: what it can do beyond text.
        params_active: active parameters, for the estimate of energy; 0 where unknown.
        energy_out: watt-hours per million tokens of an answer, where somebody has measured; 0: estimated.
        quality: 0 to 1 by language.
        fallback: models to try in this order when it fails; ``auto`` needs none.
        file: what the house serves itself, where there is no ``url``.
        max_concurrent: requests that its server answers at once, for each worker; others wait their turn; 0: any number.
        attempts, first_byte_seconds, answer_seconds: see ``retrying.Patience``; 0: as the house.
    """

    id: str
    wire: str
    url: str
    upstream_model: str
    place: str
    key: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    context: int = 0
    capabilities: frozenset[str] = frozenset()
    params_active: float = 0.0
    energy_out: float = 0.0
    quality: Mapping[str, float] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    file: LocalFile | None = None
    max_concurrent: int = 0
    attempts: int = 0
    first_byte_seconds: float = 0.0
    answer_seconds: float = 0.0
