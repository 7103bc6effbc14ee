"""Families and markers of the benchmarks: 24 markers of 8 to 30 alleles, full stepwise mutation."""

from __future__ import annotations

import numpy as np

from homeward.genetics.locus import Locus
from homeward.genetics.mutation import mutation_matrix
from homeward.programme import Call, Member, MutationKind, Pedigree, Transform

SIZES = [8, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 18, 19, 20, 21, 23, 26, 30]

# child: father mother; the missing person is x
FAMILIES = {
    "both parents": ("x: f m", "f m"),
    "one parent": ("x: f m", "f"),
    "one sib": ("x: f m; a: f m", "a"),
    "three sibs": ("x: f m; a: f m; b: f m; c: f m", "a b c"),
    "mother and two sibs": ("x: f m; a: f m; b: f m", "m a b"),
    "half-sib": ("x: f m; a: f n", "a"),
    "uncle": ("x: f m; f: g h; u: g h", "u"),
    "cousin": ("x: f m; f: g h; u: g h; c: u v", "c"),
    "grandparents and aunt": ("x: f m; f: g h; u: g h", "g h u"),
    "twenty people": (
        "f: g h; u: g h; v: g h; x: f m; y: f m; m: i j; w: i j; "
        "c1: u u2; c2: u u2; d1: v v2; d2: v v2; e1: w w2; s: x x2",
        "u c1 c2 d1 d2 e1 y w s",
    ),
}


def markers(sizes: list[int] = SIZES) -> tuple[Locus, ...]:
    """Stepwise mutation made stationary, rates by sex as published for forensic markers."""
    random = np.random.default_rng(1)
    found = []
    for index, size in enumerate(sizes):
        alleles = tuple(str(repeats) for repeats in range(6, 6 + size))
        frequencies = random.dirichlet(np.full(size, 1.5))
        female, male = (
            mutation_matrix(MutationKind.STEPWISE, alleles, frequencies, rate=rate, range=0.1, transform=Transform.PM)
            for rate in (0.0007, 0.0021)
        )
        found.append(Locus(marker=f"M{index}", alleles=alleles, frequencies=frequencies, female=female, male=male))
    return tuple(found)


def case(name: str, loci: tuple[Locus, ...]) -> tuple[Pedigree, dict[str, dict[str, Call]]]:
    """A family and calls of its typed members, of which a stepwise model allows any."""
    text, typed = FAMILIES[name]
    parents = {row.split(":")[0].strip(): row.split(":")[1].split() for row in text.split(";")}
    people = dict.fromkeys([*(parent for pair in parents.values() for parent in pair), *parents])
    members = [Member(family_id=name, member_id=who, **_parents(parents.get(who))) for who in people]
    random = np.random.default_rng(2)
    calls = {
        who: {
            locus.marker: (
                str(random.choice(locus.alleles, p=locus.frequencies)),
                str(random.choice(locus.alleles, p=locus.frequencies)),
            )
            for locus in loci
        }
        for who in typed.split()
    }
    return Pedigree(family_id=name, members=tuple(members)), calls


def _parents(pair: list[str] | None) -> dict[str, str]:
    return {"father_id": pair[0], "mother_id": pair[1]} if pair else {}
