"""Bad input, each kind: a fault that says where, what, why and what to do; no programme; nothing written."""

import random
import subprocess
import sys
import zipfile

import pytest

from homeward.formats.faults import LISTED
from homeward.formats.folder import read_programme

TOML = 'schema = 1\nname = "x"\n[genetics]\npopulation = "North"\n'


@pytest.fixture
def faults_with(read_with):
    """The faults of the small programme with some of its files changed."""

    def faults(changed):
        reading = read_with(changed)
        assert reading.programme is None
        assert all(fault.reason for fault in reading.rejected)
        return reading.rejected

    return faults


@pytest.fixture
def faults_after(faults_with, right):
    """The faults once a text in one file is replaced by another."""

    def faults(file, old, new):
        assert old in right[file]
        return faults_with({file: right[file].replace(old, new)})

    return faults


def only(faults):
    assert len(faults) == 1, [str(fault) for fault in faults]
    assert faults[0].remedy
    return faults[0]


# --- the file itself ---


def test_wrong_encoding_names_the_byte_and_what_to_do(faults_with, right):
    korean = right["missing.csv"].replace("Kim", "김").encode("cp949")
    fault = faults_with({"missing.csv": korean})[0]
    assert (fault.file, fault.line) == ("missing.csv", 2)
    assert f"byte 0xB1 at position {korean.index(0xB1):,} of the file" in fault.reason
    assert "UTF-8" in fault.remedy


def test_the_byte_is_found_far_into_a_file(faults_with, right):
    rows = right["missing.csv"] + "".join(f"Q{i},Kim{' ' * 80},,,,,,,,,\n" for i in range(20_000))
    damaged = bytearray(rows.encode())
    at = damaged.index(b"Q19000,")
    damaged[at + 8 : at + 9] = b"\xff"
    fault = faults_with({"missing.csv": bytes(damaged)})[0]
    assert fault.line == 19_000 + 4
    assert f"position {at + 8:,} " in fault.reason


def test_utf_16_is_recognised(faults_with, right):
    assert "UTF-16" in faults_with({"incidents.csv": right["incidents.csv"].encode("utf-16")})[0].reason


def test_a_missing_column_is_named(faults_after):
    faults = faults_after("profiles.csv", "marker,allele_1,allele_2", "Marker,allele_1,second")
    found = {fault.column: fault for fault in faults if fault.file == "profiles.csv"}
    assert found["marker"].line == 1
    assert "missing from the header" in found["marker"].reason
    assert found["marker"].remedy == "Rename 'Marker' to marker."
    assert "allele_2" in found


def test_columns_separated_by_semicolons_are_recognised(faults_with, right):
    fault = faults_with({"incidents.csv": right["incidents.csv"].replace(",", ";")})[0]
    assert "Separate the columns by commas" in fault.remedy


def test_a_column_that_stands_twice(faults_after):
    assert "twice in the header" in faults_after("incidents.csv", "kind,name", "name,name")[0].reason


def test_an_empty_file(faults_with):
    assert "is empty" in only(faults_with({"mutation_matrices.csv": "", "mutation.csv": None})).reason


def test_a_row_of_the_wrong_width(faults_after):
    fault = only(faults_after("incidents.csv", "The river", "The river, east bank"))
    assert (fault.line, fault.reason) == (2, "has 8 cells under a header of 7.")


def test_a_quotation_mark_that_never_closes(faults_after):
    fault = faults_after("missing.csv", "P1,Kim", 'P1,"Kim')[0]
    assert "opened and not closed; lines 2 to 3 were not read" in fault.reason


def test_control_characters(faults_after):
    assert "no text file" in faults_after("incidents.csv", "The river", "The\x00river")[0].reason


def test_duplicate_rows(faults_after):
    fault = only(faults_after("profiles.csv", "S3,mother", "S3,mother,TH01,9.3,9.3\nS3,mother"))
    assert (fault.line, fault.value, fault.reason) == (8, "S3, TH01", "stands already in line 7.")


