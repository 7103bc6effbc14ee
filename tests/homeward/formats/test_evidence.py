"""Bones, teeth, traits, comparisons and parameters: read, refused with what to do, noted where nobody weighs them."""

import re
from pathlib import Path

import pytest

import homeward.identification.evidence
from homeward.formats.cells import universal_of_fdi
from homeward.formats.evidence import replaceable
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import (
    ChartKind,
    DateSpan,
    DentalChart,
    Measurement,
    Parameter,
    Specimen,
    Trait,
    Verdict,
    VerdictKind,
    VerdictRate,
)
from homeward.tables import measurement_codes, measurement_ranges, zones

EVIDENCE = {
    "specimens.csv": (
        "specimen_id,accession,container_id,element,side,zones,completeness,sample_id,remains_id\n"
        "B1,A-1,box 7,Femur,left,1;2;11,0.75,S4,R1\nB2,A-1,box 7,Os coxa,right,,untested,,\nB3,,box 9,Femur,,,,,R2\n"
    ),
    "measurements.csv": "specimen_id,code,mm\nB1,Fem_01,455.5\nB1,Fem_02,452\nB3,Fem_01,430\n",
    "dental.csv": (
        "subject_id,kind,date,tooth,code\n"
        "P1,am,1949-05,3,MOD-S\nP1,am,1949-05,19,X\nP1,am,,3,V\nP2,am,1950,30,O\n"
        "R1,pm,2019-02-11,3,MOD-S\nR1,pm,2019-02-11,19,/\n"
    ),
    "traits.csv": "remains_id,method,trait,value\nR1,suchey_brooks,phase,3\nR1,klales,VA,2\n",
    "comparisons.csv": (
        "remains_id,about,kind,method,verdict,rank,list_size,examiner\n"
        "R1,P1,radiograph,clavicle,match,,,Dr Yun\nR1,P2,radiograph,clavicle ranking,,3,100,\n"
        "R2,outsider:belmar,effects,buttons,foreign,,,\n"
    ),
    "verdict_rates.csv": (
        "kind,method,verdict,if_same,if_different,source\n"
        "radiograph,clavicle,match,0.9,0.001,a study\nradiograph,clavicle,no match,0.1,0.999,a study\n"
        "effects,buttons,foreign,0.01,0.5,a guess\n"
    ),
    "parameters.csv": "method,parameter,value,source\nstature,M.sd,6.4,a thesis\n",
}


@pytest.fixture
def read(read_with):
    """What the reader says with all of this evidence, some of the files changed."""
    return lambda changed=None: read_with({**EVIDENCE, **(changed or {})})


@pytest.fixture
def after(read):
    """The same once a text in one file is replaced by another."""

    def change(file, old, new):
        assert old in EVIDENCE[file]
        return read({file: EVIDENCE[file].replace(old, new)})

    return change


@pytest.fixture
def fault_after(after):
    """The one fault of such a change."""

    def fault(file, old, new):
        rejected = after(file, old, new).rejected
        assert len(rejected) == 1, [str(one) for one in rejected]
        assert (rejected[0].file, bool(rejected[0].remedy)) == (file, True)
        return rejected[0]

    return fault


def notes_of(reading, file):
    return [note for note in reading.notes if note.file == file]


# --- what is read ---


def test_every_row_is_a_record(read):
    programme = read().programme
    assert programme.specimens[0] == Specimen(
        specimen_id="B1",
        accession="A-1",
        container_id="box 7",
        element="Femur",
        side="left",
        zones=("1", "2", "11"),
        completeness=0.75,
        sample_id="S4",
        remains_id="R1",
    )
    assert programme.measurements[0] == Measurement(specimen_id="B1", code="Fem_01", mm=455.5)
    assert programme.traits[1] == Trait(remains_id="R1", method="klales", trait="VA", value="2")
    assert programme.verdicts[1] == Verdict(
        remains_id="R1", about="P2", kind=VerdictKind.RADIOGRAPH, method="clavicle ranking", rank=3, list_size=100
    )
    assert programme.verdict_rates[2] == VerdictRate(
        kind=VerdictKind.EFFECTS,
        method="buttons",
        verdict="foreign",
        if_same=0.01,
        if_different=0.5,
        source="a guess",
    )
    assert programme.parameters == (Parameter(method="stature", parameter="M.sd", value=6.4, source="a thesis"),)


