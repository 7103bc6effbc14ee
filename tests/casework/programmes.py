"""A small programme for the tests of the application: two families, two boxes, one lone man, two incidents."""

from __future__ import annotations

from typing import Any

from homeward.programme import (
    Absent,
    ChartKind,
    DateSpan,
    Decision,
    DentalChart,
    Incident,
    IncidentKind,
    Marker,
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
    Specimen,
    Status,
    Trait,
    Transform,
    Verdict,
    VerdictKind,
    VerdictRate,
)

FREQUENCIES = {
    "TH01": {"6": 0.2, "7": 0.2, "8": 0.1, "9": 0.2, "9.3": 0.3},
    "D3S1358": {"15": 0.4, "16": 0.35, "17": 0.25},
}


def small(**changes: Any) -> Programme:
    """Arvad's programme in little."""
    values: dict[str, Any] = {
        "settings": Settings(
            name="Arvad–Belmar Joint Accounting Programme", as_of=DateSpan.read("2018-07-16"), population="K"
        ),
        "incidents": (
            Incident(
                incident_id="I-1",
                kind=IncidentKind.BATTLE,
                name="Withdrawal from Hill 482",
                date=DateSpan.read("1951-04"),
                place=Place(lat=38.412, lon=127.318, radius_m=400.0),
                grid_original="CT 533 521",
                datum="Tokyo",
            ),
            Incident(incident_id="I-2", kind=IncidentKind.CAMP, name="Camp 2"),
        ),
        "missing": (
            MissingPerson(
                person_id="M-03217",
                family_name="Sŏmun",
                given_name="Chae-hyŏn",
                name_native="서문재현",
                sex=Sex.MALE,
                birth_date=DateSpan.read("1929-03-11"),
                population="K",
                unit="7th Regiment",
                service_number="2104417",
                stature_cm=174.0,
                incident_id="I-1",
                lost_on=DateSpan.read("1951-04-24"),
                last_seen=Place(lat=38.42, lon=127.32, radius_m=500.0),
                extra={"hometown": "Utgol"},
            ),
            MissingPerson(
                person_id="M-03218", family_name="Sŏmun", given_name="Chae-u", name_native="西門在祐", sex=Sex.MALE
            ),
            MissingPerson(person_id="M-02980", family_name="Tarn", given_name="Ilvet", sex=Sex.MALE, incident_id="I-2"),
            MissingPerson(person_id="M-00001", family_name="Oresk", given_name="Dan", status=Status.ACCOUNTED_FOR),
        ),
        "pedigrees": (
            Pedigree(
                family_id="F-1182",
                members=(
                    Member(family_id="F-1182", member_id="P1", sex=Sex.MALE),
                    Member(family_id="F-1182", member_id="P2", sex=Sex.FEMALE),
                    Member(
                        family_id="F-1182",
                        member_id="P3",
                        father_id="P1",
                        mother_id="P2",
                        sex=Sex.MALE,
                        person_id="M-03217",
                    ),
                    Member(
                        family_id="F-1182",
                        member_id="P4",
                        father_id="P1",
                        mother_id="P2",
                        sex=Sex.MALE,
                        person_id="M-03218",
                    ),
                    Member(family_id="F-1182", member_id="R-2207", father_id="P1", mother_id="P2", sex=Sex.FEMALE),
                ),
            ),
            Pedigree(
                family_id="F-2",
                members=(
                    Member(family_id="F-2", member_id="Q1", sex=Sex.MALE, person_id="M-02980"),
                    Member(family_id="F-2", member_id="Q2", father_id="Q1", sex=Sex.FEMALE),
                ),
            ),
        ),
        "markers": (Marker(marker="TH01", aliases=("THO1",), sample_size=100),),
        "samples": (
            Sample(sample_id="S-R-2207", subject_id="R-2207", date=DateSpan.read("2023-05-04"), laboratory="Arvad DNA"),
            Sample(sample_id="S-K-0871", subject_id="2024-031-I-02", kind=SampleKind.REMAINS),
            Sample(sample_id="S-Q2", subject_id="Q2"),
        ),
        "profiles": (
            Profile(sample_id="S-R-2207", subject_id="R-2207", calls={"TH01": ("9", "9.3"), "D3S1358": ("15", "16")}),
            Profile(sample_id="S-K-0871", subject_id="2024-031-I-02", calls={"TH01": ("9.3", "?")}),
            Profile(sample_id="S-Q2", subject_id="Q2", calls={"TH01": ("6", "7")}),
        ),
        "frequencies": {"K": FREQUENCIES},
        "mutation": (
            MutationModel(
                marker="TH01",
                model=MutationKind.STEPWISE,
                rate_female=0.001,
                rate_male=0.002,
                rate2=1e-6,
                range=0.1,
                transform=Transform.PM,
            ),
        ),
        "remains": (
            Remains(
                remains_id="2024-031-I-02",
                accession="2024-031",
                container_id="C-0388",
                found_on=DateSpan.read("2024-06"),
                found=Place(lat=38.41, lon=127.31, radius_m=30.0),
                claimed_person="M-02980",
                claimed_by="label on the box",
                sex=Sex.MALE,
                stature_cm_low=168.0,
                stature_cm_high=176.0,
            ),
            Remains(remains_id="2024-031-I-03", accession="2024-031", container_id="C-0388"),
            Remains(remains_id="2017-044-I-01", accession="2017-044", container_id="C-0100"),
        ),
        "decisions": (
            Decision(
                remains_id="2017-044-I-01",
                about="M-03217",
                outcome=Outcome.EXCLUDED,
                decided_on=DateSpan.read("2020-02-11"),
                by="Board of Arvad",
                reason="DNA",
            ),
        ),
    }
    return Programme(**{**values, **changes})


