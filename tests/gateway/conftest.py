"""For tests of the upstream port: a server that follows a script, and each client of it in turn."""

from collections.abc import Iterator

import pytest
from sockets import Upstream
from upstream_clients import KINDS, OURS, Client, opening


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server that follows a script."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Each client in turn."""
    yield from opening(request.param)


@pytest.fixture(params=OURS)
def own(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Our own client, on both loops."""
    yield from opening(request.param)