def test_the_teeth_of_one_subject_at_one_time_are_one_chart(read):
    charts = read().programme.dental
    assert charts[0] == DentalChart(
        subject_id="P1", kind=ChartKind.ANTE_MORTEM, date=DateSpan.read("1949-05"), teeth={"3": "MOD-S", "19": "X"}
    )
    assert [(chart.subject_id, chart.kind, str(chart.date or "")) for chart in charts[1:]] == [
        ("P1", "am", ""),
        ("P2", "am", "1950"),
        ("R1", "pm", "2019-02-11"),
    ]


def test_why_completeness_is_absent_is_kept(read):
    assert read().programme.specimens[1].absent["completeness"].value == "untested"


def test_nothing_is_noted_of_what_is_right(read):
    assert [note for note in read().notes if note.file in EVIDENCE] == []


@pytest.mark.parametrize("container", ["folder", "zip", "xlsx"])
def test_it_is_written_and_read_as_it_was(read, container, tmp_path: Path):
    programme = read().programme
    write_programme(programme, tmp_path / "written", container=container)
    again = read_programme(tmp_path / "written")
    assert (again.rejected, again.programme) == ((), programme)


def test_the_order_of_rows_makes_no_difference_to_the_digest(read, tmp_path):
    turned = {name: _backwards(text) for name, text in EVIDENCE.items()}
    folder = tmp_path / "turned"
    write_programme(read().programme, folder)
    for name, text in turned.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert read_programme(folder).programme.digest == read_programme(tmp_path / "programme").programme.digest


def _backwards(text):
    header, *rows = text.splitlines()
    return "\n".join([header, *reversed(rows)]) + "\n"


@pytest.mark.parametrize("file", EVIDENCE)
def test_each_file_is_part_of_the_digest(read, file, tmp_path):
    whole = read().programme
    write_programme(whole, tmp_path / "without")
    rates = {"comparisons.csv", "verdict_rates.csv"} if file == "verdict_rates.csv" else {file}
    for name in rates | ({"measurements.csv"} if file == "specimens.csv" else set()):
        (tmp_path / "without" / name).unlink()
    assert read_programme(tmp_path / "without").programme.digest != whole.digest


# --- what is refused ---


def test_a_specimen_of_remains_that_do_not_exist(fault_after):
    fault = fault_after("specimens.csv", ",S4,R1", ",S4,R9")
    assert (fault.line, fault.column, fault.value, fault.reason) == (2, "remains_id", "R9", "is not in remains.")


def test_a_specimen_called_as_remains_are(after):
    fault = after("specimens.csv", "B2,", "R2,").rejected[0]
    assert (fault.line, fault.column, fault.reason) == (3, "specimen_id", "is also a remains_id (remains, line 3).")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (",S4,R1", ",S9,R1", "is not in samples."),
        (",S4,R1", ",S1,R1", "is a sample of m, and the specimen is given to R1."),
    ],
)
def test_a_sample_that_is_not_of_the_specimen(after, old, new, reason):
    fault = after("specimens.csv", old, new).rejected[0]
    assert (fault.line, fault.column, fault.reason) == (2, "sample_id", reason)


def test_a_sample_of_another_row_of_the_same_individual_is_right(read, right):
    remains = right["remains.csv"].replace("18,25,", "18,25,R2")
    specimens = EVIDENCE["specimens.csv"].replace(",S4,R1", ",S4,R2")
    assert read({"remains.csv": remains, "specimens.csv": specimens}).rejected == ()


def test_a_side_of_another_word(fault_after):
    assert fault_after("specimens.csv", "left", "L").remedy == "Write one of: left, right, unsided, axial."


def test_a_zone_that_the_bone_does_not_have(fault_after):
    fault = fault_after("specimens.csv", "1;2;11", "1;2;12")
    assert (fault.column, fault.value, fault.reason) == ("zones", "12", "is not a zone of Femur, which has 1 to 11.")


def test_a_zone_that_stands_twice(fault_after):
    assert fault_after("specimens.csv", "1;2;11", "1;2;2").reason == "stands twice in the cell."


