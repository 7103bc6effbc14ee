"""Which SNPs are used: far enough apart, away from STRs, and the most informative of those that could be.

SNPs that lie together are inherited together, so a product over all of them counts one thing many times. Those kept
are at least a stated distance apart on the genetic map. Even then relatives share long stretches:
:func:`effective_number` tells what the SNPs kept are worth. The choice rests on the panel and on who was typed, never
on the genotypes that were found: choosing by these would favour one hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import Flags, Floats, Integers, Panel

_SLACK_CM = 1e-9  # so that a distance that rounding made too short is kept


def heterozygosity(panel: Panel) -> Floats:
    """(n,) chance that someone of the population has both alleles: how much a SNP tells about relatedness."""
    return 2 * panel.frequency * (1 - panel.frequency)


def placed(panel: Panel) -> Flags:
    """(n,) whether chromosome and map position are known."""
    return np.asarray((panel.chromosome > 0) & ~np.isnan(panel.position_cm))


def thinned(panel: Panel, spacing_cm: float, *, weight: Floats | None = None) -> Flags:
    """Choose SNPs that are at least so far apart, with the greatest sum of weights that this allows.

    Parameters
    ----------
    panel : the SNPs; those without a place are not chosen
    spacing_cm : least distance of two SNPs of a chromosome, centimorgans; 0 chooses all
    weight : (n,) how much each is worth, 0 for those that must not be chosen; by default the heterozygosity

    Returns
    -------
    (n,)
        Whether a SNP is chosen. Of two choices worth the same, the one that ends earlier on the chromosome.

    Raises
    ------
    Nonsense
        If the spacing is no distance, or no SNP has a place while one is asked for.

    Notes
    -----
    Best choice on a line by dynamic programming: of the first i SNPs, either the best of the first i-1, or SNP i
    with the best of those far enough before it.

    Examples
    --------
    >>> from homeward.genetics.snp.panel import panels
    >>> from homeward.programme import SnpMarker
    >>> rows = [(0.0, 0.2), (0.6, 0.5), (1.0, 0.4), (1.7, 0.3)]
    >>> north = panels(
    ...     SnpMarker(snp=f"s{i}", population="N", frequency=p, chromosome="1", position_cm=cm)
    ...     for i, (cm, p) in enumerate(rows)
    ... )["N"]
    >>> thinned(north, 1.0)
    array([False,  True, False,  True])
    """
    if not 0 <= spacing_cm < np.inf:
        raise Nonsense(f"a spacing of {spacing_cm} cM is not a distance")
    worth = heterozygosity(panel) if weight is None else np.asarray(weight, dtype=np.float64)
    wanted = worth > 0
    if not spacing_cm:
        return np.asarray(wanted)
    if len(panel) and not placed(panel).any():
        raise Nonsense(
            f"no SNP of population {panel.population} has a chromosome and a position, so that none can be thinned; "
            "state them in snp_panel, or ask for a spacing of 0 and take all SNPs for independent"
        )
    chosen = np.zeros(len(panel), dtype=bool)
    for places in _chromosomes(panel, wanted):
        chosen[_best(places, panel.position_cm, worth, spacing_cm)] = True
    return chosen


def _chromosomes(panel: Panel, wanted: Flags) -> Iterator[Integers]:
    """The places of each chromosome's SNPs, from one end to the other."""
    usable = np.flatnonzero(placed(panel) & wanted)
    order = usable[np.lexsort((panel.position_cm[usable], panel.chromosome[usable]))]
    starts = np.flatnonzero(np.diff(panel.chromosome[order])) + 1
    yield from (part for part in np.split(order, starts) if part.size)


def _best(places: Integers, position_cm: Floats, weight: Floats, spacing_cm: float) -> Integers:
    at = position_cm[places]
    before = np.searchsorted(at, at - spacing_cm + _SLACK_CM, side="right").tolist()  # how many are far enough before
    worth = weight[places].tolist()
    best = [0.0]
    for count, own in zip(before, worth, strict=True):
        best.append(max(best[-1], best[count] + own))
    chosen: list[int] = []
    left = len(worth)
    while left:
        if best[left] == best[left - 1]:
            left -= 1
        else:
            chosen.append(left - 1)
            left = before[left - 1]
    return np.asarray(places[chosen])


def near(panel: Panel, markers: Sequence[tuple[str, float]], within_cm: float = 10.0) -> Flags:
    """Tell which SNPs lie so near to other markers that the two are inherited together.

    Parameters
    ----------
    panel : the SNPs
    markers : chromosome ("1" to "22", "X") and map position in centimorgans of each, such as the STRs of a kit whose
        likelihood ratio will be multiplied with this one
    within_cm : how near is near

    Returns
    -------
    (n,)
        False for SNPs without a place: whoever needs to be sure leaves those out as well.
    """
    from homeward.genetics.snp.panel import chromosome_number

    close = np.zeros(len(panel), dtype=bool)
    for chromosome, position_cm in markers:
        same = panel.chromosome == chromosome_number(chromosome)
        close |= same & (np.abs(panel.position_cm - position_cm) <= within_cm)
    return close


def effective_number(panel: Panel, *, meioses: int = 2) -> float:
    """Give how many independent SNPs tell as much about shared descent as these do.

    Parameters
    ----------
    panel : the SNPs that are used; those without a place count as one each
    meioses : how many meioses lie between the two relatives: 2 for sibs, 4 for first cousins

    Returns
    -------
    float
        n² over the sum of all correlations. A parent and a child share one allele everywhere and need no such
        reckoning: there the number of SNPs itself counts.

    Notes
    -----
    Whether an allele came down a given way at two places d Morgans apart agrees with correlation exp(-2 m d) over m
    meioses (Haldane 1919, J. Genet. 8:299-309). It is a guide to the spread of a log likelihood ratio between
    relatives, not a correction: between unrelated people SNPs that are not associated in the population are
    independent however near they lie.

    Examples
    --------
    Two SNPs at one place are worth one; two chromosomes are independent.

    >>> from homeward.genetics.snp.panel import panels
    >>> from homeward.programme import SnpMarker
    >>> def at(*places):
    ...     rows = [dict(snp=f"s{i}", chromosome=c, position_cm=cm) for i, (c, cm) in enumerate(places)]
    ...     return panels(SnpMarker(population="N", frequency=0.5, **row) for row in rows)["N"]
    >>> effective_number(at(("1", 5.0), ("1", 5.0))), effective_number(at(("1", 5.0), ("2", 5.0)))
    (1.0, 2.0)
    """
    if not len(panel):
        return 0.0
    everything = np.ones(len(panel), dtype=bool)
    whole = float((~placed(panel)).sum())
    for places in _chromosomes(panel, everything):
        kept = np.exp(-2 * meioses * np.diff(panel.position_cm[places]) / 100).tolist()
        together = 0.0  # correlations of the SNP before with all before it, itself included
        whole += len(places)
        for correlation in kept:
            together = correlation * (1 + together)
            whole += 2 * together
    return len(panel) ** 2 / whole
