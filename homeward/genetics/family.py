"""The families of a programme: their pedigree, population and calls, ready to be compared with remains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from homeward.errors import Nonsense, NotFound, UnequalCalls
from homeward.genetics import linked
from homeward.genetics.founders import MOST_WAYS
from homeward.genetics.likelihood import sexes, size
from homeward.genetics.linked import linked_among, pair_ratio
from homeward.genetics.locus import Loci, Locus, MarkerNames
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import (
    UNTYPED,
    Observation,
    agree,
    both,
    calls_shown,
    errors_of,
    observed,
    together,
)
from homeward.genetics.sampled import Sampling
from homeward.genetics.tables import (
    Engine,
    Estimates,
    FamilyCalls,
    FamilyTables,
    PairTable,
    at_marker,
    family_tables,
    informative,
    joint_tables,
    log_likelihoods,
    with_strangers,
)
from homeward.programme import NOT_OBSERVED, NOTHING, Call, Member, Pedigree, Programme, Sex, Status, ThetaMethod
from homeward.tables import AMELOGENIN

_CANDIDATES = (Status.MISSING, Status.ACCOUNTED_FOR)


@dataclass(frozen=True, eq=False, kw_only=True)
class Family:
    """A family, what was typed of it, and who of it is missing.

    Parameters
    ----------
    pedigree : who descends from whom
    loci : the markers of the family's population
    calls : member_id -> canonical marker -> call, or what was observed with its errors; repeated samples
        together; only markers of ``loci``
    slots : the members whom remains may be: missing, or accounted for (further portions of them)
    prune : whether untyped people who connect nobody are left out
    theta : co-ancestry of the founders, and of whoever the members are compared with
    sampling : how markers are estimated at which theta ties too much together; None refuses them
    """

    pedigree: Pedigree
    loci: Loci
    calls: FamilyCalls
    slots: tuple[Member, ...]
    prune: bool = False
    theta: float = 0.0
    sampling: Sampling | None = None

    @property
    def family_id(self) -> str:
        return self.pedigree.family_id

    @property
    def population(self) -> str:
        return self.loci.population

    @property
    def typed(self) -> tuple[str, ...]:
        """The members with at least one usable call, in the pedigree's order."""
        return tuple(member.member_id for member in self.pedigree.members if self.calls.get(member.member_id))

    def is_informed(self, member_id: str) -> bool:
        """Whether a relative by blood, or the member himself, is typed; else every ratio is one."""
        some_call = dict.fromkeys(self.typed, ("typed", "typed"))
        return informative(self.pedigree, some_call, member_id)

    def tables(self, member_id: str, *, engine: Engine = "auto", loci: Sequence[Locus] | None = None) -> FamilyTables:
        """The tables of one member at every marker, or at those given.

        See :func:`homeward.genetics.tables.family_tables`.
        """
        chosen = self._in_order if loci is None else loci
        tables = family_tables(
            self.pedigree,
            chosen,
            self.calls,
            member_id,
            prune=self.prune,
            theta=self.theta,
            engine=engine,
            sampling=self.sampling,
        )
        return replace(tables, pairs=tuple(self._pairs(chosen, member_id, tables.log_likelihood)))

    def _pairs(self, chosen: Sequence[Locus], member_id: str, log_likelihood: Floats) -> Iterator[PairTable]:
        """The tables of linked markers; the likelihood of the second becomes that of both over that of the first."""
        for first, second, pair in linked_among(chosen, self.loci.linked):
            calls = (at_marker(self.calls, pair.first.marker), at_marker(self.calls, pair.second.marker))
            found = pair_ratio(self.pedigree, pair, calls, member_id, prune=self.prune, theta=self.theta)
            yield PairTable(first, second, found.ratio, found.unrelated)
            if log_likelihood[first] > -math.inf:
                log_likelihood[second] = found.log_likelihood - log_likelihood[first]

    def joint_tables(
        self, first_id: str, second_id: str, first_calls: Sequence[Sequence[Observation]], *, engine: Engine = "auto"
    ) -> list[Floats]:
        """The tables of a second missing member given the first; see :func:`homeward.genetics.tables.joint_tables`."""
        return joint_tables(
            self.pedigree,
            self._in_order,
            self.calls,
            first_id,
            second_id,
            first_calls,
            prune=self.prune,
            theta=self.theta,
            engine=engine,
            sampling=self.sampling,
        )

    def log_likelihoods(self, assigned: FamilyCalls = NOTHING, *, engine: Engine = "auto") -> Floats:
        """Give the natural log of P(references, assigned calls), marker by marker; see :meth:`estimates`."""
        return self.estimates(assigned, engine=engine).log_likelihood

    def estimates(self, assigned: FamilyCalls = NOTHING, *, engine: Engine = "auto") -> Estimates:
        """Give the natural log of P(references, assigned calls), marker by marker, with its standard error.

        Parameters
        ----------
        assigned : member_id -> canonical marker -> call, of remains taken to be those members;
            markers outside ``loci`` are passed over

        Returns
        -------
        Estimates
            -inf where a member's own reference excludes what is assigned to him, or the
            calls contradict the pedigree. Of the second of two linked markers that of both over
            that of the first. The error is 0 where the likelihood is exact.
        """
        calls, excluded = self._with(assigned)
        values, errors = log_likelihoods(
            self.pedigree,
            self._in_order,
            calls,
            prune=self.prune,
            theta=self.theta,
            engine=engine,
            sampling=self.sampling,
        )
        for first, second, pair in linked_among(self._in_order, self.loci.linked):
            both = (at_marker(calls, pair.first.marker), at_marker(calls, pair.second.marker))
            if values[first] > -math.inf:
                joint = linked.log_likelihood(self.pedigree, pair, both, prune=self.prune, theta=self.theta)
                values[second] = joint - values[first]
                errors[first] = 0.0  # that of both together is exact, and the first cancels
        for index, locus in enumerate(self.loci):
            if locus.marker in excluded:
                values[index] = -math.inf
        return Estimates(values, errors)

    def beside(
        self, unrelated: Sequence[tuple[Sex, Mapping[str, Observation]]]
    ) -> tuple[Family, dict[str, Mapping[str, Observation]]]:
        """The family with people unrelated to it, whose founders theta couples with its own, and their calls.

        Parameters
        ----------
        unrelated : of each the sex by which X markers are read (unknown: they are left out), and
            canonical marker -> call
        """
        pedigree, names = with_strangers(self.pedigree, [sex for sex, _ in unrelated])
        return replace(self, pedigree=pedigree), {
            name: calls for name, (_, calls) in zip(names, unrelated, strict=True)
        }

    def unrelated_log_likelihood(
        self, unrelated: Sequence[tuple[Sex, Mapping[str, Observation]]], *, engine: Engine = "auto"
    ) -> float:
        """Give the natural log of P(references, calls of unrelated people); see :meth:`beside`."""
        together, assigned = self.beside(unrelated)
        return together.log_likelihood(assigned, engine=engine)

    def log_likelihood(self, assigned: FamilyCalls = NOTHING, *, engine: Engine = "auto") -> float:
        """Give the natural log of P(references, assigned calls) over all markers; -inf if impossible."""
        return float(self.log_likelihoods(assigned, engine=engine).sum())

    def contradiction(self, *, engine: Engine = "auto") -> str | None:
        """The first marker at which the references contradict the pedigree; None if they agree."""
        return self.impossible_marker(self.log_likelihoods(engine=engine))

    def impossible_marker(self, log_likelihood: Floats) -> str | None:
        """The first marker whose likelihood is zero, of those that came with a table or from :meth:`log_likelihoods`.

        Whoever has a table of the family already has its ``log_likelihood``: it need not be computed again.
        """
        impossible = (locus.marker for locus, log in zip(self.loci, log_likelihood, strict=True) if log == -math.inf)
        return next(impossible, None)

    @cached_property
    def _in_order(self) -> tuple[Locus, ...]:
        return tuple(self.loci)

    def _with(self, assigned: FamilyCalls) -> tuple[dict[str, dict[str, Observation]], set[str]]:
        """The calls with those assigned, and the markers at which the two exclude each other."""
        calls = {member_id: dict(of) for member_id, of in self.calls.items()}
        excluded: set[str] = set()
        known = sexes(self.pedigree)
        for member_id, of_member in assigned.items():
            own = calls.setdefault(member_id, {})
            for marker, call in of_member.items():
                if marker not in self.loci or (self.loci[marker].x_linked and known.get(member_id) is Sex.UNKNOWN):
                    continue
                joint = together(own.get(marker, UNTYPED), call)
                if joint is None:
                    excluded.add(marker)
                else:
                    own[marker] = joint
        return calls, excluded


