"""Remains beside each of the missing by every system that was typed, and all of them together.

Given the pedigree, autosomal and X-linked STRs, the Y chromosome, mtDNA and SNPs are passed on independently, so their
likelihood ratios multiply. What stands in the way is kept out of the product or said with it:

- SNPs that lie near an STR of the product are left out (`snp.thinning`), and SNPs near each other are thinned.
- STRs of one chromosome that lie close are taken as independent, and named.
- A system that is missing on either side contributes 0, and the reason is kept.
- Every ratio is against someone unrelated of the family's population. Men of one line share the Y chromosome, as
  everyone of a maternal line shares mtDNA: against his brother the haplotype says nothing. So with every person stand
  the others of the missing on his lines, and the total without lineage beside the total.
- Within a family the haplotype is paid for once: see :func:`together`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, NotFound
from homeward.genetics.family import Family, calls_of, families, is_candidate
from homeward.genetics.likelihood import sexes
from homeward.genetics.lineage.evidence import LineageEvidence, LineageLr, LineageModel
from homeward.genetics.locus import Loci, prepare_loci
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import Observation
from homeward.genetics.scoring import Scores, Slot, log_lr_matrix
from homeward.genetics.snp import compare as snp
from homeward.genetics.snp.panel import Panel, panels
from homeward.genetics.tables import informative, log_probability_of_call
from homeward.programme import NOTHING, LineageKind, Programme, SampleKind, Sex, SnpProfile
from homeward.progress import Tick, silent
from homeward.provenance import Provenance, provenance
from homeward.tables import str_positions

LN10 = math.log(10)
NEAR_CM = 50.0  # STRs of one chromosome that are nearer than this are not quite independent within a family

Places = npt.NDArray[np.int64]


class System(StrEnum):
    """A kind of marker with a likelihood ratio of its own."""

    AUTOSOMAL = "au"
    X = "x"
    Y = "y"
    MT = "mt"
    SNP = "snp"


class State(StrEnum):
    """Whether a system was compared, or why not."""

    COMPARED = "compared"
    NOT_TYPED = "remains_not_typed"
    NO_REFERENCE = "no_reference"  # nobody typed is related to him, or is on his line
    SET_ASIDE = "references_set_aside"  # they contradict the pedigree
    NO_FREQUENCY = "no_frequency"  # nobody knows how common the haplotype is, or which population's SNPs to use
    NOT_OF_THE_LINE = "not_of_the_line"  # a woman and the Y chromosome
    SEX_UNKNOWN = "sex_unknown"  # how many X chromosomes he has is not known


STATES = tuple(State)
_LINEAGE = {System.Y: LineageKind.Y, System.MT: LineageKind.MITOCHONDRIAL}


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that a ratio rests on: a code, and what it speaks of."""

    system: System
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnpPart:
    """What the SNPs of one pair rest on; see :class:`homeward.genetics.snp.compare.SnpComparison`."""

    used: int
    effective: float
    left_out: Mapping[str, int]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """Remains against missing persons, system by system.

    Parameters
    ----------
    remains_ids : in the programme's order
    slots : the missing persons who are drawn in a pedigree
    families : of the slots
    systems : those asked for
    log_lr : system -> (remains, slot) natural log; 0 where it was not compared, -inf where impossible
    state : system -> (remains, slot) place in :data:`STATES`
    markers : system -> (remains, slot) markers that the product is over; for mtDNA and Y one haplotype
    lineage : (system, remains, slot) -> what the line says, where it was compared
    snps : (remains, slot) -> what the SNPs rest on
    same_line : system -> slot -> person_ids of the other missing on his line
    """

    remains_ids: tuple[str, ...]
    slots: tuple[Slot, ...]
    families: tuple[Family, ...]
    systems: tuple[System, ...]
    log_lr: Mapping[System, Floats]
    state: Mapping[System, npt.NDArray[np.int8]]
    markers: Mapping[System, npt.NDArray[np.int32]]
    lineage: Mapping[tuple[System, int, int], LineageLr]
    snps: Mapping[tuple[int, int], SnpPart]
    same_line: Mapping[System, Mapping[int, tuple[str, ...]]]
    assumptions: tuple[Assumption, ...]
    provenance: Provenance

    def total(self, systems: Sequence[System] = tuple(System)) -> Floats:
        """(remains, slot) log10 LR of these systems together, of those asked for."""
        whole = np.zeros((len(self.remains_ids), len(self.slots)))
        for system in systems:
            if system in self.log_lr:
                whole += self.log_lr[system]
        return np.asarray(whole / LN10)

    def total_of(self, remains: int, slot: int) -> float:
        """log10 LR of one pair by all systems."""
        return math.fsum(float(values[remains, slot]) for values in self.log_lr.values()) / LN10

    @property
    def total_without_lineage(self) -> Floats:
        """(remains, slot) log10 LR of what tells men and women of one line apart."""
        return self.total((System.AUTOSOMAL, System.X, System.SNP))

    def compared(self, remains: int, slot: int) -> tuple[System, ...]:
        """The systems that were compared for one pair."""
        return tuple(s for s in self.systems if STATES[self.state[s][remains, slot]] is State.COMPARED)

    def reaching(self, threshold: float | None) -> Places:
        """(pairs, 2) remains and slot of every pair at or above a total, best first; of all pairs if None."""
        total = self.total()
        chosen = np.argwhere(np.ones_like(total, dtype=bool) if threshold is None else total >= threshold)
        order = np.argsort(-total[chosen[:, 0], chosen[:, 1]], kind="stable")
        return np.asarray(chosen[order])


