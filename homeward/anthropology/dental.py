"""Teeth: what a code says, what a tooth may have become, and how likely that is.

A tooth is virgin (V), restored (R) or lost in life (X). It goes from V to R, from V to X and from R to X, and never
back: a tooth that was restored cannot be found virgin but for a wrong code. Lost after death, unerupted and not
examined say nothing. The years between two charts make a Markov chain with constant yearly rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from homeward.anthropology.reading import Floats
from homeward.errors import Nonsense
from homeward.tables import table

STATES = "VRX"
UNKNOWN = -1
TEETH = tuple(str(number) for number in range(1, 33))  # universal numbering, upper right third molar first
_SAYS_NOTHING = frozenset("J/U")  # lost after death, not examined, unerupted


def state(code: str) -> int:
    """The state that a code of WinID, NCIC or OdontoSearch says: place in ``STATES``, or UNKNOWN.

    The primary code decides; what stands after the dash only says how a restored tooth was restored. A code of
    surfaces, of a crown or of a root canal is a restored tooth.

    >>> [state(code) for code in ("V", "MOD-S", "C", "X", "X-P", "J", "/", "")]
    [0, 1, 1, 2, 2, -1, -1, -1]
    """
    primary, _, secondary = code.strip().upper().partition("-")
    if not primary:
        return 1 if set(secondary) & set("CR") else UNKNOWN
    if "X" in primary:
        return 2
    if set(primary) & _SAYS_NOTHING:
        return UNKNOWN
    return 0 if primary == "V" else 1


def states(teeth: Mapping[str, str]) -> npt.NDArray[np.intp]:
    """(32,) states of a chart, as whole numbers; UNKNOWN where a tooth has no code."""
    return np.array([state(teeth.get(tooth, "")) for tooth in TEETH], dtype=np.intp)


@cache
def yearly_rates() -> Mapping[str, float]:
    """The rates shipped: "V_to_R", "V_to_X", "R_to_X", a year; see ``data/anthropology/README.md``."""
    return MappingProxyType({row["rate"]: float(row["per_year"]) for row in table("anthropology/dental_rates.csv")})


def transitions(years: float, *, error: float = 0.0, rates: Mapping[str, float] | None = None) -> Floats:
    """P(state after, state before): (3, 3), from the rows to the columns.

    Parameters
    ----------
    years : between the charts
    error : chance that a code says nothing of the tooth

    Examples
    --------
    A virgin tooth after a year in which one in ten is restored and none is lost:

    >>> [round(float(p), 4) for p in transitions(1, rates={"V_to_R": 0.1, "V_to_X": 0, "R_to_X": 0})[0]]
    [0.9048, 0.0952, 0.0]
    """
    if years < 0:
        raise Nonsense(f"a chart made {-years:g} years after the loss is not one of before it")
    of = yearly_rates() if rates is None else rates
    restored, lost, lost_later = of["V_to_R"], of["V_to_X"], of["R_to_X"]
    stays, lasts = math.exp(-(restored + lost) * years), math.exp(-lost_later * years)
    apart = lost_later - restored - lost
    # restored at some moment and still so: the integral of r exp(-(r + l) s) exp(-x (years - s)) over the years
    middle = restored * years * lasts if abs(apart) * years < 1e-9 else restored * (stays - lasts) / apart
    chance = np.array([[stays, middle, 1 - stays - middle], [0.0, lasts, 1 - lasts], [0.0, 0.0, 1.0]])
    return np.asarray((1 - error) * np.clip(chance, 0, 1) + error / len(STATES))
