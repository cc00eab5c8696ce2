"""LiteLLM's ``config.yaml`` (documentation of October 2026), read into a draft. Knows no other file and writes none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from daffa.policy import Host

from .draft import EMBEDDINGS, Draft, variable_of
from .providers import LITELLM, Provider
from .source import Table

__all__ = ["read_litellm"]

_VARIABLE = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
_ABILITIES = {
    "supports_function_calling": "tools",
    "supports_response_schema": "json_schema",
    "supports_vision": "images",
    "supports_audio_input": "audio",
    "supports_pdf_input": "files",
}
_ASKED = ("", "chat", "completion", "responses", "embedding")
_LIMITS = {"rpm": ("requests", "minute"), "tpm": ("tokens", "minute"), "max_budget": ("money", "total")}
_PERIODS = {"24h": "day", "1d": "day", "30d": "month", "1mo": "month"}
_NO_KEY = ("none", "empty", "dummy", "sk-none")
_BARE = re.compile(r"(gpt-|chatgpt-|o[1-9](-|$)|text-embedding-)")


def read_litellm(source: dict[str, Any], known: Callable[[str], Host | None]) -> Draft:
    """The draft of what ``source`` says; every setting without a counterpart is in its notes."""
    draft, top = Draft(known), Table(source, "")
    groups: dict[str, list[str]] = {}
    for row in top.tables("model_list"):
        _model(draft, row, groups)
        draft.leave(row)
    settings, router, general = (top.table(name) for name in ("litellm_settings", "router_settings", "general_settings"))
    for table in (settings, router, general):
        _limits(draft, table, "")
    _aliases(draft, router, groups)
    for table in (router, settings):
        for kind in ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks"):
            _fallbacks(draft, table, kind, groups)
    if general.take("master_key") is not None:
        draft.note("import_people", path="general_settings.master_key")
    variables = top.table("environment_variables")
    for path, _ in variables.rest():
        draft.note("import_secret", path=path, variable=path.rpartition(".")[2])
    draft.leave(settings, router, general, top)
    return draft


def _model(draft: Draft, row: Table, groups: dict[str, list[str]]) -> None:
    name, params, info = row.text("model_name"), row.table("litellm_params"), row.table("model_info")
    full, mode, given = params.text("model"), info.text("mode"), params.text("api_base", "base_url")
    provider, upstream = _provider(full, params.text("custom_llm_provider"), given)
    url = _url(draft, params, provider, given) if provider else ""
    if provider is None or not url or not name or "*" in name + full or mode not in _ASKED:
        got = f"{full} {mode}".strip() if provider is None or url else given or full
        draft.note("import_no_wire", path=row.path, model=name[:80] or "-", got=got[:80] or "-")
    else:
        made = draft.add(
            {
                "id": name,
                "wire": provider.wire,
                "url": url,
                "upstream_model": upstream,
                "key_env": _key(draft, params, provider, name, given),
                "place": draft.place(url),
                **_prices(params, info),
                "context": int(info.number("max_input_tokens") or info.number("max_tokens") or 0) or None,
                "capabilities": _abilities(info, mode),
            },
            row.path,
        )
        info.take("id")
        _limits(draft, params, made)
        _join(draft, groups.setdefault(name, []), made)
    draft.leave(params, info)


def _abilities(info: Table, mode: str) -> list[str]:
    found = sorted(word for flag, word in _ABILITIES.items() if info.take(flag) is True)
    return [EMBEDDINGS] if mode == "embedding" else found


def _join(draft: Draft, group: list[str], made: str) -> None:
    """Several deployments of one name: the first one carries it, and falls back on the others."""
    group.append(made)
    if len(group) > 1:
        first = next(model for model in draft.models if model["id"] == group[0])
        first["fallback"] = [*first.get("fallback", []), made]
    if len(group) == 2:
        draft.note("import_several", model=group[0])


def _provider(full: str, said: str, given: str) -> tuple[Provider | None, str]:
    """How the model ``full`` is spoken to, and its name there."""
    prefix, slash, rest = full.partition("/")
    if said in LITELLM:
        return LITELLM[said], rest if slash and prefix == said else full
    if slash and prefix in LITELLM:
        # For OpenAI's own wire the rest may say how it is asked: responses/..., or a whole path of a model.
        return LITELLM[prefix], rest.removeprefix("responses/")
    if not slash and (given or _BARE.match(full)):
        return LITELLM["openai"], full
    return None, full


def _url(draft: Draft, params: Table, provider: Provider, given: str) -> str:
    """The address of the model; ``""`` where the file says none that can be asked."""
    if _VARIABLE.fullmatch(given):
        draft.note("import_url", path=f"{params.path}.api_base", got=given)
        return ""
    url = provider.address(given)
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return ""
    return url if fits and not (parts.query or parts.fragment) else ""


def _key(draft: Draft, params: Table, provider: Provider, name: str, address: str) -> str:
    given = params.text("api_key")
    if not given:
        # LiteLLM takes it from the provider's usual variable by itself; at somebody else's address it would be given away.
        return "" if address and provider.url else provider.variable
    if found := _VARIABLE.fullmatch(given):
        return found[1]
    if given.lower() in _NO_KEY:
        return ""
    own = address or not provider.variable
    return draft.secret(f"{params.path}.api_key", variable_of(name, "key") if own else provider.variable)


def _prices(params: Table, info: Table) -> dict[str, float]:
    """Prices a million tokens, in dollars as LiteLLM has them."""
    found = {}
    for field, name in (("price_in", "input_cost_per_token"), ("price_out", "output_cost_per_token")):
        given = [price for table in (params, info) if (price := table.number(name)) is not None]
        if given:
            found[field] = round(given[0] * 1e6, 9)
    return found


def _limits(draft: Draft, table: Table, model: str) -> None:
    """Limits and budgets, as the commands that set them here; there they are on models, or on everybody."""
    for name, (measure, period) in _LIMITS.items():
        if (most := table.number(name)) is not None:
            duration = _PERIODS.get(table.text("budget_duration"), period) if measure == "money" else period
            draft.limit(f"{table.path}.{name}", measure, most, duration, model)


def _aliases(draft: Draft, router: Table, groups: dict[str, list[str]]) -> None:
    for path, target in router.table("model_group_alias").rest():
        alias = path.rpartition(".")[2]
        name = target.get("model") if isinstance(target, dict) else target
        rows = [model for model in draft.models if model["id"] in groups.get(str(name), [])[:1]]
        if rows and alias not in groups:
            groups[alias] = [draft.add({**rows[0], "id": alias}, path)]
        else:
            draft.note("import_unknown_model", path=path, got=str(name)[:80])


def _fallbacks(draft: Draft, table: Table, kind: str, groups: dict[str, list[str]]) -> None:
    given = table.take(kind)
    for number, item in enumerate(given if isinstance(given, list) else [given] if given else []):
        path = f"{table.path}.{kind}[{number}]"
        pairs: Iterable[tuple[Any, Any]] = item.items() if isinstance(item, dict) else [(item, [])]
        for name, others in pairs:
            if str(name) not in groups:
                draft.note("import_unknown_model", path=path, got=str(name)[:80])
                continue
            for other in others if isinstance(others, list) else [others]:
                _fall_back(draft, path, groups[str(name)][0], groups.get(str(other), []), str(other))


def _fall_back(draft: Draft, path: str, model: str, others: list[str], said: str) -> None:
    row = next(row for row in draft.models if row["id"] == model)
    known = row.setdefault("fallback", [])
    if not others:
        draft.note("import_unknown_model", path=path, got=said[:80])
    known += [other for other in others if other != model and other not in known]