def test_a_bone_of_another_name_is_noted_once_with_the_nearest(after):
    notes = notes_of(after("specimens.csv", "Femur", "Femmur"), "specimens.csv")
    assert [(note.line, note.value, note.remedy) for note in notes] == [(2, "Femmur", "If it is Femur, write that.")]


def test_a_measurement_of_no_specimen(fault_after):
    assert fault_after("measurements.csv", "B3,", "B9,").reason == "is not in specimens."


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("fem_01", "Write Fem_01."),
        ("60", "Write the osteometric code: Sac_01 (UTK2016), Fem_01 (S1994, UTK1994)."),
        ("Fem_001", "If it is Fem_01, write that."),
        ("length", "Write the osteometric code, such as Fem_01."),
    ],
)
def test_an_unknown_measurement_is_told_what_it_is_called_here(fault_after, code, remedy):
    fault = fault_after("measurements.csv", "B1,Fem_01", f"B1,{code}")
    assert (fault.column, fault.value) == ("code", code)
    assert remedy in fault.remedy


@pytest.mark.parametrize(("mm", "unit"), [("45.5", "centimetres"), ("17.9", "inches")])
def test_a_length_in_another_unit(fault_after, mm, unit):
    fault = fault_after("measurements.csv", "455.5", mm)
    assert (fault.column, fault.value) == ("mm", mm)
    assert fault.reason == f"seems to be in {unit}: of Fem_01 adults have 236.8 to 675.1 mm."


def test_an_unusual_length_is_noted(after):
    reading = after("measurements.csv", "455.5", "690")
    assert [(n.line, n.value) for n in notes_of(reading, "measurements.csv")] == [(2, "690")]
    assert reading.programme


@pytest.mark.parametrize("mm", ["0", "-3", "", "nan"])
def test_no_length(fault_after, mm):
    assert fault_after("measurements.csv", "455.5", mm).column == "mm"


@pytest.mark.parametrize(
    ("tooth", "reason", "remedy"),
    [
        ("46", "is a tooth of FDI notation", "Write 30, and convert every tooth of the chart"),
        ("38", "is a tooth of FDI notation", "Write 17,"),
        ("33", "is a tooth of FDI notation", "Write 22,"),
        ("48", "is a tooth of FDI notation", "Write 32,"),
        ("0", "is not a tooth", "1 (upper right third molar) to 32"),
        ("49", "is not a tooth", "universal number"),
        ("03", "more than one spelling", "Write 3."),
        ("55", "is a milk tooth", "Leave the row out"),
        ("K", "is a milk tooth", "Leave the row out"),
    ],
)
def test_what_is_no_tooth_of_the_universal_numbering(fault_after, tooth, reason, remedy):
    fault = fault_after("dental.csv", "P2,am,1950,30,", f"P2,am,1950,{tooth},")
    assert (fault.line, fault.column, fault.value) == (5, "tooth", tooth)
    assert reason in fault.reason
    assert remedy in fault.remedy


def test_fdi_and_universal_numbers_are_the_same_thirty_two_teeth():
    fdi = [f"{quadrant}{place}" for quadrant in (1, 2, 3, 4) for place in range(1, 9)]
    universal = [universal_of_fdi(tooth) for tooth in fdi]
    assert sorted(map(int, universal)) == list(range(1, 33))
    assert [universal_of_fdi(tooth) for tooth in ("18", "11", "21", "28", "38", "31", "41", "48")] == [
        *("1", "8", "9", "16", "17", "24", "25", "32")
    ]  # ADA, universal numbering: 1-16 upper right to left, 17-32 lower left to right


def test_a_chart_that_could_be_fdi_as_a_whole_is_noted(read):
    rows = "".join(f"R2,pm,,{tooth},V\n" for tooth in (11, 12, 21, 22, 24))
    reading = read({"dental.csv": EVIDENCE["dental.csv"] + rows})
    (note,) = notes_of(reading, "dental.csv")
    assert (note.line, note.column) == (8, "tooth")
    assert "taken for universal numbers" in note.reason


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("mod-s", "Write MOD-S."),
        ("filled", "Write surfaces"),
        ("MODS", "Write surfaces"),
        ("VX", "Write surfaces"),
        ("MOD-SSSSSS", "Write surfaces"),
        ("MOM", "Write each surface once."),
        ("untested", "Write surfaces"),
    ],
)
def test_a_code_of_neither_list(fault_after, code, remedy):
    fault = fault_after("dental.csv", "P2,am,1950,30,O", f"P2,am,1950,30,{code}")
    assert (fault.column, fault.value) == ("code", code)
    assert remedy in fault.remedy


