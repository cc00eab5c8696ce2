"""One house for all tests of real clients in a process; its provider behaves well again before each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from speaking import Speaking, speaking

from daffa.worlds import Behaviour


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaking]:
    """A house with a model behind every wire."""
    with speaking(tmp_path_factory.mktemp("speaking") / "house") as house:
        yield house


@pytest.fixture
def house(standing: Speaking) -> Speaking:
    """The house, before a provider that behaves well and has received nothing."""
    standing.provider.behaviour = Behaviour()
    standing.provider.requests.clear()
    return standing
