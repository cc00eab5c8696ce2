"""A hospital with a person, as most tests of identity begin, and how a token is answered."""

from __future__ import annotations

import pytest

from daffa.errors import Denied

PEPPER = b"thirty-two bytes of test pepper!"
NOW = 1_800_000_000.5


async def hospital(identity, floor="level=restricted; categories=health; basis=law,consent"):
    """An organisation with a person, as most tests begin."""
    await identity.create_organisation("chu", "CHU Ibn Sina", now=NOW, region="MA-04", floor=floor)
    await identity.create_person("amina", "chu", "Amina", ["agent", "steward"])


def denied(identity, token, now=NOW):
    """The code with which ``token`` is denied."""
    with pytest.raises(Denied) as caught:
        identity.authenticate(token, now)
    return caught.value.code


def answer(identity, token, now):
    """The caller, or the code of the denial."""
    try:
        return identity.authenticate(token, now)
    except Denied as error:
        return error.code
