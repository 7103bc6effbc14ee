"""The programme folder: what is read is what is written, in every container."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from homeward.errors import Cancelled, Nonsense, NotFound, WouldOverwrite
from homeward.formats.digest import digest_of
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import Absent, MissingPerson, Outcome, Place, Programme, Settings, Sex

CONTAINERS = ("folder", "zip", "xlsx")


def bytes_of(path):
    """Every byte of a container, a folder's files by name."""
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir()}
    return path.read_bytes()


def shuffled(text):
    """Rows of a CSV in another order."""
    header, *rows = text.splitlines(keepends=True)
    return header + "".join(reversed(rows))


def test_a_folder_without_fault_gives_a_programme(read_with):
    reading = read_with({})
    assert reading.rejected == ()
    assert reading.rows["profiles.csv"] == 10
    programme = reading.programme
    first, second = programme.missing
    assert first.last_seen == Place(lat=40.35, lon=127.25, radius_m=500)
    assert second.birth_date is None
    assert second.absent == {"birth_date": Absent.WITHHELD}
    assert programme.profiles[0].calls == {"TH01": ("6", "9.3"), "vWA": ("14", "17"), "AMEL": ("X", "X")}
    assert programme.profiles[1].calls == {"TH01": ("6", "7")}
    assert programme.frequencies["South"]["TH01"] == {"6": 0.5, "9.3": 0.5}
    assert programme.mutation[1].male["14", "17"] == 0.002
    assert programme.remains[0].stature_cm_high == 175.5
    assert programme.remains[1].absent == {"stature_cm_low": Absent.UNTESTED}
    assert programme.decisions[1].outcome is Outcome.AFFILIATION
    assert programme.settings.outsider_population == {"belmar": "South"}
    assert [member.member_id for member in programme.pedigrees[0].missing] == ["son"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_what_is_written_reads_back_and_is_written_the_same_again(read_with, tmp_path, container):
    programme = read_with({}).programme
    once, twice = tmp_path / f"once.{container}", tmp_path / f"twice.{container}"
    write_programme(programme, once, container=container)
    reading = read_programme(once)
    assert reading.rejected == ()
    assert reading.programme == programme
    write_programme(reading.programme, twice, container=container)
    assert bytes_of(once) == bytes_of(twice)


def test_folder_zip_and_excel_have_one_digest_whatever_the_order_of_rows(read_with, right, tmp_path):
    programme = read_with({}).programme
    digests = set()
    for container in CONTAINERS:
        write_programme(programme, tmp_path / f"p.{container}", container=container)
        digests.add(read_programme(tmp_path / f"p.{container}").programme.digest)
    other = tmp_path / "reversed"
    other.mkdir()
    for name, text in right.items():
        (other / name).write_text(shuffled(text) if name.endswith(".csv") else text)
    digests.add(read_programme(other).programme.digest)
    assert digests == {programme.digest} == {digest_of(programme)}


def test_the_digest_follows_the_content(read_with):
    programme = read_with({}).programme
    assert digest_of(replace(programme, settings=replace(programme.settings, seed=2))) != programme.digest
    assert digest_of(replace(programme, remains=programme.remains[:1])) != programme.digest


def test_formatting_of_the_files_does_not_move_the_digest(right, tmp_path, read_with):
    plain = read_with({}).programme
    other = tmp_path / "formatted"
    other.mkdir()
    for name, text in right.items():
        formatted = "\ufeff" + text.replace("\n", "\r\n") if name.endswith(".csv") else text
        (other / name).write_bytes(formatted.replace(",0.35\r", ", 0.350 \r").replace("Kim", '" Kim "').encode())
    assert read_programme(other).programme.digest == plain.digest


def test_unknown_columns_are_reported_kept_and_written_again(read_with, right, tmp_path):
    text = right["incidents.csv"].replace("incident_id", "weather,incident_id").replace("I1", "snow,I1")
    reading = read_with({"incidents.csv": text})
    assert reading.rejected == ()
    assert [(note.file, note.column) for note in reading.notes if note.column == "weather"] == [
        ("incidents.csv", "weather")
    ]
    assert reading.programme.incidents[0].extra == {"weather": "snow"}
    write_programme(reading.programme, tmp_path / "again")
    with (tmp_path / "again" / "incidents.csv").open() as file:
        assert next(csv.DictReader(file))["weather"] == "snow"
    assert read_programme(tmp_path / "again").programme == reading.programme


def test_unknown_files_are_reported_and_files_of_later_versions_named_as_such(read_with):
    reading = read_with({"claims.csv": "code\n", "profile.csv": "x\n", "letter.docx": "x", ".DS_Store": "x"})
    said = {note.file: str(note) for note in reading.notes}
    assert "does not read it yet" in said["claims.csv"]
    assert "If it is profiles.csv, rename it." in said["profile.csv"]
    assert "letter.docx" in said
    assert ".DS_Store" not in said
    assert reading.programme is not None


def test_a_file_in_capitals_is_not_passed_over(read_with, right):
    reading = read_with({"remains.csv": None, "Remains.csv": right["remains.csv"]})
    assert any(
        fault.file == "Remains.csv" and "is not called remains.csv" in fault.reason for fault in reading.rejected
    )


def test_a_zip_of_the_folder_itself_is_read_too(write_folder, tmp_path):
    folder = write_folder({})
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, folder.name)
    assert read_programme(tmp_path / "packed.zip").programme == read_programme(folder).programme


