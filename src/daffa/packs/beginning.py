"""The first files of a new pack, from ``skeleton``: whole, and without an error from the first moment. Knows no matter."""

from __future__ import annotations

import datetime
import secrets
import shutil
from pathlib import Path

from daffa.errors import Conflict, Invalid

from .files import ID

__all__ = ["begin"]

_SKELETON = Path(__file__).parent / "skeleton"


def begin(pack_id: str, into: Path, day: datetime.date) -> Path:
    """Make the folder ``into/pack_id`` of a pack that holds from ``day`` on, and return it.

    Raises ``Invalid`` (``invalid_field``) for an id that is none, ``Conflict`` (``pack_folder_exists``).
    """
    if not ID.fullmatch(pack_id):
        raise Invalid("invalid_field", field="ID", expected="2 to 40 letters a-z, digits, -", got=pack_id[:80])
    folder = into / pack_id
    if folder.exists():
        raise Conflict("pack_folder_exists", path=str(folder))
    spare = into / f".daffa-{secrets.token_hex(8)}"
    try:
        for file in sorted(_SKELETON.rglob("*.*")):
            text = file.read_text(encoding="utf-8").replace("PACK", pack_id).replace("DAY", str(day))
            target = spare / file.relative_to(_SKELETON)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        spare.rename(folder)
    finally:
        shutil.rmtree(spare, ignore_errors=True)
    return folder
