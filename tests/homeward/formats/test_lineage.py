"""lineage.csv and lineage_frequencies.csv: read, refused part by part, and written again."""

import pytest

from homeward.formats.folder import read_programme, write_programme
from homeward.programme import Haplotype, HaplotypeCount, LineageKind

LINEAGE = (
    "sample_id,subject_id,kind,range,haplotype\n"
    "S1,m,mt,16024-576,263G 315.1C 16223T\nS4,R1,mt,16024-16365 73-340,263G 309.1C 315.1C 16223T\n"
    "S4,R1,y,,DYS19=14 DYS385=11/14\n"
)
COUNTS = (
    "kind,range,haplotype,population,count,database_size\n"
    "mt,CR,263G 315.1C 16223T,North,3,5000\ny,,DYS19=14 DYS385=11/14,North,0,2000\n"
)


def faults(reading):
    return [(fault.file, fault.line, fault.column, fault.value) for fault in reading.rejected]


def test_haplotypes_and_counts_are_kept_as_written(read_with):
    programme = read_with({"lineage.csv": LINEAGE, "lineage_frequencies.csv": COUNTS}).programme
    assert programme.haplotypes[1] == Haplotype(
        sample_id="S4",
        subject_id="R1",
        kind=LineageKind.MITOCHONDRIAL,
        range="16024-16365 73-340",
        haplotype="263G 309.1C 315.1C 16223T",
    )
    assert programme.haplotypes[2].kind is LineageKind.Y
    assert programme.haplotype_counts[0] == HaplotypeCount(
        kind=LineageKind.MITOCHONDRIAL,
        range="CR",
        haplotype="263G 315.1C 16223T",
        population="North",
        count=3,
        database_size=5000,
    )


@pytest.mark.parametrize("container", ["folder", "zip", "xlsx"])
def test_what_is_written_reads_back_the_same(read_with, tmp_path, container):
    programme = read_with({"lineage.csv": LINEAGE, "lineage_frequencies.csv": COUNTS}).programme
    written = tmp_path / f"again.{container}"
    write_programme(programme, written, container=container)
    again = read_programme(written).programme
    assert again.haplotypes == programme.haplotypes
    assert again.haplotype_counts == programme.haplotype_counts
    assert again.digest == programme.digest


def test_haplotypes_belong_to_the_digest(read_with, write_folder):
    with_them = read_with({"lineage.csv": LINEAGE}).programme
    assert with_them.digest != with_them.__class__(settings=with_them.settings).digest
    assert with_them.digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ("S1,m,mt,16024-576,263A 315.1C", "haplotype", "263A", "reference's own base"),
        ("S1,m,mt,16024-16365,263G", "haplotype", "263G", "outside the stated range"),
        ("S1,m,mt,,263G", "range", "", "is not stated"),
        ("S1,m,mt,CR,", "haplotype", "", "is empty"),
        ("S1,f,y,,DYS19=OL", "haplotype", "DYS19=OL", "not a number of repeats"),
        ("S1,m,y,,DYS19=14", "kind", "y", "stated to be female"),
        ("S1,m,x,,DYS19=14", "kind", "x", "not one of the words"),
        ("S1,sister,mt,CR,263G", "subject_id", "sister", "is not the subject m that samples states"),
        ("S9,nobody,mt,CR,263G", "subject_id", "nobody", "neither a member of a family nor remains"),
        ("S4,R1,y,,DYS19=0", "haplotype", "DYS19=0", "has no locus left"),
    ],
)
def test_a_faulty_haplotype_is_a_rejected_row_with_the_part_that_is_wrong(read_with, row, column, value, reason):
    if row.startswith("S1,f,"):
        row = row.replace("S1,f", "S8,f")
    reading = read_with({"lineage.csv": f"sample_id,subject_id,kind,range,haplotype\n{row}\n"})
    assert reading.programme is None
    (fault,) = [fault for fault in reading.rejected if fault.file == "lineage.csv"]
    assert (fault.line, fault.column, fault.value) == (2, column, value)
    assert reason in fault.reason


def test_every_wrong_part_of_every_row_is_told(read_with):
    rows = "S1,m,mt,CR,263A 99999T\nS4,R1,mt,CR,hello\n"
    reading = read_with({"lineage.csv": f"sample_id,subject_id,kind,range,haplotype\n{rows}"})
    assert faults(reading) == [
        ("lineage.csv", 2, "haplotype", "263A"),
        ("lineage.csv", 2, "haplotype", "99999T"),
        ("lineage.csv", 3, "haplotype", "hello"),
    ]


def test_two_samples_of_one_subject_that_differ_are_kept_and_told(read_with):
    rows = "S4,R1,mt,CR,263G 16223T\nS6,R1,mt,HVS1,16223T 16311C\n"
    reading = read_with({"lineage.csv": f"sample_id,subject_id,kind,range,haplotype\n{rows}"})
    (note,) = [note for note in reading.notes if note.column == "haplotype"]
    assert note.line == 3
    assert note.value == "rCRS / 16311C"
    assert "S4 (line 2) and S6" in note.reason
    assert len(reading.programme.haplotypes) == 2


def test_a_locus_that_is_left_out_and_a_mixture_are_told(read_with):
    rows = "S4,R1,y,,DYS19=14 DYS385=11\nS1,m,mt,CR,249d\n".replace("DYS385=11", "DYS385=11,?")
    quoted = rows.replace("DYS19=14 DYS385=11,?", '"DYS19=14 DYS385=11,?"')
    reading = read_with({"lineage.csv": f"sample_id,subject_id,kind,range,haplotype\n{quoted}"})
    told = [note.reason for note in reading.notes if note.column == "haplotype"]
    assert any("DYS385=11,? is left out" in reason for reason in told)
    assert any("249d is read as the mixture" in reason for reason in told)


def test_a_sample_with_a_haplotype_is_not_called_empty(read_with):
    samples = "sample_id,subject_id,kind\nS1,m,reference\nS2,sister,reference\nS3,mother,reference\nS4,R1,remains\n"
    changed = {"samples.csv": f"{samples}S5,technician,elimination\nS7,R2,remains\n"}
    row = "sample_id,subject_id,kind,range,haplotype\nS7,R2,mt,CR,263G\n"
    told = [note.value for note in read_with({**changed, "lineage.csv": row}).notes if "no profile" in note.reason]
    assert "S7" not in told


@pytest.mark.parametrize(
    ("rows", "line", "column", "reason"),
    [
        ("mt,CR,263G,North,5001,5000", 2, "", "a count of 5001"),
        ("mt,,263G,North,3,5000", 2, "range", "is not stated"),
        ("mt,CR,263G,North,3,5000\nmt,16024-576,A263G,North,4,5000", 3, "haplotype", "line 2, written otherwise"),
        ("mt,CR,263G,North,30,50\nmt,CR,152C,North,40,50", 3, "count", "more than its database_size"),
        ("y,,DYS19=x,North,0,50", 2, "haplotype", "not a number of repeats"),
    ],
)
def test_counts_that_cannot_be_are_refused(read_with, rows, line, column, reason):
    text = f"kind,range,haplotype,population,count,database_size\n{rows}\n"
    (fault,) = read_with({"lineage_frequencies.csv": text}).rejected
    assert (fault.line, fault.column) == (line, column)
    assert reason in fault.reason


def test_a_population_that_no_family_has_is_told(read_with):
    reading = read_with({"lineage_frequencies.csv": COUNTS.replace("North", "Atlantis")})
    assert [note.value for note in reading.notes if note.column == "population"] == ["Atlantis", "Atlantis"]
