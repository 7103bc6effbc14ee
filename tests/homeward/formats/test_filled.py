"""A filled paper beside the statement it was drawn up from."""

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, Rejected
from homeward.formats.filled import (
    HEADER,
    Difference,
    Standing,
    compare,
    paper_form_csv,
    read_filled,
    refuse_other_paper,
    scanned_digest,
)
from homeward.reports.statement_words import weight_kg
from homeward.seals.keys import grouped
from tests.homeward.reports.paper.statements import DIGEST, EVERY_KIND, line, manifest, receipt, reservation, statement

SIGNED = [{"party": "arvad", "name": "D. Karsk", "office": "custodian", "signed_on": "2018-07-27"}]


def as_printed(one, **changes):
    """A row as a pen writes it that found everything as declared."""
    weight = "" if one["weight_g"] is None else weight_kg(one["weight_g"])
    found = {"seal_found": "; ".join(one["seals"]) or "none", "bags": str(one["bags"]), "weight_kg": weight}
    return {"line": str(one["line"]), "container": one["container"], **found, "remark": "", **changes}


def table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(tmp_path, data, of=None):
    path = tmp_path / "filled.csv"
    path.write_bytes(data)
    return read_filled(path, of or manifest())


def rows_of(one):
    return [as_printed(line) for line in one.body["lines"]]


def test_a_paper_on_which_all_was_found_as_declared_agrees_in_every_line(tmp_path):
    read_back = read(tmp_path, table(rows_of(manifest())))

    assert {line.standing for line in read_back.lines} == {Standing.AGREES}
    assert len(read_back.lines) == 15
    assert (read_back.differences, read_back.extra, read_back.rejected) == ((), (), ())


def test_an_empty_form_is_unfilled_in_every_line_and_differs_in_none(tmp_path):
    read_back = read(tmp_path, paper_form_csv(manifest()))

    assert {line.standing for line in read_back.lines} == {Standing.UNFILLED}
    assert (read_back.differences, read_back.rejected, read_back.notes) == ((), (), ())


def test_what_differs_is_told_with_both_versions():
    rows = rows_of(manifest())
    rows[5] |= {"bags": "3", "weight_kg": "6.1"}
    rows[7] |= {"seal_found": "none", "remark": "broken at the lid"}

    found = compare(rows, manifest())

    assert found.differences == (
        Difference(6, "bags", "1", "3"),
        Difference(6, "weight_kg", "5.822", "6.1"),
        Difference(8, "seals", "BL 77109", ""),
        Difference(8, "note", "", "broken at the lid"),
    )
    assert [line.line for line in found.with_standing(Standing.DIFFERS)] == [6, 8]


def test_a_remark_alone_is_kept_and_the_line_still_agrees():
    rows = rows_of(manifest())
    rows[2] |= {"remark": "lid 깨짐"}
    found = compare(rows, manifest())
    assert found.differences == (Difference(3, "note", "", "lid 깨짐"),)
    assert len(found.with_standing(Standing.AGREES)) == 15


def test_a_line_that_nobody_entered_is_missing():
    found = compare(rows_of(manifest())[:-1], manifest())
    assert [line.line for line in found.with_standing(Standing.MISSING)] == [15]
    assert found.differences == (Difference(15, "line", "C-0425", ""),)


def test_a_case_that_is_not_on_the_manifest_is_extra_and_not_refused():
    extra = {"container": "C-0999", "seal_found": "BL 1", "bags": "1", "weight_kg": "1.2"}
    found = compare([*rows_of(manifest()), extra], manifest())
    assert found.extra == ("C-0999",)
    assert found.rejected == ()
    assert found.differences == (
        Difference(None, "line", "", "container C-0999; seal_found BL 1; bags 1; weight_kg 1.2"),
    )


def test_a_line_number_that_is_not_on_the_manifest_is_extra():
    found = compare([*rows_of(manifest()), {"line": "16", "bags": "2"}], manifest())
    assert found.extra == ("16",)
    assert found.differences == (Difference(16, "line", "", "bags 2"),)


def test_another_case_number_in_a_line_is_a_difference():
    rows = rows_of(manifest())
    rows[0] |= {"container": "C-0412"}
    assert compare(rows, manifest()).differences == (Difference(1, "container", "C-0411", "C-0412"),)


def test_a_case_number_alone_finds_its_line():
    rows = [row | {"line": ""} for row in rows_of(manifest())]
    assert compare(rows, manifest()).differences == ()


def test_the_line_of_a_receipt_that_has_no_number_is_found_by_its_case():
    rows = [{"container": "C-0999", "bags": "2"}]
    found = compare(rows, receipt())
    assert found.extra == ()
    assert Difference(None, "bags", "1", "2") in found.differences


