"""Laws: whatever programme is written is read again as it was, from every container."""

import math
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.formats.cells import number, number_text
from homeward.formats.digest import digest_of
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import (
    Absent,
    ChartKind,
    DateSpan,
    Decision,
    DentalChart,
    Incident,
    IncidentKind,
    Measurement,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Outcome,
    Parameter,
    Pedigree,
    Place,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    SnpMarker,
    SnpProfile,
    Specimen,
    Status,
    Trait,
    Transform,
    Verdict,
    VerdictKind,
    VerdictRate,
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12).map(
    lambda text: text.strip().replace("NA", "")
)
names = st.text(st.sampled_from("aZ09-_ .,;:/\"'é김#=+@"), min_size=1, max_size=6).map(lambda text: f"x{text}x")
dates = st.builds(
    lambda day, size: DateSpan.read(day.isoformat()[:size]),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1)),
    st.sampled_from([4, 7, 10]),
)
places = st.builds(
    Place, lat=st.floats(-90, 90), lon=st.floats(-180, 180), radius_m=st.none() | st.floats(0, 1e6, allow_nan=False)
)
extras = st.dictionaries(names, texts.filter(bool), max_size=2)
log = st.floats(-1e300, 0).map(lambda value: value + 0.0)
logs = st.tuples(log, log, log | st.just(-math.inf)) | st.sampled_from(
    [(0.0, -math.inf, -math.inf), (-math.inf, 0.0, -math.inf), (-math.inf, -math.inf, 0.0)]
)
frequencies = st.lists(st.floats(0.01, 1), min_size=2, max_size=4)


kinds = st.sampled_from(VerdictKind)
teeth = st.dictionaries(
    st.integers(1, 32).map(str), st.sampled_from(["V", "X", "/", "MOD-S", "C", "X-P", "MI-HR"]), min_size=1, max_size=4
)


@st.composite
def evidence(draw, persons, remains_ids):
    """Every record of evidence about some persons and remains: field of a programme -> its records."""
    of_remains = st.sampled_from(remains_ids)
    bones = draw(st.lists(names.map(lambda name: "b" + name), unique=True, max_size=3))
    rates = draw(st.lists(st.tuples(kinds, names, names), unique_by=lambda key: key[:2], max_size=3))
    pairs = draw(st.lists(st.tuples(of_remains, st.sampled_from(persons)), unique=True, max_size=3)) if persons else []
    subjects = [(name, ChartKind.ANTE_MORTEM) for name in persons] + [(r, ChartKind.POST_MORTEM) for r in remains_ids]
    return {
        "specimens": tuple(
            Specimen(
                specimen_id=name,
                accession=draw(texts),
                element=draw(st.sampled_from(["", "Femur"])),
                side=draw(st.sampled_from(["", "left", "axial"])),
                zones=draw(st.sampled_from([(), ("1",), ("2", "11")])),
                completeness=draw(st.none() | st.floats(0, 1)),
                remains_id=draw(st.just("") | of_remains),
                extra=draw(extras),
            )
            for name in bones
        ),
        "measurements": tuple(
            Measurement(specimen_id=name, code="Fem_01", mm=draw(st.floats(240, 670)), extra=draw(extras))
            for name in bones
        ),
        "dental": tuple(
            DentalChart(subject_id=name, kind=kind, date=date, teeth=draw(teeth))
            for name, kind in subjects
            for date in draw(st.lists(st.none() | dates, unique_by=str, max_size=2))
            if kind is ChartKind.POST_MORTEM or date is None or date.text > "1999"
        ),
        "traits": tuple(
            Trait(remains_id=draw(of_remains), method=f"m{i}", trait=draw(names), value=draw(names), extra=draw(extras))
            for i in range(draw(st.integers(0, 2)))
        ),
        "verdicts": tuple(
            Verdict(
                remains_id=remains_id,
                about=person,
                kind=kind,
                method=method,
                verdict=verdict,
                rank=draw(st.just(size and 1)),
                list_size=size,
                examiner=draw(texts),
            )
            for (remains_id, person), (kind, method, verdict) in zip(pairs, rates, strict=False)
            for size in [draw(st.none() | st.integers(1, 1000))]
        ),
        "verdict_rates": tuple(
            VerdictRate(
                kind=kind,
                method=method,
                verdict=verdict,
                if_same=draw(st.floats(1e-300, 1)),
                if_different=draw(st.floats(1e-9, 1)),
                source=draw(texts),
            )
            for kind, method, verdict in rates
        ),
        "parameters": tuple(
            Parameter(method=name, parameter=draw(names), value=draw(st.floats(-1e9, 1e9)), source=draw(texts))
            for name in draw(st.lists(names, unique=True, max_size=2))
        ),
    }


NO_EVIDENCE = st.just({})


