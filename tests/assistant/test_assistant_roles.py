"""Who may ask no model is answered with extracts: no request leaves for them."""

from __future__ import annotations

import pytest

from daffa.assistant import GatewayModel
from daffa.decision import Actor, Label, Purpose
from daffa.errors import Unavailable
from daffa.gateway import Asker
from daffa.identity import Caller, Role


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.READER}), frozenset({Role.AUDITOR, Role.OPERATOR})])
async def test_without_the_role_no_model_is_asked(roles):
    """A visitor, a reader, an auditor: the gateway is not called, and the assistant goes on without a model."""
    asked = []

    async def gateway(*arguments, **_):
        asked.append(arguments)
        raise AssertionError("the gateway was asked")

    caller = Caller(actor=Actor("visitor", "", roles), floor=Label(), key_id="visitor", organisation="", roles=roles)
    with pytest.raises(Unavailable) as caught:
        await GatewayModel(gateway, "auto")([], {}, Label(), Asker(caller, Label(), Purpose.PERSONAL_REQUEST))
    assert caught.value.code == "assistant_model"
    assert asked == []