def compare(
    programme: Programme,
    *,
    systems: Sequence[System] = tuple(System),
    lineage_model: LineageModel | None = None,
    spacing_cm: float = snp.SPACING_CM,
    near_str_cm: float = snp.NEAR_STR_CM,
    tick: Tick = silent,
) -> Comparison:
    """Give the likelihood ratio of every remains for every missing person by each system, and together.

    Parameters
    ----------
    systems : those wanted
    lineage_model : how haplotypes change and are counted; see :class:`LineageModel`
    spacing_cm, near_str_cm : of SNPs, see :func:`homeward.genetics.snp.compare.log_lr`
    tick : told of stages "tables" (of STRs, in slots), "lineage" and "snps" (in slots)

    Raises
    ------
    Nonsense
        If no system is asked for.
    UnequalCalls, NotFound, TooLarge
        As of the systems themselves.
    """
    wanted = tuple(system for system in System if system in systems)
    if not wanted:
        raise Nonsense("no system is asked for")
    work = _Work(programme, wanted, lineage_model or LineageModel(), spacing_cm, near_str_cm)
    for system in wanted:
        if system in (System.AUTOSOMAL, System.X):
            work.strs(system, tick)
        elif system in _LINEAGE:
            work.lines(system, tick)
        else:
            work.by_snps(tick)
    work.without_contradictions()
    return Comparison(
        remains_ids=work.remains_ids,
        slots=work.slots,
        families=tuple(work.families),
        systems=wanted,
        log_lr=work.log_lr,
        state=work.state,
        markers=work.markers,
        lineage=work.of_line,
        snps=work.snps,
        same_line=work.same_line,
        assumptions=tuple(work.assumptions()),
        provenance=provenance(
            "compare",
            input_digest=programme.digest,
            parameters={
                "systems": [str(system) for system in wanted],
                "theta": programme.settings.theta,
                "untyped_ancestors": programme.settings.untyped_ancestors,
                "mt_frequency": str(work.evidence.model.mt_method),
                "y_frequency": str(work.evidence.model.y_method),
                "spacing_cm": spacing_cm,
                "near_str_cm": near_str_cm,
            },
        ),
    )