def test_an_untyped_row_twice_is_a_duplicate_too(faults_after):
    fault = only(faults_after("profiles.csv", "S3,mother,TH01", "S2,sister,vWA,-,-\nS3,mother,TH01"))
    assert (fault.line, fault.reason) == (7, "stands already in line 6.")


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("missing.csv", "P1,Kim", "P1,NA", "family_name"),
        ("missing.csv", ",M,1931", ",NA,1931", "sex"),
        ("missing.csv", "1950-11-27", "NA", "lost_on"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,NA,NA", "allele_1"),
        ("frequencies.csv", "0.35", "NA", "frequency"),
    ],
)
def test_na_is_a_fault(faults_after, file, old, new, column):
    fault = faults_after(file, old, new)[0]
    assert (fault.column, fault.value) == (column, "NA")


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "reason"),
    [
        ("frequencies.csv", "0.35", '"0,35"', "frequency", "has a decimal comma"),
        ("profiles.csv", "S3,mother,TH01,9.3,", 'S3,mother,TH01,"9,3",', "allele_1", "has a decimal comma"),
        ("frequencies.csv", "0.35", "nan", "frequency", "is not a number"),
        ("frequencies.csv", "0.35", "-0.35", "frequency", "is out of range: 0 to 1"),
        ("missing.csv", "40.35", "91", "last_seen_lat", "is out of range: -90 to 90"),
        ("missing.csv", "127.25,500", ",500", "last_seen_lat", "a place needs both"),
        ("missing.csv", "1950-11-27", "27.11.1950", "lost_on", "is not a date"),
        ("missing.csv", "1950-11-27", "1950-11-31", "lost_on", "is not a date of the calendar"),
        ("missing.csv", "1950-12", "1949", "lost_until", "is before lost_on"),
        ("missing.csv", "1931", "1960", "birth_date", "is after the loss"),
        ("missing.csv", ",M,1931", ",male,1931", "sex", "is not one of the words"),
        ("missing.csv", "P1,Kim", "withheld,Kim", "person_id", "says why a value is absent"),
        ("missing.csv", "P1,Kim", ",Kim", "person_id", "is empty"),
        ("missing.csv", ",I1,1950-11-27", ",I9,1950-11-27", "incident_id", "is not in incidents"),
        ("remains.csv", "165,175.5", "175,165", "", "is above"),
        ("remains.csv", "18,25,", "18,25,R9", "same_as", "is not in remains"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,12/13,12", "allele_1", "more than one allele"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,OL,12", "allele_1", "does not name an allele"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,9.30,12", "allele_1", "more than one spelling"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,9.3,-", "allele_2", "stands beside an allele"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,,", "allele_1", "both alleles are empty"),
        ("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,rest,6", "allele_1", "is the remainder"),
        ("profiles.csv", "S1,m,AMEL,X,X", "S1,m,AMEL,11,12", "allele_1", "not alleles of amelogenin"),
        ("profiles.csv", "S2,sister,vWA,-,-", "S2,m,vWA,14,14", "subject_id", "is not the subject sister"),
        ("profiles.csv", "S1,m,vWA", "S1,m,th0-1", "marker", "are one marker"),
        ("samples.csv", "S1,m,reference", "S1,m,direct", "kind", "is of a missing person"),
        ("samples.csv", "S1,m,reference", "S1,R2,reference", "subject_id", "is no member of a family"),
        ("samples.csv", "S4,R1,remains", "S4,R9,remains", "subject_id", "is not in remains"),
        ("decisions.csv", "R1,P2", "R9,P2", "remains_id", "is not in remains"),
        ("decisions.csv", "R1,P2", "R1,P9", "about", "is not in missing"),
        ("decisions.csv", "outsider:belmar", "outsider:cadia", "about", "names a group"),
        ("mutation.csv", "stepwise,0.001,0.002", "stepwise,,0.002", "", "needs rate_female"),
        ("mutation.csv", "vWA,custom", "vWA,none", "marker", "its model in mutation is not custom"),
        ("mutation_matrices.csv", "vWA,F,14,14,0.999", "vWA,F,14,14,0.9", "probability", "and not 1"),
        ("mutation_matrices.csv", "vWA,M,17,14,0.002\nvWA,M,17,17,0.998\n", "", "from", "have no row"),
        ("frequencies.csv", "North,vWA,14", "North,THO1,14", "marker", "are one marker"),
        ("markers.csv", "DYS391,Y,,,", "DYS391,Y,,,TH01", "aliases", "is also a name of marker TH01"),
        ("markers.csv", "DYS391,Y,", "DYS391,Z,", "chromosome", "is not one of the words"),
    ],
)
def test_a_cell_that_cannot_be(faults_after, file, old, new, column, reason):
    faults = [fault for fault in faults_after(file, old, new) if reason in fault.reason]
    assert faults
    assert column in {fault.column for fault in faults}
    assert all(fault.line and fault.remedy for fault in faults)


