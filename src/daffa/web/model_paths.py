"""Which surface a path of the model routes speaks, and what it asks for. Knows paths; no request and no model."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .asgi import Headers

__all__ = ["Path", "path_of"]

_GEMINI_CALLS = {
    "generateContent": ("gemini", False),
    "streamGenerateContent": ("gemini", True),
    "countTokens": ("gemini_count", False),
}


class Path(NamedTuple):
    """What a path means.

    Attributes:
        vendor: whose clients ask: errors and lists are in its shape (a key of ``LISTINGS``).
        asks: for an answer, for the list of models, for one of it, or for nothing that exists.
        surface: what the body speaks (a key of ``SURFACES``), where an answer is asked for.
        model, stream: what the path says of them.
    """

    vendor: str
    asks: Literal["answer", "models", "model", "nothing"] = "nothing"
    surface: str = ""
    model: str = ""
    stream: bool = False


_CALLS = {
    "/v1/chat/completions": Path("openai", "answer", "openai_chat"),
    "/v1/responses": Path("openai", "answer", "openai_responses"),
    "/v1/embeddings": Path("openai", "answer", "openai_embeddings"),
    "/v1/messages": Path("anthropic", "answer", "anthropic"),
    "/v1/messages/count_tokens": Path("anthropic", "answer", "anthropic_count"),
}


def path_of(method: str, path: str, headers: Headers) -> Path:
    """What ``method`` on ``path`` asks for; of one path in two protocols the headers tell which is meant."""
    if method == "POST" and path in _CALLS:
        return _CALLS[path]
    match method, path.split("/")[1:]:
        case "POST", ["v1" | "v1beta", "models", *name]:
            model, _, call = "/".join(name).rpartition(":")
            surface, stream = _GEMINI_CALLS.get(call, ("", False))
            return Path("gemini", "answer" if surface else "nothing", surface, model, stream)
        case "GET", [version, "models"]:
            return Path(_vendor(version, headers), "models")
        case "GET", [version, "models", *name]:
            return Path(_vendor(version, headers), "model", model="/".join(name))
        case _, ["v1beta", *_]:
            return Path("gemini")
        case _, ["v1", "messages", *_]:
            return Path("anthropic")
    return Path("openai")


def _vendor(version: str, headers: Headers) -> str:
    if version == "v1beta" or b"x-goog-api-key" in headers:
        return "gemini"
    return "anthropic" if b"anthropic-version" in headers else "openai"
