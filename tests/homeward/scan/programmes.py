"""A small programme with every kind of family, and the answer of the general way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from homeward.genetics.family import families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.scoring import log_lr_matrix
from homeward.identification.individuals import individuals_of
from homeward.programme import (
    Member,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
)

ALLELES = ("10", "11", "12", "13", "14")
MARKERS = tuple(f"M{number}" for number in range(6))

# member: father mother; x, y are missing
FAMILIES = {
    "parents": "x: f m",
    "mother": "x: f m",
    "sib": "x: f m; a: f m",
    "half": "x: f m; a: g m",
    "brothers": "x: f m; y: f m; a: f m",
    "uncle": "x: f m; f: g h; a: g h",
    "cousins married": "x: f m; f: i j; m: k l; i: g h; k: g h",
    "second sample": "x: f m; a: f m",
    "twin": "x: f m; a: f m; b: f m",
    "contradictory": "x: f m; a: f m",
    "nobody typed": "x: f m",
    "own tooth": "x: f m",
    "in-law": "x: f m; c: x w",
    "child": "c: x w",
    "one parent": "x: f",
}
TYPED = {
    "parents": "f m",
    "mother": "m",
    "sib": "a",
    "half": "a",
    "brothers": "a",
    "uncle": "a",
    "cousins married": "g j l",
    "second sample": "a a",
    "twin": "a",
    "contradictory": "f m a",
    "nobody typed": "",
    "own tooth": "x",
    "in-law": "w",
    "child": "c",
    "one parent": "f",
}


def programme(seed: int = 1, *, remains: int = 25, **settings) -> Programme:
    """Families of :data:`FAMILIES` in two populations, each twice, and remains that show parts of profiles."""
    random = np.random.default_rng(seed)
    populations = {name: random.dirichlet(np.full(5, 2.0), size=len(MARKERS)) for name in ("North", "South")}
    pedigrees, samples, profiles, missing = [], [], [], []
    for number, (population, name) in enumerate([(p, f) for p in populations for f in FAMILIES]):
        family = f"{name} {number}"
        members = _members(family, FAMILIES[name], population, name == "twin", random)
        pedigrees.append(Pedigree(family_id=family, members=members))
        missing += [MissingPerson(person_id=m.person_id, sex=m.sex) for m in members if m.person_id]
        for place, who in enumerate(TYPED[name].split()):
            sample = f"{family} {who} {place}"
            samples.append(Sample(sample_id=sample, subject_id=f"{family} {who}", kind=SampleKind.REFERENCE))
            calls = _contradicting(who) if name == "contradictory" else _calls(random, populations[population])
            if name == "second sample" and place == 1:
                calls = {marker: (pair[0], "?") for marker, pair in profiles[-1].calls.items()}
            profiles.append(Profile(sample_id=sample, subject_id=f"{family} {who}", calls=calls))
    found = []
    for number in range(remains):
        name = f"R{number:02d}"
        found.append(Remains(remains_id=name, sex=Sex("MFU"[number % 3]), same_as="R01" if number == 2 else ""))
        calls = _calls(random, populations["North"], missing=0.3)
        if number == 2:
            calls = {marker: (pair[0], "?") for marker, pair in profiles[-1].calls.items()}
        profiles.append(Profile(sample_id=f"{name} s", subject_id=name, calls=calls))
        samples.append(Sample(sample_id=f"{name} s", subject_id=name, kind=SampleKind.REMAINS))
    return Programme(
        settings=Settings(name="small", population="North", **settings),
        missing=tuple(missing),
        pedigrees=tuple(pedigrees),
        samples=tuple(samples),
        profiles=tuple(profiles),
        remains=tuple(found),
        frequencies={
            name: {m: dict(zip(ALLELES, f.tolist(), strict=True)) for m, f in zip(MARKERS, of, strict=True)}
            for name, of in populations.items()
        },
    )


def _members(family, text, population, twins, random):
    parents = {row.split(":")[0].strip(): row.split(":")[1].split() for row in text.split(";")}
    everyone = dict.fromkeys([*(parent for pair in parents.values() for parent in pair), *parents])
    fathers = {pair[0] for pair in parents.values()}
    mothers = {pair[1] for pair in parents.values() if len(pair) > 1}
    sexes = {
        who: Sex.MALE if who in fathers else Sex.FEMALE if who in mothers else Sex("MMF"[random.integers(3)])
        for who in everyone
    }
    sexes |= dict.fromkeys({"a", "b"} & everyone.keys(), Sex.UNKNOWN)
    return tuple(
        Member(
            family_id=family,
            member_id=f"{family} {who}",
            father_id=f"{family} {parents[who][0]}" if who in parents else "",
            mother_id=f"{family} {parents[who][1]}" if who in parents and len(parents[who]) > 1 else "",
            sex=sexes[who],
            population=population,
            person_id=f"P {family} {who}" if who in ("x", "y") else "",
            twin_of=f"{family} a" if twins and who == "b" else "",
        )
        for who in everyone
    )


def _calls(random, frequencies, missing=0.1):
    return {
        marker: (str(random.choice(ALLELES, p=of)), "?" if random.random() < 0.1 else str(random.choice(ALLELES, p=of)))
        for marker, of in zip(MARKERS, frequencies, strict=True)
        if random.random() >= missing
    }


def _contradicting(who):
    return {"M0": {"f": ("10", "10"), "m": ("10", "11"), "a": ("12", "13")}[who]}


def expected(of: Programme, threshold: float) -> list[tuple[str, str, float]]:
    """Every pair that reaches the threshold, by the order of slots and remains, as the general way scores them."""
    individuals = individuals_of(of)
    found = families(of, prepare_loci(of))
    scores = log_lr_matrix(found, [one.calls for one in individuals], engine="compiled")
    log10_lr = scores.log_lr / np.log(10)
    return [
        (individuals[r].remains_id, scores.slots[s].person_id, log10_lr[r, s].item())
        for s in range(len(scores.slots))
        for r in range(len(individuals))
        if scores.informed[s] and log10_lr[r, s] >= threshold
    ]


def results(out: Path) -> list[tuple[str, str, float]]:
    """What a scan wrote."""
    table = pq.read_table(out / "results.parquet")
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def with_every_sex(of: Programme) -> Programme:
    """Whoever has no sex is a woman: markers on X need one."""
    return replace(
        of,
        pedigrees=tuple(
            Pedigree(
                family_id=one.family_id,
                members=tuple(
                    replace(member, sex=Sex.FEMALE) if member.sex is Sex.UNKNOWN else member for member in one.members
                ),
            )
            for one in of.pedigrees
        ),
    )
