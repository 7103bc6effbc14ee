"""The families of a programme: their pedigree, population and calls, ready to be compared with remains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from homeward.errors import Nonsense, NotFound, UnequalCalls
from homeward.genetics.likelihood import sexes
from homeward.genetics.locus import Loci, Locus, MarkerNames
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, both, together
from homeward.genetics.tables import (
    Engine,
    FamilyCalls,
    FamilyTables,
    family_tables,
    informative,
    joint_tables,
    log_likelihoods,
    with_strangers,
)
from homeward.programme import NOTHING, Call, Member, Pedigree, Programme, Sex, Status
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
    """

    pedigree: Pedigree
    loci: Loci
    calls: FamilyCalls
    slots: tuple[Member, ...]
    prune: bool = False
    theta: float = 0.0

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
        return family_tables(
            self.pedigree, chosen, self.calls, member_id, prune=self.prune, theta=self.theta, engine=engine
        )

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
        )

    def log_likelihoods(self, assigned: FamilyCalls = NOTHING, *, engine: Engine = "auto") -> Floats:
        """Give the natural log of P(references, assigned calls), marker by marker.

        Parameters
        ----------
        assigned : member_id -> canonical marker -> call, of remains taken to be those members;
            markers outside ``loci`` are passed over

        Returns
        -------
        (markers,)
            -inf where a member's own reference excludes what is assigned to him, or the
            calls contradict the pedigree.
        """
        calls, excluded = self._with(assigned)
        values = log_likelihoods(
            self.pedigree, self._in_order, calls, prune=self.prune, theta=self.theta, engine=engine
        )
        for index, locus in enumerate(self.loci):
            if locus.marker in excluded:
                values[index] = -math.inf
        return values

    def unrelated_log_likelihood(
        self, unrelated: Sequence[tuple[Sex, Mapping[str, Observation]]], *, engine: Engine = "auto"
    ) -> float:
        """Give the natural log of P(references, calls of unrelated people), whose founders are coupled by theta.

        Parameters
        ----------
        unrelated : of each the sex by which X markers are read (unknown: they are left out), and
            canonical marker -> call
        """
        pedigree, names = with_strangers(self.pedigree, [sex for sex, _ in unrelated])
        together = replace(self, pedigree=pedigree)
        assigned = {name: calls for name, (_, calls) in zip(names, unrelated, strict=True)}
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


def families(programme: Programme, loci: Mapping[str, Loci]) -> list[Family]:
    """Give the families of a programme, in its order.

    Parameters
    ----------
    programme : the record
    loci : of :func:`homeward.genetics.locus.prepare_loci`

    Raises
    ------
    UnequalCalls
        If two samples of one member disagree.
    Nonsense
        If a family's population cannot be told.
    NotFound
        If it has no frequencies.
    """
    calls = calls_of(programme)
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
                slots=tuple(member for member in pedigree.missing if _is_candidate(programme, member)),
                prune=programme.settings.untyped_ancestors == "prune",
                theta=programme.settings.theta,
            )
        )
    return found


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


def _is_candidate(programme: Programme, member: Member) -> bool:
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


def calls_of(programme: Programme) -> dict[str, dict[str, Call]]:
    """Give the calls of every subject, relatives and remains alike, repeated samples merged.

    Returns
    -------
    subject_id -> canonical marker -> call. Autosomal and X markers and amelogenin; a call of which
    nothing was observed is left out. Alleles stand in the order of their size.

    Raises
    ------
    UnequalCalls
        If two samples of a subject cannot both be right. A partial call agrees with a call that
        has its allele, and what both show is kept.
    """
    names = MarkerNames(programme.markers)
    merged: dict[str, dict[str, Call]] = {}
    sources: dict[tuple[str, str], str] = {}
    for profile in programme.profiles:
        of_subject = merged.setdefault(profile.subject_id, {})
        for name, call in profile.calls.items():
            marker = names(name)
            if not (names.compared(marker) or marker == AMELOGENIN):
                continue
            before = of_subject.get(marker, UNTYPED)
            together = both(before, call)
            if together is None:
                raise UnequalCalls(
                    f"{profile.subject_id}, marker {marker}: "
                    f"sample {sources[profile.subject_id, marker]} shows {'/'.join(before)}, "
                    f"sample {profile.sample_id} shows {'/'.join(call)}. Correct or leave out one"
                )
            if together != UNTYPED:
                of_subject[marker] = together
                sources[profile.subject_id, marker] = profile.sample_id
    return merged


def genetic_sex(call: Call) -> Sex:
    """Give the sex that a call of amelogenin shows.

    >>> genetic_sex(("X", "Y")), genetic_sex(("X", "X")), genetic_sex(("X", "?"))
    (<Sex.MALE: 'M'>, <Sex.FEMALE: 'F'>, <Sex.UNKNOWN: 'U'>)
    """
    seen = "".join(sorted(allele.upper() for allele in call))
    if "Y" in seen:
        return Sex.MALE
    return Sex.FEMALE if seen == "XX" else Sex.UNKNOWN
