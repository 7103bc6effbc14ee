"""CODIS CMF: specimens in the forms that laboratories export them, what is refused, and documents that do harm."""

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.errors import Rejected
from homeward.formats.folder import read_programme
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.imports import Options
from homeward.programme import SampleKind

NAMESPACE = "urn:CODISImportFile-schema"
HEADER = (
    "<HEADERVERSION>3.2</HEADERVERSION><MESSAGETYPE>Import</MESSAGETYPE><DESTINATIONORI>KR0000000</DESTINATIONORI>"
    "<SOURCELAB>KR0000001</SOURCELAB><SUBMITBYUSERID>park</SUBMITBYUSERID>"
    "<SUBMITDATETIME>2024-05-02T10:00:00</SUBMITDATETIME><BATCHID>B7</BATCHID><KIT>GlobalFiler</KIT>\n"
)


def locus(name, *alleles):
    values = "".join(f"<ALLELE><ALLELEVALUE>{allele}</ALLELEVALUE></ALLELE>" for allele in alleles)
    reader = "<READINGBY>park</READINGBY><READINGDATETIME>2024-05-01T09:00:00</READINGDATETIME>"
    return f'<LOCUS BATCHID="B7"><LOCUSNAME>{name}</LOCUSNAME>{reader}{values}</LOCUS>\n'


def specimen(name, category, *loci, about=""):
    return (
        f"<SPECIMEN{about}>\n<SPECIMENID>{name}</SPECIMENID>\n"
        f"<SPECIMENCATEGORY>{category}</SPECIMENCATEGORY>\n{''.join(loci)}</SPECIMEN>\n"
    )


def document(*specimens, header=HEADER, namespace=NAMESPACE, root="CODISImportFile", encoding="UTF-8"):
    told = f' xmlns="{namespace}"' if namespace else ""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<{root}{told}>\n{header}{"".join(specimens)}</{root}>\n'


REMAINS = specimen("K-0001", "Unidentified Person", locus("TH01", "6", "9.3"), locus("Amelogenin", "X", "Y"))
MOTHER = specimen("R-77", "Biological Mother", locus("THO1", "9.3", "7"), locus("Amelogenin", "X", "X"))


@pytest.fixture
def written(tmp_path):
    def write(text, name="batch.xml", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def calls_of(found, sample):
    return next(dict(profile.calls) for profile in found.programme.profiles if profile.sample_id == sample)


def reasons(found):
    return [(fault.line, fault.column, fault.value, fault.reason) for fault in found.rejected]


def test_specimens_are_read_with_their_category_as_kind_of_sample(written):
    path = written(document(REMAINS, MOTHER), "anything.txt")
    found = read(path)
    assert (recognise(path), found.version, found.rejected) == ("codis", "3.2", ())
    assert calls_of(found, "K-0001") == {"TH01": ("6", "9.3"), "AMEL": ("X", "Y")}
    assert calls_of(found, "R-77") == {"TH01": ("9.3", "7"), "AMEL": ("X", "X")}
    assert {one.sample_id: one.kind for one in found.programme.samples} == {
        "K-0001": SampleKind.REMAINS,
        "R-77": SampleKind.REFERENCE,
    }
    assert any(note.value == "Biological Mother" and "pedigrees.csv" in note.remedy for note in found.notes)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (document(REMAINS, MOTHER), "utf-8-sig"),
        (document(REMAINS, MOTHER, encoding="UTF-16"), "utf-16"),
        (document(REMAINS, MOTHER, encoding="ISO-8859-1"), "latin-1"),
        (document(REMAINS, MOTHER, namespace="", header="<CMFVERSION>3.2</CMFVERSION>"), "utf-8"),
        (document(REMAINS, MOTHER, namespace="urn:another-laboratory"), "utf-8"),
        (document(REMAINS, MOTHER).replace("\n", "\r\n"), "utf-8"),
        (document(REMAINS, MOTHER, root="CODISRapidImportFile", namespace="urn:CODISRapidImportFile-schema"), "utf-8"),
    ],
)
def test_a_file_reads_the_same_in_every_form(written, text, encoding):
    found = read(written(text, encoding=encoding))
    plain = read(written(document(REMAINS, MOTHER)))
    assert (found.programme.profiles, found.programme.samples) == (plain.programme.profiles, plain.programme.samples)
    assert (found.version, found.rejected) == ("3.2", ())


