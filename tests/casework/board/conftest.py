"""A small programme of Arvad's: two missing brothers with a typed sister, one more person, and two sets of remains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from casework.laboratory import actions as laboratory
from casework.registry import actions as registry
from casework.runs import actions as runs
from casework.runs.models import Run
from casework.runs.work import carry_out
from homeward.programme import (
    DateSpan,
    Incident,
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

MARKERS = ("D3S1358", "TH01", "vWA")


@pytest.fixture(autouse=True)
def _folders_of_a_test(settings, tmp_path):
    settings.VAR = tmp_path


def programme() -> Programme:
    """What Arvad has on record."""
    family = Pedigree(
        family_id="F-1",
        members=(
            Member(family_id="F-1", member_id="F-1.father", sex=Sex.MALE),
            Member(family_id="F-1", member_id="F-1.mother", sex=Sex.FEMALE),
            *(
                Member(
                    family_id="F-1", member_id=f"F-1.{name}", father_id="F-1.father", mother_id="F-1.mother",
                    sex=sex, person_id=person_id,
                )
                for name, sex, person_id in (
                    ("elder", Sex.MALE, "M-1"), ("younger", Sex.MALE, "M-2"), ("sister", Sex.FEMALE, ""),
                )
            ),
        ),
    )  # fmt: skip
    calls = {"D3S1358": ("15", "16"), "TH01": ("6", "9.3"), "vWA": ("17", "18")}
    partial = {"D3S1358": ("15", "16"), "TH01": ("6", "?")}
    table = {"D3S1358": {"15": 0.5, "16": 0.5}, "TH01": {"6": 0.5, "9.3": 0.5}, "vWA": {"17": 0.4, "18": 0.6}}
    return Programme(
        settings=Settings(name="Arvad–Belmar Joint Accounting Programme", population="all"),
        missing=(
            MissingPerson(
                person_id="M-1", family_name="Oresk", given_name="Tarn", name_native="오레스크", sex=Sex.MALE,
                birth_date=DateSpan.read("1929"), incident_id="I-1", unit="3rd Company",
            ),
            MissingPerson(person_id="M-2", family_name="Oresk", given_name="Ilvet", sex=Sex.MALE, incident_id="I-1"),
            MissingPerson(person_id="M-3", family_name="Maren", given_name="Sael", sex=Sex.MALE),
        ),
        incidents=(Incident(incident_id="I-1", name="Hill 482", date=DateSpan.read("1950-11")),),
        pedigrees=(family,),
        samples=(
            Sample(sample_id="S-1", subject_id="F-1.sister"),
            Sample(sample_id="S-2", subject_id="R-1", kind=SampleKind.REMAINS),
            Sample(sample_id="S-3", subject_id="R-2", kind=SampleKind.REMAINS),
        ),
        profiles=(
            Profile(sample_id="S-1", subject_id="F-1.sister", calls=calls),
            Profile(sample_id="S-2", subject_id="R-1", calls=partial),
            Profile(sample_id="S-3", subject_id="R-2", calls=calls),
        ),
        frequencies={"all": table},
        remains=(
            Remains(remains_id="R-1", container_id="C-7", accession="2024-031", claimed_person="Corp. Ilvet",
                    claimed_by="Belmar, packing list", sex=Sex.MALE, stature_cm_low=171, stature_cm_high=178),
            Remains(remains_id="R-2", container_id="C-7", sex=Sex.MALE),
        ),
    )  # fmt: skip


@pytest.fixture
def records(arvad):
    """The programme brought in for Arvad."""
    given = programme()
    registry.enter(holder=arvad, missing=given.missing, incidents=given.incidents, families=given.pedigrees)
    laboratory.enter(holder=arvad, rows=given)
    laboratory.set_programme(holder=arvad, rows=given)
    return given


@pytest.fixture
def analyst(arvad, admit):
    return admit(arvad, "dna_analyst")


@pytest.fixture
def board_member(arvad, admit):
    return admit(arvad, "board_member")


def pair(remains_id: str, hypothesis: str, log10_lr: float | None, prior: float, posterior: float, **more) -> dict:
    return {
        "remains_id": remains_id, "person_id": hypothesis, "log10_lr": log10_lr, "log10_lr_all": log10_lr,
        "prior": prior, "posterior": posterior, "label": "exact", "error": 0.0, "excluded": "",
        "markers": {}, "evidence": {}, **more,
    }  # fmt: skip


def told(digest: str = "sha256:1f") -> dict:
    """A result.json as ``homeward identify`` writes it, with invented numbers."""
    first = pair(
        "R-1", "M-1", 4.5, 0.16, 0.9996, markers={"D3S1358": 2.5, "TH01": 2.0}, evidence={"dna": 4.5, "sex": 0.3}
    )
    brother = pair("R-1", "M-2", 1.0, 0.16, 0.0003, markers={"D3S1358": 1.5, "TH01": -0.5}, evidence={"dna": 1.0})
    excluded = pair("R-1", "M-3", None, 0.16, 0.0, excluded="genotype", markers={"D3S1358": None, "TH01": 0.1})
    pairs = [
        first, brother, pair("R-1", "not_listed", 0.0, 0.5, 0.0001), excluded,
        pair("R-2", "not_listed", 0.0, 0.5, 0.8, label="certified", error=0.004),
        pair("R-2", "M-1", -0.2, 0.16, 0.2, label="certified", error=0.004, markers={"TH01": -0.2}),
    ]  # fmt: skip
    base = {"sex": "M", "needed_log10_lr": 4.1, "sensitivity": [[0.1, 0.99], [0.9, 0.9999]], "outsiders": {}}
    return {
        "provenance": {"verb": "identify", "version": "0.1.0", "science": "sha256:5c", "input": digest,
                       "parameters": {}, "seed": None, "made_at": "2026-11-24T00:00:00+00:00"},
        "settings": {"prior": "roster", "listed_share": 0.5, "not_listed": 0.5, "outsiders": {}, "identify": 0.9995,
                     "review": 0.99, "one_to_one": True, "untyped_ancestors": "keep", "sex_error": 0.01, "seed": 1},
        "summary": {"remains": 2, "persons": 3, "pairs": 6, "shares": {"exact": 0.5, "certified": 0.5},
                    "median_width": 0.0, "log10_evidence": -3.0},
        "remains": [
            {"remains_id": "R-1", "merged": ["R-1"], "markers_typed": 2, "conclusion": "identify", "best": first,
             "runner_up": brother, "listed": 0.9999, "not_listed": 0.0001, **base},
            {"remains_id": "R-2", "merged": ["R-2"], "markers_typed": 3, "conclusion": "open", "best": pairs[4],
             "runner_up": pairs[5], "listed": 0.2, "not_listed": 0.8, **base},
        ],
        "families": [{"family_id": "F-1", "members_typed": ["F-1.sister"], "missing": ["M-1", "M-2"],
                      "log10_likelihood": -3.2, "state": "used", "marker": "", "reason": ""}],
        "pairs": pairs, "assignments_absent": "", "symmetric": [], "undisputed": [], "identical": [], "notes": [],
    }  # fmt: skip


def write_result(folder: Path, given: dict) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(given), encoding="utf-8")
    return folder


@pytest.fixture
def finished(records, analyst):
    """A finished run of Arvad's with the invented result, or another."""
    from casework.board import comparison

    def run(result: dict | None = None) -> Run:
        asked = runs.ask(by=analyst, purpose="first profiles")

        def compute(run, _tick):
            return comparison.finding(write_result(run.result, result or told()))

        carry_out(asked.pk, compute=compute, keep=comparison.keep)
        asked.refresh_from_db()
        return asked

    return run