class _Work:
    """The systems of one programme, filled in one after the other."""

    def __init__(
        self,
        programme: Programme,
        wanted: tuple[System, ...],
        model: LineageModel,
        spacing_cm: float,
        near_str_cm: float,
    ) -> None:
        self.programme, self.wanted = programme, wanted
        self.spacing_cm, self.near_str_cm = spacing_cm, near_str_cm
        self.remains_ids = tuple(remains.remains_id for remains in programme.remains)
        calls = calls_of(programme)
        self.calls: list[Mapping[str, Observation]] = [calls.get(name, NOTHING) for name in self.remains_ids]
        self.families = families(programme, prepare_loci(programme)) if programme.frequencies else _bare(programme)
        self.slots = tuple(
            Slot(member.person_id, index, member.member_id)
            for index, family in enumerate(self.families)
            for member in family.slots
        )
        self.evidence = LineageEvidence(programme, model)
        shape = len(self.remains_ids), len(self.slots)
        self.log_lr = {system: np.zeros(shape) for system in wanted}
        self.state = {system: np.zeros(shape, dtype=np.int8) for system in wanted}
        self.markers = {system: np.zeros(shape, dtype=np.int32) for system in wanted}
        self.of_line: dict[tuple[System, int, int], LineageLr] = {}
        self.snps: dict[tuple[int, int], SnpPart] = {}
        self.same_line: dict[System, dict[int, tuple[str, ...]]] = {}
        self.set_aside: set[int] = set()
        self.near: dict[str, list[tuple[str, str, float]]] = {}
        self.estimated: dict[System, dict[str, float]] = {}

    # --- STRs ---

    def strs(self, system: System, tick: Tick) -> None:
        """Fill in the autosomal or the X-linked markers."""
        part = {id(family.loci): _only(family.loci, x_linked=system is System.X) for family in self.families}
        chosen = [self._restricted(family, part[id(family.loci)]) for family in self.families]
        scores = log_lr_matrix(chosen, self.calls, tick=tick)
        self.log_lr[system][:] = scores.log_lr
        self.estimated[system] = {chosen[of].family_id: error / LN10 for of, error in scores.sampled.items()}
        self._states_of_strs(system, chosen, scores)

    def _restricted(self, family: Family, loci: Loci) -> Family:
        calls = {
            member_id: {marker: call for marker, call in of.items() if marker in loci}
            for member_id, of in family.calls.items()
        }
        return replace(family, loci=loci, calls={member_id: of for member_id, of in calls.items() if of})

    def _states_of_strs(self, system: System, chosen: Sequence[Family], scores: Scores) -> None:
        seen = {id(family.loci): self._typed_at(family.loci) for family in chosen}
        self.set_aside |= set(scores.set_aside)
        for place, slot in enumerate(self.slots):
            family = chosen[slot.family]
            typed = seen[id(family.loci)]
            of_relatives = {marker for of in family.calls.values() for marker in of}
            both = typed[:, [marker in of_relatives for marker in family.loci.by_marker]].sum(axis=1)
            if not scores.informed[place]:
                state = State.NO_REFERENCE
            elif system is System.X and sexes(family.pedigree)[slot.member_id] is Sex.UNKNOWN:
                state = State.SEX_UNKNOWN
            else:
                state = State.COMPARED
            self._fill(system, place, np.asarray(typed.any(axis=1)), state)
            column = self.state[system][:, place]
            column[(column == STATES.index(State.COMPARED)) & (both == 0)] = STATES.index(State.NO_REFERENCE)
            self.markers[system][:, place] = np.where(column == STATES.index(State.COMPARED), both, 0)

    def _typed_at(self, loci: Loci) -> npt.NDArray[np.bool_]:
        """(remains, marker) whether anything was observed."""
        found = np.zeros((len(self.calls), len(loci)), dtype=bool)
        for row, of in zip(found, self.calls, strict=True):
            row[:] = [marker in of for marker in loci.by_marker]
        return found

    def without_contradictions(self) -> None:
        """Set a family aside for autosomal and X markers together if its references contradict it at either."""
        for place, slot in enumerate(self.slots):
            if slot.family in self.set_aside:
                for system in (System.AUTOSOMAL, System.X):
                    if system in self.log_lr:
                        self.log_lr[system][:, place] = 0.0
                        self.markers[system][:, place] = 0
                        column = self.state[system][:, place]
                        column[column != STATES.index(State.NOT_TYPED)] = STATES.index(State.SET_ASIDE)

    def _fill(self, system: System, slot: int, typed: npt.NDArray[np.bool_], state: State) -> None:
        told = np.where(typed, STATES.index(state), STATES.index(State.NOT_TYPED))
        self.state[system][:, slot] = told

    # --- lineage ---

    def lines(self, system: System, tick: Tick) -> None:
        """Fill in mtDNA or the Y chromosome; remains with equal haplotypes are computed once."""
        kind = _LINEAGE[system]
        haplotypes = [self.evidence.by_subject.get((kind, name), ()) for name in self.remains_ids]
        groups: dict[Any, list[int]] = {}
        for place, told in enumerate(haplotypes):
            groups.setdefault(told, []).append(place)
        self.same_line[system] = self._sharing(kind)
        for place, slot in enumerate(self.slots):
            tick("lineage", place, len(self.slots))
            family = self.evidence.family(self.families[slot.family].pedigree, kind)
            line = family.line(slot.member_id)
            for told, remains in groups.items():
                if line is None or not told:
                    state, found = (State.NOT_TYPED if not told else State.NOT_OF_THE_LINE), None
                elif not family.references_on(line):
                    state, found = State.NO_REFERENCE, None
                else:
                    found = family.log_lr(slot.member_id, told)
                    state = _state_of_line(found)
                for one in remains:
                    self.state[system][one, place] = STATES.index(state)
                    if found is not None and state is State.COMPARED and found.log_lr is not None:
                        self.log_lr[system][one, place] = found.log_lr
                        self.markers[system][one, place] = 1
                    if found is not None:
                        self.of_line[system, one, place] = found
        tick("lineage", len(self.slots), len(self.slots))

    def _sharing(self, kind: LineageKind) -> dict[int, tuple[str, ...]]:
        """Slot -> the other missing of his family on his line."""
        on: dict[tuple[int, str], list[int]] = {}
        for place, slot in enumerate(self.slots):
            line = self.evidence.family(self.families[slot.family].pedigree, kind).line(slot.member_id)
            if line is not None:
                on.setdefault((slot.family, line.head), []).append(place)
        return {
            place: tuple(self.slots[other].person_id for other in of if other != place)
            for of in on.values()
            for place in of
        }

    # --- SNPs ---

    def by_snps(self, tick: Tick) -> None:
        """Fill in the SNPs, pair by pair: which are used depends on who was typed."""
        of_subject: dict[str, list[SnpProfile]] = {}
        staff = {one.sample_id for one in self.programme.samples if one.kind is SampleKind.ELIMINATION}
        for profile in self.programme.snp_profiles:
            if profile.sample_id not in staff:
                of_subject.setdefault(profile.subject_id, []).append(profile)
        of_population = panels(self.programme.snp_panel)
        typed = np.array([name in of_subject for name in self.remains_ids], dtype=bool)
        for place, slot in enumerate(self.slots):
            tick("snps", place, len(self.slots))
            family = self.families[slot.family]
            relatives = {
                member.member_id: of_subject[member.member_id]
                for member in family.pedigree.members
                if member.member_id in of_subject
            }
            panel = of_population.get(self._population(family))
            seen = dict.fromkeys(relatives, ("seen", "seen"))
            related = informative(family.pedigree, seen, slot.member_id)
            state = State.NO_REFERENCE if not related else State.NO_FREQUENCY if panel is None else State.COMPARED
            self._fill(System.SNP, place, typed, state)
            if panel is not None and state is State.COMPARED:
                for remains in np.flatnonzero(typed).tolist():
                    self._snp_pair(remains, place, family, relatives, of_subject[self.remains_ids[remains]], panel)
        tick("snps", len(self.slots), len(self.slots))

    def _population(self, family: Family) -> str:
        return family.population or self.evidence.population(family.pedigree)

    def _snp_pair(
        self,
        remains: int,
        place: int,
        family: Family,
        relatives: Mapping[str, Sequence[SnpProfile]],
        seen: Sequence[SnpProfile],
        panel: Panel,
    ) -> None:
        slot = self.slots[place]
        found = snp.log_lr(
            family.pedigree,
            slot.member_id,
            relatives,
            seen,
            panel,
            theta=family.theta,
            spacing_cm=self.spacing_cm,
            strs=self._strs_in_product(family),
            within_cm=self.near_str_cm,
        )
        state = State.SET_ASIDE if found.set_aside else State.COMPARED if found.used else State.NO_REFERENCE
        self.state[System.SNP][remains, place] = STATES.index(state)
        if state is State.COMPARED:
            self.log_lr[System.SNP][remains, place] = found.log_lr
            self.markers[System.SNP][remains, place] = found.used
            self.snps[remains, place] = SnpPart(
                used=found.used, effective=found.effective, left_out=found.left_out, assumptions=found.assumptions
            )

    def _strs_in_product(self, family: Family) -> list[tuple[str, float]]:
        """Places of the STRs that are multiplied with the SNPs, at 1 cM per megabase."""
        if System.AUTOSOMAL not in self.wanted:
            return []
        known = str_positions()
        return [known[locus.marker] for locus in family.loci if not locus.x_linked and locus.marker in known]

    # --- what it rests on ---

    def assumptions(self) -> Iterator[Assumption]:
        """What the ratios of each system rest on."""
        settings = self.programme.settings
        for system in self.wanted:
            if system in (System.AUTOSOMAL, System.X):
                x_linked = system is System.X
                markers = {of.marker: of for family in self.families for of in family.loci if of.x_linked is x_linked}
                yield Assumption(
                    system,
                    "strs",
                    {
                        "populations": sorted({family.population for family in self.families} - {""}),
                        "theta": settings.theta,
                        "markers": len(markers),
                        "mutating": sum(of.female is not None or of.male is not None for of in markers.values()),
                        "untyped_ancestors": settings.untyped_ancestors,
                    },
                )
                if self.estimated.get(system):
                    draws = settings.theta_draws
                    yield Assumption(system, "estimated", {"families": dict(self.estimated[system]), "draws": draws})
                linked = {(a, b): rho for family in self.families for a, b, rho in family.loci.linked if a in markers}
                if linked:
                    yield Assumption(system, "linked", {"pairs": [(a, b, rho) for (a, b), rho in linked.items()]})
                pairs = [of for of in near_pairs(sorted(markers)) if not {of[:2], of[1::-1]} & linked.keys()]
                if pairs:
                    yield Assumption(system, "near_strs", {"pairs": pairs, "within_cm": NEAR_CM})
                if x_linked and len(markers) > 1:
                    yield Assumption(system, "x_linkage", {"markers": len(markers) - 2 * len(linked)})
            elif system in _LINEAGE:
                model = self.evidence.model
                method = model.y_method if system is System.Y else model.mt_method
                yield Assumption(
                    system,
                    "lineage",
                    {"method": str(method), "databases": self._databases(_LINEAGE[system])},
                )
                yield Assumption(system, "same_line", {"persons": sum(map(bool, self.same_line[system].values()))})
            else:
                unplaced = sorted(
                    {
                        of.marker
                        for family in self.families
                        for of in family.loci
                        if not of.x_linked and of.marker not in str_positions()
                    }
                )
                yield Assumption(
                    system,
                    "snps",
                    {
                        "spacing_cm": self.spacing_cm,
                        "near_str_cm": self.near_str_cm,
                        "theta": settings.theta,
                        "strs_without_place": unplaced if System.AUTOSOMAL in self.wanted else [],
                    },
                )

    def _databases(self, kind: LineageKind) -> dict[str, int]:
        """Population -> people of the largest database whose counts are stated."""
        sizes: dict[str, int] = {}
        for count in self.programme.haplotype_counts:
            if count.kind is kind:
                sizes[count.population] = max(sizes.get(count.population, 0), count.database_size)
        return sizes


