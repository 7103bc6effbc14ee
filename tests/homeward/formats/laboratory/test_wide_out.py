"""Profiles written as a table come back as they were."""

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.formats.folder import write_programme
from homeward.formats.laboratory import read, writers
from homeward.formats.laboratory.exports import Wanted
from homeward.formats.laboratory.wide_out import write_wide
from homeward.programme import (
    Member,
    MutationKind,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
)

MARKERS = st.sampled_from(["D3S1358", "TH01", "Penta D", "vWA", "SE33"])
CALLS = st.dictionaries(
    MARKERS, st.tuples(*[st.sampled_from(["5", "9.3", "10", "29.2", "?"])] * 2), min_size=1, max_size=5
).map(lambda calls: {marker: call for marker, call in calls.items() if call != ("?", "?")} or {"TH01": ("6", "6")})


@st.composite
def programmes(draw):
    samples, profiles, remains = [], [], []
    for number in range(draw(st.integers(1, 5))):
        subject, sample = f"R{number}", draw(st.sampled_from([f"R{number}", f"S{number} a"]))
        remains.append(Remains(remains_id=subject, sex=draw(st.sampled_from(Sex))))
        samples.append(Sample(sample_id=sample, subject_id=subject, kind=draw(st.sampled_from(SampleKind))))
        profiles.append(Profile(sample_id=sample, subject_id=subject, calls=draw(CALLS)))
    return Programme(
        settings=Settings(name="table"), samples=tuple(samples), profiles=tuple(profiles), remains=tuple(remains)
    )


@settings(max_examples=60, deadline=None)
@given(programmes())
def test_samples_subjects_sexes_and_calls_come_back_as_they_were_written(tmp_path_factory, programme):
    path = tmp_path_factory.mktemp("wide") / "table.csv"
    path.write_bytes(write_wide(programme, Wanted()).data)
    found = read(path)
    assert found.rejected == ()
    assert found.programme.samples == programme.samples
    assert {one.sample_id: (one.subject_id, dict(one.calls)) for one in found.programme.profiles} == {
        one.sample_id: (one.subject_id, dict(one.calls)) for one in programme.profiles
    }
    assert {one.remains_id: found.subjects[one.remains_id].sex for one in programme.remains} == {
        one.remains_id: one.sex for one in programme.remains
    }


PROGRAMME = Programme(
    settings=Settings(name="one", population="all"),
    pedigrees=(Pedigree(family_id="F", members=(Member(family_id="F", member_id="A", sex=Sex.MALE),)),),
    samples=(Sample(sample_id="A", subject_id="A"),),
    profiles=(Profile(sample_id="A", subject_id="A", calls={"TH01": ("6", "9.3")}),),
    frequencies={"all": {"TH01": {"6": 0.5, "9.3": 0.5}}},
)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("format_", list(writers))
def test_the_command_writes_each_format_and_what_it_wrote_is_read_again(tmp_path, format_):
    write_programme(PROGRAMME, tmp_path / "folder")
    out = tmp_path / f"out.{format_}"
    answer = run("export", tmp_path / "folder", "--format", format_, "--out", out, "--quiet")
    assert answer.exit_code == 0, answer.output
    assert dict(read(out).programme.profiles[0].calls) == {"TH01": ("6", "9.3")}
    again = run("export", tmp_path / "folder", "--format", format_, "--out", out, "--quiet")
    assert again.exit_code == 1
    assert "already there" in again.output


def test_the_command_writes_nothing_where_something_would_be_computed_otherwise(tmp_path):
    model = MutationModel(marker="TH01", model=MutationKind.ONESTEP, rate_female=0.01, rate_male=0.01)
    write_programme(
        Programme(**{**{n: getattr(PROGRAMME, n) for n in PROGRAMME.__dataclass_fields__}, "mutation": (model,)}),
        tmp_path / "folder",
    )
    answer = run("export", tmp_path / "folder", "--format", "fam", "--out", tmp_path / "out.fam", "--quiet")
    assert answer.exit_code == 1
    assert "onestep" in answer.output
    assert not (tmp_path / "out.fam").exists()


def test_the_command_does_not_write_a_folder_with_faults(tmp_path):
    write_programme(PROGRAMME, tmp_path / "folder")
    (tmp_path / "folder" / "samples.csv").write_text("sample_id\nA\n")
    answer = run("export", tmp_path / "folder", "--format", "csv", "--out", tmp_path / "out.csv", "--quiet")
    assert answer.exit_code == 1
    assert "Nothing was written" in answer.output
