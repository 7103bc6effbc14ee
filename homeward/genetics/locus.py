"""A marker as a population carries it: alleles, frequencies, mutation; prepared from a programme.

Genotypes are unordered everywhere: alleles i <= j of the locus are genotype ``j (j + 1) / 2 + i``,
so that the genotypes of the first k alleles are the first k (k + 1) / 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, NotFound
from homeward.genetics.mutation import Floats, mutation_matrix
from homeward.programme import (
    NOT_OBSERVED,
    NOTHING,
    REST,
    SILENT,
    FrequencyTable,
    Marker,
    MutationKind,
    MutationModel,
    Programme,
    SampleKind,
)
from homeward.tables import AMELOGENIN, canonical_marker

T = TypeVar("T")

TOLERANCE = 1e-4  # a frequency table may miss one by this much and is used as given
UNNAMED = ""  # what a table within the tolerance leaves over, or claims too much
_EXACT = 1e-12
_NO_SIZE = 0.002  # frequency of an allele new to a table whose sample size nobody stated


@dataclass(frozen=True, eq=False, kw_only=True)
class Locus:
    """One marker in one population.

    Parameters
    ----------
    marker : canonical name
    population : as in frequencies.csv
    alleles : (n,) those of the table, those added, and ``rest``: by size, then name, ``rest`` last.
        After them the silent allele where the marker has one. A prepared locus is :attr:`completed`: last
        may stand :data:`UNNAMED`
    frequencies : (n,) as given, none zero
    female, male : (n, n) mutation at a mother's and a father's meiosis, row = parent's allele;
        None where nothing mutates
    added : alleles seen in a profile that the table lacks, with the frequency they got
    rest : frequency of ``rest``, 0 without
    silent : frequency of the allele :data:`~homeward.programme.SILENT` that is never seen, 0 without
    x_linked : whether it lies on the X chromosome: men have one allele, their mother's

    Examples
    --------
    >>> locus = Locus(marker="TH01", population="A", alleles=("6", "9.3"), frequencies=np.array([0.4, 0.6]))
    >>> locus.genotypes.tolist()
    [[0, 0], [0, 1], [1, 1]]
    >>> locus.population_genotypes.round(2)
    array([0.16, 0.48, 0.36])
    """

    marker: str
    population: str = ""
    alleles: tuple[str, ...]
    frequencies: Floats
    female: Floats | None = None
    male: Floats | None = None
    added: tuple[tuple[str, float], ...] = ()
    rest: float = 0.0
    silent: float = 0.0
    x_linked: bool = False

    def __post_init__(self) -> None:
        n = len(self.alleles)
        if not n or len(set(self.alleles)) != n or self.frequencies.shape != (n,):
            raise Nonsense(f"marker {self.marker}: one frequency is needed for each of the different alleles")
        if (self.frequencies == 0).any():
            raise Nonsense(f"marker {self.marker}: an allele of frequency zero cannot be weighed; leave it out")
        for matrix in (self.female, self.male):
            if matrix is not None and matrix.shape != (n, n):
                raise Nonsense(f"marker {self.marker}: the mutation matrix is not {n} by {n}")
        if self.silent != (self.frequencies[self.alleles.index(SILENT)] if SILENT in self.alleles else 0.0):
            raise Nonsense(f"marker {self.marker}: the frequency of an allele named {SILENT} is that of silent")

    @property
    def size(self) -> int:
        """Number of genotypes, G = n (n + 1) / 2."""
        return len(self.alleles) * (len(self.alleles) + 1) // 2

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Allele -> its place among ``alleles``."""
        return {allele: i for i, allele in enumerate(self.alleles)}

    def allele_index(self, allele: str) -> int:
        """Place of an allele.

        Raises
        ------
        NotFound
            If the locus does not have it; :func:`prepare_loci` adds every allele of a programme.
        """
        try:
            return self.index[allele]
        except KeyError:
            raise NotFound(
                f"allele {allele} of marker {self.marker} has no frequency in population {self.population!r}"
            ) from None

    @property
    def silent_index(self) -> int:
        """Place of the silent allele; -1 without one."""
        return self.index.get(SILENT, -1)

    @cached_property
    def genotypes(self) -> npt.NDArray[np.intp]:
        """(G, 2) the smaller and the larger allele of each genotype."""
        larger, smaller = np.tril_indices(len(self.alleles))
        return np.stack([smaller, larger], axis=1)

    @cached_property
    def population_genotypes(self) -> Floats:
        """(G,) probability of each genotype in Hardy-Weinberg proportions."""
        a, b = self.genotypes.T
        p = self.frequencies
        return np.asarray(np.where(a == b, 1.0, 2.0) * p[a] * p[b])

    @cached_property
    def hemizygous_genotypes(self) -> Floats:
        """(G,) probability of each genotype of a man at a marker of the X chromosome: his allele a is written a/a."""
        a, b = self.genotypes.T
        return np.where(a == b, self.frequencies[a], 0.0)

    @cached_property
    def completed(self) -> Locus:
        """The locus with what its frequencies miss of one as a last, unnamed allele that does not mutate.

        A table that sums to 0.99998 is used as given: an untyped ancestor still carries *some*
        allele with probability one. The unnamed allele carries the remainder, which is negative
        where a table sums to a little more than one; its terms then cancel the excess. Since it
        is last, the genotypes of the locus are the first ones here. The locus itself if nothing is missing.
        """
        missing = 1 - float(self.frequencies.sum())
        if abs(missing) <= _EXACT:
            return self
        return replace(
            self,
            alleles=(*self.alleles, UNNAMED),
            frequencies=np.append(self.frequencies, missing),
            female=_with_unchanging(self.female),
            male=_with_unchanging(self.male),
        )