def test_seals_are_compared_whatever_their_order():
    two = manifest([line(1, seals=["BL 1", "BL 2"])])
    assert compare([as_printed(line(1, seals=["BL 2", "BL 1"]))], two).differences == ()


@pytest.mark.parametrize("said", ["none", "None", "없음"])
def test_no_seal_is_said_in_either_language(said):
    assert compare([{"line": "1", "seal_found": said}], manifest([line(1, seals=[])])).differences == ()


@pytest.mark.parametrize(
    ("grams", "paper", "agrees"),
    [
        (6400, "6.4", True),
        (6449, "6.4", True),  # printed 6.4
        (6450, "6.5", True),  # printed 6.5
        (6450, "6.4", False),
        (6400, "6.5", False),
        (6400, "6", False),  # a pen that writes 6 does not mean 6.4
        (6000, "6", True),
        (6449, "6.45", True),
        (6449, "6.449", True),
        (6449, "6.448", False),
        (0, "0.0", True),
        (None, "6.4", False),  # not weighed when it was declared
    ],
)
def test_a_weight_is_compared_as_finely_as_the_paper_says_it(grams, paper, agrees):
    found = compare([{"line": "1", "weight_kg": paper}], manifest([line(1, weight_g=grams)]))
    assert (found.differences == ()) is agrees


def test_every_impossible_value_is_told_with_its_line_and_what_to_type_instead(tmp_path):
    rows = [
        {"line": "1", "bags": "two", "weight_kg": "6,4"},
        {"line": "2", "bags": "-1", "weight_kg": "heavy"},
        {"line": "3", "bags": "1.5", "weight_kg": "6400000"},
        {"line": "zero", "bags": "1"},
        {"line": "0", "bags": "1"},
        {"bags": "3"},
        {"line": "4", "bags": "1"},
        {"line": "4", "bags": "2"},
        {"line": "5", "bags": "999999"},
    ]
    found = read(tmp_path, table(rows))

    told = [(fault.line, fault.column, fault.value) for fault in found.rejected]
    assert told == [
        (2, "bags", "two"),
        (2, "weight_kg", "6,4"),
        (3, "bags", "-1"),
        (3, "weight_kg", "heavy"),
        (4, "bags", "1.5"),
        (4, "weight_kg", "6400000"),
        (5, "line", "zero"),
        (6, "line", "0"),
        (7, "line", "3"),
        (9, "line", "4"),
        (10, "bags", "999999"),
    ]
    assert all(fault.reason and fault.remedy for fault in found.rejected)
    assert "Type 6.4." in str(found.rejected[1])
    assert "row 8" in str(found.rejected[9])


def test_nothing_is_recorded_while_a_value_is_impossible():
    with pytest.raises(Rejected):
        compare([{"line": "1", "bags": "two"}], manifest()).body(copy=1, copies=3, signed_by=SIGNED)


