"""The administration as it describes itself: complete, true to what it answers, and no 5xx whatever is sent (schemathesis)."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, serving

from daffa.identity import Role
from daffa.web.api import CONTROLLERS
from daffa.worlds import Issuer, World

OIDC = '\n[oidc]\nissuer = "{url}"\nclient_id = "daffa"\norganisation = "home"\n'
# What a field must be to be accepted is more than a schema can say (that an organisation exists, that a text is a label).
# OPTIONS is the framework's, which tells of a path the methods of one handler alone; nothing here asks for it.
CHECKS = ("--exclude-checks", "positive_data_acceptance,allow_header_conformance")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house with models and single sign-on."""
    folder = tmp_path_factory.mktemp("house")
    with World.in_thread() as world, Issuer({"amina": {}}).in_thread() as issuer, contextlib.ExitStack() as stack:
        yield stack.enter_context(serving(folder, world.config() + OIDC.format(url=issuer.url)))


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """The key of somebody who may do everything."""
    roles = [str(role) for role in Role]
    server.ask("POST", "/api/people", {"id": "everybody", "organisation": "home", "name": "Everybody", "roles": roles})
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": "all", "person": "everybody", "roles": roles})
    return str(made.json["token"])


@pytest.fixture(scope="module")
def description(server: Server) -> dict:
    """The description, which anybody may read."""
    return server.ask("GET", "/api/openapi.json", key=None).json


def operations(description: dict) -> Iterator[tuple[str, str, dict]]:
    """Path, method and operation."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_everything_that_answers_under_api_is_described(description: dict):
    """Each route of each controller is in the description, but the pages of the login."""
    described = {path for path, _, _ in operations(description)}
    missing = [
        controller.__name__
        for controller in CONTROLLERS
        if getattr(controller, "include_in_schema", True) is not False
        and not any(path.startswith(controller.path.rstrip("/") or "/") for path in described)
    ]
    assert description["openapi"] == "3.1.0"
    assert missing == []


def test_every_operation_says_how_it_fails_and_who_may_ask(description: dict):
    """Each operation has problem documents for what can go wrong, and the two ways to say who asks."""
    assert set(description["components"]["securitySchemes"]) == {"key", "session"}
    assert description["security"] == [{"key": []}, {"session": []}]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, method, operation in operations(description):
        for status in ("400", "401", "403", "404", "409", "413", "503"):
            assert operation["responses"][status]["content"] == problem, (path, method)
        assert operation.get("security", [{"key": []}]) != [] or path.startswith("/.well-known/")


def test_fields_say_their_limits(description: dict):
    """What a room asks of a field stands in the description; an unknown field is described as refused."""
    schemas = description["components"]["schemas"]
    assert schemas["NewPerson"]["additionalProperties"] is False
    assert schemas["NewPerson"]["properties"]["name"]["maxLength"] == 200
    assert schemas["NewPerson"]["properties"]["roles"]["items"]["enum"] == [str(role) for role in Role]
    assert schemas["NewKey"]["properties"]["floor"]["maxLength"] == 1000
    assert schemas["Erase"]["properties"]["index"]["minimum"] == 0


def test_methods_are_told(server: Server):
    """A method that a path does not have is answered by those that it has."""
    refused = server.ask("PUT", "/api/people")
    assert (refused.status, set(refused.headers["allow"].replace(" ", "").split(","))) == (405, {"GET", "POST", "OPTIONS"})


def test_who_is_not_known_is_told_how_to_be(server: Server):
    """A 401 says which scheme is expected."""
    assert server.ask("GET", "/api/people", key=None).headers["www-authenticate"] == "Bearer"


def fuzz(server: Server, key: str, folder: Path, *options: str) -> None:
    """Run schemathesis as a process; what it finds is the failure."""
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [str(schemathesis), "run", f"{server.url}/api/openapi.json", "-H", f"Authorization: Bearer {key}", "--seed", "7"]
    done = subprocess.run([*command, *CHECKS, *options], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_whatever_is_sent_is_answered_as_described(server: Server, key: str, tmp_path: Path):
    """Hundreds of requests made of the description, right and wrong, find no 5xx and no answer that is not described."""
    fuzz(server, key, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "6", "--generation-database", "none")


@pytest.mark.scale
def test_whatever_is_sent_at_length_is_answered_as_described(server: Server, key: str, tmp_path: Path):
    """The same with many more requests, and with sequences of them; the key that asks is not among what is revoked."""
    options = ("--phases", "coverage,fuzzing,stateful", "--max-examples", "300", "--exclude-path", "/api/keys/{key_id}")
    fuzz(server, key, tmp_path, *options, "--generation-database", "none")
