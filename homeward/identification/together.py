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
        self.known: dict[tuple[object, ...], float] = {}

    def __call__(self, holder: Holder) -> float:
        if sum(r >= 0 for r in holder) < 2:
            return 0.0
        total = -math.fsum(self.log_lr[r, place] for place, r in enumerate(holder) if r >= 0)
        if total == math.inf:
            return -math.inf
        for index, part in enumerate(self.parts):
            seen = tuple(
                None if r < 0 else tuple(self.calls[r].get(locus.marker) for locus in part.loci) for r in holder
            )
            key = (index, *seen)
            if key not in self.known:
                self.known[key] = self._log_ratio(part, holder)
            total += self.known[key]
            if total == -math.inf:
                break
        return total

    def _log_ratio(self, part: Family, holder: Holder) -> float:
        """ln P(references, these remains as the members) / P(references, these remains as unrelated people)."""
        held = [(place, self.calls[r]) for place, r in enumerate(holder) if r >= 0]
        joint = part.log_likelihood({self.members[place]: calls for place, calls in held}, engine="plain")
        if joint == -math.inf:
            return joint
        unrelated = [(self.sexes[place], calls) for place, calls in held]
        return joint - part.unrelated_log_likelihood(unrelated, engine="plain")
