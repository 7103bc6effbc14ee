"""Files of laboratories: first only read and shown, row by row; kept when confirmed, exactly as shown."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework.journal.models import Record
from casework.laboratory import keeping, queries
from casework.laboratory.models import LaboratoryFile, Profile, Remains, Sample
from casework.laboratory.records import programme_of
from casework.parties.refusal import Refused
from homeward.formats.folder import write_programme

GOOD = (
    "Sample Name\tMarker\tAllele 1\tAllele 2\n"
    "NEW-1\tTH01\t6\t9.3\n"
    "NEW-1\tD3S1358\t15\t16\n"
    "NEW-2\tTH01\t7\t7\n"
)  # fmt: skip
WITH_FAULTS = GOOD + "NEW-2\tD3S1358\t15\tOL\nNEW-3\tTH01\t6\t\n"


def given(text: str, name: str = "run 7.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def verbs():
    return list(Record.objects.order_by("number").values_list("verb", flat=True))


def everything():
    return [model.objects.count() for model in (Sample, Profile, Remains)]


@pytest.fixture
def analyst(entered, arvad, admit):
    """A DNA analyst of Arvad, which has brought in its programme."""
    return admit(arvad, "dna_analyst")


@pytest.fixture
def hand_in(analyst):
    def handed(text=GOOD, name="run 7.txt", **options):
        return keeping.hand_in(by=analyst, file=given(text, name), options={"kind": "remains", **options})

    return handed


def test_a_file_is_read_and_shown_and_nothing_is_kept(hand_in, settings):
    before = everything()

    one = hand_in()

    assert one.state == LaboratoryFile.State.READ
    assert one.new_rows == {"samples": 2, "profiles": 2, "remains": 2}
    assert [name for table, name, *_ in one.named if table == "remains"] == ["NEW-1", "NEW-2"]
    assert ["samples", "NEW-1", "NEW-1", "remains", "2"] in one.named
    assert everything() == before
    assert one.path.read_text() == GOOD
    assert verbs()[-1] == "laboratory.hand_in_file"


def test_what_was_shown_is_kept_and_the_programme_still_passes_its_check(hand_in, analyst, arvad, tmp_path):
    one = hand_in()
    place = one.path

    kept = keeping.keep_file(by=analyst, file=one)

    assert kept.state == LaboratoryFile.State.KEPT
    assert Profile.objects.get(subject_id="NEW-1").calls == {"TH01": ["6", "9.3"], "D3S1358": ["15", "16"]}
    assert Sample.objects.get(subject_id="NEW-2").kind == "remains"
    assert not place.exists()
    assert verbs()[-1] == "laboratory.keep_file"
    from homeward.formats.folder import read_programme

    write_programme(programme_of(arvad), tmp_path / "out")
    assert read_programme(tmp_path / "out").rejected == ()


def test_every_rejected_row_is_shown_with_its_reason_and_keeps_the_file_out_until_someone_says_otherwise(
    hand_in, analyst
):
    one = hand_in(WITH_FAULTS)
    before = everything()

    assert [(fault["line"], bool(fault["reason"]), bool(fault["remedy"])) for fault in one.rejected] == [
        (5, True, True),
        (6, True, True),
    ]
    with pytest.raises(Refused, match="rows-rejected"):
        keeping.keep_file(by=analyst, file=one)
    assert everything() == before

    keeping.keep_file(by=analyst, file=one, without_rejected=True)

    assert Profile.objects.get(subject_id="NEW-2").calls == {"TH01": ["7", "7"]}
    assert not Profile.objects.filter(subject_id="NEW-3").exists()


def test_only_a_dna_analyst_brings_files_in(analyst, arvad, admit):
    for role in ("board_member", "registrar", "custodian"):
        with pytest.raises(Refused, match="not-permitted"):
            keeping.hand_in(by=admit(arvad, role), file=given(GOOD), options={})

    assert not LaboratoryFile.objects.exists()
    assert "laboratory.hand_in_file" not in verbs()


def test_without_a_programme_no_file_is_read_and_none_is_left(arvad, admit, settings):
    with pytest.raises(Refused, match="no-programme"):
        keeping.hand_in(by=admit(arvad, "dna_analyst"), file=given(GOOD), options={})

    assert not list(Path(settings.UPLOADS).glob("*"))


def test_whose_samples_they_are_must_be_said_where_nobody_knows(analyst, settings):
    one = keeping.hand_in(by=analyst, file=given(GOOD), options={})

    assert one.state == LaboratoryFile.State.REFUSED
    assert "neither members of a family nor remains" in one.hindrances[0]["reason"]
    assert not list(Path(settings.UPLOADS).glob("*"))


def test_a_record_that_stands_is_never_changed_by_a_file(hand_in, analyst):
    keeping.keep_file(by=analyst, file=hand_in())

    contradicting = hand_in(GOOD.replace("9.3", "8"))
    completing = hand_in(GOOD + "NEW-2\tD3S1358\t15\t15\n")
    again = hand_in(GOOD)

    assert "9.3" in contradicting.hindrances[0]["reason"]
    assert "says more of it" in completing.hindrances[0]["reason"]
    assert (again.state, again.hindrances, again.new_rows) == (LaboratoryFile.State.REFUSED, [], {})
    assert Profile.objects.get(subject_id="NEW-1").calls["TH01"] == ["6", "9.3"]


def test_nothing_is_kept_that_was_not_shown(hand_in, analyst):
    first, second = hand_in(), hand_in(GOOD + "NEW-9\tTH01\t6\t6\n", "run 8.txt")
    keeping.keep_file(by=analyst, file=first)
    before = everything()

    with pytest.raises(Refused, match="shown-otherwise"):
        keeping.keep_file(by=analyst, file=second)

    assert everything() == before
    second.refresh_from_db()
    assert second.state == LaboratoryFile.State.READ


def test_a_file_that_was_changed_on_the_disk_is_not_kept(hand_in, analyst):
    one = hand_in()
    one.path.write_text(GOOD.replace("9.3", "8"))

    with pytest.raises(Refused, match="shown-otherwise"):
        keeping.keep_file(by=analyst, file=one)


def test_a_file_is_kept_once(hand_in, analyst):
    one = keeping.keep_file(by=analyst, file=hand_in())

    with pytest.raises(Refused, match="file-settled"):
        keeping.keep_file(by=analyst, file=one)


def test_a_file_put_aside_is_removed_and_what_reading_gave_stays(hand_in, analyst):
    one = hand_in()
    place = one.path

    discarded = keeping.discard_file(by=analyst, file=one)

    assert discarded.state == LaboratoryFile.State.DISCARDED
    assert discarded.new_rows["samples"] == 2
    assert not place.exists()
    assert verbs()[-1] == "laboratory.discard_file"


def test_another_party_sees_no_file_and_keeps_none(hand_in, belmar, admit):
    one, other = hand_in(), admit(belmar, "dna_analyst")

    with pytest.raises(Refused, match="not-found"):
        queries.file(one.pk, by=other)
    with pytest.raises(Refused, match="not-found"):
        keeping.keep_file(by=other, file=one)
    with pytest.raises(Refused, match="not-found"):
        keeping.discard_file(by=other, file=one)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\b.txt", "\x01.txt"])
def test_a_name_that_leads_elsewhere_leads_nowhere(hand_in, settings, name):
    one = hand_in(name=name)

    assert one.path.resolve().parent.parent == Path(settings.UPLOADS).resolve()


def test_what_is_of_no_format_is_told_and_left(analyst):
    one = keeping.hand_in(by=analyst, file=given("a letter\n", "letter.txt"), options={})

    assert one.state == LaboratoryFile.State.REFUSED
    assert "no format" in one.hindrances[0]["reason"]


def test_a_family_comes_with_the_file_that_has_it(analyst, arvad):
    ped = "F-9 father 0 0 1 0 6 7\nF-9 mother 0 0 2 0 8 9\nF-9 child father mother 1 0 6 8\n"
    beside = SimpleUploadedFile("family.map", b"11 TH01 0\n")

    one = keeping.hand_in(by=analyst, file=given(ped, "family.ped"), beside=beside, options={})
    assert one.new_rows.get("pedigrees") == 1, (one.hindrances, one.rejected)
    keeping.keep_file(by=analyst, file=one)

    assert "F-9" in {pedigree.family_id for pedigree in programme_of(arvad).pedigrees}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["rows were not read", "What it would add"]), ("ko", ["읽지 못했습니다", "더할 것"])],
)
def test_the_page_shows_rejected_rows_and_what_would_be_added(hand_in, analyst, browse, language, words):
    one = hand_in(WITH_FAULTS)
    client = browse(analyst)
    client.cookies["django_language"] = language

    page = client.get(reverse("laboratory:file", args=[one.pk])).content.decode()

    assert all(word in page for word in words)
    assert "OL" in page
    assert "NEW-1" in page
    assert 'name="without_rejected"' in page


def test_from_the_page_a_file_is_handed_in_confirmed_and_kept(analyst, browse):
    client = browse(analyst)

    handed = client.post(reverse("laboratory:files"), {"file": given(GOOD), "kind": "remains"})
    one = LaboratoryFile.objects.get()
    kept = client.post(reverse("laboratory:keep_file", args=[one.pk]))

    assert handed.url == kept.url == reverse("laboratory:file", args=[one.pk])
    one.refresh_from_db()
    assert one.state == LaboratoryFile.State.KEPT
    assert "NEW-1" in client.get(reverse("laboratory:remains"), {"text": "NEW-1"}).content.decode()
    assert "run 7.txt" in client.get(reverse("laboratory:files")).content.decode()


def test_from_the_page_a_file_is_put_aside(analyst, browse, hand_in):
    one = hand_in()

    browse(analyst).post(reverse("laboratory:discard_file", args=[one.pk]))

    one.refresh_from_db()
    assert one.state == LaboratoryFile.State.DISCARDED


def test_a_board_member_reads_what_was_handed_in_and_is_offered_no_form(hand_in, arvad, admit, browse):
    one = hand_in()
    client = browse(admit(arvad, "board_member"))

    assert '<form class="form"' not in client.get(reverse("laboratory:files")).content.decode()
    page = client.get(reverse("laboratory:file", args=[one.pk])).content.decode()
    assert "NEW-1" in page
    assert reverse("laboratory:keep_file", args=[one.pk]) not in page
