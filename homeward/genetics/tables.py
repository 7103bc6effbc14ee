"""One table per family and marker: how much the relatives favour each genotype of a missing member.

The likelihood of remains as a missing person depends on the remains only through their genotype.
So each family is summed over once, and comparing it with any number of remains is looking up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from homeward.errors import Impossible, NotFound, TooLarge
from homeward.genetics.founders import TooManyWays
from homeward.genetics.likelihood import log_likelihood, scaled_joint, sexes, twin_groups
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, observation_row, together
from homeward.genetics.sampled import Sampling, sampled_log_likelihood, sampled_ratio_table
from homeward.programme import NOTHING, Member, Pedigree, Sex

Tables = TypeVar("Tables")
Engine = Literal["auto", "plain", "compiled"]
FamilyCalls = Mapping[str, Mapping[str, Observation]]
"""member_id -> canonical marker -> call, or what was observed with its errors."""

_WORTH_COMPILING = 1000  # tables; one costs about 0.7 ms plainly, loading the compiled peel as much as a thousand


@dataclass(frozen=True, eq=False)
class PairTable:
    """What a family says about a member at two linked markers together; see :mod:`homeward.genetics.linked`.

    Parameters
    ----------
    first, second : places of the two among the loci
    ratio : (G1, G2), P(both genotypes | calls) / P(both genotypes of someone unrelated)
    unrelated : (G1, G2), P(both genotypes of someone unrelated | calls)
    """

    first: int
    second: int
    ratio: Floats
    unrelated: Floats


@dataclass(frozen=True, eq=False)
class FamilyTables:
    """What a family says about one of its members, marker by marker.

    Parameters
    ----------
    ratios : per locus (G,), P(genotype | calls) / P(genotype in the population); ones where the
        calls say nothing about the member, and where they are impossible
    log_likelihood : (markers,) natural log of P(calls); -inf where they contradict the pedigree
        Of the second of two linked markers that of both over that of the first
    male : whether the member is a man, whose calls of the X chromosome are one allele
    unrelated : per locus (G,), P(genotype of someone unrelated | calls), by which a partial call is weighed;
        empty where it is that of the population: without co-ancestry
    pairs : of linked markers
    errors : marker -> (G,) the standard error of the natural log of each ratio, where the table is an estimate
    """

    ratios: tuple[Floats, ...]
    log_likelihood: Floats
    male: bool = False
    unrelated: tuple[Floats, ...] = ()
    pairs: tuple[PairTable, ...] = ()
    errors: Mapping[str, Floats] = field(default_factory=lambda: NOTHING)


def ratio_table(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
) -> Floats:
    """Give P(genotype | relatives' calls) / P(genotype) of a member at one marker.

    Parameters
    ----------
    pedigree, locus, calls, prune, theta : as in :func:`homeward.genetics.likelihood.log_likelihood`
    member_id : whose genotype it is; his own calls count if he has any

    Returns
    -------
    (G,)
        The likelihood ratio of each genotype: of the member against someone of the population.

    Raises
    ------
    Impossible
        If the calls contradict the pedigree.

    Notes
    -----
    Numerator and denominator are each computed on their own: with ``prune`` the family without
    the member may be a smaller pedigree than the family with him, and under a mutation model
    that is not stationary their probabilities then differ slightly (as in Familias). A member
    with no typed relative by blood has a ratio of one. With theta it is P(genotype, calls | member) over
    P(genotype, calls | someone unrelated whose alleles are drawn jointly with the founders').

    Examples
    --------
    A father 1/2 favours children who have 1: 1/1 by 1/(2p), 2/2 by 1/(2q).

    >>> from homeward.programme import Member
    >>> duo = Pedigree(
    ...     family_id="F",
    ...     members=(
    ...         Member(family_id="F", member_id="father"),
    ...         Member(family_id="F", member_id="child", father_id="father"),
    ...     ),
    ... )
    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> ratio_table(duo, locus, {"father": ("1", "2")}, "child").round(3)
    array([5.   , 2.778, 0.556])
    """
    found = _ratio(pedigree, locus, calls, member_id, prune, theta)
    if found.log_likelihood == -math.inf:
        raise Impossible(f"family {pedigree.family_id}: the calls of marker {locus.marker} contradict the pedigree")
    return found.ratio


class _Table(NamedTuple):
    """The ratios (G,) of a member, natural log P(calls), and P(genotype of someone unrelated | calls) (G,).

    ``error`` (G,) is the standard error of the natural log of each ratio, None where the table is exact.
    """

    ratio: Floats
    log_likelihood: float
    unrelated: Floats
    error: Floats | None = None


def _ratio(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    prune: bool,
    theta: float,
    sampling: Sampling | None = None,
) -> _Table:
    """The table of a member; an estimate where theta ties too much together and ``sampling`` says how to draw."""
    try:
        return _exact_ratio(pedigree, locus, calls, member_id, prune, theta)
    except TooManyWays:
        if sampling is None:
            raise
        return _sampled_ratio(pedigree, locus, calls, member_id, theta, sampling)


def _sampled_ratio(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    theta: float,
    sampling: Sampling,
) -> _Table:
    sex = sexes(pedigree).get(member_id)
    rng = sampling.generator(pedigree, locus)
    if not informative(pedigree, calls, member_id) or (locus.x_linked and sex is Sex.UNKNOWN):
        found = sampled_log_likelihood(pedigree, locus, calls, theta=theta, draws=sampling.draws, rng=rng)
        unrelated = genotypes_of(locus, male=sex is Sex.MALE)
        return _Table(np.ones(locus.size), found.log_likelihood, unrelated)
    try:
        of = sampled_ratio_table(pedigree, locus, calls, member_id, theta=theta, draws=sampling.draws, rng=rng)
    except Impossible:
        return _Table(np.ones(locus.size), -math.inf, genotypes_of(locus, male=sex is Sex.MALE))
    return _Table(of.ratio, of.log_likelihood, of.unrelated, of.relative_error)


def _exact_ratio(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    prune: bool,
    theta: float,
) -> _Table:
    sex = sexes(pedigree).get(member_id)
    population = genotypes_of(locus, male=sex is Sex.MALE)
    if not informative(pedigree, calls, member_id) or (locus.x_linked and sex is Sex.UNKNOWN):
        log_probability = log_likelihood(pedigree, locus, calls, prune=prune, theta=theta)
        return _Table(np.ones(locus.size), log_probability, population)
    values, log_scale = scaled_joint(pedigree, locus, calls, member_id, prune=prune, theta=theta)
    total = float(values.sum())
    if total <= 0:
        return _Table(np.ones(locus.size), -math.inf, population)
    log_probability = log_scale + math.log(total)
    if prune:
        log_probability = log_likelihood(pedigree, locus, calls, prune=True, theta=theta)
    if theta:
        population = _unrelated(pedigree, locus, calls, sex or Sex.UNKNOWN, theta)
    found = values[: locus.size] * math.exp(log_scale - log_probability)
    ratio = np.divide(found, population, out=np.zeros(locus.size), where=population != 0)
    return _Table(ratio, log_probability, population)


def genotypes_of(locus: Locus, *, male: bool, theta: float = 0.0) -> Floats:
    """Give the probability of each genotype in the population, (G,); at an X marker a man's allele a is written a/a.

    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> genotypes_of(locus, male=False).round(4), genotypes_of(locus, male=False, theta=0.03).round(4)
    (array([0.01, 0.18, 0.81]), array([0.0127, 0.1746, 0.8127]))
    """
    if male and locus.x_linked:
        return locus.hemizygous_genotypes
    if theta == 0:
        return locus.population_genotypes
    a, b = locus.genotypes.T
    return np.asarray((1 - theta) * locus.population_genotypes + theta * np.where(a == b, locus.frequencies[a], 0.0))


def coupled_genotypes(locus: Locus, theta: float) -> Floats:
    """Give the probability of the genotypes of two unrelated people who share co-ancestry, (G, G); not for X markers.

    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> round(float(coupled_genotypes(locus, 0.03).sum()), 12)
    1.0
    """
    if theta == 0:
        return np.multiply.outer(locus.population_genotypes, locus.population_genotypes)
    a, b = locus.genotypes.T[:, :, None]
    c, d = locus.genotypes.T[:, None, :]
    p = (1 - theta) * locus.frequencies
    third = (p[c] + theta * (0.0 + (c == a) + (c == b))) / (1 + theta)
    fourth = (p[d] + theta * (0.0 + (d == a) + (d == b) + (d == c))) / (1 + 2 * theta)
    orders = np.where(c == d, 1.0, 2.0)
    return np.asarray(genotypes_of(locus, male=False, theta=theta)[:, None] * third * fourth * orders)


def _unrelated(pedigree: Pedigree, locus: Locus, calls: Mapping[str, Observation], sex: Sex, theta: float) -> Floats:
    """P(genotype of someone unrelated | calls), (G,): his alleles are drawn jointly with those of the founders."""
    together, (stranger,) = with_strangers(pedigree, [sex])
    values, _ = scaled_joint(together, locus, calls, stranger, theta=theta)
    return np.asarray(values[: locus.size] / (float(values.sum()) or 1.0))


def with_strangers(pedigree: Pedigree, sexes: Sequence[Sex]) -> tuple[Pedigree, tuple[str, ...]]:
    """A pedigree with people unrelated to it, and their names, which no member has."""
    names = tuple(f"\0unrelated {number}" for number in range(len(sexes)))
    unrelated = (
        Member(family_id=pedigree.family_id, member_id=name, sex=sex) for name, sex in zip(names, sexes, strict=True)
    )
    return Pedigree(family_id=pedigree.family_id, members=(*pedigree.members, *unrelated)), names


def informative(pedigree: Pedigree, calls: Mapping[str, Observation], member_id: str) -> bool:
    """Whether someone typed shares an ancestor with the member (himself and his twin among them).

    In-laws without a common typed descendant say nothing about him: their genotypes are independent of his.
    """
    group = twin_groups(pedigree)
    if member_id not in group:
        raise NotFound(f"family {pedigree.family_id} has no member {member_id}")
    above = _ancestors(pedigree, group)
    own = above[group[member_id]]
    return any(own & above[group[typed]] for typed, call in calls.items() if call != UNTYPED)


def _ancestors(pedigree: Pedigree, group: Mapping[str, str]) -> dict[str, set[str]]:
    """Person -> himself and all his ancestors."""
    parents: dict[str, set[str]] = {}
    for member in pedigree.members:
        stated = {group[parent] for parent in (member.father_id, member.mother_id) if parent}
        parents.setdefault(group[member.member_id], set()).update(stated)
    above: dict[str, set[str]] = {}
    for person in parents:
        found, waiting = {person}, [person]
        while waiting:
            new = parents[waiting.pop()] - found
            found |= new
            waiting += new
        above[person] = found
    return above


def family_tables(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: FamilyCalls,
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
    engine: Engine = "auto",
    sampling: Sampling | None = None,
) -> FamilyTables:
    """Give the tables of one member at every marker.

    Parameters
    ----------
    pedigree, member_id, prune, theta : as in :func:`ratio_table`
    loci : the markers, in the order in which tables are wanted
    calls : member_id -> marker -> call
    engine : "plain", "compiled", or "auto": as :func:`engine_for` says for one family. The
        compiled peel leaves families with a loop or an inbred founder, markers of the X chromosome
        and theta to the plain way, and the plain way leaves to the
        peel what would not fit into memory
    sampling : how markers are estimated at which theta ties too much together; None refuses them

    Returns
    -------
    FamilyTables
        One table per locus, and the log likelihood of the calls.
    """

    def plain() -> FamilyTables:
        found = [
            _ratio(pedigree, locus, at_marker(calls, locus.marker), member_id, prune, theta, sampling) for locus in loci
        ]
        return FamilyTables(
            tuple(of.ratio for of in found),
            np.array([of.log_likelihood for of in found]),
            male,
            tuple(of.unrelated for of in found) if theta else (),
            errors={locus.marker: of.error for locus, of in zip(loci, found, strict=True) if of.error is not None},
        )

    def peeled() -> FamilyTables | None:
        if theta:
            return None
        from homeward.genetics import _compiled

        tables: FamilyTables | None = _compiled.family_tables(
            pedigree, [locus for locus in loci if peelable(locus)], calls, member_id, prune=prune
        )
        return None if tables is None else _with_plain(tables)

    def _with_plain(tables: FamilyTables) -> FamilyTables:
        """The peeled tables, and those of the markers that the peel leaves to the plain way."""
        known = iter(zip(tables.ratios, tables.log_likelihood, strict=True))
        found = [
            next(known)
            if peelable(locus)
            else _ratio(pedigree, locus, at_marker(calls, locus.marker), member_id, prune, theta)[:2]
            for locus in loci
        ]
        return FamilyTables(tuple(ratio for ratio, _ in found), np.array([log for _, log in found]), male)

    male = sexes(pedigree).get(member_id) is Sex.MALE
    return _either(_resolved(engine, 1, len(loci)), plain, peeled)


def peelable(locus: Locus) -> bool:
    """Whether the compiled peel takes a marker: not one of the X chromosome."""
    return not locus.x_linked


def joint_tables(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: FamilyCalls,
    first_id: str,
    second_id: str,
    first_calls: Sequence[Sequence[Observation]],
    *,
    prune: bool = False,
    theta: float = 0.0,
    engine: Engine = "auto",
    sampling: Sampling | None = None,
) -> list[Floats]:
    """Give the tables of a second missing member for each call that the first may have been observed as.

    Parameters
    ----------
    first_id, second_id : two members, for instance two missing brothers
    first_calls : per locus, the calls seen among the remains that may be the first

    Returns
    -------
    Per locus (calls, G)
        P(genotype of the second | relatives, first observed as the call) / P(genotype). A row of
        zeros where the first cannot have the call.
    """

    def plain() -> list[Floats]:
        return [
            _joint_table(
                pedigree,
                locus,
                at_marker(calls, locus.marker),
                first_id,
                second_id,
                of_locus,
                prune,
                theta,
                sampling,
            )
            for locus, of_locus in zip(loci, first_calls, strict=True)
        ]

    def peeled() -> list[Floats] | None:
        if theta:
            return None
        from homeward.genetics import _compiled

        chosen = [index for index, locus in enumerate(loci) if peelable(locus)]
        tables: list[Floats] | None = _compiled.joint_tables(
            pedigree,
            [loci[index] for index in chosen],
            calls,
            first_id,
            second_id,
            [first_calls[index] for index in chosen],
            prune=prune,
        )
        if tables is None:
            return None
        known = dict(zip(chosen, tables, strict=True))
        return [
            known[index]
            if index in known
            else _joint_table(
                pedigree, locus, at_marker(calls, locus.marker), first_id, second_id, first_calls[index], prune, theta
            )
            for index, locus in enumerate(loci)
        ]

    most_calls = max((len(of_locus) for of_locus in first_calls), default=0)
    return _either(_resolved(engine, most_calls, len(loci)), plain, peeled)


def _joint_table(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    first_id: str,
    second_id: str,
    first_calls: Sequence[Observation],
    prune: bool,
    theta: float,
    sampling: Sampling | None = None,
) -> Floats:
    rows = np.zeros((len(first_calls), locus.size))
    if locus.x_linked and sexes(pedigree)[first_id] is Sex.UNKNOWN:
        first_calls = [UNTYPED] * len(first_calls)  # how many alleles he has is not known, so he says nothing
    for row, call in zip(rows, first_calls, strict=True):
        joint = together(calls.get(first_id, UNTYPED), call)
        if joint is None:
            continue
        found = _ratio(pedigree, locus, {**calls, first_id: joint}, second_id, prune, theta, sampling)
        if found.log_likelihood > -math.inf:
            row[:] = found.ratio
    return rows


def _log_likelihood(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    prune: bool,
    theta: float,
    sampling: Sampling | None,
) -> tuple[float, float]:
    """Natural log P(calls), and its standard error: 0 where it is exact, or where no draw gave them a probability."""
    try:
        return log_likelihood(pedigree, locus, calls, prune=prune, theta=theta), 0.0
    except TooManyWays:
        if sampling is None:
            raise
    rng = sampling.generator(pedigree, locus)
    found = sampled_log_likelihood(pedigree, locus, calls, theta=theta, draws=sampling.draws, rng=rng)
    return found.log_likelihood, found.standard_error if found.log_likelihood > -math.inf else 0.0


class Estimates(NamedTuple):
    """Natural log P(calls), and its standard error, (markers,) each: 0 where it is exact."""

    log_likelihood: Floats
    error: Floats


def log_likelihoods(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: FamilyCalls,
    *,
    prune: bool = False,
    theta: float = 0.0,
    engine: Engine = "auto",
    sampling: Sampling | None = None,
) -> Estimates:
    """Give the natural log of the probability of a family's calls at every marker.

    Returns
    -------
    Estimates
        A likelihood of -inf where the calls contradict the pedigree.
    """

    def plain() -> Estimates:
        of_markers = ((locus, at_marker(calls, locus.marker)) for locus in loci)
        found = [_log_likelihood(pedigree, locus, observed, prune, theta, sampling) for locus, observed in of_markers]
        values, errors = np.array(found).reshape(-1, 2).T.copy()
        return Estimates(values, errors)

    def peeled() -> Estimates | None:
        if theta:
            return None
        any_member = pedigree.members[0].member_id
        tables = family_tables(pedigree, loci, calls, any_member, prune=prune, engine="compiled")
        return Estimates(tables.log_likelihood, np.zeros(len(loci)))

    return _either(_resolved(engine, 1, len(loci)), plain, peeled)


def at_marker(calls: FamilyCalls, marker: str) -> dict[str, Observation]:
    """The calls of one marker: member_id -> call."""
    return {member_id: of[marker] for member_id, of in calls.items() if marker in of and of[marker] != UNTYPED}


def engine_for(families: int, markers: int) -> Engine:
    """Which engine is the faster one for so many tables: the compiled peel takes its time to load.

    Callers with many families ask once and pass the answer on, so that a result never depends
    on what ran before it.
    """
    return "compiled" if families * markers > _WORTH_COMPILING else "plain"


def _either(engine: Engine, plain: Callable[[], Tables], peeled: Callable[[], Tables | None]) -> Tables:
    """What the engine asked for gives, or the other where that one cannot."""
    if engine == "compiled":
        tables = peeled()
        return plain() if tables is None else tables
    try:
        return plain()
    except TooLarge:
        tables = peeled()
        if tables is None:
            raise
        return tables


def _resolved(engine: Engine, families: int, markers: int) -> Engine:
    return engine_for(families, markers) if engine == "auto" else engine


def log_probability_of_call(locus: Locus, call: Observation, *, male: bool = False, theta: float = 0.0) -> float:
    """Give the natural log of the probability of what was observed in the population; 0 if nothing was."""
    if call == UNTYPED:
        return 0.0
    probability = float(observation_row(locus, call, male=male) @ genotypes_of(locus, male=male, theta=theta))
    return math.log(probability) if probability > 0 else -math.inf


def log_lr_of_call(
    table: Floats, locus: Locus, call: Observation, *, male: bool = False, unrelated: Floats | None = None
) -> float:
    """Give the natural log likelihood ratio of a call: as the member whose table it is, against someone unrelated.

    Parameters
    ----------
    table : (G,) of :func:`ratio_table`
    call : as observed; 0 is returned if nothing was
    male : whether the member is a man. At a marker of the X chromosome two alleles then exclude him
    unrelated : (G,) the chances of genotypes of someone unrelated, if not those of the population
    """
    if call == UNTYPED:
        return 0.0
    population = genotypes_of(locus, male=male) if unrelated is None else unrelated
    weights = observation_row(locus, call, male=male) * population
    whole = float(weights.sum())
    ratio = float(weights @ table) / whole if whole else 0.0
    return math.log(ratio) if ratio > 0 else -math.inf


def error_of_call(tables: FamilyTables, index: int, locus: Locus, call: Observation) -> float:
    """Give the standard error of :func:`log_lr_of_call`; 0 where the table is exact or the call impossible.

    Where a call leaves the genotype open it is at most the mean of the genotypes' own, weighed by what each adds:
    they rest on the same draws, and may all err to one side.
    """
    of_table = tables.errors.get(locus.marker)
    if of_table is None or call == UNTYPED:
        return 0.0
    population = tables.unrelated[index] if tables.unrelated else genotypes_of(locus, male=tables.male)
    adds = observation_row(locus, call, male=tables.male) * population * tables.ratios[index]
    whole = float(adds.sum())
    return float(adds @ of_table) / whole if whole else 0.0
