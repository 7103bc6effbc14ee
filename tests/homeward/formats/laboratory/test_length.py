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
    "familias-frequencies": "vWA\n{0}\t0.1\n{0}\n",
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", FRAMES)
def test_a_very_long_piece_is_read_or_refused(tmp_path, name, piece):
    path = tmp_path / "long"
    path.write_text(FRAMES[name].format(PIECES[piece]))
    assert name in readers
    for format_ in (name, ""):
        with suppress(Rejected):
            read(path, format_)
