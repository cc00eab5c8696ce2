"""What an answer costs in energy, as an estimate by published formula. Pure; knows no grid, no clock and no meter.

The energy of a GPU per token of the answer, and how long a token takes, are the fits of EcoLogits 0.11.3 (methodology for
LLM inference, on measurements of the ML.ENERGY leaderboard) over active parameters at a batch of 64; to it come the share of
the server around the GPU, and the building (PUE 1.54: Uptime Institute 2025, weighted mean of the world). The tokens of the
prompt are not in that formula, nor is what making the machines has cost. It is right to a factor of a few, and good to
compare; where the operator has measured, ``Model.energy_out`` says what holds.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, exp

from .model import Model

__all__ = ["watt_hours", "watt_hours_per_token"]

_BATCH = 64
_GPU_SLOPE, _GPU_BATCH, _GPU_BASE = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
_SECONDS_SLOPE, _SECONDS_BATCH, _SECONDS_BASE = 0.0006785088094353663, 0.0003119310311688259, 0.019473717579473387
_SERVER_WATTS, _SERVER_GPUS = 1200.0, 8
# 16-bit weights and a fifth on top must fit into GPUs of 80 GB.
_BYTES_PER_PARAMETER, _GPU_BYTES = 2.4, 80e9
_PUE = 1.54
_MILLION = 1_000_000


def watt_hours(model: Model, tokens_out: float) -> float:
    """Watt-hours of an answer of ``tokens_out`` tokens; 0 where nothing is known of the model."""
    if model.energy_out:
        return model.energy_out * tokens_out / _MILLION
    return watt_hours_per_token(model.params_active) * tokens_out if model.params_active else 0.0


@lru_cache(maxsize=1024)
def watt_hours_per_token(params_active: float) -> float:
    """Watt-hours of one token of an answer, by active parameters (such as ``24e9``)."""
    billions = params_active / 1e9
    gpus = ceil(params_active * _BYTES_PER_PARAMETER / _GPU_BYTES)
    gpu = _GPU_SLOPE * exp(_GPU_BATCH * _BATCH) * billions + _GPU_BASE
    seconds = _SECONDS_SLOPE * billions + _SECONDS_BATCH * _BATCH + _SECONDS_BASE
    server = seconds / 3600 * _SERVER_WATTS * gpus / _SERVER_GPUS / _BATCH
    return _PUE * (gpu * gpus + server)
