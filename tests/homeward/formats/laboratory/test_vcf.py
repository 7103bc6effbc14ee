"""VCF: likelihoods, reads and genotypes of SNPs, held to vcfpy and to numbers worked by hand; what is refused."""

import gzip

import numpy as np
import pytest
import vcfpy
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.errors import Nonsense, Rejected
from homeward.formats.folder import read_programme
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.imports import Import, Options
from homeward.formats.laboratory.merging import merged
from homeward.programme import Programme, SampleKind, Settings, SnpMarker, SnpProfile

HEADER = (
    "##fileformat=VCFv4.2\n"
    '##FILTER=<ID=PASS,Description="All filters passed">\n'
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##FORMAT=<ID=GL,Number=G,Type=Float,Description="Likelihoods">\n'
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">\n'
    "##contig=<ID=chr1,length=248956422>\n"
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
LN10 = np.log(10)


def vcf(*rows, samples=("K1", "K2"), header=HEADER):
    names = "\tFORMAT\t" + "\t".join(samples) if samples else ""
    return header + COLUMNS + names + "\n" + "".join("\t".join(row.split()) + "\n" for row in rows)


WHOLE = vcf(
    "chr1 1000 rs1 A G 50 PASS AF=0.3 GT:PL 0/1:30,0,40 1/1:60,9,0",
    "chr1 2000 rs2 C T 50 . AF=0.25 GT:GL 0|1:-2.5,-0.1,-4 ./.:.,.,.",
    "1 3000 . G C . PASS . GT:AD:DP 0/0:2,0:2 0/1:1,1:2",
    "X 4000 rs4;rs9 T A 50 PASS AF=0.5 GT 0/0 1|1",
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="snps.vcf"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def logs_of(found, sample):
    profile = next(one for one in found.programme.snp_profiles if one.sample_id == sample)
    return dict(zip(profile.snps, profile.log_likelihood.tolist(), strict=True))


def told(found):
    return [(fault.line, fault.column, fault.value, fault.reason) for fault in found.rejected]


def test_likelihoods_reads_and_genotypes_become_log_likelihoods(written):
    path = written(WHOLE, "anything")
    found = read(path)
    assert (recognise(path), found.version, found.rejected) == ("vcf", "4.2", ())
    one, other = logs_of(found, "K1"), logs_of(found, "K2")
    assert one["rs1"] == pytest.approx([-3 * LN10, 0, -4 * LN10], abs=1e-12)
    assert other["rs1"] == pytest.approx([-6 * LN10, -0.9 * LN10, 0], abs=1e-12)
    assert one["rs2"] == pytest.approx([-2.5 * LN10, -0.1 * LN10, -4 * LN10], abs=1e-12)
    assert "rs2" not in other  # nothing was seen there
    assert np.exp(one["1:3000:G:C"]) == pytest.approx([0.99**2, 0.25, 0.01**2], abs=1e-15)
    assert np.exp(other["1:3000:G:C"]) == pytest.approx([0.99 * 0.01, 0.25, 0.99 * 0.01], abs=1e-15)
    assert (one["rs4"], other["rs4"]) == ([0, -np.inf, -np.inf], [-np.inf, -np.inf, 0])
    assert found.snp_alleles["rs1"] == ("A", "G")


def test_a_compressed_file_reads_the_same(written):
    whole, half = WHOLE.encode(), len(WHOLE) // 2
    blocks = gzip.compress(whole[:half]) + gzip.compress(whole[half:])  # as bgzip does
    packed = written(blocks, "snps.vcf.gz")
    assert recognise(packed) == "vcf"
    assert read(packed).programme.snp_profiles == read(written(WHOLE)).programme.snp_profiles


def korean(snp, frequency, chromosome, position, reference, counted):
    return SnpMarker(
        snp=snp,
        population="Korea",
        frequency=frequency,
        chromosome=chromosome,
        position=position,
        reference=reference,
        counted=counted,
    )


def test_frequencies_are_a_populations_only_if_it_is_named(written):
    assert read(written(WHOLE)).programme.snp_panel == ()
    assert any("AF" in note.reason for note in read(written(WHOLE)).notes)
    found = read(written(WHOLE), "", Options(population="Korea"))
    assert found.programme.snp_panel == (
        korean("rs1", 0.3, "1", 1000, "A", "G"),
        korean("rs2", 0.25, "1", 2000, "C", "T"),
        korean("rs4", 0.5, "X", 4000, "T", "A"),
    )
    assert any("1 SNPs state no frequency" in note.reason for note in found.notes)


def test_errors_of_reads_and_damage_are_the_users_to_say(written):
    path = written(vcf("1 10 rs C T . . . AD 0,1 1,0"))
    found = read(path, "", Options(read_error=0.02, damage=0.1))
    # a C is kept with 0.9 and then read right with 0.98, or turned and misread; a T shows C only by error
    kept, turned = 0.9 * 0.98 + 0.1 * 0.02, 0.1 * 0.98 + 0.9 * 0.02
    assert np.exp(logs_of(found, "K1")["rs"]) == pytest.approx([turned, (turned + 0.98) / 2, 0.98], abs=1e-12)
    assert np.exp(logs_of(found, "K2")["rs"]) == pytest.approx([kept, (kept + 0.02) / 2, 0.02], abs=1e-12)
    with pytest.raises(Nonsense, match="read_error"):
        read(path, "", Options(read_error=1))


def test_a_genotype_of_one_allele_is_one_read(written):
    found = read(written(vcf("1 10 rs C T . . . GT 1 0/.")))
    assert np.exp(logs_of(found, "K1")["rs"]) == pytest.approx([0.01, 0.5, 0.99], abs=1e-12)
    assert np.exp(logs_of(found, "K2")["rs"]) == pytest.approx([0.99, 0.5, 0.01], abs=1e-12)


def test_a_phase_before_the_first_allele_is_form_and_rows_without_a_known_field_are_counted(written):
    found = read(written(vcf("1 10 rs1 C T . . . GT /0|1 |1|1", "1 20 rs2 C T . . . GP 0,1,0 0,0,1")))
    assert (found.rejected, list(logs_of(found, "K1"))) == ((), ["rs1"])
    assert [row.index(0) for row in (logs_of(found, "K1")["rs1"], logs_of(found, "K2")["rs1"])] == [1, 2]
    assert any("1 rows have none of the fields" in note.reason for note in found.notes)


def test_damage_of_a_single_allele_depends_on_the_alleles_of_its_snp(written):
    rows = "1 10 rs1 C T . . EUR_AF=0.1 GT 1 0", "1 20 rs2 A C . . . GT 1 0"
    found = read(written(vcf(*rows)), "", Options(read_error=0.0, damage=0.1))
    assert np.exp(logs_of(found, "K1")["rs1"]) == pytest.approx([0.1, 0.55, 1], abs=1e-12)  # a C turned into a T
    assert np.exp(logs_of(found, "K1")["rs2"]) == pytest.approx([0, 0.9 / 1.9, 1], abs=1e-12)  # a C that was lost
    assert not any("AF" in note.reason for note in found.notes)  # that of another population is another field


def test_a_second_file_says_whose_each_sample_is(written, tmp_path):
    beside = written("sample,subject\nK1,R-7\nK9,x\nK1,R-8\n", "subjects.csv")
    found = read(written(WHOLE), "", Options(beside=beside))
    assert [(one.sample_id, one.subject_id) for one in found.programme.snp_profiles] == [("K1", "R-7"), ("K2", "K2")]
    assert [line for line, *_ in told(found)] == [3, 4]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1 10 . A G,T . . . GT 0/1 1/2", "ALT", "more than two alleles"),
        ("1 10 . A AT . . . GT 0/1 1/1", "ALT", "inserts, deletes"),
        ("1 10 . AT A . . . GT 0/1 1/1", "ALT", "inserts, deletes"),
        ("1 10 . A <DEL> . . . GT 0/1 1/1", "ALT", "structural"),
        ("1 10 . A * . . . GT 0/1 1/1", "ALT", "structural"),
        ("1 10 . A . . . . GT 0/0 0/0", "ALT", "no second allele"),
        ("1 10 . A N . . . GT 0/0 0/0", "ALT", "not a change"),
        ("1 10 . A A . . . GT 0/0 0/0", "ALT", "not a change"),
        ("1 10 . A G . q10 . GT 0/1 1/1", "FILTER", "does not trust"),
        ("chrUn_7 10 . A G . . . GT 0/1 1/1", "CHROM", "none of the chromosomes"),
        ("chrM 10 . A G . . . GT 0/1 1/1", "CHROM", "one copy"),
        ("Y 10 . A G . . . GT 0 1", "CHROM", "one copy"),
        ("1 0 . A G . . . GT 0/1 1/1", "POS", "no position"),
        ("1 x . A G . . . GT 0/1 1/1", "POS", "no position"),
        ("1 5 rs1 A G . . . GT 0/1 1/1", "ID", "already in line"),
        ("1 10 NA A G . . . GT 0/1 1/1", "ID", "is no name"),
        ("1 10 . A G . . AF=2 GT 0/1 1/1", "INFO AF", "out of range"),
        ("1 10 . A G . . AF=0.1;AF=0.2 GT 0/1 1/1", "INFO AF", "twice"),
        ("1 10 . A G . . . GT 0/1", "", "columns"),
        ("1 10 . A G . . . GT 0/2 1/1", "K1", "no genotype"),
        ("1 10 . A G . . . GT 0/1/1 1/1", "K1", "no genotype"),
        ("1 10 . A G . . . PL 0,1 0,1,2", "K1", "2 numbers"),
        ("1 10 . A G . . . PL 0,-1,2 0,1,2", "K1", "below 0"),
        ("1 10 . A G . . . GL 0,1,-2 0,-1,-2", "K1", "above 0"),
        ("1 10 . A G . . . GL 0,x,-2 0,-1,-2", "K1", "not a number"),
        ("1 10 . A G . . . AD 1 0,1", "K1", "count the reads"),
    ],
)
def test_what_is_no_snp_of_two_alleles_is_refused_with_its_reason(written, row, column, reason):
    found = read(written(vcf("1 999 rs1 A G . . AF=0.1 GT 0/0 1/1", row)), "", Options(population="p"))
    ((line, where, _, why),) = told(found)
    assert (line, where, reason in why) == (12, column, True), why
    assert "rs1" in logs_of(found, "K2")