def _with_unchanging(matrix: Floats | None) -> Floats | None:
    """The matrix with one more allele, which does not mutate."""
    if matrix is None:
        return None
    larger = np.eye(len(matrix) + 1)
    larger[:-1, :-1] = matrix
    return larger


def genotype_index(a: int, b: int) -> int:
    """Place of the unordered genotype of two alleles.

    >>> [genotype_index(0, 0), genotype_index(1, 0), genotype_index(0, 1), genotype_index(1, 1)]
    [0, 1, 1, 2]
    """
    larger, smaller = max(a, b), min(a, b)
    return larger * (larger + 1) // 2 + smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class LocusNote:
    """Something about a marker that a reader of the result should know.

    ``code``: "allele_added" (allele, frequency), "rest_added" (frequency), "no_frequencies",
    "chromosome" (the marker is of the Y chromosome or mitochondrial) or "genetic_sex" (amelogenin).
    """

    code: str
    marker: str
    population: str = ""
    allele: str = ""
    frequency: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Loci:
    """The markers of one population, autosomal and of the X chromosome, by canonical name and in that order.

    ``linked`` are the pairs that are computed together: two of these markers, in that order, and the
    recombination fraction between them.
    """

    population: str
    by_marker: Mapping[str, Locus]
    notes: tuple[LocusNote, ...] = ()
    linked: tuple[tuple[str, str, float], ...] = ()

    @cached_property
    def independent(self) -> tuple[Loci, ...]:
        """The markers in parts that say nothing about each other: pairs that are linked, and single ones."""
        there = [pair for pair in self.linked if pair[0] in self.by_marker and pair[1] in self.by_marker]
        pairs = {pair[0]: pair for pair in there}
        later = {pair[1] for pair in there}
        return tuple(
            Loci(
                population=self.population,
                by_marker={name: self.by_marker[name] for name in (marker, *pairs.get(marker, ())[1:2])},
                linked=(pairs[marker],) if marker in pairs else (),
            )
            for marker in self.by_marker
            if marker not in later
        )

    def __iter__(self) -> Iterator[Locus]:
        return iter(self.by_marker.values())

    def __len__(self) -> int:
        return len(self.by_marker)

    def __getitem__(self, marker: str) -> Locus:
        return self.by_marker[marker]

    def __contains__(self, marker: object) -> bool:
        return marker in self.by_marker