# --- families ---


def test_an_unknown_person_in_a_pedigree(faults_after):
    fault = only(faults_after("pedigrees.csv", "F1,son,f,m", "F1,son,grandfather,m"))
    assert (fault.file, fault.line, fault.column, fault.value) == ("pedigrees.csv", 4, "father_id", "grandfather")
    assert fault.reason == "is not a member of this family."


def test_a_parent_in_another_family_means_one_family(faults_after):
    fault = only(faults_after("pedigrees.csv", "F1,son,f,m", "F1,son,f,mother"))
    assert "is of family F2; relatives are one family" in fault.remedy


def test_a_missing_person_of_a_pedigree_who_is_not_on_the_roster(faults_after):
    assert only(faults_after("pedigrees.csv", "M,P1", "M,P9")).reason == "is not in missing."


def test_a_man_as_mother(faults_after):
    fault = faults_after("pedigrees.csv", "F1,m,,,F", "F1,m,,,M")[0]
    assert (fault.line, fault.column, fault.value, fault.reason) == (4, "mother_id", "m", "a man cannot be the mother.")


def test_one_who_is_his_own_ancestor(faults_after):
    faults = faults_after("pedigrees.csv", "F1,f,,,M", "F1,f,son,,M")
    assert {(fault.line, fault.value) for fault in faults} == {(2, "f"), (4, "son")}
    assert {fault.reason for fault in faults} == {"is his or her own ancestor."}


def test_a_person_in_two_families(faults_after):
    fault = only(faults_after("pedigrees.csv", "M,P2", "M,P1"))
    assert "line 4" in fault.reason
    assert "the families are one" in fault.remedy


def test_a_member_in_two_families(faults_after):
    faults = faults_after("pedigrees.csv", "F2,mother,,,F,\nF2,lost,,mother", "F2,m,,,F,\nF2,lost,,")
    assert any(fault.column == "member_id" and "stands already in line 3" in fault.reason for fault in faults)


def test_several_populations_in_one_family(faults_with, right):
    header, *rows = right["pedigrees.csv"].splitlines()
    stated = [f"{header},population", f"{rows[0]},North", *(f"{row}," for row in rows[1:3]), f"{rows[3]},South"]
    fault = only(faults_with({"pedigrees.csv": "\n".join([*stated, *(f"{row}," for row in rows[4:])]) + "\n"}))
    assert (fault.line, fault.value) == (5, "South")
    assert "is a second population in family F1, beside North" in fault.reason


def test_remains_named_like_a_member(faults_after):
    assert any("is also a member_id" in f.reason for f in faults_after("remains.csv", "R2,A-1", "sister,A-1"))


def test_half_sibs_by_omission_are_noted(read_with, right):
    pedigrees = right["pedigrees.csv"].replace("F2,lost,,mother", "F2,other,,mother,F,\nF2,lost,,mother")
    reading = read_with({"pedigrees.csv": pedigrees})
    note = next(note for note in reading.notes if "half-sibs" in note.reason)
    assert (note.file, note.column) == ("pedigrees.csv", "father_id")
    assert "other, lost, children of mother" in note.reason


