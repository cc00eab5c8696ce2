"""From the file, the environment and the options of a command to one frozen ``Settings``, checked whole."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from daffa.audit import WitnessPolicy
from daffa.decision import STATES, Evidence, Place, Purpose
from daffa.errors import DaffaError, Invalid
from daffa.gateway import AUTO, CAPABILITIES, EMBEDDINGS, PREFERENCES, Model
from daffa.identity import SignOnRules
from daffa.policy import Bundle, Host

from . import file as written
from .file import File, Mistake, ModelRow, PlaceRow, decode, text_of
from .local_file import LLAMACPP, local_file
from .sign_on import sign_on_rules
from .zone import zone_of

__all__ = ["ASSISTANT_ID", "ENVIRONMENT", "Settings", "read_settings"]

ASSISTANT_ID = "daffa"
"""What clients ask for to ask the house's own assistant."""

WIRES = ("openai", "anthropic", "gemini", "mistral", LLAMACPP)
_EMBEDDING_WIRES = ("openai", "mistral")

# The reach of a place of which nobody knows whose law it falls under.
EVERYWHERE = "*"

# A key travels in a header.
_KEY = re.compile(r"[\x21-\x7e]+")
_NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f\\]")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one house.

    Attributes:
        data: folder of everything that is kept.
        policies: folder of the law set in force.
        origin: name of the audit log; empty lets the first start choose one and keep it.
        organisation: id of the first organisation.
        database: address of a PostgreSQL database; empty for SQLite in ``data``. May hold a password: never shown.
        host, port: where the server listens; port 0 takes a free one.
        prefer: the order of preference among lawful models.
        purpose: the purpose of a request that states none.
        max_body_bytes: the largest request that is read.
        connect_seconds, idle_seconds: patience with upstreams: to connect, and between two reads.
        upstream_client: which client asks upstreams: ``own`` or ``aiohttp``.
        first_byte_seconds, answer_seconds, attempts: how long a model is waited for, and how often asked for one request.
        retry_share: by model, the share of its requests that may be sent again.
        breaker_failures: so many failures in a row and a model rests; 0: none does.
        max_requests: so many under way at once.
        drain_seconds: how long open answers have to end in when the server stops.
        metrics: who may read ``/metrics``: ``key``, ``local`` or ``off``.
        access_log: ``off``, ``stdout``, or a path.
        otel: the address that takes traces, and the share of requests told of; ``None`` for none.
        masking: whether personal data is masked where the law lets a place have it only so.
        shadow_rate: the share of decisions on which the second judge of the law is asked too.
        assistant_model: the model that words the assistant's answers, or ``auto``; empty: it shows extracts alone.
        search_embedding_model: the model that makes vectors of passages and questions; empty: search is by words alone.
        conversation_days: after how many days what was asked on the page is deleted; 0: nothing is kept.
        visitors: whether people without a key may ask on the page, of public packs, and see extracts.
        visitor_questions_per_minute: of all of them together, in each worker; 0: they may look, and none may ask.
        time_zone: where the house is: in it a question without a day is asked today.
        places, models: the catalogue, by id, in the order written; prices in one currency.
        currency: the name of that currency; empty where the rates lead into one that the file does not name.
        witnesses: who cosigns the log, or ``None``.
        oidc: whom people are asked of (single sign-on), or ``None``.
    """

    data: Path
    policies: Path
    origin: str
    organisation: str
    database: str = field(repr=False)
    host: str
    port: int
    prefer: tuple[str, ...]
    purpose: Purpose
    max_body_bytes: int
    connect_seconds: float
    idle_seconds: float
    upstream_client: str
    first_byte_seconds: float
    answer_seconds: float
    attempts: int
    retry_share: float
    breaker_failures: int
    max_requests: int
    drain_seconds: float
    metrics: str
    access_log: str
    otel: tuple[str, float] | None
    masking: bool
    shadow_rate: float
    assistant_model: str
    search_embedding_model: str
    conversation_days: int
    visitors: bool
    visitor_questions_per_minute: int
    time_zone: datetime.tzinfo
    places: Mapping[str, Place]
    models: Mapping[str, Model]
    currency: str
    witnesses: WitnessPolicy | None
    oidc: SignOnRules | None


ENVIRONMENT = {
    "DAFFA_DATA": "data",
    "DAFFA_DATABASE": "database",
    "DAFFA_HOST": "host",
    "DAFFA_PORT": "port",
    "DAFFA_PREFER": "prefer",
    "DAFFA_POLICIES": "policies",
    "DAFFA_MAX_BODY_BYTES": "max_body_bytes",
}
"""Variable -> the setting that it overrides. A list is written with commas."""


def read_settings(data: Path, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of the house in ``data``: defaults, then ``daffa.toml``, then ``DAFFA_*``, then ``given``.

    Raises ``Invalid``: ``invalid_settings`` naming the file, the line, the field and what was expected,
    ``invalid_field`` for a variable or an option; and ``OSError`` where the file cannot be read.
    """
    environment = os.environ if environment is None else environment
    path = data / "daffa.toml"
    content = path.read_bytes() if path.exists() else b""
    text = ""
    try:
        text = text_of(content)
        file = decode(text)
        _override(file, environment, given)
        return _build(data, file, environment)
    except Mistake as error:
        raise error.of(str(path), text) from error


