"""An import becomes part of a programme: nothing is overwritten, and the folder passes its check."""

import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.errors import Rejected, WouldOverwrite
from homeward.formats.folder import read_programme, write_programme
from homeward.formats.laboratory.imports import Import, Subject
from homeward.formats.laboratory.merging import (
    base_of,
    merged,
    new_programme,
    recover,
    write_into_folder,
    write_new_folder,
)
from homeward.programme import (
    Marker,
    Member,
    MissingPerson,
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

TABLE = "Sample\tvWA 1\tvWA 2\tTH01 1\tTH01 2\nmother\t16\t17\t6\t7\nR9\t16\t18\t6\t6\n"
DAUGHTER = Pedigree(family_id="F", members=(Member(family_id="F", member_id="son", sex=Sex.FEMALE),))
BASE = Programme(
    settings=Settings(name="base", population="all"),
    missing=(MissingPerson(person_id="P", family_name="Kim"),),
    pedigrees=(
        Pedigree(
            family_id="F",
            members=(
                Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
                Member(family_id="F", member_id="son", mother_id="mother", sex=Sex.MALE, person_id="P"),
            ),
        ),
    ),
    samples=(Sample(sample_id="mother", subject_id="mother"),),
    profiles=(Profile(sample_id="mother", subject_id="mother", calls={"VWA": ("17", "16")}),),
    frequencies={"all": {"VWA": {"16": 0.5, "17": 0.3, "18": 0.2}}},
    remains=(Remains(remains_id="R1"),),
)


def imported(**records):
    subjects = records.pop("subjects", {})
    settings = records.pop("settings", Settings(name="file"))
    return Import(format="wide", version="", programme=Programme(settings=settings, **records), subjects=subjects)


def profile(sample, subject="", **calls):
    return Profile(sample_id=sample, subject_id=subject or sample, calls=calls)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "programme"
    write_programme(BASE, place)
    return place


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text(TABLE)
    return path


def test_what_is_new_is_added_and_what_is_there_is_kept():
    found = imported(
        profiles=(profile("mother", vWA=("16", "17"), TH01=("6", "7")), profile("S9", "R1", vWA=("16", "18")))
    )
    result = merged(BASE, found, file="f")
    assert not result.conflicts
    first, second = result.programme.profiles
    assert first.calls == {"VWA": ("17", "16"), "TH01": ("6", "7")}
    assert second.subject_id == "R1"
    assert result.programme.samples[-1].kind is SampleKind.REMAINS
    assert result.added["profiles"] == 1


def test_a_profile_of_a_missing_person_is_a_direct_sample():
    result = merged(BASE, imported(profiles=(profile("tooth", "son", vWA=("16", "16")),)), file="f")
    assert result.programme.samples[-1].kind is SampleKind.DIRECT


def test_other_calls_of_a_sample_are_a_conflict_with_both_values():
    result = merged(BASE, imported(profiles=(profile("mother", vWA=("16", "18")),)), file="f")
    assert result.programme is None
    (conflict,) = result.conflicts
    assert (conflict.column, "16, 18" in conflict.reason, "17, 16" in conflict.reason) == ("vWA", True, True)


def test_other_frequencies_are_a_conflict_and_equal_ones_are_there_already():
    same = imported(frequencies={"all": {"vWA": {"16": 0.5, "17": 0.3, "18": 0.2}}})
    assert merged(BASE, same, file="f").there == {"frequency tables": 1}
    other = imported(frequencies={"all": {"vWA": {"16": 0.5, "17": 0.2, "18": 0.3}}})
    (conflict,) = merged(BASE, other, file="f").conflicts
    assert "allele 17" in conflict.reason


@pytest.mark.parametrize(
    ("records", "column"),
    [
        ({"pedigrees": (DAUGHTER,)}, "sex"),
        ({"missing": (MissingPerson(person_id="P", family_name="Lee"),)}, "family_name"),
        ({"samples": (Sample(sample_id="mother", subject_id="son"),)}, "subject_id"),
        ({"samples": (Sample(sample_id="mother", subject_id="mother", kind=SampleKind.DIRECT),)}, "kind"),
    ],
)
def test_a_record_that_says_otherwise_is_a_conflict(records, column):
    assert [conflict.column for conflict in merged(BASE, imported(**records), file="f").conflicts] == [column]


def test_a_record_may_be_completed_where_the_programme_says_nothing():
    person = MissingPerson(person_id="P", given_name="Chol", sex=Sex.MALE)
    result = merged(BASE, imported(missing=(person,)), file="f")
    assert result.programme.missing == (
        MissingPerson(person_id="P", family_name="Kim", given_name="Chol", sex=Sex.MALE),
    )


def test_a_mutation_model_is_never_completed_from_another():
    base = replace(BASE, mutation=(MutationModel(marker="vWA"),))
    rates = {"rate_female": 0.001, "rate_male": 0.002}
    found = imported(mutation=(MutationModel(marker="VWA", model=MutationKind.EQUAL, **rates),))
    assert "model" in [conflict.column for conflict in merged(base, found, file="f").conflicts]
    assert merged(BASE, found, file="f").added == {"mutation": 1}


def test_a_marker_under_another_spelling_is_the_same_marker():
    base = replace(BASE, markers=(Marker(marker="VWA", sample_size=100),))
    assert not merged(base, imported(markers=(Marker(marker="vWA", sample_size=100),)), file="f").conflicts
    (conflict,) = merged(base, imported(markers=(Marker(marker="vWA", sample_size=90),)), file="f").conflicts
    assert conflict.column == "sample_size"


def test_subjects_that_nobody_knows_are_asked_for():
    found = imported(
        profiles=(profile("X", vWA=("16", "16")),), subjects={"X": Subject(sex=Sex.MALE, population="all")}
    )
    (conflict,) = merged(BASE, found, file="f").conflicts
    assert "--kind" in conflict.remedy
    remains = merged(BASE, found, file="f", kind=SampleKind.REMAINS).programme.remains[-1]
    assert (remains.remains_id, remains.sex, remains.population) == ("X", Sex.MALE, "all")
    family = merged(BASE, found, file="f", kind=SampleKind.REFERENCE).programme.pedigrees[-1]
    assert (family.family_id, family.members[0].sex) == ("X", Sex.MALE)
    staff = merged(BASE, found, file="f", kind=SampleKind.ELIMINATION).programme
    assert staff.samples[-1].kind is SampleKind.ELIMINATION
    assert len(staff.remains) == 1


def test_people_of_another_population_keep_it_and_other_settings_are_noted():
    found = imported(
        settings=Settings(name="file", population="north", theta=0.02),
        frequencies={"north": {"vWA": {"16": 1.0}}},
        remains=(Remains(remains_id="R2"),),
    )
    result = merged(BASE, found, file="f")
    assert result.programme.remains[-1].population == "north"
    assert result.programme.settings == BASE.settings
    (note,) = result.notes
    assert "theta = 0.02" in note.remedy
    assert new_programme(found, "new").settings.theta == 0.02


def test_the_command_lists_and_writes_nothing_unless_told_where(table, tmp_path):
    answer = run("import", table)
    assert answer.exit_code == 0
    assert "profiles: 2" in answer.output
    assert [path.name for path in tmp_path.iterdir()] == ["table.txt"]


def test_the_command_adds_to_a_folder_which_then_passes_its_check(table, folder):
    (folder / "notes.md").write_text("kept")
    (folder / "programme.toml").write_text((folder / "programme.toml").read_text() + "# a comment\n")
    answer = run("import", table, "--into", folder, "--kind", "remains", "--quiet")
    assert answer.exit_code == 0, answer.output
    assert run("check", folder, "--quiet").exit_code == 0
    programme = read_programme(folder).programme
    assert {one.remains_id for one in programme.remains} == {"R1", "R9"}
    assert (folder / "notes.md").read_text() == "kept"
    assert "# a comment" in (folder / "programme.toml").read_text()
    again = run("import", table, "--into", folder, "--quiet")
    assert again.exit_code == 0
    assert "nothing that was not there" in again.output
    assert read_programme(folder).programme.digest == programme.digest


def test_tables_without_new_rows_stay_byte_for_byte_and_each_file_keeps_who_may_read_it(table, folder):
    frequencies = folder / "frequencies.csv"
    rows = frequencies.read_text().splitlines()
    frequencies.write_text("\n".join([f"{rows[0]},source", *(f"{row},us" for row in rows[1:])]))
    (folder / "profiles.csv").chmod(0o600)
    folder.chmod(0o700)
    kept = frequencies.read_bytes()
    answer = run("import", table, "--into", folder, "--kind", "remains", "--quiet")
    assert answer.exit_code == 0, answer.output
    assert frequencies.read_bytes() == kept
    assert (folder / "profiles.csv").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_column_that_would_be_lost_stops_the_import(table, folder):
    profiles = folder / "profiles.csv"
    profiles.write_text(profiles.read_text().replace("allele_2\n", "allele_2,height\n").replace("16\n", "16,900\n"))
    before = profiles.read_bytes()
    answer = run("import", table, "--into", folder, "--kind", "remains", "--quiet")
    assert answer.exit_code == 1
    assert "height" in answer.output
    assert profiles.read_bytes() == before


def test_the_command_lists_conflicts_and_leaves_the_folder_as_it_was(table, folder):
    before = read_programme(folder).programme.digest
    table.write_text(TABLE.replace("16\t17", "16\t16"))
    answer = run("import", table, "--into", folder, "--kind", "remains", "--quiet")
    assert answer.exit_code == 1
    assert "17, 16 in the programme" in answer.output
    assert read_programme(folder).programme.digest == before


def test_rejected_rows_are_listed_and_stop_the_writing_unless_they_are_left_out(table, tmp_path):
    table.write_text(TABLE + "R10\tOL\t17\t6\t7\n")
    out = tmp_path / "new"
    refused = run("import", table, "--out", out, "--kind", "remains", "--quiet")
    assert refused.exit_code == 1
    assert "line 4" in refused.output
    assert not out.exists()
    written = run("import", table, "--out", out, "--kind", "remains", "--without-rejected", "--quiet")
    assert written.exit_code == 1
    assert len(read_programme(out).programme.profiles) == 3


def test_a_place_that_is_taken_a_folder_that_is_not_there_and_two_places_are_refused(table, folder, tmp_path):
    assert run("import", table, "--out", folder, "--kind", "remains").exit_code == 1
    assert run("import", table, "--into", tmp_path / "none").exit_code == 1
    assert run("import", table, "--into", table).exit_code == 1
    assert run("import", table, "--into", folder, "--out", tmp_path / "new").exit_code == 2


def test_a_folder_with_faults_takes_no_import(table, folder):
    (folder / "remains.csv").write_text("remains_id\nR1\nR1\n")
    answer = run("import", table, "--into", folder, "--kind", "remains", "--quiet")
    assert answer.exit_code == 1
    assert "stands already" in answer.output


def test_a_programme_that_would_not_pass_its_check_is_not_written(tmp_path):
    people = (profile("S1", "mother", vWA=("16", "17")), profile("S2", "mother", vWA=("16", "16")))
    bad = merged(BASE, imported(profiles=people), file="f").programme
    with pytest.raises(Rejected):
        write_new_folder(bad, tmp_path / "new")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_changed_meanwhile_is_not_replaced(folder):
    base = base_of(folder)
    shutil.rmtree(folder)
    write_programme(replace(BASE, remains=()), folder)
    with pytest.raises(Rejected, match="changed"):
        write_into_folder(BASE, base, folder)
    assert read_programme(folder).programme.remains == ()


def test_an_exchange_that_was_killed_half_way_gives_the_old_folder_back(folder):
    folder.rename(folder.with_name(f".{folder.name}.before-import"))
    recover(folder)
    assert read_programme(folder).programme is not None
    with pytest.raises(WouldOverwrite):
        write_new_folder(BASE, folder)


def test_what_an_interrupted_exchange_left_beside_the_folder_is_never_deleted(folder):
    left = folder.with_name(f".{folder.name}.before-import")
    shutil.copytree(folder, left)
    with pytest.raises(Rejected, match="interrupted"):
        base_of(folder)
    assert left.exists()