def families(programme: Programme, loci: Mapping[str, Loci], calls: FamilyCalls | None = None) -> list[Family]:
    """Give the families of a programme, in its order.

    Parameters
    ----------
    programme : the record
    loci : of :func:`homeward.genetics.locus.prepare_loci`
    calls : of :func:`calls_of`, if they are known already

    Raises
    ------
    UnequalCalls
        If two samples of one member disagree.
    Nonsense
        If a family's population cannot be told.
    NotFound
        If it has no frequencies.
    """
    calls = calls_of(programme) if calls is None else calls
    found = []
    for pedigree in programme.pedigrees:
        of_family = markers_of(programme, population_of(programme, pedigree, loci), loci)
        typed = {
            member.member_id: {marker: call for marker, call in calls[member.member_id].items() if marker in of_family}
            for member in pedigree.members
            if member.member_id in calls
        }
        found.append(
            Family(
                pedigree=_with_sexes(programme, pedigree, calls),
                loci=of_family,
                calls={member_id: of_member for member_id, of_member in typed.items() if of_member},
                slots=tuple(member for member in pedigree.missing if is_candidate(programme, member)),
                prune=programme.settings.untyped_ancestors == "prune",
                theta=programme.settings.theta,
                sampling=sampling_of(programme),
            )
        )
    return found


