"""An invented programme and a result that could have come of it, for reports and files.

Numbers are drawn from a seed: they look like an identification's, no more.
"""

import numpy as np

from homeward.identification.result import (
    Assignment,
    Candidate,
    Conclusion,
    Exclusion,
    FamilyResult,
    Identification,
    Label,
    Note,
    Pairs,
    RemainsResult,
    Symmetric,
    Undisputed,
)
from homeward.programme import (
    NOT_LISTED,
    MissingPerson,
    MutationKind,
    MutationModel,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    Transform,
)
from homeward.provenance import provenance
from tests.homeward.reports.families import FAMILIES

MARKERS = ("CSF1PO", "D1S1656", "D2S441", "D3S1358", "D10S1248", "FGA", "Penta E", "TH01", "vWA")
SHOWN = ("two-brothers", "cousins-married", "twins", "half-sibs", "unknown-mothers", "trio")
OUTSIDER = "outsider:second nation"


def programme() -> Programme:
    """Six families, their missing, and eight remains."""
    rng = np.random.default_rng(7)
    pedigrees = tuple(FAMILIES[name] for name in SHOWN)
    renamed = []
    for pedigree in pedigrees:  # identifiers are unique across a folder
        renamed.append(_renamed(pedigree))
    persons = [m.person_id for pedigree in renamed for m in pedigree.members if m.person_id]
    typed = [m for pedigree in renamed for k, m in enumerate(pedigree.members) if k % 3 == 2 and not m.person_id]
    remains = [f"2024-031-I-{number:02d}" for number in range(1, 9)]
    profiles = [_profile(rng, f"K-{k}", member.member_id, 0.95) for k, member in enumerate(typed)]
    profiles += [_profile(rng, f"R-{k}", name, 0.7) for k, name in enumerate(remains)]
    return Programme(
        settings=Settings(
            name="Arvad–Belmar Joint Accounting Programme",
            population="Arvad",
            listed_share=0.6,
            not_listed=0.25,
            outsiders={"second nation": 0.15},
        ),
        missing=tuple(
            MissingPerson(
                person_id=p, family_name="Sŏmun", given_name=f"Chae-{p[-1]}", name_native="서문재", sex=Sex.MALE
            )
            for p in [*persons, *(f"M-{number:05d}" for number in range(100, 140))]
        ),
        pedigrees=tuple(renamed),
        samples=tuple(
            Sample(sample_id=f"K-{k}", subject_id=member.member_id, kind=SampleKind.REFERENCE)
            for k, member in enumerate(typed)
        ),
        profiles=tuple(profiles),
        frequencies={"Arvad": {marker: {str(a): 0.1 for a in range(8, 18)} for marker in MARKERS}},
        mutation=tuple(
            MutationModel(
                marker=marker,
                model=MutationKind.STEPWISE,
                rate_female=0.001,
                rate_male=0.002,
                rate2=1e-5,
                range=0.1,
                transform=Transform.PM,
            )
            for marker in MARKERS
        ),
        remains=tuple(Remains(remains_id=name) for name in remains),
        digest="sha256:" + "6f0c92ab41d77e3b" * 4,
    )


def _renamed(pedigree):
    from dataclasses import replace

    family = pedigree.family_id
    own = {m.member_id: f"{family[:3].upper()}-{m.member_id}" for m in pedigree.members} | {"": ""}
    return replace(
        pedigree,
        members=tuple(
            replace(
                m,
                member_id=own[m.member_id],
                father_id=own[m.father_id],
                mother_id=own[m.mother_id],
                twin_of=own[m.twin_of],
                person_id=f"{family[:3].upper()}/{m.person_id}" if m.person_id else "",
            )
            for m in pedigree.members
        ),
    )


def _profile(rng, sample_id, subject_id, chance):
    calls = {
        marker: tuple(sorted(str(a) for a in rng.integers(8, 18, 2))) for marker in MARKERS if rng.random() < chance
    }
    return Profile(sample_id=sample_id, subject_id=subject_id, calls=calls)


CONCLUSIONS = (
    Conclusion.IDENTIFY, Conclusion.IDENTIFY, Conclusion.REVIEW, Conclusion.SYMMETRIC,
    Conclusion.OPEN, Conclusion.NOT_LISTED, Conclusion.DECIDED, Conclusion.OPEN,
)  # fmt: skip
BEST = (0.99987, 0.9999999999, 0.9931, 0.5012, 0.31, 2.1e-4, 1.0, 0.002)
LABELS = (
    Label.EXACT, Label.EXACT, Label.CERTIFIED, Label.EXACT, Label.APPROXIMATE, Label.EXACT, Label.EXACT, Label.SAMPLED,
)  # fmt: skip


