"""Which models may be asked, and in which order: first the law, then the preferences. Pure; asks ``judge``, calls nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from daffa.errors import Invalid, NotFound
from daffa.guard import Candidate

from .model import ASSISTANT, EMBEDDINGS, Model

__all__ = ["AUTO", "BYTES_PER_TOKEN", "Route", "Routes", "Scales", "asked", "capable", "order", "weigh"]

AUTO = "auto"
"""The name by which a client lets Daffa choose."""

BYTES_PER_TOKEN = 4
"""So many bytes of a request are taken for a token, where nobody counts."""

_ANSWER_TOKENS = 500


class Route(msgspec.Struct, frozen=True, gc=False):
    """A model that the law lets in: as things are, or (``masked``) for the same data without what points at a person."""

    model: Model
    candidate: Candidate
    masked: bool = False


class Routes(msgspec.Struct, frozen=True, gc=False):
    """Candidates of one request: those whom the law lets in, and those whom it keeps out, with their verdicts."""

    lawful: tuple[Route, ...]
    refused: tuple[Candidate, ...]


class Scales(msgspec.Struct, frozen=True):
    """What the preferences weigh with.

    Attributes:
        home: ids of the models whose place no foreign law reaches.
        seconds: measured time to the first byte, by model id; a model never asked counts as 0.
        failing: ids of models whose last calls failed; they come last whatever is preferred.
        language: of the question, as ``Model.quality`` names it (``fr``, ``ary``); empty where nobody can tell.
    """

    home: frozenset[str]
    seconds: Mapping[str, float]
    failing: Callable[[str], bool]
    language: str = ""


def asked(catalogue: Mapping[str, Model], name: str) -> list[Model]:
    """The models that a client's ``model`` stands for, the first choice first. Raises ``NotFound``.

    The assistant is asked by its name alone: it asks models itself.
    """
    if name not in catalogue and all(model.wire == ASSISTANT for model in catalogue.values()):
        raise NotFound("no_model_configured")
    if name == AUTO:
        return [model for model in catalogue.values() if model.wire != ASSISTANT]
    if name not in catalogue:
        raise NotFound("unknown_model", field="model", model=name[:80], known=", ".join([AUTO, *catalogue]))
    first = catalogue[name]
    return [first, *map(catalogue.__getitem__, first.fallback)]


def capable(models: Iterable[Model], needs: frozenset[str], prompt_bytes: int, answer_tokens: int) -> list[Model]:
    """Those that can do what the request needs and hold it. Raises ``Invalid`` where none can.

    A model of embeddings answers for nothing else.
    """
    tokens = prompt_bytes // BYTES_PER_TOKEN + answer_tokens
    embeds = EMBEDDINGS in needs
    able = [
        model
        for model in models
        if needs <= model.capabilities
        and (EMBEDDINGS in model.capabilities) is embeds
        and (not model.context or tokens <= model.context)
    ]
    if not able:
        expected = ", ".join([*sorted(needs), f"context >= {tokens} tokens"])
        raise Invalid("no_capable_model", field="model", expected=expected)
    return able


def weigh(
    models: Iterable[Model], judge: Callable[[Model], Candidate], judge_masked: Callable[[Model], Candidate] | None = None
) -> Routes:
    """Ask ``judge`` about every model and part the lawful from the refused.

    ``judge_masked`` is asked about those that are refused: where it lets one in, only the form of the data stood in the way.
    """
    lawful, refused = [], []
    for model in models:
        candidate = judge(model)
        if candidate.verdict.allowed:
            lawful.append(Route(model, candidate))
            continue
        masked = judge_masked(model) if judge_masked is not None else None
        if masked is not None and masked.verdict.allowed:
            lawful.append(Route(model, masked, masked=True))
        else:
            refused.append(candidate)
    return Routes(tuple(lawful), tuple(refused))


def order(
    lawful: Sequence[Route], prefer: Iterable[str], scales: Scales, prompt_bytes: int, answer_tokens: int
) -> tuple[Route, ...]:
    """``lawful`` in the order of preference; equal ones stay in the order of the catalogue."""
    tokens_in, tokens_out = prompt_bytes / BYTES_PER_TOKEN, answer_tokens or _ANSWER_TOKENS
    measures: dict[str, Callable[[Model], float]] = {
        "home": lambda model: model.id not in scales.home,
        "price": lambda model: model.price_in * tokens_in + model.price_out * tokens_out,
        "speed": lambda model: scales.seconds.get(model.id, 0.0),
        "energy": lambda model: model.params_active * tokens_out,
        "quality": lambda model: -_quality(model, scales.language),
    }
    wanted = [measures[name] for name in prefer]
    return tuple(sorted(lawful, key=lambda each: (scales.failing(each.model.id), *(measure(each.model) for measure in wanted))))


def _quality(model: Model, language: str) -> float:
    """How well ``model`` does in ``language``; where the catalogue does not say, the mean over the languages that it states."""
    return model.quality.get(language, sum(model.quality.values()) / max(len(model.quality), 1))
