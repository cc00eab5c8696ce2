"""What tokens cost, in whole millionths of a currency. Knows no model and no currency."""

from __future__ import annotations

import math

__all__ = ["cost_of"]


def cost_of(price_in: float, price_out: float, tokens_in: int, tokens_out: int) -> int:
    """What tokens cost, in millionths of the currency that the prices (a million tokens) are in; rounded up.

    Never falls where a count rises, so that what was reserved for more tokens covers what fewer cost.
    """
    return math.ceil(price_in * tokens_in + price_out * tokens_out)