# --- sexes ---


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("remains.csv", "P1,M,165", "P1,F,165", "is M, and remains R1 is stated to be F."),
        ("profiles.csv", "S1,m,AMEL,X,X", "S1,m,AMEL,X,Y", "is M, and member m is stated to be F."),
        ("missing.csv", "Kim,M", "Kim,F", "contradicts F of missing person P1."),
    ],
)
def test_a_sex_conflict(faults_after, file, old, new, reason):
    assert only(faults_after(file, old, new)).reason == reason


# --- samples, profiles, frequencies ---


def test_an_allele_without_frequency_is_noted_with_the_frequency_it_gets(read_with, right):
    reading = read_with({"profiles.csv": right["profiles.csv"].replace("S2,sister,TH01,6,7", "S2,sister,TH01,6,11")})
    note = next(note for note in reading.notes if note.value == "11" and "North" in note.reason)
    assert note.reason == "has no frequency in population North; it is given 0.005."  # 5 / (2 x 500)
    assert (note.file, note.line) == ("profiles.csv", 5)
    assert reading.programme is not None


def test_frequencies_summing_to_1_3(faults_after):
    fault = only(faults_after("frequencies.csv", "North,TH01,6,0.4", "North,TH01,6,0.7"))
    assert (fault.file, fault.line, fault.value) == ("frequencies.csv", 2, "1.3")
    assert "TH01 in population North, more than 1" in fault.reason


def test_frequencies_summing_to_less_leave_a_remainder(read_with, right):
    reading = read_with({"frequencies.csv": right["frequencies.csv"].replace("North,TH01,6,0.4", "North,TH01,6,0.3")})
    assert any("`rest` takes the remainder, 0.1." in note.reason for note in reading.notes)
    assert reading.programme is not None


def test_an_empty_second_allele(faults_after):
    fault = only(faults_after("profiles.csv", "S3,mother,TH01,9.3,9.3", "S3,mother,TH01,9.3,"))
    assert (fault.line, fault.column) == (7, "allele_2")
    assert "9.3, 9.3 for a homozygote or 9.3, ?" in fault.remedy


def test_two_unequal_samples_of_one_subject_name_both(faults_with, right):
    faults = faults_with(
        {
            "samples.csv": right["samples.csv"] + "S6,m,reference\n",
            "profiles.csv": right["profiles.csv"] + "S6,m,THO1,6,10\nS6,m,vWA,17,14\n",
        }
    )
    fault = only(faults)
    assert (fault.line, fault.column) == (12, "THO1")
    assert "in sample S6 is not 6, 9.3 in sample S1 (line 2)" in fault.reason


def test_a_partial_call_agrees_with_a_full_one(read_with, right):
    reading = read_with(
        {
            "samples.csv": right["samples.csv"] + "S6,m,reference\n",
            "profiles.csv": right["profiles.csv"] + "S6,m,TH01,9.3,?\n",
        }
    )
    assert reading.rejected == ()


def test_remains_declared_one_individual_with_unequal_profiles(faults_with, right):
    faults = faults_with(
        {
            "remains.csv": right["remains.csv"].replace("untested,,,,", "untested,,,,R1"),
            "profiles.csv": right["profiles.csv"] + "S6,R2,TH01,7,7\n",
            "samples.csv": right["samples.csv"] + "S6,R2,remains\n",
        }
    )
    assert "are of one individual (R1 and R2)" in only(faults).reason


def test_a_profile_of_an_unknown_subject(faults_with, right):
    fault = only(faults_with({"profiles.csv": right["profiles.csv"] + "S9,nobody,TH01,6,6\n"}))
    assert (fault.line, fault.column, fault.value) == (12, "subject_id", "nobody")