@pytest.mark.parametrize("code", ["MODFL", "V", "X-P", "X-T", "U", "J", "/", "C", "R", "MI-HR", "MO-ESGNZ"])
def test_codes_of_both_lists_are_taken(after, code):
    assert after("dental.csv", "P2,am,1950,30,O", f"P2,am,1950,30,{code}").programme.dental[2].teeth == {"30": code}


def test_a_tooth_twice_in_one_chart(fault_after):
    fault = fault_after("dental.csv", "P1,am,1949-05,19,X", "P1,am,1949-05,3,X")
    assert (fault.line, fault.value, fault.reason) == (3, "P1, am, 1949-05, 3", "stands already in line 2.")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("P2,am", "R1,am", "is in remains, and not in missing."),
        ("P2,am", "P2,pm", "is in missing, and not in remains."),
        ("P2,am", "P9,am", "is not in missing."),
    ],
)
def test_a_chart_of_the_wrong_subject(fault_after, old, new, reason):
    fault = fault_after("dental.csv", old, new)
    assert (fault.line, fault.column, fault.reason) == (5, "subject_id", reason)
    assert "person_id" in fault.remedy


def test_a_chart_before_birth(fault_after):
    assert fault_after("dental.csv", "1949-05", "1929-05").reason == "is before the birth, 1931."


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1949-05", "1951-05", "is after the loss, 1950-12."),
        ("2019-02-11", "2017-02-11", "is before the find, 2018-07."),
    ],
)
def test_a_chart_of_an_unlikely_date_is_noted(after, old, new, reason):
    reading = after("dental.csv", old, new)
    assert [note.reason for note in notes_of(reading, "dental.csv")] == [reason]
    assert reading.programme


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "reason"),
    [
        ("traits.csv", "R1,klales", "R9,klales", "remains_id", "is not in remains."),
        ("comparisons.csv", "R1,P1", "R9,P1", "remains_id", "is not in remains."),
        ("comparisons.csv", "R1,P1", "R1,P9", "about", "is not in missing."),
        (
            "comparisons.csv",
            "outsider:belmar",
            "outsider:arvad",
            "about",
            "names a group that programme.toml does not.",
        ),
        ("comparisons.csv", ",3,100,", ",3,,", "list_size", "is empty beside rank."),
        ("comparisons.csv", ",3,100,", ",,100,", "rank", "is empty beside list_size."),
        ("comparisons.csv", ",3,100,", ",,,", "verdict", "is empty, and so is rank: the row says nothing."),
        ("comparisons.csv", "radiograph,clavicle,", "xray,clavicle,", "kind", "is not one of the words known here."),
        (
            "comparisons.csv",
            "match,,,Dr",
            "Match,,,Dr",
            "verdict",
            "has no row in verdict_rates (radiograph, clavicle), so that it cannot be weighed.",
        ),
        (
            "verdict_rates.csv",
            "0.1,0.999",
            "0.2,0.999",
            "if_same",
            "is the sum over the verdicts of radiograph, clavicle: more than 1.",
        ),
        ("parameters.csv", "6.4", "6,4", "", "has 5 cells under a header of 4."),
        ("parameters.csv", "6.4", "wide", "value", "is not a number."),
    ],
)  # fmt: skip
def test_each_fault_says_where_and_why(fault_after, file, old, new, column, reason):
    fault = fault_after(file, old, new)
    assert (fault.column, fault.reason) == (column, reason)


