"""``daffa mcp``: the assistant and the tools of the packs as an MCP server on standard input and output (extra ``mcp``).

It stands in front of a house like any client: each call goes to a route with a key, is decided on and recorded there. Knows the
protocol through the ``mcp`` library; nothing of law or search.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import daffa
from daffa import sentences
from daffa.errors import DaffaError, Unavailable

from .reach import Call, key_of, reach

__all__ = ["add"]

_ASK = "ask"
_SEARCH = "search"
_BETWEEN = "__"  # of a pack and its tool: names of tools hold no dot in every client
_QUESTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "description": "in French, Arabic, Darija (either script), Tamazight or English"},
        "collections": {"type": "array", "items": {"type": "string"}, "description": "where to look; all by default"},
        "language": {"type": "string", "description": "BCP 47, of the answer; as asked by default"},
        "day": {"type": "string", "format": "date", "description": "that the answer shall hold on; today by default"},
    },
    "required": ["question"],
    "additionalProperties": False,
}
_QUERY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "query": {"type": "string"},
        "collections": {"type": "array", "items": {"type": "string"}, "description": "where to look; all by default"},
        "k": {"type": "integer", "minimum": 1, "maximum": 50},
    },
    "required": ["query"],
    "additionalProperties": False,
}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("mcp", parents=[common], help="the assistant as an MCP server on stdin and stdout")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="a file with the key to ask with (else DAFFA_KEY)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        import mcp.server.stdio  # noqa: F401
    except ImportError as error:
        raise Unavailable("mcp_extra_missing") from error
    # The house is reached from one thread, which is not that of the protocol.
    with ThreadPoolExecutor(1) as beside:
        asyncio.run(_serve(arguments, beside))
    return 0


async def _serve(arguments: argparse.Namespace, beside: ThreadPoolExecutor) -> None:
    import mcp.server.stdio

    loop = asyncio.get_running_loop()
    stack = contextlib.ExitStack()

    def there(work: Callable[..., Any], *given: Any) -> Any:
        return loop.run_in_executor(beside, work, *given)

    try:
        call: Call = await there(stack.enter_context, reach(arguments.data, key_of(arguments.key_file)))
        server = _server(lambda method, path, body: there(call, method, path, body), arguments.lang)
        async with mcp.server.stdio.stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await there(stack.close)


def _server(call: Callable[[str, str, Any], Any], language: str) -> Any:
    """The server over ``call``, which reaches the house."""
    from mcp import types
    from mcp.server.lowlevel import Server

    async def listed(_context: Any, _params: Any) -> types.ListToolsResult:
        rows = await call("GET", "/api/assistant/tools", None)
        own = [
            types.Tool(name=_ASK, description=sentences.say("mcp_ask", language), input_schema=_QUESTION),
            types.Tool(name=_SEARCH, description=sentences.say("mcp_search", language), input_schema=_QUERY),
        ]
        packs = [
            types.Tool(
                name=f"{row['pack']}{_BETWEEN}{row['name']}",
                description=row["title"].get(language) or row["name"],
                input_schema=row["schema"],
            )
            for row in rows
        ]
        return types.ListToolsResult(tools=[*own, *packs])

    async def called(_context: Any, params: Any) -> types.CallToolResult:
        try:
            said = await _answer(call, params.name, params.arguments or {})
        except DaffaError as error:
            return types.CallToolResult(content=[types.TextContent(text=error.say(language))], is_error=True)
        text = said.get("text") or json.dumps(said, ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=said)

    return Server("daffa", version=daffa.__version__, on_list_tools=listed, on_call_tool=called)


async def _answer(call: Callable[[str, str, Any], Any], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a tool says, as an object."""
    if name == _ASK:
        outcome: dict[str, Any] = await call("POST", "/api/assistant/ask", arguments)
        return {"text": _text(outcome), **outcome}
    if name == _SEARCH:
        given = dict(arguments)
        found = await call("POST", "/api/collections/search", {"queries": [given.pop("query", "")], **given})
        return dict(found[0])
    pack, _, tool = name.partition(_BETWEEN)
    result: dict[str, Any] = await call(
        "POST", f"/api/assistant/tools/{quote(pack, safe='')}/{quote(tool, safe='')}", arguments
    )
    return result


def _text(outcome: dict[str, Any]) -> str:
    """The sentences with the numbers of their sources, and the sources: for clients that show text alone."""
    lines = [f"{one['text']} {''.join(f'[{cited}]' for cited in one['cites'])}" for one in outcome["sentences"]]
    lines += [outcome["message"]] if outcome.get("message") else []
    lines += [f"[{one['id']}] {one['title']} {one.get('number', '')}".rstrip() for one in outcome.get("citations", ())]
    return "\n".join(lines)