def test_a_sample_without_profile_is_noted(read_with, right):
    reading = read_with({"samples.csv": right["samples.csv"] + "S7,f,reference\n"})
    assert any(note.value == "S7" and note.reason == "has no profile." for note in reading.notes)
    assert reading.programme is not None


def test_a_population_without_frequencies(faults_with, right):
    faults = faults_with({"programme.toml": right["programme.toml"].replace('"North"', '"West"')})
    assert (faults[0].file, faults[0].column, faults[0].reason) == (
        "programme.toml", "genetics.population", "has no frequencies.",
    )  # fmt: skip


def test_families_without_any_population(faults_with, right):
    faults = faults_with({"programme.toml": right["programme.toml"].replace('population = "North"\n', "", 1)})
    assert "nobody in 2 families (F1, F2) has a population" in only(faults).reason


def test_a_model_for_a_marker_that_nobody_has_is_noted(read_with, right):
    reading = read_with({"mutation.csv": right["mutation.csv"] + "FGA,none,,,,,\n"})
    assert any(note.value == "FGA" for note in reading.notes)
    assert reading.programme is not None


def test_a_claim_about_somebody_unknown_is_noted(read_with, right):
    reading = read_with({"remains.csv": right["remains.csv"].replace("2000,P1", "2000,P7")})
    assert any(note.column == "claimed_person" and note.value == "P7" for note in reading.notes)
    assert reading.programme is not None


# --- samples that may be wrong, and silent alleles ---


def with_samples(right, errors, profiles):
    """A second sample S6 of m with errors of its own, of columns dropout, dropin and typing_error."""
    header, *rows = right["samples.csv"].splitlines()
    padded = [header + ",dropout,dropin,typing_error", *(row + ",,," for row in rows), f"S6,m,reference,{errors}"]
    return {"samples.csv": "\n".join(padded) + "\n", "profiles.csv": right["profiles.csv"] + profiles}


def test_a_sample_may_have_lost_the_allele_that_another_shows(read_with, right):
    reading = read_with(with_samples(right, "0.1,,", "S6,m,TH01,6,6\n"))
    assert reading.programme is not None, [str(fault) for fault in reading.rejected]


def test_a_difference_that_no_error_explains_names_both_samples(faults_with, right):
    fault = only(faults_with(with_samples(right, "0.1,,", "S6,m,TH01,7,7\n")))
    assert (fault.line, fault.column) == (12, "TH01")
    assert "in sample S6 is not 6, 9.3 in sample S1 (line 2)" in fault.reason
    assert "error models do not explain it" in fault.reason


def test_a_third_sample_may_agree_with_each_of_two_and_not_with_both(faults_with, right):
    files = with_samples(right, "0.1,,", "S6,m,vWA,14,14\nS7,m,vWA,17,17\nS8,m,vWA,15,15\n")
    files["samples.csv"] += "S7,m,reference,0.1,,\nS8,m,reference,0.1,,\n"
    assert "in sample S8 is not 14, 17 in sample S1" in only(faults_with(files)).reason


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("programme.toml", 'population = "North"\n', 'population = "North"\ndropout = 1\n', "genetics.dropout"),
        ("programme.toml", 'population = "North"\n', 'population = "North"\ndropin = 1.5\n', "genetics.dropin"),
        ("samples.csv", "kind\nS1,m,reference\n", "kind,dropout\nS1,m,reference,1\n", "dropout"),
        ("samples.csv", "kind\nS1,m,reference\n", "kind,typing_error\nS1,m,reference,-0.1\n", "typing_error"),
        ("markers.csv", "aliases\nTH01,A,0.001,500,Tee\n", "aliases,silent_frequency\nTH01,A,0.001,500,Tee,1\n",
         "silent_frequency"),
    ],
)  # fmt: skip
def test_a_probability_that_cannot_be(faults_with, right, file, old, new, column):
    header, *rows = right[file].replace(old, new).splitlines()
    padded = [row + "," * max(header.count(",") - row.count(","), 0) for row in rows]
    fault = faults_with({file: "\n".join([header, *padded]) + "\n"})[0]
    assert fault.column == column


