"""``daffa.toml`` as it is written: its tables, their types, and where in the file a mistake stands. Knows no meaning."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Annotated, Any, Literal, get_args

import msgspec

from daffa.decision import FOREVER, KeyHolder, Purpose
from daffa.errors import Invalid

__all__ = [
    "File",
    "Host",
    "Mistake",
    "ModelRow",
    "OidcRow",
    "OtelRow",
    "Path",
    "PlaceRow",
    "Port",
    "Positive",
    "decode",
    "text_of",
]

Path = tuple[str | int, ...]
"""Where something stands: names of tables and fields, numbers of rows from 0."""

_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._:-]{0,63}$")]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Host = Annotated[str, msgspec.Meta(min_length=1)]
_Amount = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
_Rate = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
_Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Times = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
UpstreamClient = Literal["own", "aiohttp"]
Scrapers = Literal["key", "local", "off"]


class EvidenceRow(msgspec.Struct, forbid_unknown_fields=True):
    """What shows an attribute of a place, and the last day on which it does."""

    source: str
    until: datetime.date


class PlaceRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[[place]]``: see ``daffa.decision.Place``. What is not said counts as the worst."""

    id: _Id
    hw: str
    operator: str
    reach: list[str]
    region: str = ""
    qual: int = 0
    seal: int = 0
    key: KeyHolder = KeyHolder.PROVIDER
    retention_days: int = FOREVER
    trains: bool = True
    evidence: dict[str, EvidenceRow] = {}


class ModelRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[[model]]``: see ``daffa.gateway.Model``."""

    id: _Id
    wire: str
    place: str
    url: str = ""
    file: str = ""
    threads: Annotated[int, msgspec.Meta(ge=0, le=1024)] = 0
    parallel: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
    upstream_model: str = ""
    key_env: str = ""
    price_in: _Amount = 0.0
    price_out: _Amount = 0.0
    currency: str = "USD"
    context: Annotated[int, msgspec.Meta(ge=0)] = 0
    capabilities: list[str] = []
    params_active: _Amount = 0.0
    energy_out: _Amount = 0.0
    quality: dict[str, _Share] = {}
    fallback: list[str] = []
    max_concurrent: Annotated[int, msgspec.Meta(ge=0)] = 0
    attempts: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    first_byte_seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    answer_seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0


class WitnessRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[[witness]]``: who cosigns the log (see docs/howto/witness.md)."""

    vkey: str
    url: str


class OidcRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[oidc]``: single sign-on, see ``daffa.identity.SignOnRules``."""

    issuer: str
    client_id: Host
    client_secret_env: str = ""
    url: str = ""
    audience: str = ""
    scopes: list[str] = msgspec.field(default_factory=lambda: ["openid", "profile"])
    organisation_claim: str = ""
    organisations: dict[str, _Id] = {}
    organisation: str = ""
    roles_claim: str = "groups"
    roles: dict[str, list[str]] = {}
    default_roles: list[str] = []
    session_seconds: Annotated[int, msgspec.Meta(ge=60, le=2_592_000)] = 28_800


class OtelRow(msgspec.Struct, forbid_unknown_fields=True):
    """``[otel]``: where traces go (see docs/howto/observe.md)."""

    endpoint: str
    sample: _Share = 0.01


class File(msgspec.Struct, forbid_unknown_fields=True):
    """``daffa.toml`` as written. ``Settings`` says what each field means."""

    country: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+$")] = "ma"
    policies: str = ""
    origin: str = ""
    organisation: _Id = "home"
    database: str = ""
    host: Host = "127.0.0.1"
    port: Port = 8000
    prefer: list[str] = msgspec.field(default_factory=lambda: ["home", "price", "speed"])
    purpose: Purpose = Purpose.PUBLIC_SERVICE
    max_body_bytes: Positive = 10_485_760
    connect_seconds: _Seconds = 5.0
    idle_seconds: _Seconds = 120.0
    first_byte_seconds: _Seconds = 120.0
    answer_seconds: _Seconds = 900.0
    max_concurrent: Annotated[int, msgspec.Meta(ge=0)] = 0
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    retry_share: _Share = 0.1
    breaker_failures: _Times = 5
    max_requests: Positive = 5_000
    drain_seconds: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 8.0
    metrics: Scrapers = "key"
    access_log: str = "off"
    otel: OtelRow | None = None
    upstream_client: UpstreamClient = "own"
    masking: bool = True
    shadow_rate: _Share = 0.01
    assistant_model: str = ""
    search_embedding_model: str = ""
    conversation_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    visitors: bool = True
    visitor_questions_per_minute: _Times = 60
    time_zone: str = "UTC"
    exchange: dict[str, _Rate] = {}
    witness_quorum: Annotated[int, msgspec.Meta(ge=0)] = 0
    witness_seconds: _Seconds = 3600.0
    place: list[PlaceRow] = []
    model: list[ModelRow] = []
    witness: list[WitnessRow] = []
    oidc: OidcRow | None = None


# Begins the path of a mistake that stands in no field, but in a line.
_LINE = "line"


class Mistake(Exception):
    """A mistake at a path of the file, before its line is known."""

    def __init__(self, path: Path, expected: str, got: object) -> None:
        super().__init__(path, expected)
        self.path, self.expected, self.got = path, expected, str(got)[:120]

    @property
    def field(self) -> str:
        """The path as people write it: ``place[0].qual``."""
        if self.path[0] == _LINE:
            return "the file"
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")

    def of(self, file: str, text: str) -> Invalid:
        """The same as it is told, with the line of the ``file`` whose ``text`` that is."""
        line = _line_of(text, self.path)
        return Invalid("invalid_settings", file=file, line=line, field=self.field, expected=self.expected, got=self.got)


def text_of(content: bytes) -> str:
    """The text of a file. Raises ``Mistake`` where it is none."""
    try:
        return content.decode("utf-8-sig")  # some editors begin every file with a mark
    except UnicodeDecodeError as error:
        raise Mistake((_LINE, content.count(b"\n", 0, error.start) + 1), "UTF-8", error) from error


def decode(text: str) -> File:
    """The settings that ``text`` is. Raises ``Mistake``."""
    try:
        return msgspec.convert(tomllib.loads(text), File)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise Mistake((_LINE, int(line[1]) if line else text.count("\n") + 1), "TOML", error) from error
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at ")
        path = _path(where)
        if unknown := re.search(r"unknown field `(.+)`", said):
            tables = {"place": PlaceRow, "model": ModelRow, "witness": WitnessRow, "oidc": OidcRow, "otel": OtelRow}
            known = tables.get(str(path[0]) if path else "", File)
            raise Mistake((*path, unknown[1]), " | ".join(known.__struct_fields__), "an unknown setting") from error
        if missing := re.search(r"missing required field `(.+)`", said):
            raise Mistake((*path, missing[1]), "to be present", "nothing") from error
        if said.startswith("Invalid enum value"):
            known_words = {"key": tuple(KeyHolder), "upstream_client": get_args(UpstreamClient), "metrics": get_args(Scrapers)}
            words = known_words.get(str(path[-1]), tuple(Purpose))
            raise Mistake(path, " | ".join(words), said.removeprefix("Invalid enum value ")) from error
        expected, _, got = said.removeprefix("Expected ").replace("`", "").partition(", got ")
        raise Mistake(path, expected, got or _found(tomllib.loads(text), path)) from error


def _path(where: str) -> Path:
    """The steps of a path as msgspec writes it, «`$.place[0].qual`»."""
    return tuple(int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]`$]+", where) if step != "...")


def _found(document: Any, path: Path) -> object:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return "nothing"
    return document


def _line_of(text: str, path: Path) -> int:
    """The line of the file where ``path`` is written; that of its table where the field itself is not there."""
    if path and path[0] == _LINE:
        return int(path[1])
    lines = text.splitlines()
    start, end = _table(lines, path)
    head = lines[start].lstrip().startswith("[") if lines else False
    names = [str(step) for step in (path[1:] if head else path) if isinstance(step, str)]
    for name in reversed(names):
        field = re.compile(rf"\s*\"?{re.escape(name)}\"?\s*[=.]")
        for number in range(start, end):
            if field.match(lines[number]):
                return number + 1
    return start + 1


def _table(lines: list[str], path: Path) -> tuple[int, int]:
    """The first line of the table that ``path`` leads into, and the line after its last; the top of the file without one."""
    for depth in (2, 1):
        name = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(re.escape(str(step)) for step in path[:depth]) + r"\s*\]")
        if len(path) >= depth and (found := next((n for n, line in enumerate(lines) if name.match(line)), None)) is not None:
            return found, next((n for n in range(found + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    heads = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{path[0]}\s*\]\]", line)] if path else []
    if len(path) < 2 or not isinstance(path[1], int) or path[1] >= len(heads):
        return 0, next((n for n, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    start = heads[path[1]]
    return start, next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[[")), len(lines))