def test_the_body_is_one_that_a_statement_can_be_made_of():
    rows = rows_of(manifest())
    rows[5] |= {"bags": "3"}
    body = compare([*rows[:-1], {"container": "C-0999"}], manifest()).body(copy=1, copies=3, signed_by=SIGNED)

    made = statement("paper", body, others=(), witness="")

    assert made.body["statement"] == manifest().digest
    assert [one["line"] for one in made.body["differences"]] == [6, 15, None]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "names no column line"),
        (b"line;bags\n1;2\n", "names no column line"),
        (b"line,bags,bags\n1,2,3\n", "stands twice"),
        (b"\xff\xfel\x00i\x00", "UTF-16"),
        ("line,remark\n1,\xe9".encode("latin-1"), "not UTF-8"),
        (b'line,remark\n1,"open\n2,b\n', "quotation mark"),
        (b"line,bags\n1,2,3\n", "beyond the last column"),
        (b"PK\x03\x04no workbook", "damaged"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_the_reason(tmp_path, data, reason):
    found = read(tmp_path, data)
    assert any(reason in str(fault) for fault in found.rejected), found.rejected


def test_a_column_that_the_form_does_not_have_is_told(tmp_path):
    found = read(tmp_path, b"line,colour\n1,red\n")
    assert [note.column for note in found.notes] == ["colour"]
    assert found.rejected == ()


def test_an_excel_file_is_read_like_a_table(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(HEADER))
    for row in rows_of(manifest()):
        weight, bags = float(row["weight_kg"]), int(row["bags"])
        book.active.append([int(row["line"]), row["container"], row["seal_found"], bags, weight, ""])
    book.save(tmp_path / "filled.xlsx")

    found = read_filled(tmp_path / "filled.xlsx", manifest())

    assert {line.standing for line in found.lines} == {Standing.AGREES}
    assert found.rejected == ()


def test_a_number_that_excel_made_a_date_is_refused(tmp_path):
    from datetime import date

    book = openpyxl.Workbook()
    book.active.append(list(HEADER))
    book.active.append([1, "C-0411", date(2018, 7, 27), 1, 5.1, ""])
    book.save(tmp_path / "filled.xlsx")
    found = read_filled(tmp_path / "filled.xlsx", manifest())
    assert ["turned into a date" in str(fault) for fault in found.rejected] == [True]


def test_the_digest_is_taken_as_scanned_and_as_typed():
    digits = DIGEST.removeprefix("sha256:")
    assert {
        scanned_digest(said) for said in (DIGEST, digits, f"homeward:{DIGEST}", grouped(digits), digits.upper())
    } == {DIGEST}


@pytest.mark.parametrize("said", ["", "91c4 07de", "homeward:sha256:xyz", "g" * 64, "homeward:sha256:" + "a" * 65])
def test_what_is_no_digest_is_refused(said):
    with pytest.raises(Nonsense, match="no digest"):
        scanned_digest(said)


def test_the_paper_of_another_statement_is_refused():
    refuse_other_paper(manifest(), grouped(manifest().digest.removeprefix("sha256:")))
    with pytest.raises(Nonsense, match="not from"):
        refuse_other_paper(manifest(), receipt().digest)


@pytest.mark.parametrize("one", [reservation(), EVERY_KIND["key"], EVERY_KIND["return"]], ids=lambda one: one.kind)
def test_a_statement_whose_paper_has_no_lines_for_the_pen_is_refused_or_has_a_form(one):
    lines = one.body.get("lines", [])
    has_lines = any(isinstance(line, dict) for line in lines)
    if not has_lines:
        with pytest.raises(Nonsense, match="no lines"):
            paper_form_csv(one)
    else:
        assert paper_form_csv(one).decode("utf-8-sig").startswith("line,container")


def test_a_case_number_that_a_spreadsheet_would_compute_is_left_out_of_the_form():
    form = paper_form_csv(manifest([line(1, container='=HYPERLINK("x")'), line(2)])).decode("utf-8-sig")
    assert "HYPERLINK" not in form
    assert "2,C-0412" in form


# --- Laws ----------------------------------------------------------------------------------------

SEALS = st.lists(st.from_regex(r"[A-Z]{2} [0-9]{1,5}", fullmatch=True), max_size=3, unique=True)
LINES = st.lists(
    st.tuples(st.integers(0, 99), SEALS, st.one_of(st.none(), st.integers(0, 99_000))), min_size=1, max_size=8
).map(
    lambda drawn: [line(at, bags=bags, seals=seals, weight_g=grams) for at, (bags, seals, grams) in enumerate(drawn, 1)]
)


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_what_is_printed_always_agrees_with_what_it_was_printed_from(lines):
    found = compare([as_printed(one) for one in lines], manifest(lines))
    assert found.differences == ()
    assert {one.standing for one in found.lines} == {Standing.AGREES}


@given(LINES, st.data())
@settings(max_examples=60, deadline=None)
def test_one_change_is_one_difference_in_its_line(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    rows = [as_printed(one) for one in lines]
    bags = data.draw(st.integers(0, 99))
    assume(bags != lines[at]["bags"])
    rows[at]["bags"] = str(bags)

    found = compare(rows, manifest(lines))

    assert found.differences == (Difference(at + 1, "bags", str(lines[at]["bags"]), str(bags)),)
    assert [one.line for one in found.with_standing(Standing.DIFFERS)] == [at + 1]


@given(LINES, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_rows_changes_nothing(lines, random):
    rows = [as_printed(one, bags="7") for one in lines]
    mixed = random.sample(rows, len(rows))
    assert compare(mixed, manifest(lines)).differences == compare(rows, manifest(lines)).differences


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_whatever_breaks_the_reader(tmp_path, data):
    found = read(tmp_path, b"line,container,bags\n" + data)
    assert len(found.lines) == 15


PEN = st.text(max_size=12)
TYPED = st.fixed_dictionaries(
    {
        "line": st.sampled_from(["1", "7", "16", "99", ""]),
        "container": st.one_of(st.sampled_from(["C-0411", "C-0999", ""]), PEN),
        "seal_found": PEN,
        "bags": st.sampled_from(["", "0", "3"]),
        "weight_kg": st.sampled_from(["", "6.4", "0.123"]),
        "remark": PEN,
    }
)


@given(st.lists(TYPED, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_whatever_is_typed_is_either_refused_or_can_be_recorded(rows):
    found = compare(rows, manifest())
    assume(not found.rejected)
    body = found.body(copy=1, copies=3, signed_by=SIGNED)
    assert statement("paper", body, others=(), witness="").kind == "paper"