@pytest.mark.parametrize(("file", "row"), [("profiles.csv", "S2,sister,TH01,6,silent"), ("frequencies.csv", "x")])
def test_nobody_sees_or_lists_a_silent_allele(faults_with, right, file, row):
    old, new = {
        "profiles.csv": ("S2,sister,TH01,6,7", row),
        "frequencies.csv": ("North,TH01,7,0.35", "North,TH01,silent,0.35"),
    }[file]
    fault = next(fault for fault in faults_with({file: right[file].replace(old, new)}) if fault.value == "silent")
    assert "silent_frequency" in fault.remedy


def test_a_lone_allele_beside_a_dropout_is_noted(read_with, right):
    toml = right["programme.toml"].replace('population = "North"\n', 'population = "North"\ndropout = 0.05\n')
    reading = read_with({"programme.toml": toml})
    (note,) = [note for note in reading.notes if note.column == "allele_2"]
    assert (note.line, "1 calls" in note.reason) == (8, True)
    assert "write it twice" in note.remedy


# --- founders and linked markers ---


def test_a_theta_that_is_no_coefficient(faults_with, right):
    toml = right["programme.toml"].replace('population = "North"\n', 'population = "North"\ntheta = 0.7\n')
    fault = faults_with({"programme.toml": toml})[0]
    assert (fault.line, fault.column, fault.value) == (7, "genetics.theta", "0.7")


def test_the_inbreeding_of_someone_with_parents(faults_with, right):
    header, *rows = right["pedigrees.csv"].splitlines()
    padded = [f"{row}," if not row.startswith("F1,sister") else f"{row},0.0625" for row in rows]
    fault = only(faults_with({"pedigrees.csv": "\n".join([f"{header},inbreeding", *padded]) + "\n"}))
    assert (fault.line, fault.column, fault.value) == (5, "inbreeding", "0.0625")
    assert "of a founder" in fault.reason


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("FGA,A,TH09,0.1", "linked_to", "has no frequencies"),
        ("FGA,A,TH01,", "rho", "is needed beside linked_to"),
        ("FGA,A,,0.1", "rho", "stands without linked_to"),
        ("FGA,A,FGA,0.1", "linked_to", "not two markers of one chromosome"),
        ("FGA,X,TH01,0.1", "linked_to", "not two markers of one chromosome"),
        ("DYS391,Y,DYS19,0.1", "linked_to", "passed on whole"),
        ("FGA,A,TH01,0.1\nvWA,A,TH01,0.2", "linked_to", "linked to a third"),
        ("FGA,A,TH01,0.1\nTH01,A,FGA,0.2", "rho", "two recombination fractions"),
    ],
)
def test_a_pair_of_linked_markers_that_cannot_be(faults_with, right, row, column, reason):
    others = "TH01,A,,\nDYS19,Y,,\n" if "\nTH01" not in row else "DYS19,Y,,\n"
    faults = faults_with({"markers.csv": f"marker,chromosome,linked_to,rho\n{others}{row}\n"})
    assert any(fault.column == column and reason in fault.reason for fault in faults), [str(f) for f in faults]


# --- decisions ---


def test_remains_identified_as_two_persons(faults_with, right):
    decisions = right["decisions.csv"].replace("R1,P2,excluded", "R1,P2,identified") + "R1,P1,identified,,,\n"
    assert "are both identified as R1" in only(faults_with({"decisions.csv": decisions})).reason


def test_one_person_identified_in_two_individuals(faults_with, right):
    decisions = right["decisions.csv"].replace("R1,P2,excluded", "R1,P2,identified") + "R2,P2,identified,,,\n"
    fault = only(faults_with({"decisions.csv": decisions}))
    assert "are both identified as P2" in fault.reason
    assert "same_as" in fault.remedy