@pytest.mark.parametrize(
    ("new", "column", "remedy"),
    [
        ("suchey_brooks,phase,7", "value", "Write one of: 1, 2, 3, 4, 5, 6."),
        ("suchey_brooks,phase,III", "value", "Write one of: 1, 2, 3, 4, 5, 6."),
        ("suchey_brooks,stage,3", "trait", "Write one of: phase."),
        ("mckern_stewart,score,16", "value", "4-5"),
        ("walker_2005,notch,6", "value", "Write one of: 1, 2, 3, 4, 5."),
        ("phenice,sex,male", "value", "Write one of: M, F."),
        ("morphopasse,p_male,95%", "value", "from 0 to 1"),
    ],
)
def test_a_trait_that_its_method_cannot_read(fault_after, new, column, remedy):
    fault = fault_after("traits.csv", "suchey_brooks,phase,3", new)
    assert (fault.line, fault.column) == (2, column)
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    "trait", ["mckern_stewart,score,5", "phenice,sex,M", "morphopasse,p_male,0.95", "klales,SPC,5", "klales,p_male,0.5"]
)
def test_a_trait_that_its_method_reads(after, trait):
    reading = after("traits.csv", "suchey_brooks,phase,3", trait)
    assert (reading.rejected, notes_of(reading, "traits.csv")) == ((), [])


def test_a_method_that_nobody_weighs_is_noted_with_the_nearest(after):
    (note,) = notes_of(after("traits.csv", "suchey_brooks", "suchey-brooks"), "traits.csv")
    assert (note.line, note.column, note.remedy) == (2, "method", "If it is suchey_brooks, write that.")


def test_a_rank_beyond_its_list(fault_after):
    assert "rank 300 is not in a list of 100" in fault_after("comparisons.csv", ",3,100,", ",300,100,").reason


def test_a_verdict_that_never_occurs_cannot_be_weighed(after):
    fault = after("verdict_rates.csv", "0.9,0.001", "0.9,0").rejected[0]
    assert (fault.line, "never occurs" in fault.reason) == (2, True)


def test_a_verdict_of_a_method_without_calibration_is_refused(read):
    faults = read({"verdict_rates.csv": None}).rejected
    assert [(fault.file, fault.line, fault.value) for fault in faults] == [
        ("comparisons.csv", 2, "match"),
        ("comparisons.csv", 4, "foreign"),
    ]
    assert "leave material out in [evidence] lines" in faults[1].remedy


def test_what_may_be_written_instead_of_an_unknown_verdict_is_listed(fault_after):
    remedy = fault_after("comparisons.csv", "match,,,Dr", "Match,,,Dr").remedy
    assert remedy.startswith("Write one of: match, no match, in_top_5_percent")


def test_a_place_in_a_list_of_a_kind_without_known_rates_is_refused(fault_after):
    fault = fault_after("comparisons.csv", "radiograph,clavicle ranking", "trauma,ranking")
    assert (fault.line, fault.column, fault.value) == (3, "rank", "3")
    assert "how often a place in a list is given" in fault.remedy


def test_a_verdict_without_calibration_is_kept_where_its_line_is_left_out(read, right):
    toml = right["programme.toml"] + '[evidence]\nlines = ["body", "age", "dental", "place"]\n'
    reading = read({"verdict_rates.csv": None, "programme.toml": toml})
    assert reading.rejected == ()
    assert len(reading.programme.verdicts) == 3


def test_a_parameter_of_a_method_that_has_none_is_noted(after):
    (note,) = notes_of(after("parameters.csv", "stature,M.sd", "statur,M.sd"), "parameters.csv")
    assert (note.line, note.value, note.remedy) == (2, "statur", "If it is stature, write that.")


@pytest.mark.parametrize(
    ("new", "column", "remedy"),
    [
        ("dental,V_R,0.01", "parameter", "If it is V_to_R, write that."),
        ("dental,V_to_R,-0.01", "value", "Write at least 0."),
        ("place,anywhere,2", "value", "Write at least 1e-06 and at most 1."),
        ("place,floor,0.1", "parameter", "place has: anywhere."),
    ],
)
def test_a_parameter_of_a_line_has_its_name_and_its_range(fault_after, new, column, remedy):
    fault = fault_after("parameters.csv", "stature,M.sd,6.4", new)
    assert (fault.line, fault.column, fault.remedy) == (2, column, remedy)


def test_every_parameter_that_the_evidence_asks_for_may_be_replaced():
    sources = [file.read_text() for file in Path(homeward.identification.evidence.__file__).parent.glob("*.py")]
    asked = {name for source in sources for name in re.findall(r'parameters?\(case, "(\w+)"', source)}
    assert asked
    assert asked <= set(replaceable())


