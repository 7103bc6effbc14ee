"""Remains beside a family by SNPs: the likelihood ratio, what it rests on, and what was left out of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import CHROMOSOMES, Flags, Floats, Panel, observed
from homeward.genetics.snp.pedigree import member_genotypes
from homeward.genetics.snp.thinning import effective_number, heterozygosity, near, placed, thinned
from homeward.genetics.tables import informative
from homeward.programme import NOTHING, Pedigree, SnpProfile

SPACING_CM = 1.0  # anthropology of degraded bone: 0.5 to 1 cM is customary (Gorden et al. 2022, FSI Genet. 57:102636)
NEAR_STR_CM = 10.0
_SEEN = ("seen", "seen")

Profiles = SnpProfile | Sequence[SnpProfile]
"""One sample, or several of one person; these are independent given the one genotype."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SnpComparison:
    """What SNPs say of remains and one member of a family.

    Parameters
    ----------
    log_lr : natural log of P(remains, relatives | remains are the member) / P(... | someone unrelated); 0 where no
        relative by blood was typed, and where the family is set aside
    used : SNPs that the product is over
    by_chromosome : chromosome ("" where not stated) -> its part of ``log_lr``
    left_out : reason -> number of SNPs, seen in the remains or in a relative, that were not used; in the order in
        which the reasons are looked at
    contradictory : SNPs at which the relatives exclude each other; if there is any, the family is set aside
    effective : of the SNPs used, how many independent ones tell as much about sibs
        (:func:`homeward.genetics.snp.thinning.effective_number`)
    log_lr_by_snp : (used,) the parts, in the order of ``snps``
    snps : the SNPs used
    assumptions : what was assumed, each a sentence
    """

    log_lr: float
    used: int
    by_chromosome: Mapping[str, float]
    left_out: Mapping[str, int]
    contradictory: tuple[str, ...]
    effective: float
    log_lr_by_snp: Floats
    snps: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def log10_lr(self) -> float:
        return self.log_lr / math.log(10)

    @property
    def set_aside(self) -> bool:
        """Whether the references contradict the pedigree."""
        return bool(self.contradictory)


def log_lr(
    pedigree: Pedigree,
    member_id: str,
    relatives: Mapping[str, Profiles],
    remains: Profiles,
    panel: Panel,
    *,
    theta: float = 0.0,
    mutation: float = 0.0,
    spacing_cm: float = SPACING_CM,
    strs: Sequence[tuple[str, float]] = (),
    within_cm: float = NEAR_STR_CM,
) -> SnpComparison:
    """Give the log likelihood ratio of remains as a member of a family against someone unrelated, by SNPs.

    Parameters
    ----------
    pedigree : who descends from whom
    member_id : the missing member
    relatives : member_id -> what was seen of each; the member's own direct references count
    remains : what was seen of the remains
    panel : the SNPs of the family's population
    theta : background relatedness, over all founders and the unrelated person together; exact
    mutation : probability per meiosis that an allele is passed on as the other one
    spacing_cm : least distance of two SNPs that are used; 0 uses all
    strs : chromosome and map position (cM) of STRs with whose likelihood ratio this one will be multiplied
    within_cm : SNPs so near to one of ``strs`` are left out

    Raises
    ------
    NotFound
        If the pedigree lacks a person.
    UnequalCalls
        If two samples of one person exclude each other.
    Nonsense, TooLarge
        As in :func:`homeward.genetics.snp.pedigree.member_genotypes` and
        :func:`homeward.genetics.snp.thinning.thinned`.
    """
    pedigree.member(member_id)
    of_relatives = {person: panel.aligned(_several(seen)) for person, seen in relatives.items()}
    of_remains = panel.aligned(_several(remains))
    chosen, left_out = _choose(panel, of_relatives, of_remains, spacing_cm, strs, within_cm)
    used = panel.take(chosen)
    seen = {person: values[chosen] for person, values in of_relatives.items() if observed(values[chosen]).any()}
    tables = member_genotypes(pedigree, seen, member_id, used.frequency, theta=theta, mutation=mutation)
    contradictory = tuple(used.snps[place] for place in np.flatnonzero(tables.log_likelihood == -np.inf))
    parts = tables.log_lr(of_remains[chosen])
    if contradictory or not informative(pedigree, dict.fromkeys(seen, _SEEN), member_id):
        parts = np.zeros(len(used))
    return SnpComparison(
        log_lr=float(parts.sum()),
        used=len(used),
        by_chromosome=_by_chromosome(used, parts),
        left_out=left_out,
        contradictory=contradictory,
        effective=effective_number(used),
        log_lr_by_snp=parts,
        snps=used.snps,
        assumptions=_assumptions(used, spacing_cm, theta, mutation, within_cm if strs else None),
    )


