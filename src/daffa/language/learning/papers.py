"""What goes with a model: its card and its licence, alike for all, written beside it. Knows neither training nor scoring.

Only a model of permissive lines may be written where the package keeps its own.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from daffa.errors import Invalid

__all__ = ["HOME", "Papers", "Source", "loaded", "may_write", "publish"]

HOME: Final = Path(__file__).parents[1] / "models"
"""Where the package keeps its models."""

Source = tuple[str, str, str]
"""Language, source and licence of lines."""
_Model = TypeVar("_Model")

_BROKEN = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What a reader raises on a file of something else."""
_CREDITS: Final = {
    "openlanguagedata/seed": "Open Language Data Initiative, seed data sets (openlanguagedata/seed), CC-BY-SA-4.0",
    "darija-open-dataset": "Darija Open Dataset (darija-open-dataset, state of August 2023), MIT",
    "common-voice": "Mozilla Common Voice sentences (mozilla/voice-web), CC0-1.0",
    "titles of laws": "official texts of the Kingdom of Morocco (law 2-00, article 8)",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """What card and licence say of one model.

    Attributes:
        file: name of its file, e.g. ``"repair.npz"``.
        about: what it is, in a paragraph.
        facts: further rows of its first table.
        scores: its figures, in Markdown.
        page: the page of the documentation that says what the figures mean.
        learned: lines learned from, by source.
        besides: what else it learned from or was fitted on, in a paragraph.
        files: path below the data folder -> SHA-256, of each file read.
        every_licence: whether lines under any licence were learned from.
    """

    file: str
    about: str
    facts: Mapping[str, str]
    scores: str
    page: str
    learned: Mapping[Source, int]
    besides: str
    files: Mapping[str, str]
    every_licence: bool

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.file.partition(".")[0]


def may_write(folder: Path, *, all_lines: bool) -> None:
    """Raises ``Invalid("model_never_shipped")`` where a model of all lines would go into the package."""
    home = HOME.parents[2].resolve()
    if all_lines and (folder.resolve() == home or home in folder.resolve().parents):
        raise Invalid("model_never_shipped", path=str(folder))


def publish(folder: Path, papers: Papers, model: bytes) -> Path:
    """Write a model with its card and its licence; the model last, so that none is without them. Returns its path."""
    may_write(folder, all_lines=papers.every_licence)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{papers.name}.MODEL_CARD.md", _card(papers, model).encode())
    _replace(folder / f"{papers.name}.LICENSE", _licence(papers).encode())
    return _replace(folder / papers.file, model)


def loaded(path: Path, read: Callable[[Path], _Model]) -> _Model:
    """The model at ``path`` by its own reader. Raises ``Invalid("invalid_field")`` where there is none, or something else."""
    try:
        return read(path)
    except (*_BROKEN, zlib.error, zipfile.BadZipFile) as error:
        raise Invalid("invalid_field", field=str(path), expected="a model file", got=type(error).__name__) from error


def _replace(path: Path, data: bytes) -> Path:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    return beside.replace(path)


def _card(papers: Papers, model: bytes) -> str:
    rights = "none: for comparison alone, never given on" if papers.every_licence else "CC-BY-SA-4.0"
    learned = ((*source, f"{count:,}") for source, count in sorted(papers.learned.items()))
    facts = {
        "file (SHA-256)": f"`{sha256(model).hexdigest()}`",
        "size": f"{len(model):,} bytes",
        **papers.facts,
        "licence of the model": f"{rights} (`{papers.name}.LICENSE`); the code is Apache-2.0",
    }
    return f"""# Model card: {papers.name}

{papers.about} Made, as this card is, by
`./daffa language train {papers.name}`.

{_table(("", ""), facts.items())}

## Scores

{papers.scores}

`{papers.page}` says what the figures mean, where it errs, and what it is not for.

## Learned from

{_table(("language", "source", "licence", "lines"), learned)}

{papers.besides}

## Files read (SHA-256)

{_table(("file", "digest"), ((f"`{name}`", f"`{digest}`") for name, digest in papers.files.items()))}
"""


def _licence(papers: Papers) -> str:
    if papers.every_licence:
        return f"""The model file {papers.file} learned from lines under licences that do not allow it to be given on
(CC-BY-NC-4.0 and others). It is for comparison alone: do not give it on, do not ship it.
"""
    counts: Counter[tuple[str, str]] = Counter()
    for (_, source, licence), count in papers.learned.items():
        counts[source, licence] += count
    rows = "\n".join(f"- {source}: {licence} ({count:,} lines)" for (source, licence), count in sorted(counts.items()))
    thanks = ";\n".join(credit for known, credit in _CREDITS.items() if any(known in source for source, _ in counts))
    return f"""The model file {papers.file} is licensed under the Creative Commons Attribution-ShareAlike 4.0
International Public License (CC-BY-SA-4.0): https://creativecommons.org/licenses/by-sa/4.0/legalcode

You may share and adapt it, also commercially, if you give credit and license what you make from it alike.
The code that reads it is Apache-2.0 and is not covered by this licence.

It learned from lines of these sources, changed by cutting, counting and mixing; none of their authors
endorses it:

{rows}

{papers.besides}

Attribution:
{thanks}.
Credit this model as: "{papers.name}, of Daffa".
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruled = "|---" * len(head) + "|"
    return "\n".join([_row(head), ruled, *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