@pytest.mark.parametrize("file", ["verdict_rates.csv", "parameters.csv"])
def test_figures_without_a_source_are_noted(read, file):
    text = EVIDENCE[file].replace("a study", "").replace("a thesis", "")
    assert "nobody can check" in notes_of(read({file: text}), file)[0].reason


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("suchey_brooks,M.sigma,0.2,x", "parameter", "is no parameter of suchey_brooks."),
        ("suchey_brooks,M.sd,0,x", "value", "cannot be M.sd of suchey_brooks."),
        ("age,correlation,2,x", "value", "cannot be correlation of age."),
    ],
)
def test_a_parameter_that_its_method_does_not_have_or_cannot_take_is_refused(read, row, column, reason):
    (fault,) = read({"parameters.csv": f"method,parameter,value,source\n{row}\n"}).rejected

    assert (fault.column, fault.reason) == (column, reason)


@pytest.mark.parametrize("row", ["klales,VA+MA+SPC.VA,-2.5,x", "stature,white.M.Fem_01.slope,0.27,x"])
def test_a_parameter_of_bones_or_traits_is_read_by_its_name(read, row):
    (found,) = read({"parameters.csv": f"method,parameter,value,source\n{row}\n"}).programme.parameters

    assert f"{found.method},{found.parameter},{found.value},x" == row


# --- lines of evidence that are left out ---


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("dental", "dental.csv"),
        ("body", "measurements.csv"),
        ("radiograph", "comparisons.csv"),
        ("material", "comparisons.csv"),
        ("age", "remains.csv"),
        ("age", "traits.csv"),
        ("body", "traits.csv"),
        ("place", "remains.csv"),
    ],
)
def test_a_line_that_is_left_out_though_its_file_is_there_is_noted(read, right, line, file):
    others = [name for name in ("body", "age", "dental", "material", "place", "radiograph") if name != line]
    toml = right["programme.toml"] + f"[evidence]\nlines = {others}\n".replace("'", '"')
    notes = notes_of(read({"programme.toml": toml}), "programme.toml")
    assert {note.value for note in notes} == {line}
    assert any(f"leaves out {line}: what {file} says" in note.reason for note in notes)


def test_a_line_of_which_nothing_is_on_record_is_left_out_silently(read, right):
    toml = (
        right["programme.toml"] + '[evidence]\nlines = ["body", "age", "dental", "material", "place", "radiograph"]\n'
    )
    assert notes_of(read({"programme.toml": toml}), "programme.toml") == []


# --- outsiders ---


@pytest.mark.parametrize(
    ("stated", "line", "reason"),
    [
        ("age_low = 18", 14, "age_low and age_high belong together."),
        ("age_low = 30\nage_high = 18", 14, "age_low is not below age_high."),
        ("male_share = 0.9\nstature_mean_cm = 172", 14, "stature_mean_cm and stature_sd_cm belong together."),
    ],
)
def test_what_is_said_of_the_bodies_of_outsiders_must_make_sense(read, right, stated, line, reason):
    (fault,) = read({"programme.toml": f"{right['programme.toml']}{stated}\n"}).rejected
    assert (fault.line, fault.column, fault.reason) == (line, "outsiders.belmar", reason)
    assert fault.remedy


@pytest.mark.parametrize("stated", ["male_share = 1.5", "stature_mean_cm = 1.72", "stature_sd_cm = 0", "age_low = -1"])
def test_each_figure_of_outsiders_has_its_range(read, right, stated):
    fault = read({"programme.toml": f"{right['programme.toml']}{stated}\n"}).rejected[0]
    assert (fault.line, fault.column) == (14, f"outsiders.belmar.{stated.split()[0]}")


# --- what is shipped ---


def test_every_range_is_of_a_code_and_holds_what_is_usual():
    ranges = measurement_ranges()
    assert ranges.keys() <= measurement_codes().keys()
    assert all(0 < low < high for low, high in ranges.values())
    assert ranges["Fem_01"][0] < 452 < ranges["Fem_01"][1]  # a femur of mean length, mm


def test_bones_have_the_zones_of_their_source():
    assert (zones()["Cranium"], zones()["Mandible"], zones()["Os coxa"], len(zones())) == (23, 14, 12, 25)
