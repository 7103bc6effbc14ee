"""Credible regions: the fewest cells in which somebody lies with a stated chance, if he lies on the map at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense

Floats = npt.NDArray[np.float64]


def region(mass: Floats, share: float) -> npt.NDArray[np.bool_]:
    """(cell,) whether each cell is among the fewest that hold a share of all mass.

    Parameters
    ----------
    mass : (cell,) chance of each; need not sum to one
    share : above 0, at most 1

    Raises
    ------
    Nonsense
        If the share is none.

    Examples
    --------
    >>> region(np.array([0.1, 0.6, 0.0, 0.3]), 0.8).tolist()
    [False, True, False, True]
    """
    if not 0 < share <= 1:
        raise Nonsense(f"{share} is no share of a map; one lies above 0 and is at most 1")
    order = np.argsort(-mass, kind="stable")
    held = np.cumsum(mass[order])
    inside = np.zeros(len(mass), dtype=bool)
    if len(mass) and held[-1] > 0:
        last = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12)))
        inside[order[: last + 1]] = True
    return inside


def depth(mass: Floats, cell: int) -> tuple[float, float]:
    """The share of all mass in cells likelier than one, and in those together with the cells as likely as it.

    Of the true cell, a point drawn evenly between the two is even between 0 and 1 if the belief is right.

    Examples
    --------
    >>> depth(np.array([0.125, 0.5, 0.0, 0.375]), 3)
    (0.5, 0.875)
    """
    whole = float(mass.sum())
    if not whole > 0:
        return 0.0, 1.0
    above = float(mass[mass > mass[cell]].sum()) / whole
    return above, above + float(mass[mass == mass[cell]].sum()) / whole