def test_rows_that_divide_a_site_of_three_alleles_are_all_refused(written):
    rows = [f"1 10 . A {other} . . . GT 0/1 0/0" for other in "GTC"]
    found = read(written(vcf(*rows, "1 20 rs2 A G . . . GT 0/1 0/0")))
    assert [line for line, *_ in told(found)] == [11, 12, 13]
    assert list(logs_of(found, "K1")) == ["rs2"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"##fileformat=VCFv3.3\n", "not ##fileformat=VCFv4"),
        (HEADER.encode(), "no row of column names"),
        ((HEADER + "1\t10\n").encode(), "where the row of column names"),
        ((HEADER + COLUMNS.replace("\t", " ") + "\n").encode(), "does not name the columns"),
        (vcf(samples=("a", "a")).encode(), "several samples"),
        (vcf().encode(), "holds no row"),
        (gzip.compress(WHOLE.encode())[:-20], "to its end"),
        (WHOLE.encode() + b"\xff\n", "to its end"),
        (b"", "no row of column names"),
    ],
)
def test_a_file_that_is_none_or_is_damaged_is_refused_whole(written, data, reason):
    with pytest.raises(Rejected) as refused:
        read(written(data), "vcf")
    assert reason in refused.value.faults[0].reason


def test_a_file_of_sites_alone_gives_the_panel(written):
    path = written(vcf("chr2 10 rs1 A G . . AF=0.1", samples=()))
    found = read(path, "", Options(population="p"))
    assert (len(found.programme.snp_panel), found.programme.snp_profiles) == (1, ())


