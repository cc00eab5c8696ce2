"""A lawmaking on each kind of database, in a house that has just begun."""

from __future__ import annotations

import pytest
from databases import fresh, url
from lawmakers import opened, remembered

from daffa.policy import changes, proved

__all__ = ["fresh", "url"]


@pytest.fixture(scope="module", autouse=True)
def _remembered_answers():
    with pytest.MonkeyPatch.context() as patch:
        for module in (proved, changes):
            patch.setattr(module, "ask_solver", remembered)
        yield


@pytest.fixture
async def made(url, tmp_path):
    """A lawmaking and its log, in the folder ``house``."""
    async with opened(url, tmp_path / "house") as found:
        yield found
