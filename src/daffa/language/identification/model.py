"""The packed model: weights, scales and temperatures in one file. Knows no text.

The file is one line of JSON (what it is and how to read it), a newline, then the weights of all scripts, compressed:
for each script signed bytes ``(buckets, languages - 1)``, each language against ``other``, whose score is 0.
"""

from __future__ import annotations

import functools
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .letters import SCRIPTS
from .sums import BUCKET_BITS, pack

__all__ = ["FORMAT", "OTHER_LANGUAGE", "Model", "Part", "shipped", "unpacked"]

OTHER_LANGUAGE = "other"
FORMAT = 1
"""What the header of a file says that can be read here."""
_FILE = Path(__file__).parents[1] / "models" / "identify.bin"


@dataclass(frozen=True)
class Part:
    """The model of one script.

    Attributes:
        languages: its classes but the last, ``other``.
        weights: signed bytes ``(buckets, languages)``.
        scale: score of one unit of weight.
        warmth: ``(a, b)``: scores of a text of n n-grams are multiplied by ``a + b ln n`` before they
            become probabilities, n no more than 1,000; never by less than nothing.
    """

    languages: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: float
    warmth: tuple[float, float]

    @functools.cached_property
    def tables(self) -> list[NDArray[np.int64]]:
        """The weights as tables of three languages a number."""
        return pack(self.weights)


@dataclass(frozen=True)
class Model:
    """One part a script, in the order of ``SCRIPTS``, and what the header of the file says besides."""

    parts: tuple[Part, ...]
    about: dict[str, Any]


def unpacked(data: bytes) -> Model:
    """Read a file that ``learning`` has packed. Raises ``ValueError`` where it is something else."""
    line, _, body = data.partition(b"\n")
    header = json.loads(line)
    if header.pop("format") != FORMAT or header.pop("buckets") != 1 << BUCKET_BITS:
        raise ValueError("a model of another format")
    raw = np.frombuffer(zlib.decompress(body), np.int8)
    parts, place = [], 0
    for script in SCRIPTS:
        fields = header["scripts"][script]
        columns = len(fields["languages"])
        weights = raw[place : place + (columns << BUCKET_BITS)].reshape(columns, -1).T
        place += columns << BUCKET_BITS
        parts.append(Part(tuple(fields["languages"]), weights, fields["scale"], tuple(fields["warmth"])))
    about = {name: value for name, value in header.items() if name not in {"scripts", "licence", "weights"}}
    return Model(tuple(parts), about)


@functools.cache
def shipped() -> Model:
    """The model that comes with the package, read at first use."""
    return unpacked(_FILE.read_bytes())
