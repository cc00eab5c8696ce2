"""Ceilings of the house: how long, how many, and what stands where. Each number here is a promise of CONTRIBUTING.md."""

import ast
import functools
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "daffa"
SOURCES = sorted(HOUSE.rglob("*.py"))
EVERYWHERE = [*SOURCES, *(path for folder in ("tests", "bench") for path in sorted((ROOT / folder).rglob("*.py")))]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@functools.cache
def read(path):
    """The text and the syntax tree of a file."""
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)


def nodes(path, *kinds):
    """The nodes of some kinds in a file."""
    return [node for node in ast.walk(read(path)[1]) if isinstance(node, kinds)]


def where(path, node):
    """A place in a file as a person would say it."""
    return f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"


def room(path):
    """The room, or the file of the ground, that a source belongs to."""
    return path.relative_to(HOUSE).parts[0]


def test_a_file_has_at_most_400_lines():
    """A file has at most 400 lines."""
    lengths = {path.relative_to(ROOT).as_posix(): len(read(path)[0].splitlines()) for path in EVERYWHERE}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def test_a_function_has_at_most_60_lines():
    """A function has at most 60 lines, its docstring included."""
    lengths = {where(path, node): node.end_lineno - node.lineno + 1 for path in EVERYWHERE for node in nodes(path, *FUNCTIONS)}
    assert {place: lines for place, lines in lengths.items() if lines > 60} == {}


def test_a_file_opens_with_what_it_is():
    """A file opens with a docstring that says what it is."""
    assert [path.relative_to(ROOT).as_posix() for path in EVERYWHERE if not ast.get_docstring(read(path)[1])] == []


def test_imports_stand_at_the_top():
    """No import stands inside a function, except in the command line and in the composition root."""
    inside = [
        where(path, node)
        for path in SOURCES
        if room(path) not in ("cli", "app")
        for function in nodes(path, *FUNCTIONS)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert inside == []


def test_a_face_is_short_and_says_what_it_shows():
    """The face of a room, behind which something is private, has fewer than 50 lines and an ``__all__``."""
    faces = sorted({path.with_name("__init__.py") for path in HOUSE.glob("*/[a-z]*.py")})
    assert faces
    assert [room(face) for face in faces if "__all__ = [" not in read(face)[0]] == []
    assert [room(face) for face in faces if len(read(face)[0].splitlines()) >= 50] == []


def test_at_most_22_dependencies_at_run_time():
    """Daffa leans on at most 22 packages at run time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert 0 < len(project["dependencies"]) <= 22


def test_only_guard_makes_a_permit():
    """``Permit(...)`` is called in ``guard`` and nowhere else, so that no byte leaves undecided."""
    makers = {
        room(path)
        for path in SOURCES
        for call in nodes(path, ast.Call)
        if "Permit" in (getattr(call.func, "id", ""), getattr(call.func, "attr", ""))
    }
    assert makers == {"guard"}


def test_the_http_client_of_the_standard_library_stays_in_its_place():
    """``http.client`` and ``urllib.request`` are imported by adapters and by the command line alone."""
    allowed = tuple(str(HOUSE / folder) for folder in ("gateway/clients/", "cli/"))
    stray = [
        where(path, node)
        for path in SOURCES
        if not str(path).startswith(allowed)
        for node in nodes(path, ast.Import, ast.ImportFrom)
        for alias in node.names
        if f"{getattr(node, 'module', '')}.{alias.name}".strip(".").startswith(("http.client", "urllib.request"))
    ]
    assert stray == []


def test_every_test_states_a_behaviour():
    """The docstring of each test is one sentence that states the behaviour."""
    tests = [
        (path, node)
        for path in EVERYWHERE
        if path.name.startswith("test_")
        for node in nodes(path, *FUNCTIONS)
        if node.name.startswith("test_")
    ]
    assert [where(path, node) for path, node in tests if not one_sentence(ast.get_docstring(node) or "")] == []


def one_sentence(text):
    """Whether a text is one paragraph that ends as a sentence does."""
    return text.endswith((".", "!", "?")) and "\n\n" not in text
