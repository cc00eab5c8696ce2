"""A law as one thing: its rules as a table and as text, its cases, its foreign hosts, its digest. Knows no state in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daffa.decision import STATES, Table
from daffa.errors import NotFound

from .cases import Case, CaseFailure, Necessity, failing_cases, necessity_of, read_cases
from .fields import record, text, truth, wrong
from .files import HOSTS, SCHEMA, TITLE, LawFiles
from .invariants import Invariant, read_invariants
from .names import Names, read_names
from .second import Second
from .written import TEXT_LANGUAGES, WrittenRule, fit_to_print, law_text, read_rules

__all__ = ["Bundle", "Host", "check_cases", "necessity"]

_SUFFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class Host:
    """Hosts of a known provider: each name under ``suffix`` is run by ``vendor``, controlled from ``operator`` (ISO 3166-1)."""

    suffix: str
    operator: str
    vendor: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A law that was read whole and found well formed.

    Attributes:
        country: ISO 3166-1 of the state whose law it is.
        names: the law's own words for values of the vocabulary: (kind, value) -> words by language.
        title: its name, by language (fr, ar, en).
        version: its version.
        accept_declared: whether attributes of places count without evidence.
        rules: the written rules, in the order of the law.
        table: the rules, ready to decide.
        cases: questions with the verdicts that the text of law demands.
        invariants: what no question may ever be allowed, whatever the rules; the rules are proved against them.
        hosts: hosts of known foreign providers.
        cedar, schema: the written law and its vocabulary, as Cedar text.
        digest: SHA-256 (hex) of all that decides; it stands in every audit entry.
    """

    country: str
    names: Names
    title: Mapping[str, str]
    version: str
    accept_declared: bool
    rules: tuple[WrittenRule, ...]
    table: Table
    cases: tuple[Case, ...]
    invariants: tuple[Invariant, ...]
    hosts: tuple[Host, ...]
    cedar: str
    schema: str
    digest: str

    @classmethod
    def read(cls, folder: Path) -> Bundle:
        """Read ``policies/<country>/``. Raises ``Invalid`` naming the file, and the line and rule where there is one."""
        return cls.of(LawFiles.read(Path(folder)))

    @classmethod
    def of(cls, files: LawFiles) -> Bundle:
        """The law of these files. Raises ``Invalid`` as ``read`` does."""
        rules = read_rules(files)
        return cls(
            **_read_title(files),
            rules=rules,
            table=Table(written.rule for written in rules),
            cases=read_cases(files),
            invariants=read_invariants(files),
            hosts=_read_hosts(files),
            cedar=law_text(files),
            schema=files.text(SCHEMA),
            digest=files.digest(),
        )

    def rule(self, name: str) -> WrittenRule:
        """The rule of this id. Raises ``NotFound`` (``law_no_rule``)."""
        for written in self.rules:
            if written.id == name:
                return written
        raise NotFound("law_no_rule", rule=name)

    def host(self, name: str) -> Host | None:
        """The catalogued provider that runs the host ``name``, if any; the longest suffix wins."""
        labels = name.strip().rstrip(".").lower().split(".")
        known = {host.suffix: host for host in self.hosts}
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((known[suffix] for suffix in suffixes if suffix in known), None)


def check_cases(bundle: Bundle) -> list[CaseFailure]:
    """The cases that the table or Cedar does not decide as the law demands; empty where all is well."""
    return failing_cases(bundle.cases, bundle.table, Second(bundle.cedar, bundle.schema))


def necessity(bundle: Bundle) -> dict[str, Necessity]:
    """By rule id, the cases that it decides and those whose answer turns when it is taken out."""
    return necessity_of(bundle.cases, bundle.table)


def _read_title(files: LawFiles) -> dict[str, Any]:
    given = record(files.toml(TITLE), TITLE, ("country", "title", "version", "accept_declared"), ("names",))
    title = record(given["title"], f"{TITLE}: title", TEXT_LANGUAGES)
    return {
        "country": _state(given["country"], f"{TITLE}: country"),
        "names": read_names(given.get("names", {}), f"{TITLE}: names"),
        "title": {language: _plain(said, f"{TITLE}: title.{language}") for language, said in title.items()},
        "version": _plain(given["version"], f"{TITLE}: version"),
        "accept_declared": truth(given["accept_declared"], f"{TITLE}: accept_declared"),
    }


def _read_hosts(files: LawFiles) -> tuple[Host, ...]:
    written = record(files.toml(HOSTS), HOSTS, (), ("host",)).get("host", [])
    if not isinstance(written, list):
        wrong(f"{HOSTS}: host", "[[host]]", written)
    hosts: dict[str, Host] = {}
    for number, data in enumerate(written, 1):
        spot = f"{HOSTS}: host {number}"
        given = record(data, spot, ("suffix", "operator", "vendor"))
        suffix = text(given["suffix"], f"{spot}: suffix")
        if not _SUFFIX.fullmatch(suffix) or suffix in hosts:
            wrong(f"{spot}: suffix", "a host name in lower case, given once", suffix)
        hosts[suffix] = Host(suffix, _state(given["operator"], f"{spot}: operator"), _plain(given["vendor"], f"{spot}: vendor"))
    return tuple(hosts.values())


def _state(data: Any, field: str) -> str:
    if not isinstance(data, str) or data not in STATES:
        wrong(field, "an ISO 3166-1 code", data)
    return data


def _plain(data: Any, field: str) -> str:
    if not fit_to_print(said := text(data, field)):
        wrong(field, "plain text", data)
    return said
