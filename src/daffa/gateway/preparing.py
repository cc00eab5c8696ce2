"""What one upstream would be sent for a request: as the client wrote it, or translated, or masked. Pure; decides nothing."""

from __future__ import annotations

import msgspec

from daffa.privacy import Originals

from .conversation import NotCarried
from .dialect import Idiom, Surface
from .masking import masked_body
from .request import Request

__all__ = ["Prepared", "prepare"]


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """The bytes for one upstream.

    Attributes:
        body: what leaves.
        left_out: the client's fields that could not be taken along, and are missed by nobody.
        originals: what the placeholders in it stand for; None where nothing was masked.
    """

    body: bytes
    left_out: tuple[str, ...] = ()
    originals: Originals | None = None


def prepare(surface: Surface, idiom: Idiom, request: Request, upstream_model: str, key: bytes | None) -> Prepared:
    """Make the bytes; ``key`` masks them. Raises ``NotCarried`` and ``NotMasked``."""
    left_out: tuple[str, ...] = ()
    if surface.name == idiom.name:
        body = idiom.patched(request, upstream_model)
    else:
        try:
            conversation = surface.converse(request)
        except NotCarried as error:  # it does not know whom it speaks to
            raise NotCarried(str(error.facts["field"]), idiom.name) from error
        written = idiom.write_request(conversation, upstream_model)
        body, left_out = written.body, (*conversation.left_out, *written.left_out)
    if key is None:
        return Prepared(body, left_out)
    masked, originals = masked_body(idiom, body, key)
    return Prepared(masked, left_out, originals)