def test_a_workbook_made_in_excel_keeps_alleles_and_dates(right, tmp_path, read_with):
    """Numbers, dates and blank cells as a person's Excel stores them: 10 is a number, and is allele 10."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    settings = book.create_sheet("programme")
    for row in [("section", "key", "value"), (None, "schema", 1), (None, "name", "Arvad and Belmar"),
                (None, "conflict", "a war"), (None, "as_of", "2018-07-16"), ("genetics", "population", "North"),
                ("prior", "listed_share", 0.5), ("prior", "not_listed", 0.3), ("prior.outsiders", "belmar", 0.2),
                ("outsiders.belmar", "population", "South")]:  # fmt: skip
        settings.append(row)
    for name, text in right.items():
        if name.endswith(".csv"):
            sheet = book.create_sheet(name.removesuffix(".csv"))
            for row in csv.reader(text.splitlines()):
                sheet.append([_as_excel_would(cell) for cell in row])
    book.save(tmp_path / "p.xlsx")
    reading = read_programme(tmp_path / "p.xlsx")
    assert reading.rejected == ()
    assert reading.programme == read_with({}).programme


def _as_excel_would(cell):
    try:
        return float(cell)
    except ValueError:
        return cell or None


def test_excel_turning_an_identifier_into_a_number_is_noted_and_into_a_date_a_fault(tmp_path):
    from datetime import date

    book = openpyxl.Workbook()
    book.active.title = "missing"
    for row in [
        ("person_id", "service_number", "birth_date"),
        (7, "007", date(1931, 5, 1)),
        ("P2", date(1950, 3, 4), 1931),
        ("P3", 1234567890123456789, None),
    ]:
        book.active.append(row)
    book.save(tmp_path / "p.xlsx")
    reading = read_programme(tmp_path / "p.xlsx")
    assert [(f.file, f.line, f.column) for f in reading.rejected] == [
        ("sheet missing", 3, "service_number"),
        ("sheet missing", 4, "service_number"),
    ]
    assert any(note.column == "person_id" and "zeros in front" in note.reason for note in reading.notes)


def test_texts_that_look_like_excel_escapes_or_markup_survive_it(tmp_path):
    name = '_x0041_ <a> & "b"\n한국 =1+1'
    programme = Programme(settings=Settings(name="x"), missing=(MissingPerson(person_id="007", name_native=name),))
    write_programme(programme, tmp_path / "p.xlsx", container="xlsx")
    person = read_programme(tmp_path / "p.xlsx").programme.missing[0]
    assert (person.person_id, person.name_native) == ("007", name)
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx")["missing"]
    assert (sheet["A2"].value, sheet["A2"].number_format) == ("007", "@")


@pytest.mark.parametrize("container", CONTAINERS)
def test_nothing_is_overwritten(read_with, tmp_path, container):
    taken = tmp_path / "taken"
    taken.write_text("a letter")
    with pytest.raises(WouldOverwrite, match="already there"):
        write_programme(read_with({}).programme, taken, container=container)
    assert taken.read_text() == "a letter"


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_refused_writing_leaves_nothing(tmp_path, container):
    programme = Programme(settings=Settings(name="x"), missing=(MissingPerson(person_id="P1 "),))
    with pytest.raises(Nonsense, match="trimmed"):
        write_programme(programme, tmp_path / "p", container=container)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_no_half_programme_under_the_name(tmp_path):
    """The writer is killed while rows are being written; the place is still free, and a second writer succeeds."""
    script = (
        "import sys, time; from pathlib import Path; from homeward.formats import writing\n"
        "from homeward.formats.folder import write_programme\n"
        "from homeward.programme import *\n"
        "def slow(*a): print('writing', flush=True); time.sleep(60)\n"
        "writing._to_disk = slow\n"
        "write_programme(Programme(settings=Settings(name='x')), Path(sys.argv[1]))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "p")], stdout=subprocess.PIPE)
    with writer:
        assert writer.stdout.readline() == b"writing\n"
        os.kill(writer.pid, signal.SIGKILL)
    assert not (tmp_path / "p").exists()
    write_programme(Programme(settings=Settings(name="x")), tmp_path / "p")
    assert (tmp_path / "p" / "programme.toml").exists()


def test_whoever_asked_can_stop_the_reading(write_folder):
    def stop(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        read_programme(write_folder({}), tick=stop)


def test_progress_ends_at_its_total(write_folder):
    told = []
    read_programme(write_folder({}), tick=lambda *step: told.append(step))
    reading = [(done, total) for stage, done, total in told if stage == "reading"]
    assert [done for done, _ in reading] == sorted(done for done, _ in reading)
    assert reading[-1][0] == reading[-1][1]
    assert told[-1] == ("checking", 1, 1)


def test_nothing_there_is_said_so(tmp_path):
    with pytest.raises(NotFound, match="nothing at"):
        read_programme(tmp_path / "nowhere")


def test_a_single_allele_is_what_the_settings_say(read_with, right):
    toml = right["programme.toml"] + '[read]\nsingle_allele = "partial"\n'
    profiles = right["profiles.csv"].replace("S3,mother,TH01,9.3,9.3", "S3,mother,TH01,9.3,")
    reading = read_with({"programme.toml": toml, "profiles.csv": profiles})
    assert {p.sample_id: p for p in reading.programme.profiles}["S3"].calls == {"TH01": ("9.3", "?")}
    assert any("1 rows; [read] single_allele says partial" in note.reason for note in reading.notes)


def test_a_homozygote_is_what_the_settings_say(read_with, right):
    toml = right["programme.toml"] + '[read]\nsingle_allele = "homozygote"\n'
    profiles = right["profiles.csv"].replace("S3,mother,TH01,9.3,9.3", "S3,mother,TH01,9.3,")
    reading = read_with({"programme.toml": toml, "profiles.csv": profiles})
    assert {p.sample_id: p for p in reading.programme.profiles}["S3"].calls == {"TH01": ("9.3", "9.3")}


def test_a_folder_without_settings_has_the_defaults_and_says_so(read_with, right):
    rows = right["decisions.csv"].splitlines(keepends=True)
    pedigrees = right["pedigrees.csv"].replace("person_id\n", "person_id,population\n")
    pedigrees = pedigrees.replace("M,\n", "M,,North\n").replace("F,\n", "F,,North\n")
    pedigrees = pedigrees.replace("P1\n", "P1,North\n").replace("P2\n", "P2,North\n")
    reading = read_with({"programme.toml": None, "decisions.csv": "".join(rows[:2]), "pedigrees.csv": pedigrees})
    assert reading.rejected == ()
    assert reading.programme.settings == Settings(name="")
    assert any(note.file == "programme.toml" for note in reading.notes)


def test_sex_not_stated_is_unknown(read_with):
    assert read_with({}).programme.remains[1].sex is Sex.UNKNOWN


def test_the_export_describes_itself(read_with, tmp_path):
    import json

    write_programme(read_with({}).programme, tmp_path / "p")
    package = json.loads((tmp_path / "p" / "datapackage.json").read_text())
    for resource in package["resources"]:
        with (tmp_path / "p" / resource["path"]).open() as file:
            assert next(csv.reader(file)) == [field["name"] for field in resource["schema"]["fields"]]
    profiles = next(resource for resource in package["resources"] if resource["name"] == "profiles")
    assert profiles["schema"]["primaryKey"] == ["sample_id", "marker"]


def test_a_zip_holds_no_clock(read_with, tmp_path):
    programme = read_with({}).programme
    write_programme(programme, tmp_path / "a.zip", container="zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
