"""Compiled twins of the exact sums: what one group of the frontier adds, and what each of its choices carries.

States are subsets of the items in the frontier, in the order of ``exact.py``: an array with one axis of length two
per item, flattened, so that the last item is the lowest bit. A configuration is the set of bits it takes. Blocks of
states that fit the first-level cache are finished one after the other. Natural logarithms throughout; a term below
e^-40 of the largest of its sum is less than rounding and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.int64]

_F = TypeVar("_F", bound=Callable[..., Any])
_njit: Any = numba.njit
_BLOCK = 1 << 11
_NEGLIGIBLE = 40.0


def _compiled(function: _F) -> _F:
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


@_compiled
def decided(states: Floats, log_empty: float, masks: Masks, log_weight: Floats) -> Floats:
    """After a group has decided: log of the sum over its choices, by the items now taken."""
    size = len(states)
    block = min(size, _BLOCK)
    low = block - 1
    out = np.empty(size)
    highest = np.empty(block)
    total = np.empty(block)
    for start in range(0, size, block):
        for k in range(block):
            highest[k] = states[start + k] + log_empty
        for c in range(len(masks)):
            mask = masks[c]
            if (start & mask) != (mask & ~low):
                continue
            below = mask & low
            k = below
            while k < block:
                highest[k] = max(highest[k], states[(start + k) ^ mask] + log_weight[c])
                k = (k + 1) | below
        for k in range(block):
            value = states[start + k] + log_empty
            total[k] = math.exp(value - highest[k]) if value > highest[k] - _NEGLIGIBLE else 0.0
        for c in range(len(masks)):
            mask = masks[c]
            if (start & mask) != (mask & ~low):
                continue
            below = mask & low
            k = below
            while k < block:
                value = states[(start + k) ^ mask] + log_weight[c]
                if value > highest[k] - _NEGLIGIBLE:
                    total[k] += math.exp(value - highest[k])
                k = (k + 1) | below
        for k in range(block):
            out[start + k] = highest[k] + math.log(total[k]) if total[k] > 0 else -np.inf
    return out


@_compiled
def undecided(later: Floats, log_empty: float, masks: Masks, log_weight: Floats) -> Floats:
    """What all later choices add before a group decides, by the items taken so far."""
    size = len(later)
    block = min(size, _BLOCK)
    low = block - 1
    out = np.empty(size)
    highest = np.empty(block)
    total = np.empty(block)
    for start in range(0, size, block):
        for k in range(block):
            highest[k] = later[start + k] + log_empty
        for c in range(len(masks)):
            mask = masks[c]
            if start & mask & ~low:
                continue
            below = mask & low
            k = 0
            while k < block:
                highest[k] = max(highest[k], later[(start + k) ^ mask] + log_weight[c])
                k = ((k | below) + 1) & ~below
        for k in range(block):
            value = later[start + k] + log_empty
            total[k] = math.exp(value - highest[k]) if value > highest[k] - _NEGLIGIBLE else 0.0
        for c in range(len(masks)):
            mask = masks[c]
            if start & mask & ~low:
                continue
            below = mask & low
            k = 0
            while k < block:
                value = later[(start + k) ^ mask] + log_weight[c]
                if value > highest[k] - _NEGLIGIBLE:
                    total[k] += math.exp(value - highest[k])
                k = ((k | below) + 1) & ~below
        for k in range(block):
            out[start + k] = highest[k] + math.log(total[k]) if total[k] > 0 else -np.inf
    return out


@_compiled
def carried(states: Floats, later: Floats, masks: Masks, log_weight: Floats) -> Floats:
    """For each choice of a group, the log of all that goes through it: before, itself and after."""
    size = len(states)
    out = np.empty(len(masks))
    for c in range(len(masks)):
        mask = masks[c]
        highest = -np.inf
        k = mask
        while k < size:
            highest = max(highest, states[k ^ mask] + later[k])
            k = (k + 1) | mask
        total = 0.0
        k = mask
        while k < size and highest > -np.inf:
            value = states[k ^ mask] + later[k]
            if value > highest - _NEGLIGIBLE:
                total += math.exp(value - highest)
            k = (k + 1) | mask
        out[c] = highest + math.log(total) + log_weight[c] if total > 0 else -np.inf
    return out