def too_large(family: Family) -> tuple[str, int] | None:
    """The marker at which theta ties too many founder alleles of a family together, and in how many ways.

    None where all can be summed over: the tables of the missing, and those of someone unrelated beside the family.
    """
    if not family.theta:
        return None
    beside, (stranger,) = with_strangers(family.pedigree, [Sex.FEMALE])
    asked = [(family.pedigree, member.member_id) for member in family.slots] + [(beside, stranger)]
    for locus in family.loci:
        calls = at_marker(family.calls, locus.marker)
        for pedigree, member_id in asked:
            if locus.x_linked and sexes(pedigree)[member_id] is Sex.UNKNOWN:
                continue
            ways = size(pedigree, locus, calls, theta=family.theta, member_id=member_id)
            if ways > MOST_WAYS:
                return locus.marker, ways
    return None


def refused_pair(family: Family) -> str | None:
    """The linked markers at which theta ties too much together: such pairs are refused, never estimated."""
    if not family.theta:
        return None
    for _, _, pair in linked_among(tuple(family.loci), family.loci.linked):
        calls = (at_marker(family.calls, pair.first.marker), at_marker(family.calls, pair.second.marker))
        for member in family.slots:
            if linked.too_many_ways(family.pedigree, pair, calls, theta=family.theta, member_id=member.member_id):
                return pair.name
    return None


def sampling_of(programme: Programme) -> Sampling | None:
    """How families too large for theta are estimated; None where the settings ask for the exact sum alone."""
    settings = programme.settings
    if settings.theta_method is not ThetaMethod.SAMPLED:
        return None
    return Sampling(draws=settings.theta_draws, seed=settings.seed)


def _with_sexes(programme: Programme, pedigree: Pedigree, calls: FamilyCalls) -> Pedigree:
    """The pedigree with the sex of whoever has none there: as a missing person's, a parent's, or by amelogenin."""
    known = sexes(pedigree)
    for member in pedigree.members:
        if known[member.member_id] is Sex.UNKNOWN and member.person_id in programme.people:
            known[member.member_id] = programme.people[member.person_id].sex
        amelogenin = calls.get(member.member_id, {}).get(AMELOGENIN)
        if known[member.member_id] is Sex.UNKNOWN and isinstance(amelogenin, tuple):
            known[member.member_id] = genetic_sex(amelogenin)
    if all(member.sex is known[member.member_id] for member in pedigree.members):
        return pedigree
    members = tuple(replace(member, sex=known[member.member_id]) for member in pedigree.members)
    return replace(pedigree, members=members)


def is_candidate(programme: Programme, member: Member) -> bool:
    """Whether remains may be this member: he is missing, or accounted for and they are a further portion of him."""
    person = programme.people.get(member.person_id)
    return person is None or person.status in _CANDIDATES


def population_of(programme: Programme, pedigree: Pedigree, loci: Mapping[str, Loci]) -> str:
    """Give the population of a family: what a member or missing person states, or the default.

    Raises
    ------
    Nonsense
        If the family states several, or nobody states one and there are several to choose from.
    """
    people = programme.people
    stated = {member.population for member in pedigree.members} | {
        people[member.person_id].population for member in pedigree.missing if member.person_id in people
    }
    stated -= {""}
    if len(stated) > 1:
        raise Nonsense(f"family {pedigree.family_id} states several populations: {', '.join(sorted(stated))}")
    return stated.pop() if stated else default_population(programme, loci)