def test_a_prefix_and_loci_within_batches_and_readings_are_form(written):
    inner = specimen("K-1", "Unidentified Person", f"<BATCH><READING>{locus('FGA', 20, 24)}</READING></BATCH>")
    text = document(inner).replace("</", "</c:").replace("<c:/", "</").replace("<?", "\0")
    prefixed = "<?" + text.replace("\0", "").replace("<", "<c:").replace("<c:/c:", "</c:").replace("xmlns=", "xmlns:c=")
    assert calls_of(read(written(prefixed)), "K-1") == {"FGA": ("20", "24")}


def test_one_allele_needs_its_meaning_and_a_partial_specimen_is_no_homozygote(written):
    path = written(
        document(
            specimen("A", "Unidentified Person", locus("FGA", "22")),
            specimen("B", "Unidentified Person", locus("FGA", "22"), about=' PARTIAL="true" CASEID="7"'),
        )
    )
    assert [(line, column) for line, column, *_ in reasons(read(path))] == [(7, "ALLELE"), (12, "ALLELE")]
    homozygote = read(path, "", Options(single_allele="homozygote"))
    assert calls_of(homozygote, "A") == {"FGA": ("22", "22")}
    assert [(line, "marked as partial" in reason) for line, _, _, reason in reasons(homozygote)] == [(12, True)]
    assert calls_of(read(path, "", Options(single_allele="partial")), "B") == {"FGA": ("22", "?")}


def test_a_partial_specimen_keeps_the_one_allele_of_a_locus_of_one_copy(written):
    loci = locus("DYS19", 14), locus("DYS385", 11)
    path = written(document(specimen("A", "Paternal Relative", *loci, about=' PARTIAL="1"')))
    found = read(path, "", Options(single_allele="homozygote"))
    assert found.programme.haplotypes[0].haplotype == "DYS19=14"
    assert ["DYS385 of A" in reason for *_, reason in reasons(found)] == [True]


@pytest.mark.parametrize(
    ("alleles", "reason"),
    [
        (("&lt;6", "8.2"), "off the ladder"),
        (("13", "&gt;15"), "off the ladder"),
        (("OL", "15"), "off the ladder"),
        (("6", "7", "13.1"), "3 alleles"),
        (("6", "8.123"), "more decimals"),
    ],
)
def test_what_names_no_allele_is_refused_with_its_line(written, alleles, reason):
    found = read(
        written(document(specimen("A", "Unidentified Person", locus("CSF1PO", *alleles), locus("FGA", 20, 21))))
    )
    ((line, column, _, told),) = reasons(found)
    assert (line, column, reason in told) == (7, "ALLELE", True)
    assert calls_of(found, "A") == {"FGA": ("20", "21")}


def test_y_markers_are_a_haplotype_and_a_locus_of_two_copies_needs_both(written):
    loci = [locus("DYS19", 14), locus("DYS389 I", 13), locus("DYS389 II", 29), locus("DYS385", 11, 14)]
    found = read(written(document(specimen("A", "Paternal Relative", *loci))))
    assert found.programme.haplotypes[0].haplotype == "DYS19=14 DYS389I=13 DYS389II=29 DYS385=11,14"
    alone = read(written(document(specimen("A", "Paternal Relative", locus("DYS19", 14), locus("DYS385", 11)))))
    assert alone.programme.haplotypes[0].haplotype == "DYS19=14"
    assert [value for *_, value, _ in reasons(alone)] == ["11"]


def test_a_haplotype_keeps_what_can_be_and_tells_what_cannot(written):
    loci = [locus("DYS19", 14), locus("DYS389 I", 13), locus("DYS389 II", 12)]
    found = read(written(document(specimen("A", "Paternal Relative", *loci))))
    assert found.programme.haplotypes[0].haplotype == "DYS19=14 DYS389I=13"
    ((line, _, value, reason),) = reasons(found)
    assert (line, value, "not above" in reason) == (9, "DYS389II=12", True)


