"""The written rules: each rule as data beside its text of law. Knows Cedar text and its annotations; takes no decision.

Cedar's parser tells no line, so the text is first cut at its semicolons: every error names file, line and rule.
It also recurses without a bound, and a text that nests some hundred levels deep would end the process: no such text reaches it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy

from daffa.decision import Rule
from daffa.errors import Invalid

from .files import RULES, SCHEMA, LawFiles
from .profile import Spot, translate

__all__ = ["TEXT_LANGUAGES", "WrittenRule", "fit_to_print", "law_text", "read_rules"]

TEXT_LANGUAGES = ("fr", "ar", "en")
_REQUIRED = ("id", *TEXT_LANGUAGES, "base", "status")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;|(?P<nests>[(\[{<.!+*-]|&&|\|\||\bif\b)', re.DOTALL)
_MOST_NESTING = 256
_BLANK = re.compile(r"(?:\s|//[^\n]*)*")
_SAID_ID = re.compile(r'@id\s*\(\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule of the law.

    Attributes:
        rule: what the table decides with.
        says: the rule as one sentence, by language (fr, ar, en).
        base: the text of law that it stands on.
        status: how far it has been confirmed.
        file, line: where it is written.
    """

    rule: Rule
    says: Mapping[str, str]
    base: str
    status: str
    file: str
    line: int

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id

    def say(self, language: str) -> str:
        """The sentence in ``language``; in English where the law does not speak it."""
        return self.says.get(language) or self.says["en"]


def law_text(files: LawFiles, folder: str = RULES) -> str:
    """All the rules of a folder as one Cedar text, in the order of their files."""
    return "\n".join(files.text(name) for name in files.named(folder))


def read_rules(files: LawFiles, folder: str = RULES) -> tuple[WrittenRule, ...]:
    """The rules of a folder in the order of their files.

    Raises ``Invalid`` with file, line and rule: ``law_syntax``, ``law_schema`` (Cedar's own words), ``law_profile``,
    ``law_attribute``, ``law_word``, ``law_annotation``, ``law_twice``.
    """
    statements = (found for name in files.named(folder) for found in _statements(name, files.text(name)))
    parsed = [_parse(statement, spot) for statement, spot in statements]
    _validate(files, folder, [spot for _, spot in parsed])
    seen: dict[str, Spot] = {}
    for _, spot in parsed:
        if spot.rule in seen:
            raise Invalid("law_twice", **spot.facts, other=f"{seen[spot.rule].file}:{seen[spot.rule].line}")
        seen[spot.rule] = spot
    return tuple(_written(policy, spot) for policy, spot in parsed)


def fit_to_print(text: str) -> bool:
    """Whether ``text`` says something and cannot move a terminal's cursor or turn around the order of what is read."""
    return bool(text.strip()) and not any(
        unicodedata.category(sign) == "Cc" or unicodedata.bidirectional(sign) in _STEERING for sign in text
    )


_STEERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _statements(name: str, text: str) -> Iterator[tuple[str, Spot]]:
    start = 0
    ends = [token.end() for token in _TOKEN.finditer(text) if token[0] == ";"]
    for end in (*ends, len(text)):
        blank = _BLANK.match(text, start, end)
        begin = blank.end() if blank else start
        if begin < end:
            said = _SAID_ID.search(text, begin, end)
            yield text[begin:end], Spot(name, text.count("\n", 0, begin) + 1, said[1] if said else "?")
        start = end


def _nesting(text: str) -> int:
    """How many signs ``text`` has that can open a level, outside strings and comments."""
    return sum(token["nests"] is not None for token in _TOKEN.finditer(text))


def _parse(statement: str, spot: Spot) -> tuple[dict[str, Any], Spot]:
    """The one policy of the statement in Cedar's JSON form, and its spot with the id that Cedar read."""
    if _nesting(statement) > _MOST_NESTING:
        raise Invalid(
            "law_profile",
            **spot.facts,
            construct="( [ { . ! + * - && || if",
            expected=f"at most {_MOST_NESTING} of them in a rule",
        )
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(statement))
    except ValueError as error:
        raise Invalid("law_syntax", **spot.facts, reason=str(error)) from error
    if parsed["templates"] or len(parsed["staticPolicies"]) != 1:
        raise Invalid("law_profile", **spot.facts, construct="?principal, ?resource", expected="principal, resource")
    (policy,) = parsed["staticPolicies"].values()
    name = policy.get("annotations", {}).get("id") or ""
    if not _ID.fullmatch(name):
        raise Invalid("law_annotation", **spot.facts, annotation="@id", expected="1 to 64 letters, digits, '.', '_' or '-'")
    return policy, Spot(spot.file, spot.line, name)


def _validate(files: LawFiles, folder: str, spots: list[Spot]) -> None:
    """Let Cedar check every rule against the schema."""
    text = files.text(SCHEMA)
    if _nesting(text) > _MOST_NESTING:
        raise Invalid("law_file", file=SCHEMA, reason="nested too deeply")
    try:
        schema = cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise Invalid("law_file", file=SCHEMA, reason=str(error)) from error
    for fault in cedarpy.validate_policies(law_text(files, folder), schema).errors:
        position = fault.policy_id.removeprefix("policy")
        spot = spots[int(position)] if position.isdigit() and int(position) < len(spots) else Spot(folder, 1, "?")
        raise Invalid("law_schema", **spot.facts, reason=fault.error.removeprefix(f"for policy `{fault.policy_id}`, "))


def _written(policy: Mapping[str, Any], spot: Spot) -> WrittenRule:
    notes: Mapping[str, str | None] = policy["annotations"]
    for name in _REQUIRED:
        if not fit_to_print(notes.get(name) or ""):
            raise Invalid("law_annotation", **spot.facts, annotation=f"@{name}", expected="plain text")
    said = {name: str(notes[name]) for name in _REQUIRED}
    says = {language: said[language] for language in TEXT_LANGUAGES}
    return WrittenRule(translate(policy, spot), says, said["base"], said["status"], spot.file, spot.line)
