"""A simulated provider that gives embeddings: vectors made from the letters of a text. Pure; no socket, no clock.

Source of the shapes: the public references of the OpenAI and Mistral APIs, embeddings; the second has an id. Equal texts have
equal vectors of length 1, and texts that share runs of three letters have vectors that are near: nothing else is meant by them.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
import zlib
from typing import Any

from .speech import Complaint, error
from .tongue import Asked, Spoken, SpokenEvent

__all__ = ["EmbeddingsTongue"]

_PATH = "/v1/embeddings"
_DIMENSIONS, _MOST, _RUN = 256, 4096, 3


class EmbeddingsTongue:
    """``/v1/embeddings``."""

    def hears(self, method: str, path: str) -> bool:
        """Whether this is an address of the protocol."""
        return method == "POST" and path == _PATH

    def answer(self, asked: Asked) -> Spoken:
        """The vectors. Raises ``Complaint``."""
        body = asked.body
        if not isinstance(body, dict):
            raise Complaint(400, "invalid_type", "the body: expected a JSON object")
        if body.get("model") not in asked.models:
            raise Complaint(404, "model_not_found", f"model: expected {' | '.join(asked.models)}", "model")
        form = body.get("encoding_format") or "float"
        if form not in ("float", "base64"):
            raise Complaint(400, "invalid_value", "encoding_format: expected float | base64", "encoding_format")
        count = body.get("dimensions") or _DIMENSIONS
        if not isinstance(count, int) or not 1 <= count <= _MOST:
            raise Complaint(400, "invalid_value", f"dimensions: expected 1 to {_MOST}", "dimensions")
        texts = _texts(body.get("input"))
        rows = [
            {"object": "embedding", "index": at, "embedding": _written(_vector(text, count), form)}
            for at, text in enumerate(texts)
        ]
        digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        answer: dict[str, Any] = {"id": f"embd-simulated-{digest}", "object": "list", "data": rows, "model": body["model"]}
        if asked.counted:
            read = sum(len(text.split()) for text in texts)
            answer["usage"] = {"prompt_tokens": read, "total_tokens": read}
        return Spoken(answer)

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:
        """An error object."""
        kind = "server_error" if status >= 500 else "invalid_request_error"
        return SpokenEvent("", error(message, code, kind, param))


def _texts(given: Any) -> list[str]:
    """What is to be embedded: a text, texts, tokens, or lists of tokens; tokens are written as numbers."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list) or not given:
        raise Complaint(400, "invalid_type", "input: expected a string or an array", "input")
    if all(isinstance(each, int) for each in given):
        return [" ".join(map(str, given))]
    return [each if isinstance(each, str) else " ".join(map(str, each)) for each in given]


def _vector(text: str, count: int) -> list[float]:
    """``count`` numbers whose squares sum to 1, rounded as single precision is: each run of letters adds or takes one."""
    numbers = [0.0] * count
    for word in text.casefold().split() or [text]:
        padded = f" {word} "
        for at in range(max(len(padded) - _RUN + 1, 1)):
            digest = zlib.crc32(padded[at : at + _RUN].encode("utf-8", "surrogatepass"))
            numbers[digest % count] += 1.0 if digest >> 31 else -1.0
    length = math.sqrt(sum(number * number for number in numbers))
    if not length:  # what was added was taken again
        numbers[0] = length = 1.0
    packed = struct.pack(f"<{count}f", *(number / length for number in numbers))
    return list(struct.unpack(f"<{count}f", packed))


def _written(vector: list[float], form: str) -> list[float] | str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if form == "base64" else vector
