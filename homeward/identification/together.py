"""Several missing of one family whose likelihood is not put together from single tables: theta, linked markers.

With co-ancestry everyone in a hypothesis is coupled, also those whom no pedigree connects; with linked markers
the genotypes at one say something about the other. The family's joint likelihood is then computed for the
remains that are asked about, marker by marker (linked ones together), and what the single likelihood ratios
already say is taken off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from homeward.genetics.family import Family
from homeward.genetics.likelihood import sexes
from homeward.genetics.observation import Observation
from homeward.identification.joint import Floats, Holder


class Together:
    """ln of a family's joint likelihood ratio over the product of the single ones, given the remains at each member.

    Parameters
    ----------
    family : with theta or linked markers
    members : the missing, in the order of the holders asked about
    calls : per remains, canonical marker -> call
    log_lr : (remains, member) the single log likelihood ratios
    """

    def __init__(
        self, family: Family, members: Sequence[str], calls: Sequence[Mapping[str, Observation]], log_lr: Floats
    ) -> None:
        self.members, self.calls, self.log_lr = tuple(members), calls, log_lr
        known = sexes(family.pedigree)
        self.sexes = [known[member] for member in members]
        self.parts = [replace(family, loci=part) for part in family.loci.independent]
        self.known: dict[Holder, tuple[float, float]] = {}
        self.of_part: dict[tuple[object, ...], tuple[float, float]] = {}

    def __call__(self, holder: Holder) -> float:
        return self._known(holder)[0]

    def error(self, holder: Holder) -> float:
        """The standard error of ln of the joint likelihood ratio itself, the single ones included; 0 if it is exact."""
        return self._known(holder)[1]

    def _known(self, holder: Holder) -> tuple[float, float]:
        if holder not in self.known:
            self.known[holder] = self._summed(holder)
        return self.known[holder]

    def _summed(self, holder: Holder) -> tuple[float, float]:
        """The log ratio over all markers, and its error: each marker has its own draws."""
        if sum(r >= 0 for r in holder) < 2:
            return 0.0, 0.0
        total, errors = -math.fsum(self.log_lr[r, place] for place, r in enumerate(holder) if r >= 0), []
        if total == math.inf:
            return -math.inf, 0.0
        for index in range(len(self.parts)):
            log_ratio, error = self._at(index, holder)
            total += log_ratio
            errors.append(error)
            if total == -math.inf:
                return total, 0.0
        return total, math.hypot(*errors)

    def _at(self, index: int, holder: Holder) -> tuple[float, float]:
        part = self.parts[index]
        seen = tuple(None if r < 0 else tuple(self.calls[r].get(locus.marker) for locus in part.loci) for r in holder)
        key = (index, *seen)
        if key not in self.of_part:
            self.of_part[key] = self._log_ratio(part, holder)
        return self.of_part[key]

    def _log_ratio(self, part: Family, holder: Holder) -> tuple[float, float]:
        """ln P(references, these remains as the members) / P(references, these as unrelated people), and its error.

        The draws of the two are not those of each other, nor independent: the standard error is at most the sum.
        """
        held = [(place, self.calls[r]) for place, r in enumerate(holder) if r >= 0]
        joint = part.estimates({self.members[place]: calls for place, calls in held}, engine="plain")
        log_joint = float(joint.log_likelihood.sum())
        if log_joint == -math.inf:
            return log_joint, 0.0
        beside, assigned = part.beside([(self.sexes[place], calls) for place, calls in held])
        apart = beside.estimates(assigned, engine="plain")
        return log_joint - float(apart.log_likelihood.sum()), float((joint.error + apart.error).sum())
