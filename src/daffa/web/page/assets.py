"""The files that pages are made with: our own, and those of others that were fetched beforehand. Knows no page.

``scripts/assets`` fetches htmx and the fonts into ``var/assets``; a wheel brings them along. Without them the page does all
it does, with plain forms and the fonts of the system. An address names the content, so that it may be kept for ever.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from daffa.errors import NotFound

from ..callers import Asked

__all__ = ["ASSETS", "Assets", "AssetsController"]

_OWN = Path(__file__).parent / "static"
_IN_WHEEL = Path(__file__).parent / "fetched" / "files"
_FETCHED = _IN_WHEEL if _IN_WHEEL.is_dir() else Path(__file__).resolve().parents[4] / "var" / "assets" / "files"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of two folders, ``own`` before ``fetched``."""

    own: Path
    fetched: Path

    def read(self, name: str) -> bytes | None:
        """The content of a file, if it is one of these."""
        if "/" in name or name.startswith(".") or Path(name).suffix not in _KINDS:
            return None
        for folder in (self.own, self.fetched):
            if (folder / name).is_file():
                return (folder / name).read_bytes()
        return None

    def has(self, name: str) -> bool:
        """Whether there is such a file now: they may be fetched while the house runs."""
        return (self.own / name).is_file() or (self.fetched / name).is_file()

    def url(self, name: str) -> str:
        """Its address."""
        return f"/static/{name}?v={_mark(self.read(name) or b'')}"


ASSETS = Assets(_OWN, _FETCHED)


@functools.lru_cache(maxsize=64)
def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


class AssetsController(Controller):
    """The files, for everybody."""

    path = "/"
    include_in_schema = False

    @get("/static/{name:str}", sync_to_thread=False)
    def file(self, request: Asked, name: FromPath[str]) -> Response[Any]:
        """One file."""
        content = ASSETS.read(name)
        if content is None:
            raise NotFound("unknown_route", method="GET", path=request.url.path[:200])
        kept = _FOREVER if request.query_params.get("v") == _mark(content) else _HOUR
        headers = {
            "Cache-Control": kept,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        }
        return Response(content, media_type=_KINDS[Path(name).suffix], headers=headers)

    @get("/favicon.ico", sync_to_thread=False)
    def icon(self) -> Response[Any]:
        """What browsers ask for of their own accord."""
        return Response(ASSETS.read("icon.svg") or b"", media_type=_KINDS[".svg"], headers={"Cache-Control": _HOUR})
