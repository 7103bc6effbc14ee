"""The command line, as its user meets it."""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
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

FREQUENCIES = {"all": {"L": {"1": 0.1, "2": 0.9}}}


@pytest.fixture
def folder(tmp_path):
    """A mother typed 1/1; remains 1/1. LR = (p of her 1, q... ) worked in the first test."""
    programme = Programme(
        settings=Settings(name="One marker", population="all"),
        missing=(MissingPerson(person_id="P", sex=Sex.MALE),),
        pedigrees=(
            Pedigree(
                family_id="F",
                members=(
                    Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
                    Member(family_id="F", member_id="son", mother_id="mother", sex=Sex.MALE, person_id="P"),
                ),
            ),
        ),
        samples=(
            Sample(sample_id="S1", subject_id="mother"),
            Sample(sample_id="S2", subject_id="R", kind=SampleKind.REMAINS),
        ),
        profiles=(
            Profile(sample_id="S1", subject_id="mother", calls={"L": ("1", "1")}),
            Profile(sample_id="S2", subject_id="R", calls={"L": ("1", "1")}),
        ),
        frequencies=FREQUENCIES,
        remains=(Remains(remains_id="R"),),
    )
    place = tmp_path / "programme"
    write_programme(programme, place, container="folder")
    return place


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_identify_writes_the_files_that_other_programs_read(folder, tmp_path):
    out = tmp_path / "result"
    answer = run("identify", folder, "--out", out)
    assert answer.exit_code == 0, answer.output
    assert {path.name for path in out.iterdir()} == {
        "pairs.csv", "assignments.csv", "families.csv", "result.json", "report.html",
    }  # fmt: skip
    # P(son 1/1 | mother 1/1) / P(1/1) = p / p^2 = 10: posterior odds 10 at even prior odds
    (pair,) = [row for row in csv.DictReader((out / "pairs.csv").read_text().splitlines()) if row["person_id"] == "P"]
    assert float(pair["log10_lr"]) == pytest.approx(1, abs=1e-12)
    assert float(pair["posterior"]) == pytest.approx(10 / 11, rel=1e-12)
    assert pair["label"] == "exact"
    assert json.loads((out / "result.json").read_text())["summary"]["remains"] == 1


def test_the_same_folder_gives_the_same_bytes_apart_from_the_time(folder, tmp_path):
    for name in ("a", "b"):
        assert run("identify", folder, "--out", tmp_path / name, "--quiet").exit_code == 0
    for name in ("pairs.csv", "assignments.csv", "families.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    first, second = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("a", "b"))
    del first["provenance"]["made_at"], second["provenance"]["made_at"]
    assert first == second


def test_a_result_is_replaced_only_when_asked(folder, tmp_path):
    out = tmp_path / "result"
    run("identify", folder, "--out", out, "--quiet")
    refused = run("identify", folder, "--out", out, "--quiet")
    assert refused.exit_code == 1
    assert "Refused" in refused.output
    assert run("identify", folder, "--out", out, "--quiet", "--replace").exit_code == 0


def spoiled(folder, file, content):
    (folder / file).write_bytes(content)


BAD = {
    "wrong encoding": ("missing.csv", "person_id,family_name\nP,Ö\n".encode("latin-1")),
    "a missing column": ("profiles.csv", b"sample_id,subject_id,allele_1,allele_2\nS1,mother,1,1\n"),
    "an unknown person in a pedigree": ("pedigrees.csv", b"family_id,member_id,person_id\nF,mother,\nF,son,GHOST\n"),
    "a man as mother": (
        "pedigrees.csv",
        b"family_id,member_id,mother_id,sex,person_id\nF,mother,,M,\nF,son,mother,M,P\n",
    ),
    "his own ancestor": ("pedigrees.csv", b"family_id,member_id,mother_id,person_id\nF,mother,son,\nF,son,mother,P\n"),
    "frequencies summing to 1.3": (
        "frequencies.csv",
        b"population,marker,allele,frequency\nall,L,1,0.4\nall,L,2,0.9\n",
    ),
    "an empty second allele": (
        "profiles.csv",
        b"sample_id,subject_id,marker,allele_1,allele_2\nS1,mother,L,1,\nS2,R,L,1,1\n",
    ),
    "duplicate rows": ("missing.csv", b"person_id,sex\nP,M\nP,M\n"),
    "an empty file": ("missing.csv", b""),
    "garbage": ("profiles.csv", b"\x00\xff\x13" * 100_000),
}


@pytest.mark.parametrize(("file", "content"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_its_place_and_nothing_is_written(folder, tmp_path, file, content):
    spoiled(folder, file, content)
    checked = run("check", folder, "--quiet")
    assert checked.exit_code == 1
    assert file in checked.output
    refused = run("identify", folder, "--out", tmp_path / "result", "--quiet")
    assert refused.exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["programme"]


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    answer = run("check", tmp_path / "nowhere")
    assert answer.exit_code == 1
    assert "nowhere" in answer.output


def test_ctrl_c_leaves_nothing(folder, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("homeward.identification.identify.identify", stopped)
    answer = run("identify", folder, "--out", tmp_path / "result", "--quiet")
    assert answer.exit_code == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["programme"]


def test_simulate_writes_the_truth_beside_the_folder_and_never_twice(tmp_path):
    made = run("simulate", tmp_path / "world", "--persons", "60", "--seed", "4", "--quiet")
    assert made.exit_code == 0, made.output
    assert {path.name for path in tmp_path.iterdir()} == {"world", "world.truth.csv", "world.lying.csv"}
    assert not any("truth" in path.name for path in (tmp_path / "world").iterdir())
    assert run("simulate", tmp_path / "world", "--persons", "60", "--quiet").exit_code == 1
    shutil.rmtree(tmp_path / "world")
    assert run("check", tmp_path / "world").exit_code == 1