def test_categories_of_several_people_of_nobody_and_of_no_kind(written):
    found = read(
        written(
            document(
                specimen("M", "Forensic Mixture", locus("FGA", 20, 24)),
                specimen("P", "Proficiency", locus("FGA", 20, 24)),
                specimen("O", "Convicted Offender", locus("FGA", 20, 24)),
                specimen("S", "Staff", locus("FGA", 20, 24)),
            )
        )
    )
    assert [value for _, _, value, _ in reasons(found)] == ["Forensic Mixture"]
    assert [profile.sample_id for profile in found.programme.profiles] == ["O", "S"]
    assert [(one.sample_id, one.kind) for one in found.programme.samples] == [("S", SampleKind.ELIMINATION)]
    assert {note.value for note in found.notes} >= {"Convicted Offender", "Proficiency"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (document(REMAINS, REMAINS), "stands already in line 4"),
        (document(specimen("", "Staff", locus("FGA", 20, 21))), "is empty"),
        (document(specimen("A", "Staff", locus("", 20, 21))), "is empty"),
        (document(specimen("A", "Staff", locus("HV1", "16223T"))), "mitochondrial"),
        (document(specimen("A" * 300, "Staff", locus("FGA", 20, 21))), "longer than"),
        (document(specimen("A", "Staff</SPECIMENCATEGORY><SPECIMENCATEGORY>Spouse")), "stands already as Staff"),
    ],
)
def test_what_cannot_be_is_refused_and_reading_goes_on(written, text, reason):
    found = read(written(text))
    assert any(reason in told for *_, told in reasons(found))


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB + f"<CODISImportFile>{specimen('&b;', 'Staff', locus('FGA', 20, 21))}</CODISImportFile>", "entities"),
        (OUTSIDE + f"<CODISImportFile>{specimen('&a;', 'Staff', locus('FGA', 20, 21))}</CODISImportFile>", "entities"),
        ('<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><CODISImportFile/>', "document type"),
        (document(REMAINS)[:-30], "no XML"),
        (document(REMAINS).replace("K-0001", "K&#0;"), "no XML"),
        (document(REMAINS).replace("K-0001", "<b>K</b>"), "where a text should be"),
        (document(specimen("A", "Staff", "<LOCUS><ALLELE>6</ALLELE></LOCUS>")), "holds a text where elements"),
        (document("<ALLELE/>"), "stands where it cannot"),
        (document("<LOCUS/>"), "stands where it cannot"),
        (document("<SPECIMEN>" * 2), "stands where it cannot"),
        (document("<x>" * 100), "too deep"),
        ("<SOMETHING/>", "root is SOMETHING"),
        (document(), "no specimen"),
        ("", "no specimen"),
    ],
)
def test_documents_that_do_harm_or_are_none_are_refused_whole(written, text, reason):
    with pytest.raises(Rejected) as refused:
        read(written(text), "codis")
    assert reason in refused.value.faults[-1].reason


alleles = st.sampled_from(["6", "9.3", "14", "21.2", "30"])
calls = st.dictionaries(st.sampled_from(["TH01", "FGA", "D3S1358", "Penta D"]), st.tuples(alleles, alleles), min_size=1)


@settings(max_examples=25, deadline=None)
@given(st.lists(calls, min_size=1, max_size=4))
def test_any_specimens_are_read_as_they_were_written(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("cmf") / "batch.xml"
    told = [
        specimen(f"S{at}", "Unidentified Person", *[locus(marker, *call) for marker, call in of.items()])
        for at, of in enumerate(people)
    ]
    path.write_text(document(*told))
    found = read(path)
    assert (found.rejected, [dict(one.calls) for one in found.programme.profiles]) == ((), people)


def test_what_was_read_makes_a_folder_without_fault(written, tmp_path):
    missing = specimen("MP-3", "Missing Person", locus("TH01", "6", "7"), locus("DYS19", 14))
    path = written(document(REMAINS, MOTHER, missing))
    done = CliRunner().invoke(main, ["import", str(path), "--out", str(tmp_path / "new"), "--quiet"])
    assert done.exit_code == 0, done.output
    programme = read_programme(tmp_path / "new").programme
    assert [one.person_id for one in programme.missing] == ["MP-3"]
    assert [one.remains_id for one in programme.remains] == ["K-0001"]
    assert {one.sample_id: one.kind for one in programme.samples}["MP-3"] is SampleKind.DIRECT
