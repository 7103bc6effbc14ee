"""How often real, unrelated people match families by chance: ``make validate``, or ``python -m validation.matches``.

The 1,036 people of NIST's population sample (29 autosomal markers) stand for unrelated remains; families of each
of its four populations are invented from its allele frequencies. If the likelihood ratio means what it says, no
more than one unrelated pair in t exceeds t. People are compared with families of their own population, and,
for comparison, of each other population, with and without theta.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from homeward.genetics.family import Family, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.scoring import log_lr_matrix
from homeward.programme import (
    NOT_OBSERVED,
    Call,
    Marker,
    Member,
    MutationKind,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Settings,
    Transform,
)
from homeward.provenance import digest_of_science
from homeward.simulation.families import NOBODY, kinship
from homeward.simulation.inheritance import descend, inheritance
from homeward.simulation.scenario import FamilyType
from homeward.tables import mutation_rates, nist1036, nist1036_people
from validation.run import ROOT, machine, versions, write_atomically

PEOPLE = ROOT.parent / "shared" / "reference" / "nist1036" / "genotypes.csv"
RESULT = ROOT / "validation" / "results" / "matches.json"
FAMILIES, WITH_THETA = 30_000, 120  # per population: without theta, and with (whose tables take the plain way)
THETA = 0.01
SEED = 2018
BLOCK = 3000  # families compared at a time
LEVEL = 0.001  # the lower limit is exceeded by chance this often
LEAST = 10  # a threshold is judged where so many pairs are expected above it at most
_SHAPES: tuple[tuple[tuple[str, int], ...], ...] = (
    (("father", 1), ("mother", 1)),
    (("mother", 1),),
    (("child", 1),),
    (("sibling", 1),),
    (("sibling", 2), ("mother", 1)),
    (("half_sibling", 1),),
    (("nibling", 1),),
    (("cousin_pair", 1),),
)
_NEAR = _SHAPES[:6]  # with theta: the tables of families with many untyped founders would take days

Floats = npt.NDArray[np.float64]


def people(path: Path = PEOPLE) -> dict[str, list[dict[str, Call]]]:
    """Population -> calls of each of its people; what is blank in the file was not observed."""
    found: dict[str, list[dict[str, Call]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            markers = {name.rsplit(" ", 1)[0] for name in row if name.endswith((" 1", " 2"))}
            calls = {
                marker: (row[f"{marker} 1"] or NOT_OBSERVED, row[f"{marker} 2"] or NOT_OBSERVED)
                for marker in sorted(markers)
            }
            found.setdefault(row["population"], []).append(calls)
    return found


def programme(population: str, number: int, *, theta: float, seed: int) -> Programme:
    """Invent families of one population, each with one missing person, with its references typed."""
    rng = np.random.default_rng(seed)
    shapes = _NEAR if theta else _SHAPES
    types = [FamilyType(share=1, missing=1, relatives=shape) for shape in shapes]
    kin = kinship([types[index % len(types)] for index in range(number)], rng)
    home = np.zeros(len(kin), dtype=np.intp)
    calls: list[dict[str, Call]] = [{} for _ in range(len(kin))]
    tables = nist1036()[population]
    for marker, table in tables.items():
        of = inheritance(marker, [table], mutation_rates())
        for member, (a, b) in enumerate(descend(of, kin, home, rng).tolist()):
            if kin.typed[member]:
                calls[member][marker] = (of.alleles[a], of.alleles[b])
    rates = mutation_rates()
    return Programme(
        settings=Settings(name="matches", population=population, theta=theta),
        pedigrees=tuple(_pedigrees(kin)),
        profiles=tuple(
            Profile(sample_id=f"s{member}", subject_id=f"m{member}", calls=of) for member, of in enumerate(calls) if of
        ),
        markers=tuple(Marker(marker=marker, sample_size=nist1036_people()[population]) for marker in tables),
        frequencies={population: tables},
        mutation=tuple(
            MutationModel(
                marker=marker,
                model=MutationKind.STEPWISE,
                rate_female=rates.female,
                rate_male=rates.male,
                rate2=rates.rate2,
                range=rates.range,
                transform=Transform.PM,
            )
            for marker in tables
        ),
    )


def _pedigrees(kin: Any) -> Iterator[Pedigree]:
    members: dict[int, list[Member]] = {}
    for place, family in enumerate(kin.family):
        father, mother = ("" if parent == NOBODY else f"m{parent}" for parent in (kin.father[place], kin.mother[place]))
        person = "" if kin.person[place] == NOBODY else f"p{kin.person[place]}"
        members.setdefault(family, []).append(
            Member(
                family_id=f"f{family}",
                member_id=f"m{place}",
                father_id=father,
                mother_id=mother,
                sex=kin.sex[place],
                person_id=person,
            )
        )
    for family, of_family in members.items():
        yield Pedigree(family_id=f"f{family}", members=tuple(of_family))


def log10_lrs(programme: Programme, remains: Sequence[Mapping[str, Call]]) -> Iterator[Floats]:
    """The log10 LR of every person against every family, a block of families at a time."""
    # alleles that only the people show must have a frequency too
    shown = tuple(
        Profile(sample_id=f"r{place}", subject_id=f"r{place}", calls=calls) for place, calls in enumerate(remains)
    )
    whole = Programme(**{**vars(programme), "profiles": (*programme.profiles, *shown)})
    found: list[Family] = families(whole, prepare_loci(whole))
    for start in range(0, len(found), BLOCK):
        yield log_lr_matrix(found[start : start + BLOCK], remains).log_lr / np.log(10)


def thresholds(pairs: int) -> list[float]:
    """log10 of the thresholds that can be judged with so many pairs: every half, up to a tenth of their number."""
    return [half / 2 for half in range(21) if pairs * 10 ** (-half / 2) >= LEAST]


def judged(counts: Mapping[float, int], pairs: int) -> list[dict[str, Any]]:
    """What was counted above each threshold, the lower limit of the rate, and whether it is at most 1/t."""
    rows = []
    for log10_t, above in counts.items():
        lower = float(beta.ppf(LEVEL / 2, above, pairs - above + 1)) if above else 0.0
        rows.append(
            {
                "log10_t": log10_t,
                "pairs": pairs,
                "above": above,
                "at_most": pairs * 10**-log10_t,
                "lower_limit_times_t": lower * 10**log10_t,
                "holds": lower <= 10**-log10_t,
            }
        )
    return rows


def compared(population: str, remains: Mapping[str, Sequence[Mapping[str, Call]]], number: int, theta: float) -> Any:
    """The families of one population against its own people, and then against those of each other.

    One after the other: an allele that only other populations show gets a frequency in the analysis, which
    would move the ratios of the population's own people.
    """
    invented = programme(population, number, theta=theta, seed=SEED + sorted(nist1036()).index(population))
    own = {of: them for of, them in remains.items() if of == population}
    others = {of: them for of, them in remains.items() if of != population}
    return {**_counted(invented, own, number), **_counted(invented, others, number)}


def _counted(invented: Programme, remains: Mapping[str, Sequence[Mapping[str, Call]]], number: int) -> dict[str, Any]:
    everyone = [calls for of in remains.values() for calls in of]
    counts = {of: dict.fromkeys(thresholds(len(them) * number), 0) for of, them in remains.items()}
    for block in log10_lrs(invented, everyone) if everyone else ():
        first = 0
        for of, them in remains.items():
            part = np.sort(block[first : first + len(them)].ravel())
            first += len(them)
            for limit in counts[of]:
                counts[of][limit] += len(part) - int(np.searchsorted(part, limit, side="right"))
    return {of: judged(counts[of], len(them) * number) for of, them in remains.items()}


def _words(shapes: Sequence[Sequence[tuple[str, int]]]) -> list[str]:
    return [" + ".join(f"{count} {kind}" for kind, count in shape) for shape in shapes]


def main() -> int:
    """Run it all and write the result; exit status 1 if a rate in a matched population is too high."""
    if not PEOPLE.is_file():
        print(f"NOT VALIDATED: {PEOPLE} is not at hand (real profiles are never copied here)", file=sys.stderr)
        return 0
    science, remains = digest_of_science(), people()
    found: dict[str, Any] = {}
    for label, number, theta in (("theta_0", FAMILIES, 0.0), (f"theta_{THETA}", WITH_THETA, THETA)):
        for population in sorted(nist1036()):
            found.setdefault(label, {})[population] = compared(population, remains, number, theta)
            print(f"{label} {population}: done", file=sys.stderr, flush=True)
    matched = [row for of in found.values() for population in of for row in of[population][population]]
    holds = all(row["holds"] for row in matched)
    if science != digest_of_science():
        print("The science changed while it was being validated; nothing was written. Run it again.", file=sys.stderr)
        return 1
    write_atomically(
        RESULT,
        {
            "claim": "of unrelated people of the matched population, no more than one pair in t exceeds a "
            "likelihood ratio of t (99.9% Clopper-Pearson lower limit)",
            "science": science,
            "people": {of: len(them) for of, them in remains.items()},
            "families": {"theta_0": FAMILIES, f"theta_{THETA}": WITH_THETA},
            "shapes": {"theta_0": _words(_SHAPES), f"theta_{THETA}": _words(_NEAR)},
            "seed": SEED,
            "holds": holds,
            "machine": machine(),
            "versions": versions(),
            "families_of": found,
        },
    )
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
