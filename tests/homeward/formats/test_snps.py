"""SNPs of a programme folder: what is read is what is written, and each faulty row is told with its line."""

import numpy as np
import pytest

from homeward.formats import records, tabular
from homeward.formats.digest import _add, digest_of
from homeward.formats.folder import read_programme, write_programme
from homeward.formats.snps import rows_of
from homeward.genetics.snp.observation import from_genotypes
from homeward.programme import SnpProfile

PANEL = (
    "snp,population,chromosome,position,position_cm,reference,counted,frequency\n"
    "rs1,North,1,1000000,1.5,A,G,0.3\nrs1,South,1,1000000,1.5,A,G,0.4\nrs2,North,22,5000,,C,T,0.25\nrs3,North,,,,,,0.5\n"
)
SNPS = (
    "sample_id,subject_id,snp,genotype,loglik_0,loglik_1,loglik_2\n"
    "S1,m,rs1,2,,,\nS1,m,rs2,0,,,\nS4,R1,rs2,,-0.0101,-0.6931,-4.6\nS4,R1,rs1,,-inf,-2,0\n"
)
HEADER = "sample_id,subject_id,snp,genotype,loglik_0,loglik_1,loglik_2\n"


def said(reading, file="snps.csv"):
    return [(fault.line, fault.column, fault.value) for fault in reading.rejected if fault.file == file]


def reasons(reading):
    return " ".join(str(fault) for fault in reading.rejected)


def test_a_panel_and_profiles_are_read_as_they_stand(read_with):
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": SNPS})
    assert reading.rejected == ()
    programme = reading.programme
    first, second = programme.snp_profiles
    assert (first.sample_id, first.subject_id, first.snps) == ("S1", "m", ("rs1", "rs2"))
    np.testing.assert_array_equal(first.log_likelihood, from_genotypes([2, 0]))
    assert second.snps == ("rs2", "rs1")
    np.testing.assert_array_equal(second.log_likelihood, [[-0.0101, -0.6931, -4.6], [-np.inf, -2.0, 0.0]])
    assert [(one.snp, one.population, one.chromosome, one.position_cm) for one in programme.snp_panel] == [
        ("rs1", "North", "1", 1.5),
        ("rs1", "South", "1", 1.5),
        ("rs2", "North", "22", None),
        ("rs3", "North", "", None),
    ]
    assert reading.rows["snps.csv"] == 4


@pytest.mark.parametrize("container", ["folder", "zip", "xlsx"])
def test_what_is_written_reads_back_from_every_container_with_one_digest(read_with, tmp_path, container):
    programme = read_with({"snp_panel.csv": PANEL, "snps.csv": SNPS}).programme
    write_programme(programme, tmp_path / "again", container=container)
    reading = read_programme(tmp_path / "again")
    assert reading.rejected == ()
    assert reading.programme == programme
    assert reading.programme.digest == digest_of(programme)


def test_the_digest_follows_the_content_and_not_the_order_of_rows(read_with, tmp_path):
    header, *rows = SNPS.splitlines(keepends=True)
    one = read_with({"snp_panel.csv": PANEL, "snps.csv": SNPS}).programme
    write_programme(one, tmp_path / "moved")
    (tmp_path / "moved" / "snps.csv").write_text(header + "".join(reversed(rows)))
    moved = read_programme(tmp_path / "moved").programme
    (tmp_path / "moved" / "snps.csv").write_text(SNPS.replace("rs1,2", "rs1,1"))
    changed = read_programme(tmp_path / "moved").programme
    assert moved.digest == one.digest
    assert changed.digest != one.digest


def test_a_row_in_the_digest_is_what_any_tables_row_is(read_with):
    """Sample by sample gives what all rows sorted together would."""
    import hashlib

    from homeward.formats.digest import _add_snps

    profiles = read_with({"snp_panel.csv": PANEL, "snps.csv": SNPS}).programme.snp_profiles
    together, apart = hashlib.sha256(), hashlib.sha256()
    _add(together, "snps", ["\x1f".join(row) for profile in profiles for row in rows_of(profile)])
    _add_snps(apart, profiles)
    assert apart.hexdigest() == together.hexdigest()


