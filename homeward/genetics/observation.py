"""What a laboratory sees of a genotype: the probability of a call, given the two alleles that are truly there.

One sample at one marker, in order:

1. A silent allele is never seen. Each of the other copies is lost with probability ``dropout``, independently:
   of a homozygote nothing is seen only when both copies are lost (dropout squared).
2. A copy that is not lost is read as itself; with probability ``typing_error`` it is read as an allele drawn
   from the population instead, possibly the same one.
3. With probability ``dropin`` one foreign allele, drawn from the population, is seen as well.
4. The result is the *set* of alleles seen. One or two are called (``a, a`` is "only a was seen"); none, or three, are
   called as nothing. ``a, ?`` says that *a* was among the alleles called and is silent about the rest: the sum over
   every call that has an *a*.

These probabilities sum to one over what can be seen of any genotype. Drop-out and drop-in are those of the ISFG's DNA
commission (Gill et al. 2012, Forensic Science International: Genetics 6:679-688) and of Haned et al. 2012 (ibid.
6:762-774) for a single contributor, with D for one copy and D squared for a homozygote, and C p(a) for a foreign
allele, at most one here; a foreign allele that was there already goes unseen, which they leave out. Silent alleles are
those of Familias (Kling et al. 2014, ibid. 13:121-127): *a, a* is a/a or a/silent.

A marker without a call says nothing: a file cannot tell "nothing was seen" from "was not tested".
Without silent alleles an empty result is equally likely of every genotype, so that nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.locus import Locus, by_size
from homeward.genetics.mutation import Floats
from homeward.programme import NOT_OBSERVED, SILENT, Call, Sample, Settings

UNTYPED: Call = (NOT_OBSERVED, NOT_OBSERVED)
_OTHER = "any other"  # stands for every allele that nobody saw


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class ErrorModel:
    """How a sample may show something else than what is there; see this module for the meaning of each probability.

    Parameters
    ----------
    dropout : of each copy of an allele, at least 0 and below 1
    dropin : of a foreign allele, of each marker
    typing_error : of each allele read
    """

    dropout: float = 0.0
    dropin: float = 0.0
    typing_error: float = 0.0

    def __post_init__(self) -> None:
        for name in ("dropout", "dropin", "typing_error"):
            if not 0 <= getattr(self, name) <= 1:
                raise Nonsense(f"{name} is a probability, not {getattr(self, name)}")
        if self.dropout == 1:
            raise Nonsense("with a dropout of 1 nothing could be seen")

    @property
    def exact(self) -> bool:
        """Whether the sample shows what is there."""
        return self == EXACT


EXACT = ErrorModel()


def errors_of(settings: Settings, sample: Sample | None) -> ErrorModel:
    """Give the error model of a sample: what is stated of it, else what ``[genetics]`` states of all.

    Parameters
    ----------
    sample : None where nothing but its profile is known
    """
    stated = {
        name: getattr(settings, name) if getattr(sample, name, None) is None else getattr(sample, name)
        for name in ("dropout", "dropin", "typing_error")
    }
    return ErrorModel(**stated) if any(stated.values()) else EXACT


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """The call of one sample, and how it may be wrong."""

    call: Call
    errors: ErrorModel


@dataclass(frozen=True, slots=True)
class Observed:
    """What several samples, or one that may be wrong, say about one genotype. Independent given the genotype.

    Parameters
    ----------
    readings : calls that may be wrong, in order
    exact : what the samples without an error model say together
    """

    readings: tuple[Reading, ...]
    exact: Call = UNTYPED


Observation = Call | Observed
"""A call taken as right, or what was observed with its errors."""


def observed(call: Call, errors: ErrorModel = EXACT) -> Observation:
    """Give the observation of one sample: the call itself if it is taken as right, or if nothing was observed.

    >>> observed(("9", "8"))
    ('9', '8')
    >>> observed(("9", "8"), ErrorModel(dropout=0.1)).readings[0].call
    ('8', '9')
    """
    if errors.exact or call == UNTYPED:
        return call
    return Observed((Reading(_call(_alleles(call)), errors),))


def both(first: Call, second: Call) -> Call | None:
    """Give what two calls of one genotype say together; None if they exclude each other.

    >>> both(("9", "?"), ("12", "9")), both(("9", "?"), ("12", "?")), both(("9", "9"), ("9", "12"))
    (('9', '12'), ('9', '12'), None)
    """
    seen, more = _alleles(first), _alleles(second)
    if len(seen) < len(more):
        seen, more = more, seen
    if len(seen) == 2:
        return _call(seen) if not more or seen == more or (len(more) == 1 and more[0] in seen) else None
    return _call(sorted({*seen, *more}, key=by_size)) if len(seen) == 1 else UNTYPED


def together(first: Observation, second: Observation) -> Observation | None:
    """Give what two observations of one genotype say together; None if two calls taken as right exclude each other.

    Calls that may be wrong count each: the same call seen twice with errors is stronger than seen once. Calls
    that are taken as right are one genotype, however often it was seen.
    """
    if isinstance(first, tuple) and isinstance(second, tuple):
        return both(first, second)
    one, other = _parts(first), _parts(second)
    exact = both(one.exact, other.exact)
    if exact is None:
        return None
    readings = tuple(sorted((*one.readings, *other.readings)))
    return Observed(readings, exact) if readings else exact


def _parts(observation: Observation) -> Observed:
    return observation if isinstance(observation, Observed) else Observed((), observation)


def calls_shown(observation: Observation) -> tuple[Call, ...]:
    """Give the different calls that stand in an observation, the one taken as right first; none if untyped."""
    parts = _parts(observation)
    found = dict.fromkeys((parts.exact, *(reading.call for reading in parts.readings)))
    return tuple(call for call in found if call != UNTYPED)


def agree(first: Observation, second: Observation, *, silent: bool = False) -> bool:
    """Whether some genotype explains both observations.

    Parameters
    ----------
    silent : whether the marker has a silent allele

    Examples
    --------
    >>> agree(("8", "9"), observed(("8", "8"), ErrorModel(dropout=0.1)))
    True
    >>> agree(("8", "9"), observed(("10", "10"), ErrorModel(dropout=0.1)))
    False
    """
    joint = together(first, second)
    if joint is None or isinstance(joint, tuple) or UNTYPED in (first, second):
        return joint is not None
    # which genotypes are possible depends on the alleles seen, and all the others are alike
    seen = {allele for call in calls_shown(joint) for allele in call if allele != NOT_OBSERVED}
    alleles = (*sorted(seen), _OTHER, *((SILENT,) if silent else ()))
    share = 1 / len(alleles)
    toy = Locus(marker="", alleles=alleles, frequencies=np.full(len(alleles), share), silent=share if silent else 0.0)
    return bool((observation_row(toy, joint) > 0).any())


def exact_genotype(locus: Locus, observation: Observation, *, male: bool = False) -> tuple[int, int] | None:
    """The one genotype that an observation is, smaller allele first; None if several are possible, or none."""
    if not isinstance(observation, tuple):
        return None
    seen = sorted(_places(locus, observation))
    if male and locus.x_linked:
        return (seen[0], seen[0]) if len(set(seen)) == 1 else None
    if len(seen) < 2 or (locus.silent and seen[0] == seen[1]):
        return None
    return seen[0], seen[1]


def observation_row(locus: Locus, observation: Observation, *, male: bool = False) -> Floats:
    """Give the probability of an observation for each genotype.

    Parameters
    ----------
    male : whether it is of a man. At a marker of the X chromosome he has one copy, written a/a, so that
        ``a, ?`` is all of it, as is ``a, a``; other genotypes then do not matter

    Returns
    -------
    (G,)
        P(observed | genotype). Of a call taken as right: one for each genotype that would be seen
        as the call, zero for the others. All ones if nothing was observed.

    Raises
    ------
    NotFound
        If the locus lacks an allele.
    Nonsense
        If a silent allele is said to have been seen.
    """
    single = male and locus.x_linked
    if isinstance(observation, tuple):
        return _exact_row(locus, observation, single)
    rows = [_reading_row(locus, reading.call, reading.errors, single) for reading in observation.readings]
    if observation.exact != UNTYPED:
        rows.append(_exact_row(locus, observation.exact, single))
    return reduce(np.multiply, rows, np.ones(locus.size))


@lru_cache(maxsize=4096)
def observation_matrix(locus: Locus, observation: Observation, *, male: bool = False) -> Floats:
    """Give :func:`observation_row` by ordered genotype, (n, n) and symmetric."""
    n = len(locus.alleles)
    matrix = np.empty((n, n))
    a, b = locus.genotypes.T
    matrix[a, b] = matrix[b, a] = observation_row(locus, observation, male=male)
    matrix.setflags(write=False)  # it is shared
    return matrix


def may_be_seen(locus: Locus, errors: ErrorModel = EXACT, *, male: bool = False) -> tuple[tuple[Call, ...], Floats]:
    """Give every call that may be seen of someone, with :data:`UNTYPED` last, and how likely each is of each genotype.

    Parameters
    ----------
    male : whether he is a man, of whom an X marker shows one allele; see :func:`observation_row`

    Returns
    -------
    calls, (calls, G)
        P(call | genotype); every column sums to one. The last row is that of no call, which is not used.

    Examples
    --------
    >>> locus = Locus(marker="L", alleles=("8", "9"), frequencies=np.array([0.4, 0.6]))
    >>> may_be_seen(locus)[0]
    (('8', '8'), ('8', '9'), ('9', '9'), ('?', '?'))
    """
    named = [allele for allele in locus.alleles if allele != SILENT or not locus.silent]
    calls = tuple((a, b) for k, b in enumerate(named) for a in named[: k + 1])
    rows = [observation_row(locus, observed(call, errors), male=male) for call in calls]
    return (*calls, UNTYPED), np.array([*rows, no_call_row(locus, errors, male=male)])


def no_call_row(locus: Locus, errors: ErrorModel, *, male: bool = False) -> Floats:
    """Give the probability that a sample gives no call, for each genotype: no allele is seen, or three.

    It is what :func:`observation_row` of every whole call leaves of one, computed on its own. It
    enters no likelihood: no call may also mean that the marker was not tested.
    """
    reads = _Reads(locus, errors, male and locus.x_linked)
    f, c = reads.foreign, errors.dropin
    three = np.zeros(locus.size)
    for z in range(len(f)):
        for y in range(z):
            three += reads.two(y, z) * c * (1 - f[y] - f[z])
    return np.asarray(reads.none * (1 - c) + three)


def _exact_row(locus: Locus, call: Call, single: bool) -> Floats:
    seen = sorted(_places(locus, call))
    genotypes = locus.genotypes
    if single and len(seen) == 1:
        seen *= 2
    if len(seen) == 2:
        shown = np.all(genotypes == seen, axis=1)
        if seen[0] == seen[1] and locus.silent and not single:
            shown |= np.all(genotypes == sorted((seen[0], locus.silent_index)), axis=1)
        return np.asarray(shown, dtype=np.float64)
    if len(seen) == 1:
        return np.asarray(np.any(genotypes == seen[0], axis=1), dtype=np.float64)
    return np.ones(locus.size)


class _Reads:
    """What is seen of the two copies of each genotype of a locus, before a foreign allele joins.

    ``foreign`` (n,) is the population's distribution of alleles that can be seen, ``none`` (G,) the
    probability that neither copy is seen. With ``single`` there is one copy, of the genotypes a/a.
    """

    def __init__(self, locus: Locus, errors: ErrorModel, single: bool) -> None:
        seen = np.ones(len(locus.alleles))
        if locus.silent:
            seen[locus.silent_index] = 0.0
        self.foreign = locus.frequencies * seen / (1 - locus.silent)
        self.misread = errors.typing_error
        self.first, self.second = locus.genotypes.T
        self.kept = seen * (1 - errors.dropout)
        lost = 1 - self.kept
        self.copies = (self.first == self.second).astype(np.float64) if single else None  # one, or it does not matter
        self.none = lost[self.first] * (lost[self.second] if self.copies is None else self.copies)

    def as_allele(self, z: int) -> Floats:
        """(n,) probability that a copy of each allele is read as ``z``."""
        right = np.zeros(len(self.kept))
        right[z] = 1 - self.misread
        return np.asarray(self.kept * (right + self.misread * self.foreign[z]))

    def one(self, z: int) -> Floats:
        """(G,) only ``z`` is seen."""
        z_, lost = self.as_allele(z), 1 - self.kept
        a, b = self.first, self.second
        if self.copies is not None:
            return np.asarray(z_[a] * self.copies)
        return np.asarray(z_[a] * lost[b] + lost[a] * z_[b] + z_[a] * z_[b])

    def two(self, y: int, z: int) -> Floats:
        """(G,) two different alleles are seen."""
        if self.copies is not None:
            return np.zeros(len(self.first))
        y_, z_ = self.as_allele(y), self.as_allele(z)
        a, b = self.first, self.second
        return np.asarray(y_[a] * z_[b] + z_[a] * y_[b])


@lru_cache(maxsize=8192)
def _reading_row(locus: Locus, call: Call, errors: ErrorModel, single: bool) -> Floats:
    """P(call | genotype), (G,), with errors."""
    places = _places(locus, call)
    if single and len(places) == 1:
        places *= 2
    reads = _Reads(locus, errors, single)
    if len(places) == 2:
        row = _whole_call(reads, places[0], places[1], errors.dropin)
    else:
        row = np.sum([_whole_call(reads, places[0], z, errors.dropin) for z in range(len(locus.alleles))], axis=0)
    row.setflags(write=False)  # it is shared
    return row


def _whole_call(reads: _Reads, y: int, z: int, dropin: float) -> Floats:
    """P(the alleles seen are y and z), or only y where they are the same."""
    foreign = dropin * reads.foreign
    if y == z:
        return np.asarray(reads.one(z) * (1 - dropin + foreign[z]) + reads.none * foreign[z])
    unchanged = 1 - dropin + foreign[y] + foreign[z]
    return np.asarray(reads.two(y, z) * unchanged + reads.one(y) * foreign[z] + reads.one(z) * foreign[y])


def _places(locus: Locus, call: Call) -> list[int]:
    """The places of the alleles that a call shows."""
    if SILENT in call and locus.silent:
        raise Nonsense(f"marker {locus.marker}: a silent allele is not seen; {call} cannot be a call")
    return [locus.allele_index(allele) for allele in call if allele != NOT_OBSERVED]


def _alleles(call: Call) -> list[str]:
    return sorted((allele for allele in call if allele != NOT_OBSERVED), key=by_size)


def _call(alleles: Sequence[str]) -> Call:
    first, second = (*alleles, NOT_OBSERVED)[:2]
    return first, second