def identification(of: Programme | None = None) -> Identification:
    """A result with every conclusion, every label and every kind of note."""
    of = of or programme()
    rng = np.random.default_rng(11)
    persons = [person.person_id for person in of.missing]
    relatives = {m.person_id: p for p in of.pedigrees for m in p.members if m.person_id}
    hypotheses = (*persons, NOT_LISTED, OUTSIDER)
    everyone: list[Candidate] = []
    results: list[RemainsResult] = []
    for number, remains in enumerate(of.remains):
        best = BEST[number]
        order = [persons[(number + k) % len(relatives)] for k in range(len(relatives))]
        rest = [p for p in persons if p not in order]
        not_listed, outsider = 0.6 * (1 - best), 0.25 * (1 - best)
        if CONCLUSIONS[number] is Conclusion.SYMMETRIC:
            not_listed, outsider = 1e-7, 1e-8
        left = 1 - best - not_listed - outsider
        shares = left * 0.5 ** np.arange(1, len(order) + len(rest))
        rows = []
        for k, person in enumerate([*order, *rest]):
            markers = {} if k >= len(order) else {m: float(rng.normal(0.9 - 0.5 * k, 0.4)) for m in MARKERS}
            impossible = k == 4
            if impossible:
                markers = dict.fromkeys(MARKERS, 0.1) | {"TH01": None}
            total = None if impossible else float(sum(markers.values()))
            sex = float(np.log10(1.9))
            rows.append(
                Candidate(
                    remains_id=remains.remains_id,
                    hypothesis=person,
                    log10_lr=total,
                    log10_lr_all=None if total is None else total + sex,
                    prior=0.0 if impossible else 0.6 / len(persons),
                    posterior=0.0 if impossible else best if k == 0 else float(shares[k - 1]),
                    label=LABELS[number],
                    error=0.0 if LABELS[number] is Label.EXACT else 0.0042,
                    excluded=Exclusion.GENOTYPE if impossible else Exclusion.NONE,
                    markers=markers,
                    evidence={} if impossible else {"dna": total, "sex": sex},
                )
            )
        for name, posterior, prior in ((NOT_LISTED, not_listed, 0.25), (OUTSIDER, outsider, 0.15)):
            rows.append(
                Candidate(
                    remains_id=remains.remains_id,
                    hypothesis=name,
                    log10_lr=None,
                    log10_lr_all=0.0 if name == NOT_LISTED else -0.5,
                    prior=prior,
                    posterior=posterior,
                    label=LABELS[number],
                    error=0.0 if LABELS[number] is Label.EXACT else 0.0042,
                )
            )
        rows.sort(key=lambda c: -c.posterior)
        everyone += rows
        results.append(
            RemainsResult(
                remains_id=remains.remains_id,
                merged=(remains.remains_id,),
                sex="M",
                markers_typed=7,
                conclusion=CONCLUSIONS[number],
                best=rows[0],
                runner_up=rows[1],
                needed_log10_lr=5.2,
                sensitivity=((0.1, 0.9981), (0.5, 0.99981), (0.9, 0.99997)),
                not_listed=not_listed,
                outsiders={"second nation": outsider},
                listed=1 - not_listed - outsider,
            )
        )
    index = {name: k for k, name in enumerate(hypotheses)}
    place = {remains.remains_id: k for k, remains in enumerate(of.remains)}

    def column(value):
        return np.array([value(c) for c in everyone], dtype=np.float64)

    return Identification(
        provenance=provenance("identify", input_digest=of.digest, parameters={"prior": "roster"}, seed=None),
        settings=of.settings,
        pairs=Pairs(
            remains_ids=tuple(place),
            hypotheses=hypotheses,
            remains=np.array([place[c.remains_id] for c in everyone], dtype=np.intp),
            hypothesis=np.array([index[c.hypothesis] for c in everyone], dtype=np.intp),
            log10_lr=column(lambda c: _number(c.log10_lr, c.excluded)),
            log10_lr_all=column(lambda c: _number(c.log10_lr_all, c.excluded)),
            prior=column(lambda c: c.prior),
            posterior=column(lambda c: c.posterior),
            error=column(lambda c: c.error),
            label=LABELS,
            excluded=np.array([c.excluded.value for c in everyone]),
        ),
        candidates=tuple(everyone),
        remains=tuple(results),
        families=tuple(
            FamilyResult(
                family_id=pedigree.family_id,
                members_typed=tuple(m.member_id for k, m in enumerate(pedigree.members) if k % 3 == 2),
                missing=tuple(m.person_id for m in pedigree.missing),
                log10_likelihood=None if k == 5 else -61.372,
                state="set_aside" if k == 5 else "used",
                marker="D3S1358" if k == 5 else "",
                reason="mendelian" if k == 5 else "",
            )
            for k, pedigree in enumerate(of.pedigrees)
        ),
        assignments=tuple(
            Assignment(
                rank=rank,
                posterior=0.5 / rank,
                hypotheses={r.remains_id: persons[k] if rank > k else NOT_LISTED for k, r in enumerate(of.remains)},
            )
            for rank in (1, 2, 3)
        ),
        assignments_absent="",
        symmetric=(
            Symmetric(remains_ids=(of.remains[3].remains_id,), person_ids=(persons[3], persons[0]), posterior=0.9998),
        ),
        undisputed=(Undisputed(remains_id=of.remains[1].remains_id, person_id=persons[1], log10_lr=9.04, step=1),),
        identical=((of.remains[0].remains_id, of.remains[7].remains_id, 8.31),),
        notes=(
            Note(
                code="allele_added",
                values={"marker": "FGA", "population": "Arvad", "allele": "43.2", "frequency": 0.0024},
            ),
            Note(code="genetic_sex", values={"marker": "AMEL", "population": ""}),
            Note(code="something_new", values={"what": 3}),
        ),
        shares={Label.EXACT: 0.625, Label.CERTIFIED: 0.125, Label.SAMPLED: 0.125, Label.APPROXIMATE: 0.125},
        median_width=0.0,
        log10_evidence=-12.5,
    )


def _number(value, excluded):
    if value is None:
        return -np.inf if excluded else np.nan
    return value
