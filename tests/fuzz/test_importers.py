"""Importers given bytes, and files that were good until pieces of them were exchanged, are held to their law.

Longer, and guided by what a case reaches: ``python -m tests.fuzz IMPORTER --seconds N``.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.importers import CORPUS, holds, importers, seeds

ROOT = Path(__file__).parents[2]
RUNS = 500  # cases of each importer within the tests
PIECES = (
    b"", b"\n", b"\r\n", b"\t", b",", b";", b'"', b"\xff", b"\x00", b"\xef\xbb\xbf", b"0", b"-1", b"1e309", b"nan",
    b"-", b"?", b"NA", b"withheld", b"99999999999999999999", b"9,3", b"14-Mar", b"OL", b"<10", b" ", b"@", b"@I1@",
    b"@F1@", b"</LOCUS>", b"<SPECIMEN>", b"&#1;", b"]]", b"[DVI]", b"#!", b"16024-576", b"263G", b"DYS385", b"11,14",
    b"0/1", b"./.", b"PASS", "\u200b유해".encode(), b"silent", b"rest", b"#TRUE#", b"X", b"2 PEDI adopted", b"\x1a",
    b"\xe2e", b"=", b":", b"1.0",
)  # fmt: skip
EVERY = pytest.mark.parametrize("name", importers())


@EVERY
def test_every_importer_has_files_to_begin_with_that_are_accepted(name):
    held = [holds(name, seed + b"\n" * pad) for seed in seeds(name) for pad in range(3)]
    assert any(held)
    assert {path.name for path in CORPUS.iterdir()} == set(importers())


@EVERY
@settings(max_examples=15, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name, data):
    holds(name, data)


edits = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 40), st.one_of(st.sampled_from(PIECES), st.binary(max_size=4))),
    min_size=1,
    max_size=4,
)


@EVERY
@settings(max_examples=30, deadline=None)
@given(which=st.integers(0, 10), changes=edits)
def test_a_file_with_pieces_exchanged_is_read_or_refused(name, which, changes):
    files = seeds(name)
    data = files[which % len(files)]
    for where, length, piece in changes:
        at = where % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    holds(name, data)


@EVERY
@settings(max_examples=20, deadline=None)
@given(which=st.integers(0, 10), random=st.randoms(use_true_random=False))
def test_a_file_with_its_lines_exchanged_is_read_or_refused(name, which, random):
    files = seeds(name)
    lines = files[which % len(files)].split(b"\n")
    for _ in range(random.randint(1, 4)):
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        lines[one] = random.choice([lines[other], b"", lines[one] + lines[other], lines[one][: other + 1]])
    holds(name, b"\n".join(lines))


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="IMPORTERS WERE NOT FUZZED: atheris is only for Linux on x86-64 with Python below 3.14",
)
@EVERY
def test_cases_that_reach_new_parts_of_an_importer_hold_its_law(name, tmp_path):
    command = [sys.executable, "-m", "tests.fuzz", name, "--runs", str(RUNS), "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    broken = [path.read_bytes() for path in tmp_path.glob("broken-*")]
    assert (done.returncode, broken) == (0, []), done.stderr[-3000:]
