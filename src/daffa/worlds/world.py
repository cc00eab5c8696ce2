"""Three simulated providers, at home, in Paris and in Virginia, and the configuration that names them. Knows no law."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .provider import Provider

__all__ = ["World"]


@dataclass(frozen=True, slots=True)
class _Offer:
    place: str
    model: str
    price_in: float
    price_out: float
    attributes: str


_HOME = _Offer(
    "rabat", "atlas-home", 0.60, 1.20,
    'hw = "MA"\nregion = "MA-04"\noperator = "MA"\nreach = ["MA"]\nqual = 2\nseal = 4\n'
    'key = "state"\nretention_days = 0\ntrains = false',
)  # fmt: skip
_PARIS = _Offer(
    "paris", "seine-paris", 0.40, 0.90,
    'hw = "FR"\nregion = "FR-IDF"\noperator = "FR"\nreach = ["FR"]\nqual = 0\nseal = 2\n'
    'key = "provider"\nretention_days = 0\ntrains = false',
)  # fmt: skip
_VIRGINIA = _Offer(
    "virginia", "potomac-virginia", 0.10, 0.30,
    'hw = "US"\nregion = "US-VA"\noperator = "US"\nreach = ["US"]\nqual = 0\nseal = 0\n'
    'key = "provider"\nretention_days = 30\ntrains = false',
)  # fmt: skip


class World:
    """``async with World() as world``: the three providers run while inside.

    Attributes:
        home: the simulated provider in Rabat.
        paris: the simulated provider in Paris.
        virginia: the simulated provider in Virginia.
    """

    def __init__(self) -> None:
        self.home = Provider("simulated provider in Rabat")
        self.paris = Provider("simulated provider in Paris")
        self.virginia = Provider("simulated provider in Virginia")

    @property
    def providers(self) -> tuple[Provider, ...]:
        """The three, home first."""
        return (self.home, self.paris, self.virginia)

    async def __aenter__(self) -> Self:
        try:
            for provider in self.providers:
                await provider.start()
        except OSError:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for provider in self.providers:
            await provider.stop()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls) -> Iterator[Self]:
        """The same for a synchronous caller: the providers run in a thread with an event loop of its own."""
        world = cls()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="simulated providers", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(world.__aenter__(), loop).result()
            try:
                yield world
            finally:
                asyncio.run_coroutine_threadsafe(world.__aexit__(None, None, None), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def config(self, prefer: tuple[str, ...] = ("home", "price", "speed")) -> str:
        """The text of a ``daffa.toml`` that knows the three places and one model at each. Prices in USD a million tokens."""
        offers = ((self.home, _HOME), (self.paris, _PARIS), (self.virginia, _VIRGINIA))
        order = ", ".join(f'"{word}"' for word in prefer)
        places = [f'[[place]]\nid = "{offer.place}"\n{offer.attributes}\n' for _, offer in offers]
        models = [_model(provider, offer) for provider, offer in offers]
        return "\n".join([f"prefer = [{order}]\n", *places, *models])


def _model(provider: Provider, offer: _Offer) -> str:
    return (
        f'# {provider.name}\n[[model]]\nid = "{offer.model}"\nwire = "openai"\nurl = "{provider.url}"\n'
        f'upstream_model = "{provider.models[0]}"\nplace = "{offer.place}"\n'
        f'price_in = {offer.price_in:.2f}\nprice_out = {offer.price_out:.2f}\ncurrency = "USD"\n'
        'context = 32768\ncapabilities = ["tools", "json_schema"]\n'
    )
