"""The SNPs of individuals beside the families of a programme, on one set of SNPs for each population.

The set rests on the panel and on who was typed, never on what was found: SNPs seen in remains, not near an STR of
the population, and kept apart along each chromosome. One set makes the joint likelihood of several remains one
number, whoever is asked about first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.locus import MarkerNames
from homeward.genetics.snp.compare import NEAR_STR_CM, SPACING_CM
from homeward.genetics.snp.observation import profiles_of
from homeward.genetics.snp.panel import Flags, Floats, Panel, observed, panels
from homeward.genetics.snp.pedigree import member_genotypes
from homeward.genetics.snp.thinning import heterozygosity, near, placed, thinned
from homeward.genetics.tables import informative, with_strangers
from homeward.programme import NOTHING, Pedigree, Programme, Sex, SnpProfile
from homeward.tables import str_positions

if TYPE_CHECKING:
    from homeward.identification.individuals import Individual

_SEEN = ("seen", "seen")


class Snps:
    """What was seen of individuals and relatives.

    Parameters
    ----------
    individuals : whose rows' samples are of one person

    Attributes
    ----------
    typed : places of the individuals with SNPs
    set_aside : families whose relatives' SNPs contradict the pedigree
    """

    def __init__(self, programme: Programme, individuals: Sequence[Individual]) -> None:
        self.programme, self.theta = programme, programme.settings.theta
        self.profiles: Mapping[str, tuple[SnpProfile, ...]] = (
            profiles_of(programme) if programme.snp_profiles else NOTHING
        )
        self.of_individual = [
            tuple(profile for name in one.merged for profile in self.profiles.get(name, ())) for one in individuals
        ]
        self.typed = [k for k, of in enumerate(self.of_individual) if of]
        self.set_aside: set[str] = set()
        self._panels = panels(programme.snp_panel) if self.typed else {}
        self._chosen: dict[str, tuple[Panel, Flags] | None] = {}
        self._remains: dict[tuple[str, int], Floats] = {}

    def used(self, population: str) -> tuple[Panel, Flags] | None:
        """The SNPs of a population that are used, and their places in its panel; None without a panel."""
        if population not in self._chosen:
            panel = self._panels.get(population)
            self._chosen[population] = None if panel is None else self._choose(panel)
        return self._chosen[population]

    def _choose(self, panel: Panel) -> tuple[Panel, Flags]:
        in_remains, times = np.zeros(len(panel), dtype=bool), np.zeros(len(panel))
        remains = {one.remains_id for one in self.programme.remains}
        for subject, of in self.profiles.items():
            there = observed(panel.aligned(of))
            times += there
            if subject in remains:
                in_remains |= there
        left = in_remains & panel.autosomal & panel.varies & ~near(panel, self._strs(panel.population), NEAR_STR_CM)
        if left.any() and not (left & placed(panel)).any():
            raise Nonsense(
                f"none of the {int(left.sum()):,} SNPs seen in remains has a chromosome and a position, by which to "
                "keep them apart and away from STRs; state them in snp_panel.csv, or leave snp out of [evidence] lines"
            )
        left &= placed(panel)
        weight = np.where(left, heterozygosity(panel) * times, 0.0)
        chosen = thinned(panel, SPACING_CM, weight=weight) & left if left.any() else left
        return panel.take(chosen), chosen

    def _strs(self, population: str) -> list[tuple[str, float]]:
        names, known = MarkerNames(self.programme.markers), str_positions()
        markers = {names(name) for name in self.programme.frequencies.get(population, {})}
        return [known[name] for name in sorted(markers) if name in known]

    def seen(self, k: int, population: str) -> Floats:
        """(n, 3) what was seen of an individual at the SNPs used."""
        if (population, k) not in self._remains:
            found = self.used(population)
            assert found is not None
            self._remains[population, k] = self._panels[population].aligned(self.of_individual[k])[found[1]]
        return self._remains[population, k]

    def references(self, pedigree: Pedigree, population: str) -> dict[str, Floats]:
        """Member -> (n, 3), of those of whom something was seen at the SNPs used."""
        found = self.used(population)
        assert found is not None
        answer = {}
        for member in pedigree.members:
            if member.member_id in self.profiles:
                values = self._panels[population].aligned(self.profiles[member.member_id])[found[1]]
                if observed(values).any():
                    answer[member.member_id] = values
        return answer

    def of_member(self, pedigree: Pedigree, population: str, member_id: str) -> Floats:
        """(individual,) natural log of P(seen | the member, relatives) / P(seen | unrelated, relatives)."""
        answer = np.zeros(len(self.of_individual))
        found = self.used(population)
        if found is None or not len(found[0]):
            return answer
        references = self.references(pedigree, population)
        if not informative(pedigree, dict.fromkeys(references, _SEEN), member_id):
            return answer
        tables = member_genotypes(pedigree, references, member_id, found[0].frequency, theta=self.theta)
        if (tables.log_likelihood == -np.inf).any():
            self.set_aside.add(pedigree.family_id)
            return answer
        for k in self.typed:
            answer[k] = tables.log_lr(self.seen(k, population)).sum()
        return answer

    def together(self, pedigree: Pedigree, population: str, held: Mapping[str, int]) -> float:
        """Natural log of P(seen of several individuals | these members) / P(... | each unrelated), given relatives."""
        found = self.used(population)
        if found is None or not len(found[0]):
            return 0.0
        p, references = found[0].frequency, self.references(pedigree, population)
        seen = dict(references)
        for member_id, k in held.items():
            seen[member_id] = seen.get(member_id, 0.0) + self.seen(k, population)
            if (seen[member_id] == -np.inf).all(axis=1).any():
                return -np.inf
        first = next(iter(held))
        joint = member_genotypes(pedigree, seen, first, p, theta=self.theta).log_likelihood.sum()
        beside, names = with_strangers(pedigree, [Sex.UNKNOWN] * len(held))
        unrelated = references | {name: self.seen(k, population) for name, k in zip(names, held.values(), strict=True)}
        apart = member_genotypes(beside, unrelated, names[0], p, theta=self.theta).log_likelihood.sum()
        return float(joint - apart)
