"""Prints ``docs/errors.md``: each code that the house raises, its sentence, HTTP status and exit code.

Reads the source and runs none of it: ``.venv/bin/python scripts/errors_page.py > docs/errors.md``.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from daffa import errors, sentences
from daffa.cli.main import EXIT
from daffa.web.errors import STATUS

HOUSE = Path(__file__).resolve().parents[1] / "src" / "daffa"
HEAD = """# Errors

An error carries a code, for programs, and facts, which fill the sentence of the code in French, Arabic and English
(`src/daffa/sentences/`). Over HTTP it is a problem document (RFC 9457), or the error shape of the model surface that
was asked; on the command line it is one line on the error stream and an exit code. This page is printed by
`scripts/errors_page.py`, and a test keeps it true.

| code | kind | sentence | HTTP | exit |
|---|---|---|---|---|"""


class Raised(NamedTuple):
    """One place in the source where an error is made."""

    code: str
    kind: str
    facts: frozenset[str] | None
    place: str


def raised() -> list[Raised]:
    """Every error that the source makes. ``facts`` is ``None`` where they cannot be read off."""
    found = []
    for path in sorted(HOUSE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        makers = {name: name for name in errors.__all__} | _forwarders(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            if kind := makers.get(_name(call)):
                names = [keyword.arg for keyword in call.keywords]
                facts = frozenset(names) if _name(call) == kind and None not in names else None
                place = f"{path.relative_to(HOUSE).as_posix()}:{call.lineno}"
                found += [Raised(code, kind, facts, place) for code in _codes(call.args[0])]
    return found


def _codes(node: ast.expr) -> list[str]:
    """The codes that an expression can be: one written out, or those of the catalogue that a format fits."""
    match node:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.JoinedStr(values=parts):
            pattern = "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts)
            return [code for code in sentences.catalogue() if re.fullmatch(pattern, code)]
        case _:
            return []


def _forwarders(tree: ast.AST) -> dict[str, str]:
    """Functions that take a ``code`` and make an error of it: their name and the kind of the error."""
    return {
        function.name: _name(call)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and any(argument.arg == "code" for argument in function.args.args)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name(call) in errors.__all__ and getattr(call.args[0], "id", "") == "code"
    }


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def page() -> str:
    """The page as Markdown."""
    kinds = defaultdict(set)
    for item in raised():
        kinds[item.code].add(item.kind)
    return "\n".join([HEAD, *(_row(code, sorted(kinds[code])) for code in sorted(kinds))])


def _row(code: str, kinds: list[str]) -> str:
    status = " / ".join(dict.fromkeys(str(STATUS.get(code) or STATUS[getattr(errors, kind)]) for kind in kinds))
    sentence = sentences.catalogue()[code]["en"].replace("|", "\\|")
    return f"| `{code}` | {' / '.join(kinds)} | {sentence} | {status} | {EXIT.get(code, 1)} |"


if __name__ == "__main__":
    print(page())
