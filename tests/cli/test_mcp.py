"""The MCP server, spoken to by the protocol's own client over a real process."""

import sys

import pytest

mcp = pytest.importorskip("mcp")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """How the server is started on a fresh house."""
    from mcp import StdioServerParameters

    data = tmp_path_factory.mktemp("house") / "data"
    return StdioServerParameters(command=sys.executable, args=["-m", "daffa", "mcp", "--data", str(data), "--lang", "en"])


async def test_a_client_lists_the_tools_asks_and_computes(server):
    """A client of the protocol finds the assistant and the tools of the packs, asks, and gets sentences with sources."""
    from mcp.client.session import ClientSession
    from mcp.client.stdio import stdio_client

    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        listed = {tool.name for tool in (await session.list_tools()).tools}
        assert {"ask", "search", "administration__deadline"} <= listed
        said = await session.call_tool("ask", {"question": "Combien de jours pour déclarer une naissance ?"})
        assert not said.is_error, said
        assert said.structured_content["status"] == "answered"
        assert "30 jours" in said.content[0].text
        assert "[c1]" in said.content[0].text
        wrong = await session.call_tool("ask", {"question": ""})
        assert wrong.is_error
        assert "question" in wrong.content[0].text
        for odd in ("nothing", "no pack__no tool", "a__../../ask", "é__?#"):
            assert (await session.call_tool(odd, {})).is_error, odd
        found = await session.call_tool("search", {"query": "naissance", "k": 2})
        assert len(found.structured_content["hits"]) == 2