def test_somebody_found_alive_is_not_identified_among_remains(faults_with, right):
    faults = faults_with(
        {
            "missing.csv": right["missing.csv"].replace("1950-11,,,,,", "1950-11,,,,,found_alive"),
            "decisions.csv": right["decisions.csv"].replace("R1,P2,excluded", "R1,P2,identified"),
        }
    )
    assert "is found_alive in missing" in only(faults).reason


# --- programme.toml ---


@pytest.mark.parametrize(
    ("toml", "line", "reason"),
    [
        ("schema = 1\nname = x\n", 2, "is not TOML"),
        ("", None, "is empty"),
        ('name = "x"\n', None, "is not stated"),
        ('schema = 2\nname = "x"\n', 1, "is out of range: 1 to 1"),
        (TOML + "thetta = 0\n", 5, "is not a setting that Homeward knows"),
        (TOML + "[priors]\nkind = 'flat'\n", 6, "is not a setting that Homeward knows"),
        (TOML + "[prior]\nlisted_share = 0.9\n", 6, "is the sum of listed_share, not_listed and the outsiders"),
        (TOML + "[populations]\nNorth = 0.5\nSouth = 0.4\n", 6, "is the sum of the weights of [populations]"),
        (TOML + "[prior]\nkind = 'even'\n", 6, "is not one of the words"),
        (TOML + "[prior]\nlisted_share = 1.5\n", 6, "is out of range: 0 to 1"),
        (TOML + "[evidence]\nbound = 0\n", 6, "is out of range"),
        (TOML + "[evidence]\nlines = ['smell']\n", 6, "which is not a line of evidence"),
        (TOML + "[identification]\nseed = 1.5\n", 6, "is not a whole number"),
        (TOML + "[identification]\none_to_one = 'yes'\n", 6, "is neither true nor false"),
        (TOML + "[prior]\nnot_listed = 0.3\n[prior.outsiders]\nbelmar = 0.2\n", 8, "whose population is not stated"),
        ('schema = 1\nname = "x"\nas_of = 2018\n', 3, "is not a date"),
    ],
)
def test_a_setting_that_cannot_be(faults_with, right, toml, line, reason):
    faults = [fault for fault in faults_with({"programme.toml": toml}) if reason in fault.reason]
    assert [(fault.file, fault.line) for fault in faults] == [("programme.toml", line)]
    assert faults[0].remedy


# --- every fault, not the first ---


def test_every_fault_of_every_file_is_listed(faults_with, right):
    faults = faults_with(
        {
            "missing.csv": right["missing.csv"].replace("1931", "31").replace("1950-11-27", "soon"),
            "pedigrees.csv": right["pedigrees.csv"].replace("F1,m,,,F", "F1,m,,,M"),
            "frequencies.csv": right["frequencies.csv"].replace("0.4", "0.7"),
            "programme.toml": right["programme.toml"] + "[thresholds]\nidentify = 2\n",
        }
    )
    assert {(f.file, f.line, f.column) for f in faults} >= {
        ("missing.csv", 2, "birth_date"), ("missing.csv", 2, "lost_on"), ("pedigrees.csv", 4, "mother_id"),
        ("frequencies.csv", 2, "frequency"), ("programme.toml", 15, "thresholds.identify"),
    }  # fmt: skip


def test_a_rejected_row_is_not_reported_again_by_those_who_refer_to_it(faults_after):
    fault = only(faults_after("missing.csv", "1931", "31"))
    assert fault.column == "birth_date"


def test_thousands_of_faults_are_counted_and_a_thousand_listed(faults_with, right):
    bad = "".join(f"S{i},m,TH01,6,\n" for i in range(10, 3_010))
    faults = faults_with({"profiles.csv": right["profiles.csv"] + bad})
    of_profiles = [fault for fault in faults if fault.file == "profiles.csv"]
    assert len(of_profiles) == LISTED + 1
    assert of_profiles[-1].reason == f"has {3_000 - LISTED:,} more faults like these."