def prepare_loci(programme: Programme, *, seen: Mapping[str, Collection[str]] = NOTHING) -> dict[str, Loci]:
    """Prepare every population's markers: names resolved, frequencies completed, mutation matrices made.

    ``seen`` names alleles (canonical marker -> alleles) of profiles that are kept elsewhere than in the programme.

    A table's frequencies are used as given when they sum to one within 1e-4; when they sum to
    less, an allele ``rest`` takes the remainder. An allele that a profile shows and the table
    lacks gets max(min_frequency, 5 / (2 sample_size)), with 0.002 where no sample size is
    stated: from ``rest`` as far as it goes, the others scaled for what is still lacking.

    Raises
    ------
    Nonsense
        If a table sums to more than one, two spellings of one marker occur side by side, or a
        mutation model cannot be applied to the alleles.
    """
    names = MarkerNames(programme.markers)
    alleles = _alleles_seen(programme, names, seen)
    models = _by_name(((model.marker, model) for model in programme.mutation), names, "the mutation models")
    unused = _unused_markers(programme, names, alleles)
    return {
        population: _prepared(population, tables, names, alleles, models, unused)
        for population, tables in sorted(programme.frequencies.items())
    }


class MarkerNames:
    """The names of a programme's markers: any spelling to the canonical one."""

    def __init__(self, markers: Sequence[Marker]) -> None:
        self._aliases = {alias: marker.marker for marker in markers for alias in marker.aliases}
        self._known: dict[str, str] = {}
        self.details = _by_name(((marker.marker, marker) for marker in markers), self, "markers")

    def __call__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = canonical_marker(name, self._aliases)
        return self._known[name]

    def has_silent(self, marker: str) -> bool:
        """Whether a marker, by its canonical name, has a silent allele."""
        detail = self.details.get(marker)
        return detail is not None and bool(detail.silent_frequency)

    def autosomal(self, marker: str) -> bool:
        """Whether a canonical name is an ordinary autosomal marker."""
        detail = self.details.get(marker)
        return marker != AMELOGENIN and (detail is None or detail.chromosome == "A")

    def x_linked(self, marker: str) -> bool:
        """Whether a canonical name is a marker of the X chromosome; amelogenin tells the sex and is none."""
        detail = self.details.get(marker)
        return marker != AMELOGENIN and detail is not None and detail.chromosome == "X"

    def compared(self, marker: str) -> bool:
        """Whether families and remains are compared by it: autosomal or of the X chromosome."""
        return self.autosomal(marker) or self.x_linked(marker)


def _by_name(items: Iterable[tuple[str, T]], names: Callable[[str], str], where: str) -> dict[str, T]:
    """Items under their marker's canonical name; two spellings of one marker are one too many."""
    spelt: dict[str, str] = {}
    found: dict[str, T] = {}
    for name, item in items:
        marker = names(name)
        if marker in found:
            raise Nonsense(f"{where}: {spelt[marker]!r} and {name!r} are one marker, {marker}")
        spelt[marker], found[marker] = name, item
    return found