@st.composite
def programmes(draw):
    """Small programmes in which everything fits together."""
    persons = draw(st.lists(names, unique=True, max_size=3))
    missing = tuple(
        MissingPerson(
            person_id=name,
            family_name=draw(texts),
            name_native=draw(texts),
            sex=draw(st.sampled_from([Sex.MALE, Sex.UNKNOWN])),
            lost_on=draw(st.none() | dates),
            last_seen=draw(st.none() | places),
            stature_cm=draw(st.none() | st.floats(30, 250)),
            status=draw(st.sampled_from(Status)),
            absent=draw(st.just({}) | st.just({"birth_date": Absent.WITHHELD})),
            extra=draw(extras),
        )
        for name in persons
    )
    pedigrees = tuple(
        Pedigree(
            family_id=f"f{i}",
            members=(
                Member(family_id=f"f{i}", member_id=f"f{i}.mother", sex=Sex.FEMALE),
                Member(
                    family_id=f"f{i}", member_id=f"f{i}.son", mother_id=f"f{i}.mother", sex=Sex.MALE, person_id=name
                ),
            ),
        )
        for i, name in enumerate(persons)
    )
    remains_ids = draw(st.lists(names.map(lambda name: "r" + name), unique=True, max_size=3))
    remains = tuple(
        Remains(
            remains_id=name,
            found=draw(st.none() | places),
            found_on=draw(st.none() | dates),
            claimed_by=draw(texts),
            age_low=draw(st.none() | st.floats(0, 40)),
            age_high=draw(st.none() | st.floats(40, 120)),
            extra=draw(extras),
        )
        for name in remains_ids
    )
    weights = draw(frequencies)
    table = {str(8 + i): weight / sum(weights) for i, weight in enumerate(weights)}
    allele = st.sampled_from([*table, "?"])
    subjects = [("reference", f"f{i}.mother") for i in range(len(persons))] + [
        ("remains", name) for name in remains_ids
    ]
    samples = tuple(
        Sample(sample_id=f"s{i}", subject_id=subject, kind=SampleKind(kind), laboratory=draw(texts))
        for i, (kind, subject) in enumerate(subjects)
    )
    snp_names = draw(st.lists(names, unique=True, max_size=3))
    return Programme(
        settings=Settings(name=draw(texts), population="P", conflict=draw(texts), seed=draw(st.integers(0, 2**53))),
        missing=missing,
        incidents=tuple(
            Incident(incident_id=name, kind=draw(st.sampled_from(IncidentKind)), name=draw(texts))
            for name in draw(st.lists(names, unique=True, max_size=2))
        ),
        pedigrees=pedigrees,
        samples=samples,
        profiles=tuple(
            Profile(sample_id=s.sample_id, subject_id=s.subject_id, calls={"M1": (draw(allele), draw(allele))})
            for s in samples
        ),
        frequencies={"P": {"M1": table}},
        mutation=(
            MutationModel(
                marker="M1",
                model=MutationKind.PROPORTIONAL,
                rate_female=draw(st.floats(0, 0.01)),
                rate_male=draw(st.floats(0, 0.01)),
                transform=Transform.NONE,
            ),
        ),
        snp_panel=tuple(
            SnpMarker(
                snp=name,
                population="P",
                frequency=draw(st.floats(0, 1)),
                chromosome="7",
                position=draw(st.none() | st.integers(1, 10**8)),
                position_cm=draw(st.none() | st.floats(0, 300)),
            )
            for name in snp_names
        ),
        snp_profiles=tuple(
            SnpProfile(
                sample_id=s.sample_id,
                subject_id=s.subject_id,
                snps=tuple(snp_names),
                log_likelihood=np.array([draw(logs) for _ in snp_names], dtype=np.float64),
            )
            for s in samples[: len(snp_names)]
        ),
        remains=remains,
        decisions=tuple(
            Decision(remains_id=name, about=persons[0], outcome=Outcome.EXCLUDED, reason=draw(texts))
            for name in remains_ids[: len(persons)]
        ),
        **draw(evidence(persons, remains_ids) if remains_ids else NO_EVIDENCE),
    )


@pytest.mark.parametrize("container", ["folder", "zip", "xlsx"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(programmes())
def test_a_written_programme_is_read_as_it_was(container, programme):
    with TemporaryDirectory() as place:
        path = Path(place) / "p"
        write_programme(programme, path, container=container)
        reading = read_programme(path)
    assert [str(fault) for fault in reading.rejected] == []
    assert reading.programme.digest == digest_of(programme)
    read = reading.programme
    for name in ("settings", "missing", "incidents", "pedigrees", "samples", "profiles", "frequencies", "mutation",
                 "snp_panel", "snp_profiles", "remains", "specimens", "measurements", "dental", "traits", "verdicts",
                 "verdict_rates", "parameters", "decisions"):  # fmt: skip
        assert getattr(read, name) == getattr(programme, name)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_reads_back(value):
    assert number(number_text(value)) == value