cells = st.one_of(
    st.tuples(*[st.integers(0, 99)] * 3).map(lambda pl: ("PL", ",".join(map(str, pl)))),
    st.tuples(*[st.floats(-9, 0).map(lambda x: round(x, 3))] * 3).map(lambda gl: ("GL", ",".join(map(str, gl)))),
    st.sampled_from(["0/0", "0|1", "1/1", "./."]).map(lambda gt: ("GT", gt)),
)
QUIET = settings(max_examples=25, deadline=None)


@QUIET
@given(st.lists(cells, min_size=1, max_size=6))
def test_genotypes_and_likelihoods_are_those_that_vcfpy_reads(tmp_path_factory, rows):
    """A second reader of the same text."""
    path = tmp_path_factory.mktemp("vcf") / "one.vcf"
    told = [f"chr1 {10 + at} rs{at} A G 1 PASS . {kind} {text}" for at, (kind, text) in enumerate(rows)]
    path.write_text(vcf(*told, samples=("K",)))
    found = read(path).programme.snp_profiles
    mine = {snp: row for one in found for snp, row in zip(one.snps, one.log_likelihood, strict=True)}
    with vcfpy.Reader.from_path(path) as reader:
        records = list(reader)
    for record in records:
        theirs = _as_vcfpy_has_it(record.calls[0])
        nothing = np.full(3, theirs[0])  # three equal likelihoods tell nothing, and are no entry
        assert mine.get(record.ID[0], nothing) == pytest.approx(theirs, abs=1e-12)