EVIDENCE: dict[str, Any] = {
    "specimens": (
        Specimen(
            specimen_id="2024-031-007",
            accession="2024-031",
            container_id="C-0388",
            element="Femur",
            side="left",
            zones=("1", "2", "11"),
            completeness=0.75,
            sample_id="S-K-0871",
            remains_id="2024-031-I-02",
        ),
        Specimen(specimen_id="2024-031-008", element="Os coxa", absent={"completeness": Absent.UNTESTED}),
    ),
    "measurements": (Measurement(specimen_id="2024-031-007", code="Fem_01", mm=455.5, extra={"instrument": "board"}),),
    "dental": (
        DentalChart(
            subject_id="M-03217",
            kind=ChartKind.ANTE_MORTEM,
            date=DateSpan.read("1950-09"),
            teeth={"3": "MOD-S", "19": "X", "30": "O"},
        ),
        DentalChart(subject_id="M-03217", kind=ChartKind.ANTE_MORTEM, teeth={"3": "V"}),
        DentalChart(
            subject_id="2024-031-I-02",
            kind=ChartKind.POST_MORTEM,
            date=DateSpan.read("2024-08-02"),
            teeth={"3": "MOD-S", "19": "/", "32": "J"},
        ),
    ),
    "traits": (Trait(remains_id="2024-031-I-02", method="suchey_brooks", trait="phase", value="2"),),
    "verdicts": (
        Verdict(
            remains_id="2024-031-I-02",
            about="M-03217",
            kind=VerdictKind.RADIOGRAPH,
            method="clavicle",
            verdict="match",
            rank=2,
            list_size=400,
            examiner="Dr. Sen",
        ),
    ),
    "verdict_rates": (
        VerdictRate(
            kind=VerdictKind.RADIOGRAPH,
            method="clavicle",
            verdict="match",
            if_same=0.9,
            if_different=0.001,
            source="a study",
        ),
    ),
    "parameters": (Parameter(method="stature", parameter="M.sd", value=6.4, source="a thesis"),),
}
"""Bones, teeth and comparisons of one of the remains, for ``small(**EVIDENCE)``."""
