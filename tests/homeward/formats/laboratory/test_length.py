"""Lines and cells of absurd length are read or refused; where time grew with their square these would not end."""

from contextlib import suppress

import pytest

from homeward.errors import Rejected
from homeward.formats.laboratory import read, readers

LONG = 400_000
PIECES = {
    "blanks": " " * LONG,
    "underscores": "x" + "_" * LONG,
    "brackets": "[" + " " * LONG + "x",
    "slashes": "/ " * (LONG // 2),
    "digits": "1" * LONG,
}
FRAMES = {
    "familias": '"Output from Familias, version 3"\n"x"\n3\n""\n0\n"Known relations"\n0\n0\n1\n{0}\n0\n0\n[DVI]\n{0}\n',
    "genemapper": "Sample Name\tMarker\tAllele 1\t{0}\nA\tvWA\t{0}\t1\n",
    "wide": "Sample\tvWA\t{0}\nA\t{0}\t1\n",
    "ped": "F a 0 0 1 0 {0}\nF b 0 0 1 0 1 2 {0}x\n",
    "frequencies": "Allele\tvWA\t{0}\n{0}\t0.1\t1\n",
    "codis": '<CODISImportFile a="{0}"><SPECIMEN><SPECIMENID>{0}</SPECIMENID></SPECIMEN></CODISImportFile>',
    "gedcom": "0 HEAD\n1 GEDC\n2 VERS {0}\n0 @{0}@ INDI\n1 NOTE {0}\n0 {0} FAM\n{0}\n0 TRLR\n",
    "empop": "#! {0}\na\tH\t1\t{0}\nb\t{0}\t{0}\t263G\n",
    "yhrd": "Sample\tDYS19\tDYS390\t{0}\nA\t{0}\t1\n",
    "vcf": "##fileformat=VCFv4.2\n##{0}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tK\n"
    "1\t1\t{0}\tA\t{0}\t.\t.\tAF={0}\tGL\t{0}\nchr{0}\t1\t.\tA\tG\t.\t.\t.\tAD\t{0}\n",
    "familias-frequencies": "vWA\n{0}\t0.1\n{0}\n",
}


def test_digits_that_could_be_divided_in_many_ways_are_no_range(tmp_path):
    path = tmp_path / "many"
    path.write_text(f"#! {'1' * 150}x\na\tH\t{'16' * 80}-\t263G\n")
    assert len(read(path, "empop").rejected) == 2


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", FRAMES)
def test_a_very_long_piece_is_read_or_refused(tmp_path, name, piece):
    path = tmp_path / "long"
    path.write_text(FRAMES[name].format(PIECES[piece]))
    assert name in readers
    for format_ in (name, ""):
        with suppress(Rejected):
            read(path, format_)