FAULTS = {
    "S1,m,rs1,3,,,": (2, "genotype", "3"),
    "S1,m,rs1,-,,,": (2, "genotype", "-"),
    "S1,m,rs1,,,,": (2, "genotype", ""),
    "S1,m,rs1,1,0,-1,-2": (2, "genotype", "1"),
    "S1,m,rs1,,0,-1,": (2, "loglik_2", ""),
    "S1,m,rs1,,0,-1,x": (2, "loglik_2", "x"),
    "S1,m,rs1,,0,-1,nan": (2, "loglik_2", "nan"),
    "S1,m,rs1,,0,-1,-1_0": (2, "loglik_2", "-1_0"),
    "S1,m,rs1,,30,0,-1": (2, "loglik_0", "30"),
    "S1,m,rs1,,inf,0,-1": (2, "loglik_0", "inf"),
    "S1,m,rs1,,-inf,-inf,-inf": (2, "", ""),
    'S1,m,rs1,,"-0,5",-1,-2': (2, "loglik_0", "-0,5"),
    "S1,m,,1,,,": (2, "snp", ""),
    "NA,m,rs1,1,,,": (2, "sample_id", "NA"),
    "S1,stranger,rs1,1,,,": (2, "subject_id", "stranger"),
    "S9,stranger,rs1,1,,,": (2, "subject_id", "stranger"),
    "S1,m,rs1,1,,": (2, "", "S1,m,rs1,1,,"),
    "S1,m,rs1,1,,,\nS1,m,rs2,1,,,\nS1,m,rs1,1,,,": (4, "sample_id, snp", "S1, rs1"),
    "S1,m,rs1,1,,,\nS1,sister,rs2,1,,,": (3, "subject_id", "sister"),
}


@pytest.mark.parametrize("plain", [True, False], ids=["in blocks", "row by row"])
@pytest.mark.parametrize("rows", FAULTS)
def test_each_faulty_row_is_told_with_its_line_and_the_others_are_read(read_with, rows, plain):
    """Row by row where a quotation mark stands in the file, in blocks elsewhere: the same faults."""
    last = "S4,R1,rs3,2,,,\n" if plain else 'S4,"R1",rs3,2,,,\n'
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": HEADER + rows + "\n" + last})
    assert said(reading)[:1] == [FAULTS[rows]]
    assert len(said(reading)) == 1
    assert reading.programme is None


def test_every_fault_of_a_file_is_told_in_the_order_of_its_lines(read_with):
    rows = "S1,m,rs1,9,,,\nS1,m,rs2,,1,1,1\nS1,m,rs3,0,,,\nS1,m,rs3,0,,,\n"
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": HEADER + rows})
    assert [line for line, _, _ in said(reading)] == [2, 3, 3, 3, 5]
    assert "Multiply phred-scaled values" in reasons(reading)
    assert "stands already in line 4." in reasons(reading)


def test_a_header_without_anything_seen_is_a_fault(read_with):
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": "sample_id,subject_id,snp,loglik_0\nS1,m,rs1,0\n"})
    assert said(reading) == [(1, "genotype", "")]


def test_genotypes_alone_need_no_columns_of_logarithms(read_with):
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": "snp,genotype,subject_id,sample_id\nrs1,2,m,S1\n"})
    assert reading.programme.snp_profiles[0].log_likelihood.tolist() == [[-np.inf, -np.inf, 0.0]]


PANEL_FAULTS = {
    "rs1,North,1,5,,A,G,0.3\nrs1,South,2,5,,A,G,0.3": (3, "chromosome", "2"),
    "rs1,North,1,5,,A,G,0.3\nrs1,South,1,6,,A,G,0.3": (3, "position", "6"),
    "rs1,North,1,5,2,A,G,0.3\nrs1,South,1,5,,A,G,0.3": (3, "position_cm", ""),
    "rs1,North,1,5,,A,G,0.3\nrs1,South,1,5,,G,A,0.3": (3, "reference", "G"),
    "rs1,North,,5,,A,G,0.3": (2, "chromosome", ""),
    "rs1,North,1,5,,A,A,0.3": (2, "counted", "A"),
    "rs1,North,chr1,5,,A,G,0.3": (2, "chromosome", "chr1"),
    "rs1,North,1,5.5,,A,G,0.3": (2, "position", "5.5"),
    "rs1,North,1,5,,A,G,1.3": (2, "frequency", "1.3"),
    "rs1,North,1,5,,A,G,": (2, "frequency", ""),
}


@pytest.mark.parametrize("rows", PANEL_FAULTS)
def test_a_panel_that_contradicts_itself_is_told_where(read_with, rows):
    header = PANEL.splitlines(keepends=True)[0]
    reading = read_with({"snp_panel.csv": header + rows + "\n"})
    assert said(reading, "snp_panel.csv")[0] == PANEL_FAULTS[rows]


