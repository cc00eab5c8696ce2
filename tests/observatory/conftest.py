"""What the tests of the observatory share: the shipped law, three places with a model each, and a log that tests write."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from daffa.audit import Audit, Decision, Index, Outcome, new_log_key
from daffa.decision import Place
from daffa.gateway import Model
from daffa.observatory import Catalogue, Observatory
from daffa.policy import Bundle
from daffa.storage import Database

ROOT = Path(__file__).resolve().parents[2]
NOON = 1_763_812_800  # 2025-11-22T12:00:00Z
DAY = 86_400


def place(name, state, **fields):
    """A place of one state, qualified as a home should be."""
    given = {"hw": state, "operator": state, "reach": frozenset({state}), "trains": False, "retention_days": 0, **fields}
    return Place(id=name, **given)


def model(name, at, price, **fields):
    """A model at a place."""
    given = {"wire": "openai", "url": "http://127.0.0.1:9/v1", "upstream_model": name, **fields}
    return Model(id=name, place=at, price_in=price, price_out=2 * price, **given)


PLACES = {
    "rabat": place("rabat", "MA", region="MA-04", qual=2, seal=4, key="state"),
    "paris": place("paris", "FR"),
    "virginia": place("virginia", "US"),
}
MODELS = {
    "atlas": model("atlas", "rabat", 0.6),
    "seine": model("seine", "paris", 0.4, url="https://api.mistral.ai/v1"),
    "potomac": model("potomac", "virginia", 0.1, url="https://api.openai.com/v1"),
}


@pytest.fixture(scope="session")
def law():
    """The law of Morocco."""
    return Bundle.read(ROOT / "policies" / "ma")


@pytest.fixture(scope="session")
def catalogue(law):
    """The three places and their models, under the law of Morocco."""
    return Catalogue.at(NOON, law, PLACES, MODELS, "USD")


class Book:
    """A real log with its index, and the observatory over it."""

    def __init__(self, folder, database, bundle):
        self.log = Audit.open(folder / "audit", "observatory/test", new_log_key())
        self.index = Index(database, folder / "audit")
        self._bundle = bundle

    @property
    def bundle(self):
        """The law in force."""
        return self._bundle

    def observatory(self, places=PLACES, models=MODELS, prefer=("price",)):
        """The observatory, with another configuration where given."""
        # The observatory asks its law for ``bundle`` alone, which the book has.
        return Observatory(self.index, self.log, self, places, models, currency="USD", prefer=prefer, clock=lambda: float(NOON))

    async def write(self, at="virginia", *, time=NOON, status="answered", tokens=(100, 10), **details):
        """One decision with its outcome; ``at=None`` is a refusal. Returns its index."""
        told = {
            "actor": "key:1",
            "organisation": "home",
            "roles": ["agent"],
            "region": "MA-04",
            "evaluated": False,
            "label": "level=internal",
            "purpose": "public_service",
            "receiver": {"rabat": "atlas", "paris": "seine", "virginia": "potomac"}.get(at, "atlas,seine"),
            "asked": "auto",
            **details,
        }
        allowed = at is not None
        entry = Decision("gateway", allowed, ("P-x",), (), at or "", 1, "00", (), float(time), told)
        index = await self.log.decision(entry)
        if allowed and status:
            self.log.outcome(Outcome(index, status, 200, *tokens, 99, time + 1.0, {}))
        return index


@pytest.fixture
async def book(law, tmp_path):
    """An empty log."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None, prefix="daffa-observatory-"))
    database = await Database.open(tmp_path / "house.db")
    opened = Book(folder, database, law)
    yield opened
    with contextlib.suppress(Exception):
        await opened.log.close()
    await database.close()
    shutil.rmtree(folder)


@pytest.fixture
def differing():
    """A catalogue of models in which one place has two prices."""
    return {**MODELS, "hudson": replace(MODELS["potomac"], id="hudson", price_in=9.0, price_out=9.0)}