def _override(file: File, environment: Mapping[str, str], given: Mapping[str, Any]) -> None:
    said = [(variable, name, environment[variable]) for variable, name in ENVIRONMENT.items() if variable in environment]
    said += [(f"--{name}", name, value) for name, value in given.items() if value is not None]
    for where, name, value in said:
        if name == "data":
            continue
        kind = {"port": written.Port, "max_body_bytes": written.Positive, "host": written.Host}.get(name, str)
        try:
            parsed = _listed(value) if name == "prefer" else msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError as error:
            expected = str(error).removeprefix("Expected ").replace("`", "")
            raise Invalid("invalid_field", field=where, expected=expected, got=str(value)[:80]) from error
        setattr(file, name, parsed)


def _listed(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _build(data: Path, file: File, environment: Mapping[str, str]) -> Settings:
    for number, name in enumerate(file.prefer):
        _expect(name in PREFERENCES, ("prefer", number), " | ".join(PREFERENCES), name)
    policies = Path(file.policies) if file.policies else _policies_folder() / file.country
    _expect(policies.is_dir(), ("policies" if file.policies else "country",), "a folder with a law set", policies)
    places = {}
    for number, row in enumerate(file.place):
        _expect(row.id not in places, ("place", number, "id"), "an id used once", row.id)
        places[row.id] = _place(number, row)
    models: dict[str, Model] = {}
    law = Bundle.read(policies)
    for number, model in enumerate(file.model):
        taken = model.id in models or model.id in (AUTO, ASSISTANT_ID)
        _expect(not taken, ("model", number, "id"), f"an id used once, not {AUTO} or {ASSISTANT_ID}", model.id)
        models[model.id] = _model(number, model, data, file, places, law, environment)
    for number, model in enumerate(file.model):
        others = [name for name in models if name != model.id]
        for other in model.fallback:
            expected = f"each of {' | '.join(others)} at most once"
            _expect(other in others and model.fallback.count(other) == 1, ("model", number, "fallback"), expected, other)
    composers = ["", AUTO, *models]
    _expect(file.assistant_model in composers, ("assistant_model",), " | ".join(composers[1:]), file.assistant_model)
    return Settings(
        data=data,
        policies=policies,
        origin=file.origin,
        organisation=file.organisation,
        database=file.database,
        host=file.host,
        port=file.port,
        prefer=tuple(file.prefer),
        purpose=file.purpose,
        max_body_bytes=file.max_body_bytes,
        connect_seconds=file.connect_seconds,
        idle_seconds=file.idle_seconds,
        upstream_client=file.upstream_client,
        first_byte_seconds=file.first_byte_seconds,
        answer_seconds=file.answer_seconds,
        attempts=file.attempts,
        retry_share=file.retry_share,
        breaker_failures=file.breaker_failures,
        max_requests=file.max_requests,
        drain_seconds=file.drain_seconds,
        metrics=file.metrics,
        access_log=file.access_log,
        otel=_otel(file),
        masking=file.masking,
        shadow_rate=file.shadow_rate,
        assistant_model=file.assistant_model,
        search_embedding_model=_embedding(file, models),
        conversation_days=file.conversation_days,
        visitors=file.visitors,
        visitor_questions_per_minute=file.visitor_questions_per_minute,
        time_zone=zone_of(file.time_zone),
        places=places,
        models=models,
        currency=_currency(file),
        witnesses=_witnesses(file),
        oidc=sign_on_rules(file.oidc, environment),
    )


def _embedding(file: File, models: Mapping[str, Model]) -> str:
    """The model that search embeds with: one that gives vectors, over a protocol that carries them."""
    able = [name for name, model in models.items() if EMBEDDINGS in model.capabilities and model.wire in _EMBEDDING_WIRES]
    named = file.search_embedding_model
    expected = (
        " | ".join(able) or f'the id of a [[model]] with capabilities = ["{EMBEDDINGS}"], wire {" | ".join(_EMBEDDING_WIRES)}'
    )
    _expect(not named or named in able, ("search_embedding_model",), expected, named)
    return named


def _otel(file: File) -> tuple[str, float] | None:
    """Where traces go, and the share."""
    if file.otel is None:
        return None
    address = file.otel.endpoint
    _expect(bool(_host_of(address)), ("otel", "endpoint"), "http:// or https://, a host and a path, and nothing else", address)
    return address, file.otel.sample


def _currency(file: File) -> str:
    """The currency that every price is in: the only one, else the one that the rates leave as it is."""
    currencies = {model.currency for model in file.model}
    names = [name for name in sorted(currencies | file.exchange.keys()) if file.exchange.get(name, 1.0) == 1.0]
    return names[0] if len(names) == 1 else ""


def _witnesses(file: File) -> WitnessPolicy | None:
    """Who cosigns; more than half of them where the file names no quorum."""
    rows = [(row.vkey, row.url) for row in file.witness]
    for number, row in enumerate(rows):
        _policy([row], 1, file, ("witness", number))
    quorum = file.witness_quorum or len(rows) // 2 + 1
    return _policy(rows, quorum, file, ("witness_quorum",)) if rows else None


def _policy(rows: list[tuple[str, str]], quorum: int, file: File, at: written.Path) -> WitnessPolicy:
    try:
        return WitnessPolicy.read(rows, quorum, file.witness_seconds)
    except Invalid as error:
        path = (*at, str(error.facts.get("field"))) if len(at) > 1 else at
        raise Mistake(path, str(error.facts.get("expected", "a witness")), error.facts.get("got", error)) from error


def _place(number: int, row: PlaceRow) -> Place:
    at = ("place", number)
    everywhere = row.reach == [EVERYWHERE]
    for state in () if everywhere else row.reach:
        _expect(len(state) == 2 and state.isupper(), (*at, "reach"), "ISO 3166-1 codes", state)
    # The evidence of a day holds until that day ends.
    evidence = {name: Evidence(item.source, int(_end_of_day(item.until))) for name, item in row.evidence.items()}
    fields = {name: getattr(row, name) for name in PlaceRow.__struct_fields__} | {
        "reach": STATES if everywhere else frozenset(row.reach),
        "evidence": evidence,
    }
    try:
        return Place(**fields)
    except DaffaError as error:
        name = str(error.facts["field"]).removeprefix("place.")
        raise Mistake((*at, name), str(error.facts["expected"]), error.facts["got"]) from error


def _model(
    number: int,
    row: ModelRow,
    data: Path,
    file: File,
    places: Mapping[str, Place],
    law: Bundle,
    environment: Mapping[str, str],
) -> Model:
    at = ("model", number)
    host = _host_of(row.url)
    _expect(row.wire in WIRES, (*at, "wire"), " | ".join(WIRES), row.wire)
    local = local_file(at, row, data, file.model)
    _expect(bool(host) or local is not None, (*at, "url"), "http:// or https://, a host and a path, and nothing else", row.url)
    _expect(row.place in places, (*at, "place"), " | ".join(places) or "the id of a [[place]]", row.place)
    for name in row.capabilities:
        _expect(name in CAPABILITIES, (*at, "capabilities"), " | ".join(sorted(CAPABILITIES)), name)
    key = environment.get(row.key_env, "") if row.key_env else ""
    _expect(not row.key_env or bool(_KEY.fullmatch(key)), (*at, "key_env"), "a variable that holds a key", row.key_env)
    currencies = {model.currency for model in file.model}
    _expect(
        len(currencies) == 1 or row.currency in file.exchange,
        (*at, "currency"),
        f"one currency for all models, or a rate in [exchange] for {row.currency}",
        ", ".join(sorted(currencies)),
    )
    _not_foreign(at, law.host(host), places[row.place])
    rate = file.exchange.get(row.currency, 1.0)
    return Model(
        id=row.id,
        wire=row.wire,
        url=row.url,
        upstream_model=row.upstream_model or row.id,
        place=row.place,
        key=key,
        price_in=row.price_in * rate,
        price_out=row.price_out * rate,
        context=row.context,
        capabilities=frozenset(row.capabilities),
        params_active=row.params_active,
        energy_out=row.energy_out,
        quality=row.quality,
        fallback=tuple(row.fallback),
        file=local,
        attempts=row.attempts,
        max_concurrent=row.max_concurrent,
        first_byte_seconds=row.first_byte_seconds,
        answer_seconds=row.answer_seconds,
    )


def _not_foreign(at: written.Path, host: Host | None, place: Place) -> None:
    """A host of a catalogued foreign provider cannot be declared to stand out of its state's reach."""
    if host is not None:
        expected = f"a place with operator {host.operator}: {host.suffix} belongs to {host.vendor}"
        _expect(place.operator == host.operator, (*at, "place"), expected, f"{place.id}, operator {place.operator}")


def _policies_folder() -> Path:
    """``policies`` beside the source tree, or inside the installed package."""
    package = Path(__file__).parents[1]
    beside = package.parents[1] / "policies"
    return beside if beside.is_dir() else package / "policies"


def _host_of(url: str) -> str:
    """The host of an address that can be asked; ``""`` where it is none. A path and nothing behind it: the wire adds to it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")
        plain = parts.username is None and not parts.query and not parts.fragment and parts.port != 0
    except ValueError:
        return ""
    return host if plain and parts.scheme in ("http", "https") and not _NOT_IN_URL.search(url) else ""


def _end_of_day(day: datetime.date) -> float:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp() + 86_400


def _expect(true: bool, path: written.Path, expected: str, got: object) -> None:
    if not true:
        raise Mistake(path, expected, got)