def _bare(programme: Programme) -> list[Family]:
    """The families of a programme without frequencies of STRs: no markers, but their missing."""
    none = Loci(population="", by_marker={})
    return [
        Family(
            pedigree=pedigree,
            loci=none,
            calls={},
            slots=tuple(member for member in pedigree.missing if is_candidate(programme, member)),
            theta=programme.settings.theta,
        )
        for pedigree in programme.pedigrees
    ]


def _only(loci: Loci, *, x_linked: bool) -> Loci:
    return replace(loci, by_marker={name: of for name, of in loci.by_marker.items() if of.x_linked is x_linked})


def _state_of_line(found: LineageLr) -> State:
    if found.set_aside:
        return State.SET_ASIDE
    if found.log_lr is None:
        return State.NO_FREQUENCY
    return State.COMPARED if found.events is not None else State.NO_REFERENCE


def near_pairs(markers: Sequence[str], *, within_cm: float = NEAR_CM) -> Iterator[tuple[str, str, float]]:
    """Give the pairs of STRs on one chromosome that lie nearer than so many centimorgans, at 1 cM per megabase.

    >>> [(a, b, round(apart, 1)) for a, b, apart in near_pairs(["D12S391", "TH01", "vWA"])]
    [('D12S391', 'vWA', 6.3)]
    """
    known = str_positions()
    for one, other in itertools.combinations([marker for marker in markers if marker in known], 2):
        (first, at), (second, place) = known[one], known[other]
        if first == second and abs(at - place) < within_cm:
            yield one, other, abs(at - place)