def _several(profiles: Profiles) -> Sequence[SnpProfile]:
    return (profiles,) if isinstance(profiles, SnpProfile) else profiles


def _choose(
    panel: Panel,
    relatives: Mapping[str, Floats],
    remains: Floats,
    spacing_cm: float,
    strs: Sequence[tuple[str, float]],
    within_cm: float,
) -> tuple[Flags, Mapping[str, int]]:
    """Which SNPs are used, and how many are not for which reason; by the panel and who was typed alone."""
    of_relatives = np.zeros(len(panel), dtype=bool)
    for values in relatives.values():
        of_relatives |= observed(values)
    of_remains = observed(remains)
    left = of_relatives | of_remains
    reasons = {
        "not_in_both": ~(of_relatives & of_remains),
        "not_autosomal": ~panel.autosomal,
        "does_not_vary": ~panel.varies,
        "near_str": near(panel, strs, within_cm),
        "no_position": ~placed(panel) if spacing_cm or strs else np.zeros(len(panel), dtype=bool),
    }
    left_out: dict[str, int] = {}
    for reason, without in reasons.items():
        if reason == "no_position" and left.any() and (left & without).sum() == left.sum():
            raise Nonsense(
                f"none of the {int(left.sum()):,} SNPs seen in both has a chromosome and a position, by which to keep "
                "them apart; state them in snp_panel, or ask for a spacing of 0 and take all SNPs for independent"
            )
        left_out[reason] = int((left & without).sum())
        left = left & ~without
    chosen = thinned(panel, spacing_cm, weight=np.where(left, heterozygosity(panel), 0.0)) if left.any() else left
    left_out["too_close"] = int((left & ~chosen).sum())
    return chosen, {reason: number for reason, number in left_out.items() if number}


def _by_chromosome(panel: Panel, parts: Floats) -> Mapping[str, float]:
    if not len(panel):
        return NOTHING
    numbers, place = np.unique(panel.chromosome, return_inverse=True)
    sums = np.array([parts[place == one].sum() for one in range(len(numbers))])
    return {CHROMOSOMES[number]: float(part) for number, part in zip(numbers, sums, strict=True)}


def _assumptions(
    used: Panel, spacing_cm: float, theta: float, mutation: float, within_cm: float | None
) -> tuple[str, ...]:
    distance = f"{spacing_cm:g} cM or more apart" if spacing_cm else "however near they lie"
    said = [
        f"SNPs {distance} are taken as independent; relatives share longer stretches than that.",
        f"Founders are in Hardy-Weinberg proportions with theta {theta:g}.",
        f"An allele mutates into the other with probability {mutation:g} per meiosis.",
    ]
    if used.assumed.any() and (spacing_cm or within_cm is not None):
        said.append(f"{int(used.assumed.sum()):,} map positions were worked out at 1 cM per megabase.")
    if within_cm is None:
        said.append("No SNP was left out for lying near an STR.")
    else:
        said.append(f"SNPs within {within_cm:g} cM of the STRs stated are left out.")
    return tuple(said)
