"""OpenGateLLM's ``config.yml`` (its example of 2026), read into a draft. Knows no other file and writes none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from daffa.policy import Host

from .draft import EMBEDDINGS, Draft, variable_of
from .providers import OPENGATELLM
from .source import Table, shown

__all__ = ["read_opengatellm"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}")
_ASKED: dict[str, list[str]] = {
    "text-generation": [],
    "image-text-to-text": ["images"],
    "text-embeddings-inference": [EMBEDDINGS],
}
_CURRENCY = "EUR"  # the file names none
_SIGN_ON = "auth_sso_"


def read_opengatellm(source: dict[str, Any], known: Callable[[str], Host | None]) -> Draft:
    """The draft of what ``source`` says; every setting without a counterpart is in its notes."""
    draft, top = Draft(known), Table(source, "")
    for row in top.tables("models"):
        _router(draft, row)
    settings = top.table("settings")
    for path, value in settings.rest():
        name = path.rpartition(".")[2]
        draft.note("import_sign_on" if name.startswith(_SIGN_ON) else "import_left", path=path, got=shown(value))
    draft.leave(top.table("dependencies"), top)
    if any("price_in" in model or "price_out" in model for model in draft.models):
        draft.note("import_currency", currency=_CURRENCY)
        for model in draft.models:
            model["currency"] = _CURRENCY
    return draft


def _router(draft: Draft, row: Table) -> None:
    """A model's public name, with the engines behind it."""
    name, kind = row.text("name"), row.text("type")
    costs = {field: cost for field in ("prompt", "completion") if (cost := row.number(f"cost_{field}_tokens")) is not None}
    prices = {f"price_{way}": costs[field] for field, way in (("prompt", "in"), ("completion", "out")) if field in costs}
    aliases = row.take("aliases")
    found = [_engine(draft, engine, name, kind, prices, row.path) for engine in row.tables("providers")]
    made = [model for model in found if model is not None]
    if len(made) > 1:
        draft.note("import_several", model=made[0])
    rows = [model for model in draft.models if model["id"] in made[:1]]
    for first in rows:
        first["fallback"] = made[1:]
        for alias in aliases if isinstance(aliases, list) else [aliases] if aliases else []:
            draft.add({**first, "id": str(alias)}, f"{row.path}.aliases")
    draft.leave(row)


def _engine(draft: Draft, engine: Table, name: str, kind: str, prices: dict[str, float], path: str) -> str | None:
    said = engine.text("type")
    provider = OPENGATELLM.get(said)
    given = engine.text("url")
    url = provider.address(given) if provider else ""
    if provider is None or not url or "$" in url or kind not in _ASKED or not name:
        draft.note("import_no_wire", path=engine.path, model=name[:80] or "-", got=f"{kind} {said} {given}"[:80])
        draft.leave(engine)
        return None
    billions = engine.number("model_active_params")
    place = draft.place(url)
    if zone := engine.text("model_hosting_zone"):
        draft.note("import_zone", place=place, zone=zone[:20])
    made = draft.add(
        {
            "id": name,
            "wire": provider.wire,
            "url": url,
            "upstream_model": engine.text("model_name") or name,
            "key_env": _key(draft, engine, name),
            "place": place,
            **prices,
            "params_active": billions * 1e9 if billions else None,
            "capabilities": _ASKED[kind],
        },
        path,
    )
    draft.leave(engine)
    return made


def _key(draft: Draft, engine: Table, name: str) -> str:
    given = engine.text("key")
    if found := _VARIABLE.fullmatch(given):
        if found[2] and found[2] != ":-":
            # The value that stands in for an unset variable may be a key itself.
            return draft.secret(f"{engine.path}.key", found[1])
        return found[1]
    return draft.secret(f"{engine.path}.key", variable_of(name, "key")) if given else ""