def together(
    programme: Programme, assigned: Mapping[str, str], *, model: LineageModel | None = None
) -> dict[System, float]:
    """Give the log10 LR of several remains as several missing members of one family at once.

    Parameters
    ----------
    assigned : member_id -> remains_id, all of one family
    model : of haplotypes

    Returns
    -------
    system -> log10 LR of "they are these members" against "each is someone unrelated". Autosomal and X-linked markers
    and both lines; a system whose haplotype frequency is not known is left out. Remains on one line pay for
    what they share once: the product over pairs of the single ratios is not this.

    Raises
    ------
    NotFound
        If a member or remains are not in the programme.
    Nonsense
        If the members are of several families.
    """
    known = {remains.remains_id for remains in programme.remains}
    for remains_id in assigned.values():
        if remains_id not in known:
            raise NotFound(f"the programme has no remains {remains_id}")
    calls = calls_of(programme)
    of_programme = families(programme, prepare_loci(programme))
    own = [f for f in of_programme if {m.member_id for m in f.pedigree.members} & assigned.keys()]
    if len(own) != 1:
        raise Nonsense(f"the members {', '.join(assigned)} are of {len(own)} families, not of one")
    family = own[0]
    for member_id in assigned:
        family.pedigree.member(member_id)
    found: dict[System, float] = {}
    for system in (System.AUTOSOMAL, System.X):
        loci = _only(family.loci, x_linked=system is System.X)
        part = replace(
            family,
            loci=loci,
            calls={who: {m: call for m, call in of.items() if m in loci} for who, of in family.calls.items()},
        )
        found[system] = _strs_together(part, {who: calls.get(name, {}) for who, name in assigned.items()}) / LN10
    evidence = LineageEvidence(programme, model)
    for system, kind in _LINEAGE.items():
        haplotypes = {who: evidence.by_subject.get((kind, name), ()) for who, name in assigned.items()}
        log_lr = evidence.family(family.pedigree, kind).line_log_likelihood(haplotypes)
        if log_lr is not None:
            found[system] = log_lr / LN10
    return found


def _strs_together(family: Family, assigned: Mapping[str, Mapping[str, Observation]]) -> float:
    seen = {who: {m: call for m, call in of.items() if m in family.loci} for who, of in assigned.items()}
    related = family.log_likelihood(seen)
    known = sexes(family.pedigree)
    if family.theta:
        return related - family.unrelated_log_likelihood([(known[who], of) for who, of in seen.items()])
    apart = sum(
        log_probability_of_call(family.loci[marker], call, male=known[who] is Sex.MALE)
        for who, of in seen.items()
        for marker, call in of.items()
        if not (family.loci[marker].x_linked and known[who] is Sex.UNKNOWN)
    )
    return related - family.log_likelihood() - apart