# --- containers ---


def refusal(path):
    reading = read_programme(path)
    assert reading.programme is None
    return only(reading.rejected)


def test_a_damaged_zip(tmp_path, write_folder):
    path = packed(write_folder({}), tmp_path / "p.zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refusal(path).reason


def test_one_damaged_file_in_a_zip(tmp_path, write_folder):
    path = packed(write_folder({}), tmp_path / "p.zip")
    whole = bytearray(path.read_bytes())
    at = whole.index(b"The river")
    whole[at : at + 3] = b"xxx"
    path.write_bytes(whole)
    reading = read_programme(path)
    assert any(f.file == "incidents.csv" and "is damaged" in f.reason for f in reading.rejected)


def packed(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("profiles.csv", b"0" * 200_000_000)
    assert "more than is read" in refusal(tmp_path / "p.zip").reason


@pytest.mark.parametrize("name", ["../missing.csv", "/etc/missing.csv", "a/../../missing.csv", "..\\missing.csv"])
def test_a_zip_that_names_files_outside_itself(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(name, "person_id\n")
    assert "outside itself" in refusal(tmp_path / "p.zip").reason


def test_a_zip_with_a_password(tmp_path, write_folder):
    path = packed(write_folder({}), tmp_path / "p.zip")
    whole = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # general purpose flag, bit 0: encrypted
        whole[whole.index(sign) + offset] |= 1
    path.write_bytes(whole)
    assert "password" in refusal(path).reason


def test_an_excel_file_with_a_password(tmp_path):
    (tmp_path / "p.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    assert "locked with a password, or of the old kind" in refusal(tmp_path / "p.xlsx").reason


def test_a_file_only_called_excel(tmp_path):
    (tmp_path / "p.xlsx").write_text("person_id\nP1\n")
    assert "is not a .xlsx file" in refusal(tmp_path / "p.xlsx").reason


def test_a_workbook_with_a_cell_at_the_end_of_the_world(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "missing"
    book.active["A1"], book.active["XFD1048576"] = "person_id", "P1"
    book.save(tmp_path / "p.xlsx")
    assert "1,048,576 rows and 16,384 columns" in refusal(tmp_path / "p.xlsx").reason


def test_a_formula_that_failed_is_not_taken_for_an_empty_cell(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "missing"
    book.active.append(["person_id", "stature_cm"])
    book.active.append(["P1", "#REF!"])
    book.active["B2"].data_type = "e"
    book.save(tmp_path / "p.xlsx")
    assert "a formula that failed (sheet1.xml, B2)" in refusal(tmp_path / "p.xlsx").reason


def test_a_single_csv_file_is_not_a_folder(tmp_path):
    (tmp_path / "missing.csv").write_text("person_id\nP1\n")
    assert "Give the folder" in refusal(tmp_path / "missing.csv").remedy


def test_some_other_folder(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"x")
    assert "holds no file of a programme folder" in refusal(tmp_path).reason


# --- garbage ---


@pytest.mark.parametrize("kind", ["bytes", "zeros", "digits", "lines"])
def test_garbage_is_refused_in_bounded_memory(tmp_path, kind):
    """A small size here; 200 MB of each kind were measured by hand (docs/methods/programme-folder.md)."""
    size = 8_000_000
    garbage = {
        "bytes": lambda: random.Random(1).randbytes(size),
        "zeros": lambda: b"\0" * size,
        "digits": lambda: b"0123456789" * (size // 10),
        "lines": lambda: b"sample_id,subject_id,marker,allele_1,allele_2\n" + b"a,b,c,,\n" * (size // 8),
    }[kind]()
    (tmp_path / "profiles.csv").write_bytes(garbage)
    script = (
        "import sys, resource; from pathlib import Path; from homeward.formats.folder import read_programme\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "reading = read_programme(Path(sys.argv[1])); assert reading.programme is None and reading.rejected\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 60_000  # kilobytes
