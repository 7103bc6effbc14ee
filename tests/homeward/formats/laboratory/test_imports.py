"""Text as programs of laboratories write it, and files recognised by what stands in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import NotFound, Rejected
from homeward.formats.faults import Findings
from homeward.formats.laboratory import FORMATS, read, readers, recognise
from homeward.formats.laboratory.imports import BEGINNING, Start, decoded, read_text

TABLE = "Sample Name\tMarker\tAllele 1\nMüller 7\tvWA\t9,3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_text_is_the_same_in_whatever_encoding_it_was_saved(encoding, ends):
    assert decoded(TABLE.replace("\n", ends).encode(encoding))[0] == TABLE


def test_an_encoding_that_is_named_goes_before_what_the_bytes_suggest():
    assert decoded("이름\t김".encode("cp949"), "cp949") == ("이름\t김", "cp949")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_bytes_are_text_or_refused(data):
    try:
        text, name = decoded(data)
    except UnicodeError:
        return
    assert "\x00" not in text
    assert "\r" not in text
    assert name


def test_a_line_with_control_signs_is_told_and_later_lines_keep_their_numbers(tmp_path):
    file = tmp_path / "run.txt"
    file.write_bytes(b"a\nb\x07\nc\n")
    findings = Findings()
    assert read_text(file, findings) == "a\n\nc\n"
    (fault,) = findings.rejected
    assert (fault.line, fault.value) == (2, "b\x07")


def test_a_file_that_is_not_unicode_says_what_it_was_taken_for(tmp_path):
    file = tmp_path / "run.txt"
    file.write_bytes("Müller".encode("cp1252"))
    findings = Findings()
    assert read_text(file, findings) == "Müller"
    assert "Windows-1252" in findings.notes[0].reason


def test_a_beginning_that_cuts_a_sign_in_two_is_text(tmp_path):
    file = tmp_path / "long.txt"
    file.write_text("가\n" * BEGINNING, encoding="utf-8")
    assert Start.of(file).lines[0] == "가"
    file.write_text("가\n" * BEGINNING, encoding="utf-16")
    assert Start.of(file).lines[0] == "가"


def test_what_is_of_no_format_is_refused_with_the_formats_that_are_read(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleague,\n")
    with pytest.raises(Rejected) as refusal:
        recognise(file)
    assert "--format" in refusal.value.faults[0].remedy


@pytest.mark.parametrize("place", ["nothing.fam", "."])
def test_a_file_that_is_not_there_is_refused(tmp_path, place):
    with pytest.raises(Rejected):
        recognise(tmp_path / place)


def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(NotFound):
        read(tmp_path, "abc")


def test_each_format_has_one_name():
    assert len(readers) == len(FORMATS)