def _alleles_seen(
    programme: Programme, names: MarkerNames, elsewhere: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Canonical marker -> alleles of references and remains; staff profiles are compared but change nothing."""
    elimination = {sample.sample_id for sample in programme.samples if sample.kind is SampleKind.ELIMINATION}
    seen: dict[str, set[str]] = {marker: set(alleles) for marker, alleles in elsewhere.items()}
    for profile in programme.profiles:
        if profile.sample_id in elimination:
            continue
        for name, call in profile.calls.items():
            seen.setdefault(names(name), set()).update(allele for allele in call if allele != NOT_OBSERVED)
    return seen


def _unused_markers(programme: Programme, names: MarkerNames, seen: Iterable[str]) -> list[LocusNote]:
    """Why a marker of the profiles or tables is not among those compared."""
    tabled = {names(name) for tables in programme.frequencies.values() for name in tables}
    codes = {
        marker: "genetic_sex" if marker == AMELOGENIN else "chromosome"
        for marker in {*seen, *tabled}
        if not names.compared(marker)
    }
    return [LocusNote(code=code, marker=marker) for marker, code in sorted(codes.items())]


def _prepared(
    population: str,
    tables: Mapping[str, FrequencyTable],
    names: MarkerNames,
    seen: Mapping[str, set[str]],
    models: Mapping[str, MutationModel],
    unused: Sequence[LocusNote],
) -> Loci:
    by_name = _by_name(tables.items(), names, f"frequencies of {population}")
    loci = {
        marker: _locus(population, marker, table, names.details.get(marker), seen.get(marker, set()), models).completed
        for marker, table in sorted(by_name.items())
        if names.compared(marker)
    }
    lacking = [
        LocusNote(code="no_frequencies", marker=marker, population=population)
        for marker in sorted(set(seen) - set(by_name))
        if names.compared(marker)
    ]
    return Loci(
        population=population,
        by_marker=loci,
        linked=_linked(loci, names),
        notes=(
            *unused,
            *lacking,
            *(note for locus in loci.values() for note in _changes(locus, by_name[locus.marker])),
        ),
    )


def _linked(loci: Collection[str], names: MarkerNames) -> tuple[tuple[str, str, float], ...]:
    """The pairs of markers that are linked and both there, each once, in the order of the loci."""
    order = {marker: k for k, marker in enumerate(loci)}
    pairs: dict[str, tuple[str, str, float]] = {}
    for marker, detail in names.details.items():
        other = names(detail.linked_to) if detail.linked_to else ""
        if marker not in order or other not in order:
            continue
        if detail.rho is None:
            raise Nonsense(f"markers {marker} and {other} are said to be linked, and rho is not stated")
        first, second = sorted((marker, other), key=order.__getitem__)
        pair = (first, second, detail.rho)
        if any(pairs.get(name, pair) != pair for name in (first, second)):
            raise Nonsense(f"markers {first} and {second}: linked markers are computed in pairs, with one rho")
        pairs[first] = pairs[second] = pair
    return tuple(sorted(set(pairs.values()), key=lambda pair: order[pair[0]]))


def _changes(locus: Locus, table: FrequencyTable) -> Iterator[LocusNote]:
    """What was done to a table: alleles added, the remainder given to ``rest``."""
    of = {"marker": locus.marker, "population": locus.population}
    for allele, frequency in locus.added:
        yield LocusNote(code="allele_added", allele=allele, frequency=frequency, **of)
    if locus.rest > 0 and REST not in table:
        yield LocusNote(code="rest_added", allele=REST, frequency=locus.rest, **of)


def _locus(
    population: str,
    marker: str,
    table: FrequencyTable,
    detail: Marker | None,
    seen: set[str],
    models: Mapping[str, MutationModel],
) -> Locus:
    model = models.get(marker)
    frequencies, added = complete_frequencies(
        table,
        seen | _named_by_matrices(model),
        frequency_if_new=frequency_if_new(detail),
        what=f"marker {marker} in population {population}",
    )
    alleles = tuple(sorted(frequencies, key=by_size))
    values = np.array([frequencies[allele] for allele in alleles])
    locus = Locus(
        marker=marker,
        population=population,
        alleles=alleles,
        frequencies=values,
        female=_mutation(model, alleles, values, female=True),
        male=_mutation(model, alleles, values, female=False),
        added=added,
        rest=frequencies.get(REST, 0.0),
        x_linked=detail is not None and detail.chromosome == "X",
    )
    return with_silent(locus, detail.silent_frequency or 0.0) if detail else locus


def with_silent(locus: Locus, frequency: float) -> Locus:
    """Give a marker a silent allele, which is inherited as any other and never seen.

    Parameters
    ----------
    locus : without one, not completed
    frequency : of the silent allele; those of the others are multiplied by 1 - frequency

    Notes
    -----
    As in Familias (Kling et al. 2014): the others mutate among themselves as they did without it, and it
    neither mutates nor arises by mutation.

    Examples
    --------
    >>> at = with_silent(Locus(marker="L", alleles=("8", "9"), frequencies=np.array([0.4, 0.6])), 0.05)
    >>> at.alleles, at.frequencies.round(12).tolist()
    (('8', '9', 'silent'), [0.38, 0.57, 0.05])
    """
    if not 0 <= frequency < 1:
        raise Nonsense(f"marker {locus.marker}: a silent allele's frequency is at least 0 and below 1, not {frequency}")
    if not frequency:
        return locus
    return replace(
        locus,
        alleles=(*locus.alleles, SILENT),
        frequencies=np.append(locus.frequencies * (1 - frequency), frequency),
        female=_with_unchanging(locus.female),
        male=_with_unchanging(locus.male),
        added=tuple((allele, given * (1 - frequency)) for allele, given in locus.added),
        rest=locus.rest * (1 - frequency),
        silent=frequency,
    )


def _named_by_matrices(model: MutationModel | None) -> set[str]:
    if model is None or model.model is not MutationKind.CUSTOM:
        return set()
    return {allele for matrix in (model.female, model.male) for pair in matrix for allele in pair} - {REST}


def frequency_if_new(marker: Marker | None) -> float:
    """Frequency of an allele that a table lacks: max(min_frequency, 5 / (2 n)), or 0.002 for the latter without n.

    >>> frequency_if_new(Marker(marker="TH01", sample_size=500))
    0.005
    """
    if marker is None:
        return _NO_SIZE
    default = 5 / (2 * marker.sample_size) if marker.sample_size else _NO_SIZE
    return max(marker.min_frequency or 0.0, default)


def complete_frequencies(
    table: FrequencyTable, seen: Collection[str], *, frequency_if_new: float, what: str = "the table"
) -> tuple[dict[str, float], tuple[tuple[str, float], ...]]:
    """Give every allele that is seen a frequency, and the remainder of an incomplete table to ``rest``.

    Parameters
    ----------
    table : allele -> frequency; an allele listed with frequency zero counts as absent
    seen : alleles that profiles show
    frequency_if_new : what an allele absent from the table gets
    what : how to call the table in an error

    Returns
    -------
    The frequencies, and the alleles that were added with what each got.

    Raises
    ------
    Nonsense
        If a frequency is no probability, the table sums to more than 1.0001, the alleles to
        be added would take everything, or an allele is named as the silent one.

    Examples
    --------
    One allele in ten is unnamed; the new allele 17 is one of those.

    >>> frequencies, added = complete_frequencies({"8": 0.4, "9": 0.5}, {"8", "17"}, frequency_if_new=0.02)
    >>> {allele: round(frequency, 12) for allele, frequency in frequencies.items()}, added
    ({'8': 0.4, '9': 0.5, '17': 0.02, 'rest': 0.08}, (('17', 0.02),))

    A complete table makes room for it: the others are scaled by 1 - 0.02.

    >>> complete_frequencies({"8": 0.4, "9": 0.6}, {"17"}, frequency_if_new=0.02)[0]
    {'8': 0.392, '9': 0.588, '17': 0.02}
    """
    for allele, frequency in table.items():
        if not 0 <= frequency <= 1:
            raise Nonsense(f"{what}: the frequency of allele {allele} is {frequency}, no probability")
    named = {allele: frequency for allele, frequency in table.items() if frequency > 0 and allele != REST}
    if SILENT in table or SILENT in seen:
        raise Nonsense(f"{what}: no allele can be named {SILENT}; markers.csv states a silent_frequency")
    total = sum(table.values())
    if total > 1 + TOLERANCE:
        raise Nonsense(f"{what}: the frequencies sum to {total:.6g}, which is more than 1")
    rest = table.get(REST, 0.0) + (1 - total if total < 1 - TOLERANCE else 0.0)
    new = sorted(set(seen) - set(named) - {REST}, key=by_size)
    needed = len(new) * frequency_if_new
    if needed >= 1:
        raise Nonsense(
            f"{what}: {len(new)} alleles lack a frequency; at {frequency_if_new:.6g} each they fill the table"
        )
    taken = min(needed, rest)
    scale = (1 - needed) / (1 - taken)
    frequencies = {allele: frequency * scale if scale != 1 else frequency for allele, frequency in named.items()}
    frequencies |= dict.fromkeys(new, frequency_if_new)
    if rest > taken:
        frequencies[REST] = rest - taken
    if not frequencies:
        raise Nonsense(f"{what}: no allele has a frequency above zero")
    return frequencies, tuple((allele, frequency_if_new) for allele in new)


def by_size(allele: str) -> tuple[int, Decimal, str]:
    """Order of alleles: by number of repeats, then by name, ``rest`` last."""
    try:
        size = Decimal(allele)
    except InvalidOperation:
        size = Decimal("nan")
    if allele == REST or not size.is_finite():
        return (2 if allele == REST else 1, Decimal(0), allele)
    return (0, size, allele)


def _mutation(model: MutationModel | None, alleles: Sequence[str], p: Floats, *, female: bool) -> Floats | None:
    if model is None or model.model is MutationKind.NONE:
        return None
    try:
        matrix = mutation_matrix(
            model.model,
            alleles,
            p,
            rate=(model.rate_female if female else model.rate_male) or 0.0,
            rate2=model.rate2,
            range=model.range,
            transform=model.transform,
            custom=model.female if female else model.male,
        )
    except Nonsense as problem:
        raise Nonsense(f"marker {model.marker}: {problem}") from None
    return None if np.array_equal(matrix, np.eye(len(alleles))) else matrix