def _as_vcfpy_has_it(call):
    if call.data.get("PL"):
        return [-value / 10 * LN10 for value in call.data["PL"]]
    if call.data.get("GL"):
        return [value * LN10 for value in call.data["GL"]]
    if not call.called:
        return [0.0, 0.0, 0.0]
    return [0.0 if copies == sum(call.gt_alleles) else -np.inf for copies in range(3)]


def base(**alleles):
    panel = SnpMarker(snp="rs1", population="p", frequency=0.3, chromosome="1", position=1000, **alleles)
    return Programme(settings=Settings(name="x", population="p"), snp_panel=(panel,))


def test_snps_that_the_programme_counts_the_other_way_are_turned_round_and_other_alleles_refused(written):
    found = read(written(WHOLE))
    same = merged(base(reference="A", counted="G"), found, file="f", kind=SampleKind.REMAINS)
    result = merged(base(reference="G", counted="A"), found, file="f", kind=SampleKind.REMAINS)
    before, after = (
        dict(
            zip(one.programme.snp_profiles[0].snps, one.programme.snp_profiles[0].log_likelihood.tolist(), strict=True)
        )
        for one in (same, result)
    )
    assert (after["rs1"], after["rs2"]) == (before["rs1"][::-1], before["rs2"])
    assert any("turned round" in note.reason for note in result.notes)
    other = merged(base(reference="T", counted="C"), found, file="f", kind=SampleKind.REMAINS)
    assert ["alleles" in conflict.column for conflict in other.conflicts] == [True]


def test_a_panel_without_alleles_cannot_be_checked_and_that_is_said(written):
    result = merged(base(), read(written(WHOLE)), file="f", kind=SampleKind.REMAINS)
    assert ["1 SNPs have no alleles" in note.reason for note in result.notes] == [True]


def test_a_panel_that_counts_the_other_way_is_turned_round_too(written):
    found = read(written(WHOLE), "", Options(population="q"))
    panel = merged(base(reference="G", counted="A"), found, file="f", kind=SampleKind.REMAINS).programme.snp_panel
    assert [(one.population, one.counted, one.frequency) for one in panel if one.snp == "rs1"] == [
        ("p", "A", 0.3),
        ("q", "A", 0.7),
    ]


def test_what_was_read_makes_a_folder_without_fault(written, tmp_path):
    place = tmp_path / "new"
    more = ["--population", "Korea", "--kind", "remains", "--quiet"]
    done = CliRunner().invoke(main, ["import", str(written(WHOLE)), "--out", str(place), *more])
    assert done.exit_code == 0, done.output
    programme = read_programme(place).programme
    found: Import = read(written(WHOLE), "", Options(population="Korea"))
    assert programme.snp_panel == found.programme.snp_panel
    assert programme.snp_profiles == found.programme.snp_profiles
    assert isinstance(programme.snp_profiles[0], SnpProfile)
