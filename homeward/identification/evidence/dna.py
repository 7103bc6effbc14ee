"""Genotypes as a line of evidence: the pairwise ratio times the population's probability.

Populations are compared on the markers that all of them have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from homeward.genetics.locus import Loci, Locus
from homeward.genetics.observation import Observation
from homeward.genetics.tables import log_probability_of_call
from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.programme import Sex


def weigh(case: Case, log_lr: Floats, loci: Mapping[str, Loci]) -> Line:
    """The line ``dna``.

    Parameters
    ----------
    log_lr : (individual, person) within the family's population
    loci : population -> its markers; every group has some, or none has
    """
    individuals, _, _, groups = case.shape
    log_p = np.zeros((individuals, groups))
    if loci:
        theta = case.programme.settings.theta
        common = set.intersection(*({locus.marker for locus in loci[name]} for name in case.groups))
        for k, name in enumerate(case.groups):
            log_p[:, k] = [log_genotype(o.calls, loci[name], common, sex=o.sex, theta=theta) for o in case.individuals]
    return Line(name="dna", listed=log_lr + log_p[:, case.group_of], general=log_p[:, None, :], bounded=False)


def log_genotype(
    calls: Mapping[str, Observation],
    loci: Loci,
    markers: set[str],
    *,
    sex: Sex = Sex.UNKNOWN,
    theta: float = 0.0,
) -> float:
    """ln P(calls) of someone unrelated in a population, on the markers given; X markers only if the sex is known.

    A man who shows two alleles of the X chromosome is weighed as if he had two.
    """
    return math.fsum(
        _log_of_call(loci[marker], call, sex, theta)
        for marker, call in calls.items()
        if marker in markers and not (loci[marker].x_linked and sex is Sex.UNKNOWN)
    )


def _log_of_call(locus: Locus, call: Observation, sex: Sex, theta: float) -> float:
    found = log_probability_of_call(locus, call, male=sex is Sex.MALE, theta=theta)
    return log_probability_of_call(locus, call, theta=theta) if found == -math.inf else found
