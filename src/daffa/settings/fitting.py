"""What a law must fit in a house: its catalogue. Knows settings and laws, and no running part."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from daffa.errors import Invalid
from daffa.policy import Bundle

from .read import Settings

__all__ = ["fits"]


def fits(settings: Settings) -> Callable[[Bundle], None]:
    """Raises ``Invalid`` for a law that knows the host of a model to be in another reach than its place says."""

    def check(law: Bundle) -> None:
        for model in settings.models.values():
            host, place = law.host(urlsplit(model.url).hostname or ""), settings.places[model.place]
            if host is not None and host.operator != place.operator:
                facts = {"model": model.id, "place": place.id, "host": host.suffix}
                raise Invalid("law_host_abroad", **facts, vendor=host.vendor, operator=host.operator)

    return check
