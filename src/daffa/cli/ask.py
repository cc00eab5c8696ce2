"""``daffa ask``: a question to the assistant, and the answer with its sources. Knows words and layout; the house answers.

With ``--json`` the whole outcome comes as one object (docs/assistant.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.errors import DaffaError

from .figures import print_json
from .paint import Page, bold, dim, isolate, tone
from .reach import key_of, reach

__all__ = ["add", "asked", "print_outcome"]

_MARGIN = 12
_INDENT = 6
_CONTEXT = 60
_ERROR = "error"
_TONES = {"answered": "good", "partial": "plain", "clarification": "plain", "not_covered": "plain"}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("ask", parents=[common], help="ask the assistant: an answer with its sources, or an honest no")
    parser.add_argument("question", nargs="+", help="in French, Arabic, Darija, Tamazight or English")
    parser.add_argument("--collection", action="append", default=[], metavar="ID", help="where to look (else everywhere)")
    parser.add_argument("--language", default="", metavar="TAG", help="of the answer, such as fr or ar (else as asked)")
    parser.add_argument("--day", metavar="YYYY-MM-DD", help="that the answer shall hold on (else today)")
    parser.add_argument("--label", metavar="LABEL", help="raises the label of the question")
    parser.add_argument("--purpose", metavar="PURPOSE", help="what it is asked for")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="a file with the key to ask with (else DAFFA_KEY)")
    parser.add_argument("--json", action="store_true", help="the whole outcome, for a program")
    parser.set_defaults(run=_ask)


def _ask(arguments: argparse.Namespace) -> int:
    body = {
        "question": " ".join(arguments.question),
        "collections": arguments.collection,
        "language": arguments.language,
        "day": arguments.day,
        "label": arguments.label,
        "purpose": arguments.purpose,
    }
    return asked(arguments, body, print_outcome)


def asked(arguments: argparse.Namespace, body: dict[str, Any], show: Callable[[dict[str, Any], str], None]) -> int:
    """Ask the house in ``arguments.data`` and ``show`` what it says; of a refusal, by which rules. Returns the exit code."""
    try:
        with reach(arguments.data, key_of(arguments.key_file)) as call:
            outcome = call("POST", "/api/assistant/ask", {name: value for name, value in body.items() if value})
    except DaffaError as error:
        if arguments.json or "rules" not in error.facts:
            raise
        _print_refusal(error, arguments.lang)
        return 1
    if arguments.json:
        print_json([outcome])
    else:
        show(outcome, arguments.lang)
    return 0


def _print_refusal(error: DaffaError, language: str) -> None:
    """What was refused, the rules that did it with the law that they rest on, and where that stands in the log."""
    page = Page(right_to_left=language == "ar", margin=_MARGIN)
    page.heading(tone(sentences.say("ask_status_refused", language), "bad"))
    page.paragraph(error.say(language))
    for rule in error.facts["rules"]:
        page.paragraph(f"{rule['sentences'].get(language) or rule['sentence']} {dim(rule['base'])}", lead="  -", indent=4)
    page.line()
    page.fact(sentences.say("ask_label", language), isolate(error.facts["label"]))
    page.fact(sentences.say("ask_decision", language), isolate(error.facts["decision"]))


def print_outcome(outcome: dict[str, Any], language: str) -> None:
    """The answer in its own direction, then its sources and the decision in the reader's language."""
    status = str(outcome["status"])
    own = Page(right_to_left=str(outcome.get("language", "")).endswith("-Arab"))
    reader = Page(right_to_left=language == "ar", margin=_MARGIN)
    code = "ask_status_error" if status.startswith(_ERROR) else f"ask_status_{status}"
    reader.heading(tone(sentences.say(code, language), _TONES.get(status, "bad")))
    for sentence in outcome["sentences"]:
        marks = "".join(f"[{cited.removeprefix('c')}]" for cited in sentence["cites"])
        own.paragraph(f"{sentence['text']} {dim(marks)}")
    if outcome.get("message"):
        own.paragraph(outcome["message"])
    if outcome.get("choices"):
        reader.paragraph(bold(sentences.say("ask_choices", language)))
    for choice in outcome.get("choices", ()):
        own.paragraph(choice, lead="  - ", indent=4)
    if tool := outcome.get("tool"):
        reader.heading(sentences.say("ask_steps", language))
        shown = {sentence["text"] for sentence in outcome["sentences"]}
        for step in tool["result"]["steps"]:
            if step not in shown:
                own.paragraph(step)
        for used in tool["result"]["used"]:
            own.paragraph(dim(used["reference"]))
    if outcome.get("citations"):
        reader.heading(sentences.say("ask_sources", language))
        for citation in outcome["citations"]:
            _source(citation)
    reader.line()
    for reference in outcome.get("decisions", ()):
        reader.fact(sentences.say("ask_decision", language), isolate(reference))


def _source(citation: dict[str, Any]) -> None:
    """Where the words stand, the words themselves marked, and why they were found where they are not those asked for."""
    page = Page(right_to_left=citation["language"].endswith("-Arab"))
    named = " · ".join(part for part in (citation["title"], citation.get("work"), citation.get("number")) if part)
    page.paragraph(bold(named), lead=f"  [{citation['id'].removeprefix('c')}]", indent=_INDENT)
    text, start, end = citation["text"], citation["start"], citation["end"]
    first, last = max(0, start - _CONTEXT), end + _CONTEXT
    before, after = _cut(text[first:start], first > 0, last=False), _cut(text[end:last], last < len(text), last=True)
    page.paragraph(f"{dim(before)}{text[start:end]}{dim(after)}".replace("\n", " "), indent=_INDENT)
    pairs = [f"{isolate(one['asked'])} = {isolate(one['found'])}" for one in citation.get("because", ())]
    if pairs:
        page.paragraph(dim(" · ".join(pairs)), indent=_INDENT)
    if citation.get("link"):
        page.paragraph(dim(isolate(citation["link"])), indent=_INDENT)


def _cut(text: str, is_cut: bool, *, last: bool) -> str:
    """``text``, which is cut before its first word or behind its last one, shown as that: no half words."""
    if not is_cut:
        return text
    return text.rpartition(" ")[0] + " …" if last else "… " + text.partition(" ")[2]