def test_what_is_not_used_is_noted(read_with):
    header = PANEL.splitlines(keepends=True)[0]
    panel = header + "rs1,North,1,5,,A,G,0\nrs2,North,X,5,,A,G,0.5\nrs3,North,X,6,,A,G,0.5\n"
    reading = read_with({"snp_panel.csv": panel, "snps.csv": HEADER + "S1,m,rs7,1,,,\nS1,m,rs8,1,,,\nS1,m,rs1,1,,,\n"})
    told = " ".join(str(note) for note in reading.notes)
    assert reading.rejected == ()
    assert "does not vary in its population" in told
    assert "is not on an autosome, and is not used by this version, as are 1 more." in told
    assert "'rs7, rs8': is in no row of snp_panel" in told


def test_that_identification_does_not_weigh_snps_is_said(read_with):
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": SNPS})
    assert any("`homeward identify`" in note.reason for note in reading.notes if note.file == "snps.csv")


def test_snps_without_a_panel_are_read_and_noted(read_with):
    reading = read_with({"snps.csv": SNPS})
    assert reading.rejected == ()
    assert any("there is no snp_panel" in str(note) for note in reading.notes)


def test_two_samples_of_one_person_that_cannot_be_one_genotype_are_a_fault(read_with):
    rows = HEADER + "S1,m,rs1,0,,,\nS9,m,rs1,2,,,\nS9,m,rs2,2,,,\n"
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": rows})
    assert said(reading) == [(3, "subject_id", "m")]
    assert "sample S9 excludes what S1 shows" in reasons(reading)


def test_a_stated_typing_error_lets_two_samples_of_one_person_differ(read_with, right):
    rows = HEADER + "S1,m,rs1,0,,,\nS9,m,rs1,2,,,\n"
    settings = right["programme.toml"].replace('"North"\n', '"North"\ntyping_error = 0.01\n', 1)
    reading = read_with({"programme.toml": settings, "snp_panel.csv": PANEL, "snps.csv": rows})
    assert said(reading) == []


def test_a_sample_is_of_one_subject_in_every_file(read_with):
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": HEADER + "S2,m,rs1,0,,,\n"})
    assert said(reading) == [(2, "subject_id", "m")]


def test_a_sample_with_snps_alone_is_not_said_to_have_no_profile(read_with, right):
    samples = right["samples.csv"] + "S6,f,reference\n"
    reading = read_with({"samples.csv": samples, "snp_panel.csv": PANEL, "snps.csv": HEADER + "S6,f,rs1,0,,,\n"})
    assert reading.rejected == ()
    assert not any(note.value == "S6" for note in reading.notes)


def test_lines_are_right_where_blocks_and_rows_change_places(read_with, monkeypatch):
    """Pieces of a few lines, some with quotation marks, blank rows and faults: every line keeps its number."""
    monkeypatch.setattr(tabular, "_CHUNK", 64)
    monkeypatch.setattr(records, "_ROWS_TOGETHER", 3)
    kinds = ["S4,R1,rs{},1,,,\n", 'S4,"R1",rs{},1,,,\n', ",,,,,,\n", "S4,R1,rs{},7,,,\n", "\n", "S4, R1,rs{},0,,,\n"]
    chosen = np.random.default_rng(3).integers(0, len(kinds), 300)
    text = HEADER + "".join(kinds[kind].format(number) for number, kind in enumerate(chosen))
    reading = read_with({"snp_panel.csv": PANEL, "snps.csv": text})
    assert [line for line, _, _ in said(reading)] == [number + 2 for number, kind in enumerate(chosen) if kind == 3]
    assert reading.rows["snps.csv"] == int(np.isin(chosen, (0, 1, 3, 5)).sum())
    blank = next(note for note in reading.notes if "blank rows" in note.reason and note.file == "snps.csv")
    assert f"{int(np.isin(chosen, (2, 4)).sum()):,} blank" in blank.reason


def test_many_rows_come_back_as_they_were(read_with, tmp_path):
    from dataclasses import replace

    random = np.random.default_rng(5)
    names = tuple(f"rs{i}" for i in range(30_000))
    soft = np.log(random.uniform(1e-9, 1, (len(names), 3)))
    programme = replace(
        read_with({"snp_panel.csv": PANEL}).programme,
        snp_profiles=(
            SnpProfile(sample_id="S1", subject_id="m", snps=names, log_likelihood=soft),
            SnpProfile(
                sample_id="S2",
                subject_id="sister",
                snps=names,
                log_likelihood=from_genotypes(random.integers(0, 3, len(names))),
            ),
        ),
    )
    write_programme(programme, tmp_path / "many")
    again = read_programme(tmp_path / "many").programme
    assert again.snp_profiles == programme.snp_profiles
    assert again.snp_profiles[0].snps is again.snp_profiles[1].snps