def default_population(programme: Programme, loci: Mapping[str, Loci]) -> str:
    """Give the population of whoever has none stated.

    Raises
    ------
    Nonsense
        If the settings name none and there is not exactly one with frequencies.
    """
    if programme.settings.population:
        return programme.settings.population
    if len(loci) != 1:
        raise Nonsense(
            f"{len(loci)} populations have frequencies: [genetics] population names that of whoever states none"
        )
    return next(iter(loci))


def markers_of(programme: Programme, population: str, loci: Mapping[str, Loci]) -> Loci:
    """Give the markers of a population.

    Raises
    ------
    NotFound
        If it has no frequencies.
    """
    try:
        return loci[population]
    except KeyError:
        raise NotFound(f"population {population!r} has no frequencies in {programme.settings.name!r}") from None


def calls_of(programme: Programme) -> dict[str, dict[str, Observation]]:
    """Give what was observed of every subject, relatives and remains alike, repeated samples together.

    Returns
    -------
    subject_id -> canonical marker -> the call, or the calls of samples that may be wrong. Autosomal and X
    markers and amelogenin, which is always a call; a call of which nothing was observed is left
    out. Alleles stand in the order of their size.

    Raises
    ------
    UnequalCalls
        If two samples of a subject cannot both be of one genotype, errors included. A partial call agrees
        with a call that has its allele, and what both show is kept. Samples whose amelogenin differs leave the
        sex open if either may be wrong.
    """
    names = MarkerNames(programme.markers)
    samples = {sample.sample_id: sample for sample in programme.samples}
    taken: dict[tuple[str, str], list[tuple[str, Observation]]] = {}
    for profile in programme.profiles:
        errors = errors_of(programme.settings, samples.get(profile.sample_id))
        for name, call in profile.calls.items():
            marker = names(name)
            if call != UNTYPED and (names.compared(marker) or marker == AMELOGENIN):
                taken.setdefault((profile.subject_id, marker), []).append((profile.sample_id, observed(call, errors)))
    merged: dict[str, dict[str, Observation]] = {profile.subject_id: {} for profile in programme.profiles}
    for (subject_id, marker), readings in taken.items():
        if marker == AMELOGENIN:
            merged[subject_id][marker] = _amelogenin(subject_id, readings)
        else:
            merged[subject_id][marker] = _of_one_genotype(subject_id, marker, readings, names.has_silent(marker))
    return merged


def _of_one_genotype(
    subject_id: str, marker: str, readings: Sequence[tuple[str, Observation]], silent: bool
) -> Observation:
    """What the samples of one subject say together at one marker."""
    found: Observation = UNTYPED
    for place, (sample_id, seen) in enumerate(readings):
        joint = together(found, seen) if agree(found, seen, silent=silent) else None
        if joint is None:
            before = [one for one in readings[:place] if not agree(one[1], seen, silent=silent)] or readings[:place]
            raise _unequal(subject_id, marker, before[-1], (sample_id, seen))
        found = joint
    return found


def _amelogenin(subject_id: str, readings: Sequence[tuple[str, Observation]]) -> Call:
    """The call of amelogenin; open where samples differ and one may be wrong: ``sex_error`` is its only error model."""
    found = UNTYPED
    for place, (sample_id, seen) in enumerate(readings):
        joint = both(found, calls_shown(seen)[0])
        if joint is None and all(isinstance(one, tuple) for _, one in readings):
            raise _unequal(subject_id, AMELOGENIN, readings[place - 1], (sample_id, seen))
        if joint is None:
            return "X", NOT_OBSERVED
        found = joint
    return found


def _unequal(
    subject_id: str, marker: str, first: tuple[str, Observation], second: tuple[str, Observation]
) -> UnequalCalls:
    shown = [f"sample {sample_id} shows {'/'.join(calls_shown(seen)[0])}" for sample_id, seen in (first, second)]
    return UnequalCalls(f"{subject_id}, marker {marker}: {', '.join(shown)}. Correct or leave out one")


def genetic_sex(call: Call) -> Sex:
    """Give the sex that a call of amelogenin shows.

    >>> genetic_sex(("X", "Y")), genetic_sex(("X", "X")), genetic_sex(("X", "?"))
    (<Sex.MALE: 'M'>, <Sex.FEMALE: 'F'>, <Sex.UNKNOWN: 'U'>)
    """
    seen = "".join(sorted(allele.upper() for allele in call))
    if "Y" in seen:
        return Sex.MALE
    return Sex.FEMALE if seen == "XX" else Sex.UNKNOWN
