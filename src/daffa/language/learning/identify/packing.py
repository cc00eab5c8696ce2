"""A model as the bytes of a file, and the digest of its weights. Knows no folder; ``identify`` reads what is written here."""

from __future__ import annotations

import hashlib
import json
import zlib

from ...identification import BUCKET_BITS, FORMAT, SCRIPTS, Model

__all__ = ["FILE", "digest", "packed"]

FILE = "identify.bin"


def digest(model: Model) -> str:
    """SHA-256 of the weights."""
    return hashlib.sha256(b"".join(part.weights.tobytes() for part in model.parts)).hexdigest()


def packed(model: Model) -> bytes:
    """The model as a file; the same model is the same bytes."""
    header = {
        "format": FORMAT,
        "licence": "CC-BY-SA-4.0",
        "buckets": 1 << BUCKET_BITS,
        "scripts": {
            script: {"languages": part.languages, "scale": part.scale, "warmth": part.warmth}
            for script, part in zip(SCRIPTS, model.parts, strict=True)
        },
        "weights": digest(model),
        **model.about,
    }
    body = b"".join(part.weights.T.tobytes() for part in model.parts)
    return json.dumps(header, ensure_ascii=False).encode() + b"\n" + zlib.compress(body, 9)
